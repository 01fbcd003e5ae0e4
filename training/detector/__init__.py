"""Training of the detector bundle from randomised renders of the simulator."""
