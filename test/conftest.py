"""Rendering without a screen, whichever test imports mujoco first."""
import os

os.environ.setdefault('MUJOCO_GL', 'egl')
