"""Learned physical-AI models on robots, as standard ROS 2 nodes."""
