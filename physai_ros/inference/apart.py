"""A model in a process of its own, which may crash, hang or grow without harm to this one."""
from contextlib import suppress
import io
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time

import numpy as np
from physai_ros.core.errors import BundleError
from physai_ros.inference.model import TensorSpec

CPU_S, WALL_FACTOR = 1.25, 20
BYTES_PER_CPU_S = 20_000_000
SPARE_MEMORY = 4 * 1024 ** 3
_LENGTH = struct.Struct('<Q')


class ApartModel:
    """
    An ONNX model behind pipes: as inference.model.Model, for models that nobody has vouched for.

    Loading and the first answer together may take 1.25 s of processor time, and so may each answer
    after that; with a second more for each 20 MB of the model.

    :param model_bytes: the file's content
    :raises BundleError: when ONNX Runtime refuses it, crashes, or takes too long
    """

    def __init__(self, model_bytes: bytes):
        self._seconds = CPU_S + len(model_bytes) / BYTES_PER_CPU_S
        self._process = subprocess.Popen(
            [sys.executable, '-m', __name__, str(self._seconds)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            specs = json.loads(self._ask(model_bytes))
        except BaseException:
            self.close()
            raise
        self.inputs, self.outputs = (
            tuple(TensorSpec(spec['name'], tuple(spec['shape']), spec['dtype']) for spec in side)
            for side in (specs['inputs'], specs['outputs']))
        self.metadata = specs['metadata']

    def run(self, inputs):
        """Return the outputs by name; raise BundleError when the model fails, or its process."""
        with np.load(io.BytesIO(self._ask(_packed(inputs))), allow_pickle=False) as outputs:
            return dict(outputs)

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        with suppress(BrokenPipeError):  # of what was not written out any more
            self._process.stdin.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _ask(self, message):
        deadline = time.monotonic() + self._seconds * WALL_FACTOR
        try:
            _write(self._process.stdin, message)
            kind = self._read(1, deadline)
            answer = self._read(_LENGTH.unpack(self._read(_LENGTH.size, deadline))[0], deadline)
        except (EOFError, OSError):
            raise self._death() from None
        if kind == b'!':
            raise BundleError(**json.loads(answer))
        return answer

    def _read(self, count, deadline):
        data = bytearray()
        while len(data) < count:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
                self._process.kill()
                raise EOFError
            part = os.read(self._process.stdout.fileno(), min(count - len(data), 1 << 20))
            if not part:
                raise EOFError
            data += part
        return bytes(data)

    def _death(self):
        code = self._process.wait()
        if code in (-signal.SIGPROF, -signal.SIGKILL):
            return BundleError('the model takes too long', None,
                               f'loading and an answer within {self._seconds:.3g} s of processor '
                               'time',
                               'look for a loop in the model that does not end')
        name = signal.Signals(-code).name if code < 0 else f'exit code {code}'
        return BundleError('the model makes ONNX Runtime crash', name, 'a model it can run',
                           'the file is damaged or hostile: get it again from who made it')


def _packed(arrays) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def _write(stream, message, kind=b''):
    stream.write(kind + _LENGTH.pack(len(message)))
    stream.write(message)
    stream.flush()


def _read_message(stream):
    head = stream.read(_LENGTH.size)
    return stream.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None


def _serve(model_bytes, seconds, source, sink):
    import onnxruntime  # noqa: F401  its time does not count
    from physai_ros.inference.onnx import OnnxModel
    memory = SPARE_MEMORY + 8 * len(model_bytes)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.setitimer(signal.ITIMER_PROF, seconds)  # ends the process when it runs out
    model, message = None, model_bytes
    while message is not None:
        try:
            if model is None:
                model = OnnxModel(message)
                answer = json.dumps({'metadata': model.metadata, **{
                    side: [vars(spec) for spec in getattr(model, side)]
                    for side in ('inputs', 'outputs')}}).encode()
            else:
                with np.load(io.BytesIO(message), allow_pickle=False) as inputs:
                    answer = _packed(model.run(dict(inputs)))
                    signal.setitimer(signal.ITIMER_PROF, seconds)
            _write(sink, answer, b'.')
        except BundleError as error:
            answer = {key: getattr(error, key) for key in ('thing', 'value', 'expected', 'remedy')}
            _write(sink, json.dumps(answer, default=str).encode(), b'!')
        message = _read_message(source)


if __name__ == '__main__':
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pipe = sys.stdin.buffer
    _serve(_read_message(pipe), float(sys.argv[1]), pipe, sys.stdout.buffer)
