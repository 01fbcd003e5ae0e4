"""When a policy looks: on its grid, earlier where the chunk would end, never more than needed."""
from physai_ros.inference.pace import Pace
import pytest

MS = 1_000_000


def pace(period=200, step=50, horizon=600, margin=80):
    """Return a pace of milliseconds that has looked at 1000 ms."""
    made = Pace(period * MS, step * MS, horizon * MS, margin * MS)
    made.looked(1000 * MS, 0)
    return made


def test_looks_keep_to_the_grid():
    plan = pace()
    for now in (1190, 1410, 1600):
        plan.looked(now * MS, 30 * MS)
    assert plan.due_ns == 1800 * MS and plan.refills == 0


def test_a_look_far_off_the_grid_begins_a_new_one():
    plan = pace()
    plan.looked(1500 * MS, 30 * MS)
    assert plan.due_ns == 1700 * MS


@pytest.mark.parametrize('latency, due', [(100, 1200), (320, 1200), (350, 1170), (520, 1050)])
def test_refill_before_the_answer_would_come_too_late(latency, due):
    plan = pace()
    plan.looked(1000 * MS, latency * MS)
    assert plan.due_ns == due * MS
    assert plan.refills == (due < 1200)


def test_a_chunk_of_one_step_makes_it_look_every_step():
    plan = pace(step=20, horizon=20)
    assert plan.due_ns == 1020 * MS


def test_a_look_that_saw_nothing_does_not_prolong_the_chunk():
    plan = pace(horizon=400)
    assert plan.due_ns == 1200 * MS
    plan.looked(1200 * MS, 30 * MS, accepted=False)
    assert plan.due_ns == 1290 * MS                    # the chunk of 1000 ms ends at 1400 ms
    plan.looked(1290 * MS, 30 * MS, accepted=True)
    assert plan.due_ns == 1490 * MS


def test_a_picture_is_waited_for_from_before_the_due_time_up_to_the_refill():
    plan = pace()
    assert (plan.ready_ns, plan.latest_ns) == (1150 * MS, 1520 * MS)
    assert plan.too_late(1301 * MS) and not plan.too_late(1300 * MS)
    plan.looked(1200 * MS, 350 * MS)
    assert (plan.due_ns, plan.latest_ns) == (1370 * MS, 1370 * MS)
    assert plan.ready_ns == 1327.5 * MS
