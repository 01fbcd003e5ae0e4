"""A model in a process of its own: answers like any other, and does no harm."""
from bundle_examples import identity_onnx, onnx_model
import numpy as np
from onnx import helper, numpy_helper, TensorProto
from physai_ros.core.errors import BundleError
from physai_ros.inference.apart import ApartModel
import pytest


def endless():
    """Return a model whose loop has 2^62 steps."""
    def info(name, kind, shape):
        return helper.make_tensor_value_info(name, kind, shape)

    body = helper.make_graph(
        [helper.make_node('Identity', ['on'], ['still']), helper.make_node('Add', ['v', 'v'],
                                                                           ['w'])],
        'body', [info('n', TensorProto.INT64, []), info('on', TensorProto.BOOL, []),
                 info('v', TensorProto.FLOAT, [1, 3])],
        [info('still', TensorProto.BOOL, []), info('w', TensorProto.FLOAT, [1, 3])])
    return onnx_model([helper.make_node('Loop', ['times', 'true', 'x'], ['y'], body=body)],
                      {'x': [1, 3]}, {'y': [1, 3]},
                      [numpy_helper.from_array(np.array(2 ** 62), 'times'),
                       numpy_helper.from_array(np.array(True), 'true')])


def huge():
    """Return a model that asks for 400 GB."""
    shape = numpy_helper.from_array(np.array([100_000, 1_000_000]), 'shape')
    return onnx_model([helper.make_node('ConstantOfShape', ['shape'], ['b']),
                       helper.make_node('ReduceSum', ['b'], ['y'], keepdims=1)],
                      {'x': [1, 3]}, {'y': [1, 1]}, [shape])


def test_it_answers_like_any_other_model():
    with ApartModel(identity_onnx(3)) as model:
        assert [(spec.name, spec.shape, spec.dtype) for spec in model.inputs] == [
            ('state', (1, 3), 'float32')]
        assert model.outputs[0].name == 'action'
        for _ in range(3):
            values = np.random.default_rng(0).normal(size=(1, 3)).astype(np.float32)
            assert (model.run({'state': values})['action'] == values).all()
        with pytest.raises(BundleError, match='the model failed'):
            model.run({'other': values})
        assert (model.run({'state': values})['action'] == values).all()
    assert model._process.poll() is not None


@pytest.mark.parametrize('data, message', [
    (b'', 'the model is refused'), (b'nonsense', 'the model is refused by ONNX Runtime')])
def test_a_model_that_is_refused(data, message):
    with pytest.raises(BundleError, match=message):
        ApartModel(data)


def test_a_model_that_does_not_end():
    with ApartModel(endless()) as model:
        with pytest.raises(BundleError, match='the model takes too long; expected loading and an '
                           'answer within 1.25 s of processor time'):
            model.run({'x': np.zeros((1, 3), np.float32)})


def test_a_model_that_eats_the_memory():
    with ApartModel(huge()) as model:
        with pytest.raises(BundleError, match='the model failed'):
            model.run({'x': np.zeros((1, 3), np.float32)})


def test_a_process_that_crashes():
    with ApartModel(identity_onnx(3)) as model:
        model._process.terminate()
        model._process.wait()
        with pytest.raises(BundleError, match="the model makes ONNX Runtime crash is 'SIGTERM'"):
            model.run({'state': np.zeros((1, 3), np.float32)})
