"""What pip cannot bring: compiler, Python headers, EGL, libraries, disk space."""
import os
from pathlib import Path
import platform
import shutil
import subprocess
import sys
import sysconfig

from physai_ros.bootstrap.console import Console, SetupError

PYTHONS = ((3, 10), (3, 13))
APT = ('apt-get', 'install', '-y', '--no-install-recommends')
# The initialisation that MuJoCo does: the first EGL device (EGL_EXT_platform_device).
EGL_PROBE = """
import ctypes
egl = ctypes.CDLL('libEGL.so.1')
egl.eglGetProcAddress.restype = ctypes.c_void_p
def call(name, result, *types):
    return ctypes.CFUNCTYPE(result, *types)(egl.eglGetProcAddress(name))
devices, count = (ctypes.c_void_p * 8)(), ctypes.c_int()
call(b'eglQueryDevicesEXT', ctypes.c_uint, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)(
    8, devices, ctypes.byref(count))
display = call(b'eglGetPlatformDisplayEXT', ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p,
               ctypes.c_void_p)
started = call(b'eglInitialize', ctypes.c_uint, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)
assert any(started(display(0x313F, devices[i], None), None, None) for i in range(count.value))
"""


def check_platform():
    """Refuse an interpreter or a machine that the pinned packages do not exist for."""
    version = sys.version_info[:2]
    if not PYTHONS[0] <= version <= PYTHONS[1]:
        raise SetupError('the Python version', platform.python_version(), '3.10 to 3.13',
                         'name another one, for example: PYTHON=python3.12 make run')
    machine = (platform.system(), platform.machine())
    if machine not in (('Linux', 'x86_64'), ('Linux', 'aarch64')):
        raise SetupError('this machine', ' '.join(machine), 'Linux on x86_64 or aarch64',
                         'use a Linux machine, a virtual machine or a container')


def check_space(folder: Path, needed_gb: float):
    """Refuse a disk with too little room, before anything is written."""
    free_gb = shutil.disk_usage(folder).free / 1e9
    if free_gb < needed_gb:
        raise SetupError(f'free disk space in {folder}', f'{free_gb:.1f} GB',
                         f'{needed_gb:.1f} GB', 'free some, or clone to another disk')


def missing_packages() -> dict:
    """Return Debian package -> what is missing without it."""
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    checks = {
        'gcc': ('a C compiler', _has_tool('cc', 'gcc')),
        'g++': ('a C++ compiler', _has_tool('c++', 'g++')),
        f'{python}-dev': ('the headers of Python',
                          (Path(sysconfig.get_path('include')) / 'Python.h').is_file()),
        f'{python}-venv': ('the venv module of Python', _runs('import ensurepip, venv')),
        'libgl1': ('OpenGL for OpenCV', _loads('libGL.so.1')),
        'libglib2.0-0': ('GLib for OpenCV', _loads('libgthread-2.0.so.0')),
    }
    if not _runs(EGL_PROBE):
        checks['libegl1'] = ('EGL for the simulated cameras', False)
        checks['libgl1-mesa-dri'] = ('a renderer for EGL', False)
    return {package: what for package, (what, found) in checks.items() if not found}


def provide_packages(console: Console, log: Path, env: dict, keep=()):
    """
    Install what is missing with apt-get as root; otherwise name the one command that does.

    :raises SetupError: something is missing and cannot be installed from here
    """
    missing = missing_packages()
    if not missing:
        return
    what = ', '.join(missing.values())
    command = [*APT, *missing]
    typed = 'sudo apt-get update && sudo ' + ' '.join(command)
    if not shutil.which('apt-get'):
        raise SetupError('what this machine lacks', what, 'nothing',
                         'install it with the package manager of this system')
    if os.geteuid() != 0:
        raise SetupError('what this machine lacks', what, 'nothing', f'type: {typed}')
    quiet = {**env, 'DEBIAN_FRONTEND': 'noninteractive'}
    console.run('reading package lists (apt-get update)', ['apt-get', 'update'], log, quiet, keep)
    console.run(f'installing {" ".join(missing)} (apt-get)', command, log, quiet, keep)
    still = missing_packages()
    if still:
        raise SetupError('what this machine still lacks', ', '.join(still.values()), 'nothing',
                         f'find out why this did not bring it: {typed}')


def _has_tool(*names):
    return any(shutil.which(name) for name in names)


def _loads(library):
    return _runs(f'import ctypes; ctypes.CDLL({library!r})')


def _runs(code):
    return subprocess.run([sys.executable, '-c', code], stdin=subprocess.DEVNULL,
                          capture_output=True, check=False).returncode == 0
