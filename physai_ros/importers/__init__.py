"""Checkpoints of other frameworks become bundles; no checkpoint's code or pickle is ever run."""
