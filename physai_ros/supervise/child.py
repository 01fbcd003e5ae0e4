"""What a process owes to the one that started it; nothing in here loads slowly."""
import ctypes
import os
from pathlib import Path
import signal
import sys
from typing import Mapping

STARTER = 'PHYSAI_SUPERVISED'
PR_SET_PDEATHSIG = 1


def end_with_starter(environ: Mapping[str, str] = os.environ):
    """
    Have the kernel send SIGTERM to this process when its parent dies, if a starter wishes that.

    Ctrl-C ends the process at once until it handles SIGINT itself: no traceback of what it loads.

    :param environ: ``PHYSAI_SUPERVISED`` in there is the process id of the starter
    """
    starter = environ.get(STARTER)
    if not starter:
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if not Path('/proc', starter).exists():  # it died before the kernel knew of our wish
        sys.exit(0)
