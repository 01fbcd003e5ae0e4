"""Bundles: manifest, verification, observations into a model, answers out of it. Free of ROS."""
