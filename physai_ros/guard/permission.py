"""What has to be heard again and again for the robot to follow its policy."""
from typing import Optional

from physai_ros.core.errors import ConfigError

OFF, JOY, TOPIC = 'off', 'joy', 'topic'
DEADMAN = (OFF, JOY, TOPIC)


class Permission:
    """
    A deadman switch, and the line of the e-stop, that may not fall silent.

    Time is steady. Both are a hold and not a fault: the robot brakes, and goes on by itself when
    the switch is held, or the line heard, again.

    :param deadman_ns: silence after which the deadman switch counts as let go, None without one
    :param estop_ns: silence after which the line of the e-stop counts as cut, None: it may be
        silent
    """

    def __init__(self, deadman_ns: Optional[int] = None, estop_ns: Optional[int] = None):
        for name, value in (('deadman_timeout_s', deadman_ns), ('estop_timeout_s', estop_ns)):
            if value is not None and value <= 0:
                raise ConfigError(f'guard: {name}', value / 1e9, 'more than 0')
        self._deadman_ns, self._estop_ns = deadman_ns, estop_ns
        self._held_ns: Optional[int] = None
        self._heard_ns: Optional[int] = None

    def on_deadman(self, held: bool, now_ns: int):
        """Take the state of the deadman switch."""
        self._held_ns = now_ns if held else None

    def on_estop_line(self, now_ns: int):
        """Take note that the line of the e-stop was heard, whatever it said."""
        self._heard_ns = now_ns

    def missing(self, now_ns: int) -> str:
        """Return what is missing for the robot to follow its policy, '' when nothing is."""
        if _late(self._heard_ns, self._estop_ns, now_ns):
            return 'e-stop: its line is silent'
        if _late(self._held_ns, self._deadman_ns, now_ns):
            return 'deadman switch: not held'
        return ''


def pressed(buttons, index: int) -> bool:
    """Return whether a button of a joystick is pressed; one that it lacks is not."""
    return 0 <= index < len(buttons) and bool(buttons[index])


def _late(last_ns, timeout_ns, now_ns):
    return timeout_ns is not None and (last_ns is None or now_ns - last_ns > timeout_ns)
