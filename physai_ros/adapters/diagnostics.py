"""What a node says about itself on /diagnostics."""
import time
from typing import Dict

from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from physai_ros.adapters.qos import EVENTS
from physai_ros.adapters.stamps import write

OK, WARN, ERROR = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR


class Diagnostics:
    """
    Publisher of one DiagnosticStatus, named ``<robot>/<node>: status``.

    :param node: an rclpy node
    :param robot: its namespace, the hardware's name; may be empty
    """

    def __init__(self, node, robot: str, gate=None):
        self._publisher = node.create_publisher(
            DiagnosticArray, '/diagnostics', EVENTS, callback_group=gate)
        name = f'{robot}/{node.get_name()}' if robot else node.get_name()
        self._status = DiagnosticStatus(name=f'{name}: status', hardware_id=robot or 'cell')
        self._array = DiagnosticArray(status=[self._status])
        self._cpu_ns, self._wall_ns = time.process_time_ns(), time.monotonic_ns()

    def publish(self, stamp_ns: int, level: bytes, message: str, values: Dict[str, str]):
        """
        Publish the status, with the CPU use of the process since the last call added.

        :param values: by key; all are text
        """
        cpu_ns, wall_ns = time.process_time_ns(), time.monotonic_ns()
        share = 100.0 * (cpu_ns - self._cpu_ns) / max(1, wall_ns - self._wall_ns)
        self._cpu_ns, self._wall_ns = cpu_ns, wall_ns
        write(self._array.header.stamp, stamp_ns)
        self._status.level, self._status.message = level, message
        self._status.values = [KeyValue(key=key, value=value) for key, value in values.items()]
        self._status.values.append(KeyValue(key='cpu_percent', value=f'{share:.1f}'))
        self._publisher.publish(self._array)
