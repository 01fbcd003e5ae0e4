"""The states of being in command, as one table, and what can be at fault."""
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

# Every fault latches; reset_fault clears it (estop: only after the button is released).
FAULTS: Dict[str, str] = {
    'non_finite': 'a NaN or an infinity in a chunk or in a measured state',
    'limit': 'a target grossly outside its limits, or a measured position outside to start from',
    'jump': 'the first reference after engaging or holding is far from the measured pose',
    'tracking': 'a joint is away from its plan for too long',
    'collision': 'two links touch, or one is outside the workspace, that did not from the start',
    'estop': 'the e-stop is pressed',
}


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
