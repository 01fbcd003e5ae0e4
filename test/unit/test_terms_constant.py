"""Constants of any shape: what the model is given, and what is refused."""
import re

from bundle_examples import manifest
import numpy as np
from onnx import helper, TensorProto
from physai_ros.bundle.check import preflight
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.problems import InvalidBundleError
from physai_ros.bundle.terms import Constant
from physai_ros.inference.onnx import OnnxModel
from pydantic import ValidationError
import pytest

CAMERA = {'term': 'constant', 'numbers': 0.25, 'dimensions': [3, 4, 6], 'scale': 2}
EMBODIMENT = {'term': 'constant', 'numbers': 31, 'dimensions': [], 'dtype': 'int64'}


def assembled(term, **parts):
    """Return the input that a constant alone makes."""
    content = manifest(inputs={'x': [term]}, **parts)
    found = Assembler(content).assemble(0).inputs['x']
    assert content.input_shape('x') == found.shape
    return found


def test_a_camera_that_is_not_there():
    found = assembled(CAMERA)
    assert found.dtype == np.float32 and found.shape == (1, 3, 4, 6)
    assert (found == 0.5).all()


def test_nothing_but_the_batch():
    found = assembled(EMBODIMENT)
    assert found.dtype == np.int64 and found.tolist() == [31]


def test_a_number_for_each_place():
    term = {'term': 'constant', 'numbers': [1, 2, 3, 4], 'dimensions': [2, 2]}
    assert assembled(term).tolist() == [[[1, 2], [3, 4]]]
    assert assembled({**term, 'offset': [1, 1, 1, 0]}).tolist() == [[[0, 1], [2, 4]]]


def test_histories_lie_along_a_dimension():
    assert assembled({**CAMERA, 'history': {'steps': 2}}).shape == (1, 6, 4, 6)
    stacked = {'steps': 2, 'stack': 'axis'}
    assert assembled({**EMBODIMENT, 'history': stacked}).tolist() == [[31, 31]]
    assert assembled(EMBODIMENT, history={'x': stacked}).tolist() == [[31, 31]]


def test_it_is_made_once_and_nobody_may_change_it():
    term = Constant(**CAMERA)
    assert term.build(None, None) is term.build(None, None)
    with pytest.raises(ValueError, match='read-only'):
        term.build(None, None)[0, 0, 0] = 1


def test_a_model_takes_both():
    pytest.importorskip('onnxruntime')
    nodes = [helper.make_node('ReduceSum', ['camera'], ['sum'], keepdims=0),
             helper.make_node('Cast', ['embodiment_id'], ['id'], to=TensorProto.FLOAT),
             helper.make_node('Mul', ['sum', 'id'], ['product']),
             helper.make_node('Expand', ['product', 'shape'], ['action'])]
    infos = [helper.make_tensor_value_info(*info) for info in (
        ('camera', TensorProto.FLOAT, [1, 3, 4, 6]), ('embodiment_id', TensorProto.INT64, [1]),
        ('action', TensorProto.FLOAT, [1, 3]))]
    shape = helper.make_tensor('shape', TensorProto.INT64, [2], [1, 3])
    graph = helper.make_graph(nodes, 'both', infos[:2], infos[2:], [shape])
    onnx = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    onnx.ir_version = 9
    model = OnnxModel(onnx.SerializeToString())
    content = manifest(inputs={'camera': [CAMERA], 'embodiment_id': [EMBODIMENT]},
                       outputs={'action': {'kind': 'base_twist'}}, timing={'deadline_s': 0.05})
    preflight(content, model)
    answer = model.run(Assembler(content).assemble(0).inputs)['action']
    assert answer.tolist() == [[0.5 * 72 * 31] * 3]


@pytest.mark.parametrize('fields, message', [
    ({'dimensions': [1000, 1000, 11]}, 'at most 10000000 numbers'),
    ({'dimensions': [0, 3]}, 'greater than or equal to 1'),
    ({'numbers': [1, 2], 'dimensions': [3]}, '1 or 3 numbers, as dimensions says'),
    ({'numbers': [1, 2], 'dimensions': []}, '1 or 1 numbers, as dimensions says'),
    ({'numbers': 1e5, 'dtype': 'float16'}, 'numbers that are finite in float16'),
    ({'numbers': 1e30, 'scale': 1e30}, 'numbers that are finite in float32'),
])
def test_impossible_constants(fields, message):
    with pytest.raises(ValidationError, match=message):
        Constant(**{'numbers': 1, **fields})


@pytest.mark.parametrize('inputs, history, message', [
    ([EMBODIMENT, {'term': 'constant', 'numbers': 1, 'dtype': 'int64'}], {},
     'expected a constant with dimensions alone in its input'),
    ([CAMERA, {'term': 'constant', 'numbers': 1}], {},
     'expected a constant with dimensions alone in its input'),
    ([{**EMBODIMENT, 'history': {'steps': 2}}], {},
     'x[0].dimensions is []; expected a dimension along which the history is laid'),
    ([EMBODIMENT], {'x': {'steps': 2}},
     'x[0].dimensions is []; expected a dimension along which the history is laid'),
])
def test_impossible_inputs(inputs, history, message):
    with pytest.raises(InvalidBundleError, match=re.escape(message)) as error:
        manifest(inputs={'x': inputs}, history=history)
    assert len(error.value.problems) == 1
