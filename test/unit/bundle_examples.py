"""A manifest, models and robots that the tests on bundles start from."""
import copy
import hashlib

from onnx import helper, TensorProto
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import validate
import yaml

JOINTS = ['shoulder', 'elbow', 'on']

MANIFEST = {
    'format': 'physai/1',
    'name': 'example',
    'version': '1.0.0',
    'robot': 'tester',
    'rate_hz': 20,
    'model': {'file': 'model.onnx', 'sha256': 'a' * 64},
    'inputs': {
        'observation.state': [
            {'term': 'joint_position', 'joints': JOINTS},
            {'term': 'object_pose', 'class_id': 'workpiece', 'frame': 'base_link'},
        ],
        'observation.images.head': [
            {'term': 'image', 'topic': 'head_camera/image_raw', 'size': [2, 4]},
        ],
    },
    'outputs': {'action': {'kind': 'joint_position', 'joints': JOINTS, 'chunk': 10}},
    'timing': {'max_age_s': {'joint_position': 0.1}, 'deadline_s': 0.15},
}


def changed(**parts):
    """Return the example with top-level parts replaced."""
    return {**copy.deepcopy(MANIFEST), **parts}


def manifest(**parts):
    """Return the example, with top-level parts replaced, as a Manifest."""
    return validate(Manifest, changed(**parts), Manifest.FILE)


def text(content):
    """Return a manifest as YAML without aliases."""
    class Dumper(yaml.SafeDumper):

        def ignore_aliases(self, data):
            return True

    return yaml.dump(content, Dumper=Dumper, sort_keys=False)


def onnx_model(nodes, inputs, outputs, initializers=()):
    """
    Return the bytes of an ONNX model of float32 tensors.

    :param inputs: shape by name; ``outputs`` likewise
    """
    def infos(shapes):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
                for name, shape in shapes.items()]

    graph = helper.make_graph(nodes, 'test', infos(inputs), infos(outputs), list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 17)])
    model.ir_version = 9
    return model.SerializeToString()


def identity_onnx(width, source='state', target='action'):
    """Return a model that answers its input (1, width)."""
    return onnx_model([helper.make_node('Identity', [source], [target])],
                      {source: [1, width]}, {target: [1, width]})


def write_files(folder, content, model):
    """Write a bundle without any check; ``model.sha256`` is made to fit."""
    folder.mkdir(parents=True, exist_ok=True)
    content = copy.deepcopy(content)
    content['model']['sha256'] = hashlib.sha256(model).hexdigest()
    (folder / 'model.onnx').write_bytes(model)
    (folder / 'policy.yaml').write_text(text(content))
    return folder
