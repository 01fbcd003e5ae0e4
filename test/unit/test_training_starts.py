"""The scripts of training/ on a machine without a display."""
import os
from pathlib import Path
import subprocess
import sys

ROOT = Path(__file__).resolve().parents[2]


def test_the_detector_is_evaluated_without_torch_and_without_a_display():
    environment = {name: value for name, value in os.environ.items()
                   if name not in ('MUJOCO_GL', 'DISPLAY')}
    code = ('import sys; sys.modules["torch"] = None\n'
            'from training.detector.evaluate import main\n'
            'import mujoco; print(mujoco.GLContext.__module__)')
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT, env=environment,
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ['mujoco.egl']
