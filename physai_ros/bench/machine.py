"""What the figures were measured on."""
import os
from pathlib import Path
import platform

GOVERNOR = Path('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor')


def describe() -> dict:
    """Return processor, load, and the versions that matter."""
    import numpy
    import onnxruntime
    return {
        'cpu': _cpu(), 'cores': len(os.sched_getaffinity(0)),
        'load_1min': round(os.getloadavg()[0], 2),
        'governor': GOVERNOR.read_text().strip() if GOVERNOR.is_file() else 'unknown',
        'kernel': platform.release(), 'python': platform.python_version(),
        'onnxruntime': onnxruntime.__version__, 'numpy': numpy.__version__,
        'nice': os.nice(0),
    }


def _cpu() -> str:
    for line in Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return line.partition(':')[2].strip()
    return platform.machine()
