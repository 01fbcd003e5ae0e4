"""An end that nothing can hold up, not even a call that keeps Python's other threads waiting."""
import ctypes
import time

SIGEV_THREAD = 2


class _Event(ctypes.Structure):
    """``struct sigevent`` of Linux, 64 bytes."""

    _fields_ = [('value', ctypes.c_void_p), ('signal', ctypes.c_int), ('notify', ctypes.c_int),
                ('function', ctypes.c_void_p), ('attributes', ctypes.c_void_p),
                ('room', ctypes.c_char * 32)]


class _Timing(ctypes.Structure):
    """``struct itimerspec``."""

    _fields_ = [(name, ctypes.c_long) for name in (
        'interval_s', 'interval_ns', 'value_s', 'value_ns')]


def end_within(seconds: float):
    """
    Have this process end with exit code 0 after a time, unless it has ended by then.

    The C library calls ``_exit(0)`` in a thread of its own.

    :raises OSError: when there is no timer
    """
    libc = ctypes.CDLL(None, use_errno=True)
    event = _Event(0, 0, SIGEV_THREAD, ctypes.cast(libc._exit, ctypes.c_void_p))
    timer, timing = ctypes.c_void_p(), _Timing(0, 0, *divmod(round(seconds * 1e9), 10 ** 9))
    if libc.timer_create(time.CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(timer)) or \
            libc.timer_settime(timer, 0, ctypes.byref(timing), None):
        raise OSError(ctypes.get_errno(), 'no timer')
