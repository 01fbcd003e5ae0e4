"""
Static int8 of a model by ONNX Runtime: QDQ, per channel, matrices and convolutions only.

Activations are unsigned 8-bit, weights signed with 7 of 8 bits: processors without VNNI add two
products in 16 bits, which full 8-bit weights overflow (ONNX Runtime's advice, ``reduce_range``).
"""
from dataclasses import dataclass
import logging
import math
from pathlib import Path
import tempfile

from physai_ros.core.errors import BundleError, ConfigError

OPERATORS = {'Conv', 'Gemm', 'MatMul'}
LEAST_WEIGHTS = 4096  # smaller ones stay: they cost no time, and a kinematic chain needs them


@dataclass(frozen=True)
class Quantised:
    """The model and how many of its layers are in int8, and stayed."""

    model: bytes
    layers: int
    stayed: int


def require_onnx():
    """
    Import what quantises.

    :raises ConfigError: when it is not installed, with the command that does it
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime.quantization  # noqa: F401
    except ImportError as error:
        raise ConfigError(f'{error.name} for physai quantize', 'not installed',
                          'the packages of the extra `quantize`',
                          'run pip install onnx onnxruntime') from None


def quantise(model: bytes, observations, keep=()) -> Quantised:
    """
    Return a model in int8.

    :param observations: inputs by name, each with batch dimension, to calibrate with
    :param keep: names of layers that stay in float
    :raises BundleError: when it has nothing to quantise
    """
    require_onnx()
    import onnx
    from onnxruntime import quantization
    logging.getLogger().setLevel(max(logging.ERROR, logging.getLogger().level))
    with tempfile.TemporaryDirectory() as folder:
        plain, result = Path(folder) / 'plain.onnx', Path(folder) / 'int8.onnx'
        simplify(model, plain)
        layers, small = heavy_layers(onnx.load(str(plain)))
        chosen = [name for name in layers if name not in keep]
        if not chosen:
            raise BundleError('the model', None, 'a convolution or matrix of at least '
                              f'{LEAST_WEIGHTS} weights', 'there is nothing to quantise')
        quantization.quantize_static(
            plain, result, _reader(quantization, observations), per_channel=True,
            quant_format=quantization.QuantFormat.QDQ, reduce_range=True,
            activation_type=quantization.QuantType.QUInt8,
            weight_type=quantization.QuantType.QInt8, nodes_to_quantize=chosen,
            op_types_to_quantize=sorted(OPERATORS),
            calibrate_method=quantization.CalibrationMethod.MinMax)
        quantised = onnx.load(str(result))
    used = {node.domain for node in quantised.graph.node}
    for opset in [o for o in quantised.opset_import if o.domain not in used]:
        quantised.opset_import.remove(opset)
    return Quantised(quantised.SerializeToString(), len(chosen),
                     small + len(layers) - len(chosen))


def simplify(model: bytes, path):
    """
    Write a model with its constants folded, in standard operators.

    A sum after a product stays one: fused, its matrix would be taken for a bias.
    """
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(path)
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    onnxruntime.InferenceSession(model, options, providers=['CPUExecutionProvider'],
                                 disabled_optimizers=['MatMulAddFusion'])


def heavy_layers(model):
    """Return the names of the layers worth quantising, and how many others there are."""
    sizes = {weights.name: math.prod(weights.dims) for weights in model.graph.initializer}
    layers = [node for node in model.graph.node if node.op_type in OPERATORS]
    heavy = [node.name for node in layers if sizes.get(node.input[1], 0) >= LEAST_WEIGHTS]
    return heavy, len(layers) - len(heavy)


def _reader(quantization, observations):
    class Reader(quantization.CalibrationDataReader):

        def __init__(self):
            self._left = iter(observations)

        def get_next(self):
            return next(self._left, None)
    return Reader()
