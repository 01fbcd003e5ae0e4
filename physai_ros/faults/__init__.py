"""Break a running bring-up on purpose, and measure what becomes of it: ``physai faults``."""
