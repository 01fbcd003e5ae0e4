"""Run a graph's processes without a ROS installation, under supervisord. No ROS in here."""
