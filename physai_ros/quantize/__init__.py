"""From a bundle with float weights to one with 8-bit weights, and what that changes."""
