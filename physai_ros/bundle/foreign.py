"""Name what a file is that should have been ONNX or safetensors, without ever opening a pickle."""
import io
from pathlib import PurePosixPath
import struct
import zipfile

from physai_ros.core.errors import BundleError

_TO_ONNX = ("python -c \"import torch; m = torch.jit.load('{file}', 'cpu').eval(); "
            "x = torch.ones(1, N); assert torch.equal(m(x), m(x)), 'it has a memory: see "
            "docs/import.md'; torch.onnx.export(m, (x,), 'model.onnx', dynamo=False, "
            "opset_version=17, input_names=['observation.state'], output_names=['action'])\"")
_TO_SAFETENSORS = (
    "python -c \"import torch, safetensors.torch as s; s.save_file(torch.load('{file}', 'cpu', "
    "weights_only=True), 'model.safetensors')\"")
_EXPORTED = ("python -c \"import torch; torch.onnx.export(torch.export.load('{file}'), "
             "f='model.onnx', dynamo=True, external_data=False)\"")


def foreign_error(stream, file):
    """
    Return the error for a file of a known other format, None when it is of none.

    :param stream: seekable binary file, or the bytes
    :param file: its name, for the message
    :return: BundleError that says what it is and the command that converts it
    """
    stream = io.BytesIO(stream) if isinstance(stream, (bytes, memoryview)) else stream
    stream.seek(0)
    head = stream.read(16)
    if head[:4] == b'PK\x03\x04':
        return _zipped(stream, file)
    if head[:1] == b'\x80' and head[1:2] in (b'\x02', b'\x03', b'\x04', b'\x05'):
        return _pickle(file)
    if head[:8] == b'\x93NUMPY\x01\x00' or head[:8] == b'\x89HDF\r\n\x1a\n':
        return BundleError(file, 'an array file', 'a model', 'export the model to ONNX')
    return None


def _zipped(stream, file):
    try:
        with zipfile.ZipFile(stream) as archive:
            names = [PurePosixPath(name).parts for name in archive.namelist()[:100_000]]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, OverflowError,
            struct.error):
        return None
    inner = {part for parts in names for part in parts}
    if 'constants.pkl' in inner or 'code' in inner:
        return BundleError(
            file, 'TorchScript', 'ONNX, which says its inputs and outputs and holds no code',
            f'convert it where you trust it, N being the width of its input: '
            f'{_TO_ONNX.format(file=file)}')
    if 'serialized_exported_program.json' in inner or ('models' in inner and 'data.pkl' not in
                                                       inner and file.endswith('.pt2')):
        return BundleError(file, 'an exported program of torch', 'ONNX',
                           'convert it (with onnxscript installed): '
                           f'{_EXPORTED.format(file=file)}')
    if 'data.pkl' in inner:
        return _pickle(file)
    return BundleError(file, 'a zip archive', 'a model', 'unpack it and see what it holds')


def _pickle(file):
    return BundleError(
        file, 'a pickle', 'safetensors or ONNX: a pickle runs code and is never opened here',
        f'convert it where you trust it: {_TO_SAFETENSORS.format(file=file)}')
