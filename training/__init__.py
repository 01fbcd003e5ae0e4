"""How the default bundles were made. Needs torch: `make train`."""
import os

os.environ.setdefault('MUJOCO_GL', 'egl')  # before anything imports mujoco
