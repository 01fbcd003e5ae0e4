"""ROS messages, parameters and QoS <-> the plain types of physai_ros.core."""
