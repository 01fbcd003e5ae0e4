"""The error of a ROS message that cannot be read."""
from physai_ros.core.errors import PhysaiError


class MessageError(PhysaiError):
    """A message whose fields contradict each other or that is of an unsupported kind."""
