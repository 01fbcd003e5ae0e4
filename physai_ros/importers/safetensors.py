"""
Read tensors of a safetensors file into numpy, checked against the file's length.

Format: 8 bytes length of the header (little endian), the header (JSON), the bytes of the tensors
(https://huggingface.co/docs/safetensors).
"""
from dataclasses import dataclass
import json
import math
from typing import Tuple

import numpy as np
from physai_ros.core.errors import BundleError

MAX_HEADER = 100_000_000
_TYPES = {'F64': '<f8', 'F32': '<f4', 'F16': '<f2', 'BF16': '<u2', 'I64': '<i8', 'I32': '<i4',
          'I16': '<i2', 'I8': '<i1', 'U8': '<u1', 'BOOL': '?'}
_REMEDY = 'download it again; with git, `git lfs pull`'


@dataclass(frozen=True)
class Stored:
    """Where a tensor is in its file: dtype as in the header, offsets from the file's start."""

    dtype: str
    shape: Tuple[int, ...]
    start: int
    end: int


def read_header(path) -> dict:
    """
    Return name -> Stored of all tensors.

    :raises BundleError: when it is no sound safetensors file
    """
    size = path.stat().st_size
    try:
        with open(path, 'rb') as stream:
            length = int.from_bytes(stream.read(8), 'little')
            if not 2 <= length <= min(MAX_HEADER, size - 8):
                raise ValueError(f'a header of {length} bytes in a file of {size}')
            header = json.loads(stream.read(length).decode())
        if not isinstance(header, dict):
            raise ValueError('a header that is no mapping')
        return {name: _stored(name, entry, 8 + length, size) for name, entry in header.items()
                if name != '__metadata__'}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BundleError(f'{path.name} is no sound safetensors file', None,
                          f'one ({type(error).__name__}: {error})', _REMEDY) from None


def _stored(name, entry, base, size):
    dtype, shape, (start, end) = entry['dtype'], entry['shape'], entry['data_offsets']
    if dtype not in _TYPES:
        raise ValueError(f'{name} of the unknown type {dtype}')
    if not all(type(n) is int and n >= 0 for n in (*shape, start, end)):
        raise ValueError(f'{name} with a shape or offset that is no number')
    if end - start != math.prod(shape) * np.dtype(_TYPES[dtype]).itemsize or base + end > size:
        raise ValueError(f'{name} is not as long as its shape, or ends outside the file')
    return Stored(dtype, tuple(shape), base + start, base + end)


def read_tensors(path, header: dict, names) -> dict:
    """
    Return some tensors as numpy arrays (BF16 as float32).

    :param header: as ``read_header`` returns it
    """
    tensors = {}
    with open(path, 'rb') as stream:
        for name in names:
            stored = header[name]
            stream.seek(stored.start)
            array = np.frombuffer(stream.read(stored.end - stored.start), _TYPES[stored.dtype])
            if stored.dtype == 'BF16':
                array = (array.astype(np.uint32) << 16).view(np.float32)
            tensors[name] = array.reshape(stored.shape)
    return tensors
