"""What ``ros2 bag record`` wrote: the messages of MCAP files, in the order of their time."""
import heapq
from pathlib import Path
from typing import Collection, Dict, Iterator, List, Tuple

from physai_ros.core.errors import ConfigError

MAGIC, SQLITE = b'\x89MCAP0\r\n', b'SQLite format 3\0'
ZSTD = b'\x28\xb5\x2f\xfd'
CONVERT = ('run `ros2 bag convert`, which also writes MCAP without that '
           '(docs/import.md, 8-bit weights)')
RECOVER = ('the recorder was stopped hard, or the file is damaged: `mcap recover` saves what is '
           'whole')
CDR = 'cdr'

Record = Tuple[str, int, bytes]


def is_bag(path) -> bool:
    """Return whether a path is a recording of topics, or is meant to be one."""
    path = Path(path)
    return path.is_dir() or path.suffix in ('.mcap', '.db3', '.zstd') or \
        path.name == 'metadata.yaml' or _begins(path, MAGIC)


class Bag:
    """
    A folder of rosbag2 with MCAP files, or one such file.

    ``types`` has the name of the type of each topic that has messages.

    :raises ConfigError: for what is no such thing, or cannot be read
    """

    def __init__(self, path):
        path = Path(path)
        self.path = path.parent if path.name == 'metadata.yaml' else path
        self._files = _files(self.path)
        self.types: Dict[str, str] = {}
        for file in self._files:
            for channel, schema in _reading(file, _channels):
                if channel.message_encoding != CDR:
                    raise ConfigError(f'{file}: the encoding of {channel.topic}',
                                      channel.message_encoding, CDR, 'record it with ROS 2')
                self.types[channel.topic] = schema.name if schema else ''

    def messages(self, topics: Collection[str]) -> Iterator[Record]:
        """
        Yield (topic, time ns, bytes) of some topics, the oldest first.

        :raises ConfigError: for a file that cannot be read to its end
        """
        def read(reader):
            for _, channel, message in reader.iter_messages(topics=topics):
                yield channel.topic, message.log_time, message.data
        for record in heapq.merge(*(_reading(file, read) for file in self._files),
                                  key=lambda record: record[1]):
            if record[2].startswith(ZSTD):
                raise ConfigError(f'{self.path}: the messages of {record[0]}', None,
                                  'messages that are not compressed one by one', CONVERT)
            yield record


def _files(path) -> List[Path]:
    if not path.is_dir():
        found, folder = [path], ''
    else:
        found, folder = sorted(path.glob('*.mcap')), str(path)
    if not found:
        others = sorted(path.glob('*.db3*')) + sorted(path.glob('*.mcap.*'))
        if not others:
            raise ConfigError(f'recording {folder}', None, 'a folder with .mcap files',
                              'give what `ros2 bag record -s mcap` wrote')
        found = others[:1]
    for file in found:
        if file.suffix == '.db3' or _begins(file, SQLITE):
            raise ConfigError(f'recording {file}', None, 'an MCAP file; this is one of sqlite3',
                              f'record with `-s mcap`, or {CONVERT}')
        if file.suffix == '.zstd':
            raise ConfigError(f'recording {file}', None, 'a file that is not compressed as a '
                              'whole', CONVERT)
    return found


def _begins(path, magic) -> bool:
    try:
        with path.open('rb') as file:
            return file.read(len(magic)) == magic
    except OSError:
        return False


def _channels(reader):
    summary = reader.get_summary()
    if summary is None or not summary.channels or summary.statistics is None:
        found = {channel.id: (channel, schema)
                 for schema, channel, _ in reader.iter_messages(log_time_order=False)}
        return list(found.values())
    counts = summary.statistics.channel_message_counts
    return [(channel, summary.schemas.get(channel.schema_id))
            for channel in summary.channels.values() if counts.get(channel.id)]


def _reading(path, read) -> Iterator:
    """Yield what ``read`` gives of a reader; damaged files make the library raise anything."""
    from mcap.exceptions import UnsupportedCompressionError
    from mcap.reader import SeekingReader
    try:
        with path.open('rb') as file:
            begin, size = file.read(len(MAGIC)), file.seek(0, 2)
            if begin != MAGIC:
                raise ConfigError(f'recording {path}', None, 'an MCAP file',
                                  'give what `ros2 bag record -s mcap` wrote')
            file.seek(max(size - len(MAGIC), 0))
            if size < 2 * len(MAGIC) or file.read() != MAGIC:
                raise ConfigError(f'recording {path}', None, 'a complete MCAP file; this one is '
                                  'cut off', RECOVER)
            file.seek(0)
            yield from read(SeekingReader(file, validate_crcs=True, record_size_limit=size))
    except ConfigError:
        raise
    except OSError as error:
        raise ConfigError(f'recording {path}', None, 'a file that can be read',
                          error.strerror) from None
    except UnsupportedCompressionError as error:
        raise ConfigError(f'recording {path}', None, 'chunks that can be decompressed here',
                          f'run pip install lz4 zstandard ({error})') from None
    except Exception as error:
        raise ConfigError(f'recording {path}', None, 'a whole MCAP file',
                          f'{RECOVER} ({type(error).__name__}: {error})') from None
