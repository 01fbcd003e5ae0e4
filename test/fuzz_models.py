"""Ways to spoil a model: its bytes, and its graph where it is still one."""
import numpy as np
from onnx import helper, ModelProto, numpy_helper, TensorProto

HEAD = 4096
NUMBERS = (0, 1, -1, 2, 7, 2 ** 31, 2 ** 40, -2 ** 63)
OPERATORS = ('Relu', 'Identity', 'MatMul', 'Conv', 'Reshape', 'Loop', 'Gather', 'Resize', 'Expand',
             'Cast', 'Nonsense', 'Concat', 'Slice', 'Transpose', 'Pad', 'Tile', 'Range',
             'ConstantOfShape')


def damaged(model: bytes, chance) -> bytes:
    """
    Return a spoilt model.

    :param chance: random.Random
    """
    if chance.random() < 0.5:
        return _bytes(model, chance)
    graph = ModelProto.FromString(model)
    for _ in range(chance.choice((1, 1, 2, 3))):
        chance.choice(WAYS)(graph, chance)
    return graph.SerializeToString()


def _bytes(model, chance):
    data = bytearray(model)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        size, near = len(data), min(HEAD, len(data))
        place = chance.choice((chance.randrange(size), chance.randrange(near),
                               size - 1 - chance.randrange(near)))
        kind = chance.random()
        if kind < 0.6:
            data[place] = chance.randrange(256)
        elif kind < 0.7:
            del data[place:place + chance.randrange(1, 64)]
        elif kind < 0.8:
            data[place:place] = chance.randbytes(chance.randrange(1, 32))
        elif kind < 0.9:
            data[place:place] = data[chance.randrange(size):][:chance.randrange(1, 400)]
        else:
            del data[place + 1:]
    return bytes(data)


def _tensor(model, chance):
    tensor = chance.choice(model.graph.initializer)
    kind = chance.random()
    if kind < 0.4 and tensor.dims:
        tensor.dims[chance.randrange(len(tensor.dims))] = chance.choice(NUMBERS)
    elif kind < 0.6:
        tensor.data_type = chance.randrange(0, 25)
    elif kind < 0.8:
        tensor.raw_data = tensor.raw_data[:chance.randrange(len(tensor.raw_data) + 1)]
    else:
        tensor.data_location = TensorProto.EXTERNAL
        entry = tensor.external_data.add()
        entry.key, entry.value = 'location', chance.choice(('/etc/passwd', 'model.onnx', '../x'))


def _weights(model, chance):
    tensors = [t for t in model.graph.initializer if t.data_type == TensorProto.FLOAT]
    tensor = chance.choice(tensors)
    with np.errstate(all='ignore'):
        values = np.frombuffer(tensor.raw_data, '<f4', len(tensor.raw_data) // 4) * np.float32(
            chance.choice((0, -1, 1e3, 1e30, np.nan, np.inf)))
    tensor.raw_data = values.tobytes()  # what the tensor says of its shape may be spoilt already


def _node(model, chance):
    node = chance.choice(model.graph.node)
    kind = chance.random()
    if kind < 0.3:
        node.op_type = chance.choice(OPERATORS)
    elif kind < 0.4:
        node.domain = chance.choice(('acme', 'com.microsoft', 'ai.onnx.ml'))
    elif kind < 0.7 and node.input:
        names = [value for other in model.graph.node for value in (*other.input, *other.output)]
        node.input[chance.randrange(len(node.input))] = chance.choice((*names, 'nothing', ''))
    elif kind < 0.8 and node.output:
        node.output[0] = chance.choice(model.graph.node).output[0]
    elif kind < 0.9 and node.attribute:
        attribute = chance.choice(node.attribute)
        attribute.i = chance.choice(NUMBERS)
        if attribute.ints:
            attribute.ints[chance.randrange(len(attribute.ints))] = chance.choice(NUMBERS)
    else:
        model.graph.node.append(node)


def _interface(model, chance):
    value = chance.choice((*model.graph.input, *model.graph.output))
    tensor = value.type.tensor_type
    kind = chance.random()
    if kind < 0.4 and tensor.shape.dim:
        chance.choice(tensor.shape.dim).dim_value = chance.choice(NUMBERS)
    elif kind < 0.6:
        tensor.elem_type = chance.randrange(0, 25)
    elif kind < 0.8:
        value.name = chance.choice(('x', '', '\x1b[2J', value.name + '.'))
    else:
        model.graph.input.append(helper.make_tensor_value_info('more', TensorProto.FLOAT, [1]))


def _header(model, chance):
    if chance.random() < 0.5:
        model.opset_import[0].version = chance.choice((0, 1, 7, 99, -1))
    else:
        model.ir_version = chance.choice((0, 1, 3, 99))


def _endless(model, chance):
    """Hang a loop of very many steps on an output."""
    out = model.graph.output[0].name
    body = helper.make_graph(
        [helper.make_node('Identity', ['on'], ['still']),
         helper.make_node('Identity', ['v'], ['w'])], 'body',
        [helper.make_tensor_value_info('n', TensorProto.INT64, []),
         helper.make_tensor_value_info('on', TensorProto.BOOL, []),
         helper.make_tensor_value_info('v', TensorProto.FLOAT, None)],
        [helper.make_tensor_value_info('still', TensorProto.BOOL, []),
         helper.make_tensor_value_info('w', TensorProto.FLOAT, None)])
    for node in model.graph.node:
        for n, name in enumerate(node.output):
            if name == out:
                node.output[n] = 'before'
    model.graph.initializer.extend([
        numpy_helper.from_array(np.array(chance.choice((10, 2 ** 60))), 'times'),
        numpy_helper.from_array(np.array(True), 'true')])
    model.graph.node.append(helper.make_node('Loop', ['times', 'true', 'before'], [out],
                                             body=body))


def _huge(model, chance):
    """Add a tensor of terabytes to an output."""
    out = model.graph.output[0].name
    for node in model.graph.node:
        for n, name in enumerate(node.output):
            if name == out:
                node.output[n] = 'small'
    side = chance.choice((10, 10 ** 4, 10 ** 6, 2 ** 40))
    model.graph.initializer.append(numpy_helper.from_array(np.array([side, side]), 'sides'))
    model.graph.node.extend([helper.make_node('ConstantOfShape', ['sides'], ['huge']),
                             helper.make_node('ReduceSum', ['huge'], ['sum'], keepdims=0),
                             helper.make_node('Add', ['small', 'sum'], [out])])


WAYS = (_tensor, _weights, _node, _node, _interface, _header, _endless, _huge)
