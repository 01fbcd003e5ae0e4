"""
Write records that come in through a pipe to an MCAP file; a process of its own.

``python -m physai_ros.blackbox.dump``: a line of JSON, then records of a fixed head and bytes. A
file appears under its name only when it is complete; when the records end too early (their sender
ended), under a name and with metadata that say so. The oldest files go when there are too many.
"""
from contextlib import suppress
import json
import os
from pathlib import Path
import struct
import sys

HEAD = struct.Struct('<HqI')     # channel, time ns, length of the data
PROFILE, LIBRARY, SUFFIX = 'ros2', 'physai_ros', '.mcap'
INCOMPLETE = 'incomplete'
NICE, ALL_CPUS = 10, range(1024)


def write(stream, plan: dict):
    """
    Write one file.

    :param stream: of records
    :param plan: ``path``, ``channels`` [topic, type, definition], ``metadata`` of texts, ``count``
        of records
    """
    from mcap.writer import Writer
    path = Path(plan['path'])
    partial = path.with_suffix('.partial')
    try:
        with partial.open('wb') as file:
            writer = Writer(file)
            writer.start(PROFILE, LIBRARY)
            writer.add_metadata(LIBRARY, plan['metadata'])
            numbers = [_register(writer, *channel) for channel in plan['channels']]
            came = 0
            for came, (channel, time_ns, data) in enumerate(records(stream), 1):
                writer.add_message(numbers[channel], time_ns, data, time_ns)
            if came < plan['count']:
                path = path.with_name(f'{path.stem}_{INCOMPLETE}{SUFFIX}')
                writer.add_metadata(INCOMPLETE, {'came': str(came), 'of': str(plan['count'])})
            writer.finish()
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def records(stream):
    """Yield (channel, time ns, bytes) of a stream until it ends."""
    while True:
        head = stream.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        channel, time_ns, length = HEAD.unpack(head)
        data = stream.read(length)
        if len(data) < length:
            return
        yield channel, time_ns, data


def rotate(folder: Path, max_files: int, max_bytes: int):
    """Remove the oldest files of a folder until at most so many and so much are left."""
    files = sorted(folder.glob(f'*{SUFFIX}'), key=lambda file: file.stat().st_mtime, reverse=True)
    kept = 0
    for k, file in enumerate(files):
        kept += file.stat().st_size
        if k >= max_files or (k > 0 and kept > max_bytes):
            file.unlink(missing_ok=True)


def step_back():
    """Take only time that others leave, on any processor, whatever the starter may do."""
    nice = max(NICE, os.getpriority(os.PRIO_PROCESS, 0))
    for ask, *wish in ((os.sched_setscheduler, 0, os.SCHED_OTHER, os.sched_param(0)),
                       (os.setpriority, os.PRIO_PROCESS, 0, nice),
                       (os.sched_setaffinity, 0, ALL_CPUS)):
        with suppress(OSError):     # a file that is written too eagerly is better than none
            ask(*wish)


def _register(writer, topic, kind, definition):
    schema = writer.register_schema(kind, 'ros2msg', definition.encode())
    return writer.register_channel(topic, 'cdr', schema)


def main() -> int:
    """Write what comes in; tell on one line why it cannot be written."""
    step_back()
    stream = sys.stdin.buffer
    plan = json.loads(stream.readline())
    folder = Path(plan['path']).parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rotate(folder, plan['max_files'] - 1, plan['max_bytes'])
        write(stream, plan)
        rotate(folder, plan['max_files'], plan['max_bytes'])
    except OSError as error:
        print(f'{error.strerror}: {error.filename or folder}', file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
