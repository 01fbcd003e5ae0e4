"""The states of being in command, as one table, and what can be at fault."""
from dataclasses import dataclass
from typing import Dict, Optional, Tuple

from physai_ros.core.errors import GuardError

DISENGAGED = 'disengaged'
ENGAGED = 'engaged'
HOLDING = 'holding'
FAULTED = 'faulted'
STATES = (DISENGAGED, ENGAGED, HOLDING, FAULTED)

ENGAGE = 'engage'
DISENGAGE = 'disengage'
STOP = 'stop'
SILENCE = 'silence'
RESUME = 'resume'
FAULT = 'fault'
RESET = 'reset'
EVENTS = (ENGAGE, DISENGAGE, STOP, SILENCE, RESUME, FAULT, RESET)

# The state after an event; None: the event is refused.
TRANSITIONS: Dict[str, Tuple[Optional[str], ...]] = {
    # event:    disengaged  engaged     holding     faulted
    ENGAGE:    (ENGAGED,    ENGAGED,    HOLDING,    None),
    DISENGAGE: (DISENGAGED, DISENGAGED, DISENGAGED, FAULTED),
    STOP:      (DISENGAGED, DISENGAGED, DISENGAGED, FAULTED),
    SILENCE:   (DISENGAGED, HOLDING,    HOLDING,    FAULTED),
    RESUME:    (DISENGAGED, ENGAGED,    ENGAGED,    FAULTED),
    FAULT:     (FAULTED,    FAULTED,    FAULTED,    FAULTED),
    RESET:     (DISENGAGED, ENGAGED,    HOLDING,    DISENGAGED),
}

RESET_FAULT = 'reset_fault'


@dataclass(frozen=True)
class Condition:
    """What stops the robot: its meaning, whether it latches (a fault), and what clears it."""

    meaning: str
    latches: bool
    cleared_by: str


CONDITIONS: Dict[str, Condition] = {
    'non_finite': Condition('a NaN or an infinity anywhere in a chunk, or in a measured state',
                            True, RESET_FAULT),
    'limit': Condition('a target grossly outside its limits, or a measured position outside to '
                       'go on from', True, RESET_FAULT),
    'jump': Condition('the first reference after engaging or holding is far from the measured '
                      'pose', True, RESET_FAULT),
    'tracking': Condition('a joint, or the base, is away from its plan for too long, no joint '
                          'follows at all, or one is moved while its plan stands', True,
                          RESET_FAULT),
    'effort': Condition('a joint pushes with more than its limit for too long', True,
                        RESET_FAULT),
    'collision': Condition('two links touch, or one is outside the workspace, that did not from '
                           'the start', True, RESET_FAULT),
    'estop': Condition('the e-stop is pressed', True, 'reset_fault, after its release'),
    'no_chunk': Condition('nothing to follow: the chunks have run out or are too old', False,
                          'a fresh chunk'),
    'stale': Condition('no fresh state of a joint or of the base, two that contradict each other, '
                       'or no fresh scan', False,
                       'fresh states and a fresh chunk; `engage` after a long time'),
    'unheard': Condition('nobody reads a command topic', False, 'a controller that does'),
    'collision_ahead': Condition('the reference leads to a collision or out of the workspace',
                                 False, 'a reference that leads elsewhere'),
    'silent_node': Condition('no heartbeat of a required node', False, 'its heartbeat'),
    'silent_estop': Condition('with `estop_timeout_s`: the line of the e-stop is silent', False,
                              'the line, saying anything'),
    'deadman': Condition('with `deadman`: the switch is not held', False, 'the switch'),
}
FAULTS = tuple(name for name, condition in CONDITIONS.items() if condition.latches)


class Trip(GuardError):
    """
    A condition that latches a fault.

    :param fault: one of ``FAULTS``; the rest as in `PhysaiError`
    """

    def __init__(self, fault: str, thing, value=None, expected='', remedy=''):
        super().__init__(thing, value, expected, remedy)
        self.fault = fault


def after(state: str, event: str) -> str:
    """
    Return the state that follows.

    :raises GuardError: when the event is refused in this state
    """
    following = TRANSITIONS[event][STATES.index(state)]
    if following is None:
        raise GuardError(f'guard: {event} while {state}', None, '',
                         'clear the fault with reset_fault first')
    return following
