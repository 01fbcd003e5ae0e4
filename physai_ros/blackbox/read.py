"""Read the file of a black box."""
from pathlib import Path
from typing import Dict, Iterator, Tuple

from physai_ros.blackbox.dump import INCOMPLETE, LIBRARY
from physai_ros.core.errors import ConfigError


def metadata(path: Path) -> Dict[str, str]:
    """
    Return what the box was told about the robot.

    :raises ConfigError: for a file that is none of ours
    """
    found = _entries(path)
    if LIBRARY in found:
        return found[LIBRARY]
    raise ConfigError(f'file {path}', None, f'metadata of {LIBRARY}',
                      'give a file that the black box of a command node wrote')


def missing(path: Path) -> str:
    """Return how many messages a file lacks whose writer was cut off, in words, '' for none."""
    short = _entries(path).get(INCOMPLETE)
    return f"{short['came']} of {short['of']} messages, the last ones are missing" if short else ''


def messages(path: Path) -> Iterator[Tuple[str, int, bytes]]:
    """Yield (topic, time ns, CDR bytes), in the order in which they were recorded."""
    yield from _reading(path, lambda reader: [
        (channel.topic, message.log_time, message.data)
        for _, channel, message in reader.iter_messages(log_time_order=False)])


def _entries(path) -> Dict[str, Dict[str, str]]:
    return dict(_reading(path, lambda reader: [
        (entry.name, entry.metadata) for entry in reader.iter_metadata()]))


def _reading(path, read):
    from mcap.exceptions import McapError
    from mcap.reader import make_reader
    try:
        with Path(path).open('rb') as file:
            return read(make_reader(file))
    except OSError as error:
        raise ConfigError(f'file {path}', None, 'a file that can be read',
                          error.strerror) from error
    except McapError as error:
        raise ConfigError(f'file {path}', None, 'a complete MCAP file', str(error)) from error
