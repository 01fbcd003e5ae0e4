"""When a simulated world takes the commands that it has got."""
from physai_ros.adapters.sim_robot import LATE_NS, split
from physai_ros.core.types import Twist
import pytest

NOW_NS, MS = 10 ** 18, 1_000_000


@pytest.mark.parametrize('ahead_ms, due', [
    ([-20, -10, 0, 10, 20], 3),
    ([-400, -10], 2),
    ([10, 90, 100, 350], 0),                # it stood still while it took them
    ([10, -NOW_NS // MS], 0),               # one without a stamp
    ([LATE_NS // MS, 2000], 2),             # the clock was set back
    ([], 0)])
def test_commands_are_taken_in_their_order_each_at_its_time(ahead_ms, due):
    commands = [Twist(NOW_NS + ms * MS, (0.0, 0.0, 0.0)) for ms in ahead_ms]
    assert split(commands, NOW_NS) == (commands[:due], commands[due:])
