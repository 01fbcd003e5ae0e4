"""Between a model and a robot: limits, shaping, checks and the states of being in command."""
