"""CMake files of the ROS wheels name include folders of their build machine; name ours."""
import os
from pathlib import Path
import re
import sysconfig

PYTHON_INCLUDE = re.compile(r'/opt/python/cp\d+-cp\d+/include/python3\.\d+')
SITE_PACKAGES = re.compile(r'/opt/python/cp\d+-cp\d+/lib/python3\.\d+/site-packages')


def mend_headers(venv: Path):
    """
    Rewrite the include folders of Python and NumPy in ``share/**/*.cmake``.

    Each file is replaced, never written in place: it may be a hard link into a download cache.

    :param venv: the virtual environment, made by this very Python version
    """
    include = sysconfig.get_path('include')
    packages = sysconfig.get_path('purelib', 'posix_prefix', vars={'base': str(venv)})
    for path in (venv / 'share').glob('*/cmake/*.cmake'):
        text = path.read_text()
        mended = SITE_PACKAGES.sub(packages, PYTHON_INCLUDE.sub(include, text))
        if mended != text:
            fresh = path.with_suffix('.new')
            fresh.write_text(mended)
            os.replace(fresh, path)
