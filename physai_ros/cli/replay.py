"""``physai replay``: what the guard decides on the recording of a black box."""
from pathlib import Path


def add_arguments(parser):
    """Add the options."""
    parser.add_argument('file', type=Path, metavar='FILE', help='MCAP file of a command node')
    parser.add_argument('--all', action='store_true', help='show every tick that differs')


def run(arguments) -> int:
    """
    Step the guard over the recording and tell its decisions.

    :return: 0 when they are those that were recorded, else 1
    :raises PhysaiError: for a file that is no such recording
    """
    from physai_ros.adapters.replay import lack, replay
    short = lack(arguments.file)
    if short:
        print(f'the recording is incomplete: {short}')
    ticks, last, different = 0, None, 0
    for step in replay(arguments.file):
        ticks += 1
        if step.replayed != last:
            last = step.replayed
            _tell(step, 'the same' if step.same else _difference(step))
        elif not step.same and (arguments.all or not different):
            _tell(step, _difference(step))
        different += not step.same
    print(f'{ticks} ticks, {different} of them decided or commanded differently')
    return 1 if different or not ticks else 0


def _tell(step, verdict):
    state, reason = step.replayed
    print(f'{step.time_ns / 1e9:.3f} {state}{": " if reason else ""}{reason}  ({verdict})')


def _difference(step):
    if step.recorded != step.replayed:
        return f'recorded: {": ".join(filter(None, step.recorded))}'
    return f'commanded up to {step.distance:.2g} (rad, m; base: rad/s, m/s) from the recorded'
