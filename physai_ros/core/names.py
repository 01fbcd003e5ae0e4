"""Names of ROS."""

RELATIVE = r'^[A-Za-z_][A-Za-z0-9_]*(/[A-Za-z_][A-Za-z0-9_]*)*$'     # to a namespace
