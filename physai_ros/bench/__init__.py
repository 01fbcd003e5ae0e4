"""
Measurements of the runtime on this machine: ``physai bench``.

A module of ``FIGURES`` has ``measure(quick) -> Iterator[Figure]``; with ``quick`` it takes seconds
instead of a minute. It may raise PhysaiError when something that it needs is not installed.
"""
FIGURES = {
    'overhead': 'observation to chunk, beyond bare session.run',
    'guard_tick': 'one tick of the guard',
    'act': 'an ACT policy against LeRobot on torch',
    'delays': 'chunks through bad connections',
    'start': 'start-up and memory of a node process',
    'sense_to_command': 'picture to command through DDS',
    'silence': 'end of the chunk stream to the start of braking',
    'jitter': 'how evenly command publishes while inference saturates the processors',
}
"""Name, which is that of the module, -> what is measured; in the order of their running."""
