"""Small models of known shape, made on the spot."""
import numpy as np
from physai_ros.core.errors import ConfigError


def mlp(inputs: int, outputs: int, steps: int, width=512, layers=3) -> bytes:
    """
    Return a multilayer perceptron with random weights: ``state`` (1, inputs) to ``action``.

    :param steps: how many steps of ``outputs`` numbers it answers
    """
    helper, numpy_helper = _onnx()
    random = np.random.default_rng(0)
    sizes = [inputs, *[width] * layers, outputs * steps]
    nodes, weights, value = [], [], 'state'
    for k, (rows, columns) in enumerate(zip(sizes, sizes[1:])):
        matrix = random.standard_normal((rows, columns)) / rows ** 0.5
        weights.append(numpy_helper.from_array(matrix.astype(np.float32), f'w{k}'))
        nodes.append(helper.make_node('MatMul', [value, f'w{k}'], [f'x{k}']))
        value = f'x{k}'
        if k < layers:
            nodes.append(helper.make_node('Tanh', [value], [f'y{k}']))
            value = f'y{k}'
    weights.append(numpy_helper.from_array(np.array([1, steps, outputs]), 'shape'))
    nodes.append(helper.make_node('Reshape', [value, 'shape'], ['action']))
    return _model(nodes, weights, {'state': [1, inputs]}, {'action': [1, steps, outputs]})


def brightness(height: int, width: int, steps: int, scale: float) -> bytes:
    """Return a model that drives forward as fast as ``image`` (1, 3, H, W) is bright, 0 to 1."""
    helper, numpy_helper = _onnx()
    forward = np.zeros((1, steps, 3), np.float32)
    forward[..., 0] = scale
    weights = [numpy_helper.from_array(forward, 'forward'),
               numpy_helper.from_array(np.array([1, 1, 1]), 'shape')]
    nodes = [helper.make_node('ReduceMean', ['image'], ['mean'], keepdims=0),
             helper.make_node('Reshape', ['mean', 'shape'], ['light']),
             helper.make_node('Mul', ['light', 'forward'], ['action'])]
    return _model(nodes, weights, {'image': [1, 3, height, width]}, {'action': [1, steps, 3]})


def _onnx():
    try:
        from onnx import helper, numpy_helper
    except ImportError:
        raise ConfigError('the library onnx is missing', None, 'it, to make models to measure',
                          'pip install onnx') from None
    return helper, numpy_helper


def _model(nodes, weights, inputs, outputs) -> bytes:
    helper, _ = _onnx()

    def infos(shapes):
        return [helper.make_tensor_value_info(name, 1, shape) for name, shape in shapes.items()]

    graph = helper.make_graph(nodes, 'bench', infos(inputs), infos(outputs), weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()
