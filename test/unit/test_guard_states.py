"""The table of states: complete, walked, and the one that the docs show."""
from pathlib import Path
import re

from guard_bench import Bench, limits
import numpy as np
from physai_ros.core.errors import GuardError
from physai_ros.guard import states
from physai_ros.guard.states import DISENGAGED, ENGAGED, FAULTED, HOLDING
import pytest

DOCS = Path(__file__).resolve().parents[2] / 'docs' / 'guard.md'


def put(bench, state):
    """Bring a fresh guard into a state."""
    if state in (ENGAGED, HOLDING):
        bench.engage().tick()
    if state == ENGAGED:
        bench.hold_chunk(bench.position)
        bench.tick()
    if state == FAULTED:
        bench.hold_chunk([np.nan])
    assert bench.guard.state == state
    return bench


def do(bench, event):
    """Make an event happen; return the state after it."""
    guard = bench.guard
    if event == states.SILENCE:
        bench.tick(60)
    elif event == states.RESUME:
        bench.hold_chunk(bench.position)
        bench.tick()
    elif event == states.FAULT:
        bench.hold_chunk([np.inf])
    else:
        bench.states()
        call = {'reset': guard.reset_fault}.get(event) or getattr(guard, event)
        call(bench.now)
    return guard.state


@pytest.mark.parametrize('event', states.EVENTS)
@pytest.mark.parametrize('state', states.STATES)
def test_the_guard_walks_the_table(state, event):
    bench = put(Bench(limits(1)), state)
    expected = states.TRANSITIONS[event][states.STATES.index(state)]
    if expected is None:
        with pytest.raises(GuardError, match='reset_fault'):
            do(bench, event)
        expected = state
    else:
        assert do(bench, event) == expected
    assert bench.guard.state == expected


def test_every_event_has_an_outcome_in_every_state():
    assert set(states.TRANSITIONS) == set(states.EVENTS)
    for row in states.TRANSITIONS.values():
        assert len(row) == len(states.STATES)
        assert set(row) <= {*states.STATES, None}


def test_only_reset_leads_out_of_faulted():
    column = states.STATES.index(FAULTED)
    ways = {event for event, row in states.TRANSITIONS.items() if row[column] == DISENGAGED}
    assert ways == {states.RESET}


def test_the_docs_show_both_tables():
    text = DOCS.read_text()
    rows = re.findall(r'^\| `(\w+)` \|(.*)\|$', text, re.MULTILINE)
    shown = {name: tuple(cell.strip(' `') for cell in cells.split('|')) for name, cells in rows}
    for event, row in states.TRANSITIONS.items():
        assert shown[event] == tuple(state or 'refused' for state in row)
    for name, condition in states.CONDITIONS.items():
        assert shown[name] == (condition.meaning, 'yes' if condition.latches else 'no',
                               condition.cleared_by)


def test_each_transition_is_reported_once():
    bench = Bench(limits(1)).engage()
    changes = [bench.tick().changed for _ in range(5)]
    assert changes == [True, False, False, False, False]
    bench.hold_chunk([0.0], steps=3)
    outcomes = [bench.tick() for _ in range(20)]
    assert [(o.state, o.reason) for o in outcomes if o.changed] == [
        (ENGAGED, ''), (HOLDING, 'no fresh chunk')]


def test_told_to_hold_it_brakes_and_resumes_when_it_may():
    bench = put(Bench(limits(1)), ENGAGED)
    outcomes = [bench.tick(hold='no heartbeat of policy') for _ in range(3)]
    assert [(o.state, o.reason) for o in outcomes if o.changed] == [
        (HOLDING, 'no heartbeat of policy')]
    bench.hold_chunk(bench.position)
    assert bench.tick(hold='no heartbeat of policy').state == HOLDING
    assert bench.tick().state == ENGAGED
