"""
Look into an ONNX file without trusting it, and without a protobuf library on the robot.

Walks the wire format (https://protobuf.dev/programming-guides/encoding/) along the messages of
onnx.proto that can hold a tensor or an operator, and skips over everything else, weights included.
"""
from typing import Set

from physai_ros.bundle.foreign import foreign_error
from physai_ros.core.errors import BundleError

MAX_DEPTH = 64
# What ONNX Runtime itself brings: the standard's own operators, and its own for int8 models.
DOMAINS = ('', 'ai.onnx', 'ai.onnx.ml', 'com.microsoft')
SHOWN, MAX_NAME = 5, 200

_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # fields of onnx.TensorProto
# Message -> field number -> message, of onnx.proto 1.16 (field numbers never change).
_MESSAGES = {
    'model': {7: 'graph', 20: 'training', 25: 'function'},
    'training': {1: 'graph', 2: 'graph'},
    'function': {7: 'node', 11: 'attribute'},
    'graph': {1: 'node', 5: 'tensor', 15: 'sparse'},
    'node': {5: 'attribute'},
    'attribute': {5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse'},
    'sparse': {1: 'tensor', 2: 'tensor'},
    'tensor': {},
}
_TEXTS = {'node': {4: 'operator', 7: 'domain'}, 'function': {1: 'operator', 10: 'domain'}}
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5


def require_self_contained(model: bytes, name):
    """
    Check that all weights are in the model itself, and that it needs no operator of others.

    :param name: how messages call the file
    :raises BundleError: when a tensor is stored in another file, when there is an operator that is
        neither ONNX Runtime's nor defined in the model, or when this is no ONNX model
    """
    foreign = foreign_error(model, name)
    if foreign is not None:
        raise foreign
    used, defined = set(), set()
    try:
        _walk(memoryview(model), name, used, defined)
    except (ValueError, IndexError) as error:
        raise BundleError(f'{name} is no ONNX model', None, f'an ONNX file ({error})',
                          'export the model again') from None
    custom = sorted(f'{domain}::{operator}' for domain, operator in used - defined
                    if domain not in DOMAINS)
    if custom:
        more = f' and {len(custom) - SHOWN} more' if len(custom) > SHOWN else ''
        raise BundleError(f'custom operators of {name}', ', '.join(custom[:SHOWN]) + more,
                          f'operators of {", ".join(filter(None, DOMAINS))}',
                          'export the model without them: custom operators are code, and no '
                          'library of code is ever loaded for a model')


def _walk(view, name, used: Set, defined: Set):
    waiting = [('model', 0, len(view), 0)]
    while waiting:
        message, start, end, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise ValueError('graphs nested too deep')
        children, texts = _MESSAGES[message], {}
        for field, wire, begin, stop in _fields(view, start, end):
            if message == 'tensor' and _is_external(view, field, wire, begin, stop):
                raise BundleError(f'{name} stores weights in another file', None,
                                  'one file with all weights',
                                  'save it again with onnx.save(onnx.load(file), file)')
            if field in children and wire == _BYTES:
                waiting.append((children[field], begin, stop, depth + 1))
            elif wire == _BYTES and field in _TEXTS.get(message, ()):
                texts[_TEXTS[message][field]] = bytes(view[begin:stop][:MAX_NAME]).decode()
        if message in _TEXTS:
            (used if message == 'node' else defined).add(
                (texts.get('domain', ''), texts.get('operator', '')))


def _is_external(view, field, wire, begin, stop):
    if field == _DATA_LOCATION:
        return wire != _VARINT or _varint(view, begin, stop)[0] != 0
    return field == _EXTERNAL_DATA


def _fields(view, start, end):
    """Yield (number, wire type, start, end) of the fields of a message."""
    while start < end:
        key, start = _varint(view, start, end)
        wire, begin = key & 7, start
        if wire == _VARINT:
            start = _varint(view, start, end)[1]
        elif wire == _BYTES:
            length, begin = _varint(view, start, end)
            start = begin + length
        elif wire in (_FIXED64, _FIXED32):
            start += 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f'wire type {wire}')
        if start > end:
            raise ValueError('a field longer than the file')
        yield key >> 3, wire, begin, start


def _varint(view, start, end):
    value = 0
    for shift in range(0, 70, 7):
        if start >= end:
            break
        byte = view[start]
        start += 1
        value |= (byte & 0x7f) << shift
        if not byte & 0x80:
            return value, start
    raise ValueError('an unfinished number')
