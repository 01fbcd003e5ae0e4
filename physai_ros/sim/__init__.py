"""A MuJoCo world of the robots' own URDFs: scenes, controllers, cameras, judges. No ROS."""
import os

os.environ.setdefault('MUJOCO_GL', 'egl')

from physai_ros.sim.robot_spec import SimRobot  # noqa: E402, I100
from physai_ros.sim.tasks import TaskStatus  # noqa: E402
from physai_ros.sim.world import World  # noqa: E402

__all__ = ['SimRobot', 'TaskStatus', 'World']
