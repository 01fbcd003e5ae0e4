"""Start a fleet: ``ros2 launch physai_ros bringup.launch.py``; see ``--show-args``."""
import os
from typing import List

from ament_index_python.packages import get_packages_with_prefixes
from launch import LaunchDescription
from launch.actions import (
    DeclareLaunchArgument, LogInfo, OpaqueFunction, RegisterEventHandler, SetEnvironmentVariable)
from launch.conditions import IfCondition
from launch.event_handlers import OnShutdown
from launch.substitutions import LaunchConfiguration
from launch_ros.actions import Node
from launch_ros.parameter_descriptions import ParameterValue
from physai_ros import bringup
from physai_ros.parameter_check import require_known_parameters
from physai_ros.paths import share
from physai_ros.security.preflight import require_keys
from physai_ros.supervise import domain
from physai_ros.supervise.child import STARTER

STATE_PUBLISHER = 'robot_state_publisher'
RESPAWN_DELAY_S = 1.0
PATIENCE_S = '2'    # for SIGINT, then for SIGTERM, before SIGKILL


def generate_launch_description():
    """Return the arguments, the environment, rviz and the graph's nodes."""
    arguments = [DeclareLaunchArgument(
        argument.name, default_value=argument.default, description=argument.description,
        choices=argument.choices or None) for argument in bringup.ARGUMENTS]
    return LaunchDescription([
        *arguments,
        DeclareLaunchArgument('rviz', default_value='false', choices=bringup.YES_NO,
                              description='show robots, pictures and plans in rviz2'),
        *(SetEnvironmentVariable(name, value)
          for name, value in bringup.environment(os.environ).items()),
        OpaqueFunction(function=_nodes),
    ])


def _nodes(context):
    bringup.require_spelt(context.launch_configurations)
    texts = {argument.name: LaunchConfiguration(argument.name).perform(context)
             for argument in bringup.ARGUMENTS}
    installed = STATE_PUBLISHER in get_packages_with_prefixes()
    graph = bringup.graph(bringup.Options.read(texts),
                          STATE_PUBLISHER if installed else bringup.PACKAGE)
    require_known_parameters(graph.specs)
    bringup.require_viewer_port(graph.options)
    warning = require_keys(os.environ, [spec.full_name for spec in graph.specs])
    nodes = [LogInfo(msg=warning)] if warning else []
    nodes.append(Node(  # the first: where it is missing, nothing is started
        package='rviz2', executable='rviz2', output='log',
        arguments=['-d', str(share() / 'config' / 'physai.rviz')],
        condition=IfCondition(LaunchConfiguration('rviz'))))
    nodes += [Node(package=spec.package, executable=spec.executable, name=spec.name,
                   namespace=spec.namespace, parameters=[_typed(spec.parameters)],
                   remappings=spec.remappings, respawn=spec.respawn,
                   ros_arguments=['--enclave', spec.full_name],
                   respawn_delay=RESPAWN_DELAY_S, output='screen', emulate_tty=True,
                   additional_env={STARTER: str(os.getpid())},
                   sigterm_timeout=LaunchConfiguration('sigterm_timeout', default=PATIENCE_S),
                   sigkill_timeout=LaunchConfiguration('sigkill_timeout', default=PATIENCE_S))
              for spec in graph.specs]
    number = domain.parse(os.environ.get('ROS_DOMAIN_ID'))
    held = [domain.DomainLock(number, robot)
            for robot in ([''] if graph.options.use_sim else graph.commands)]
    nodes.append(RegisterEventHandler(OnShutdown(on_shutdown=lambda *_: _release(held))))
    return nodes


def _release(held):
    for lock in held:
        lock.release()


def _typed(parameters):
    """Keep launch from reading texts, such as a URDF, as YAML."""
    return {name: ParameterValue(value, value_type=(
        List[str] if isinstance(value, list) else type(value)))
        for name, value in parameters.items()}
