"""The manifest of docs/deploy.md with several cameras in one input, against numbers by hand."""
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import Image, JointState
from test_deploy import example, EXAMPLES, model_for

S = 1_000_000_000
CAMERAS = ('cam_high', 'cam_low', 'cam_left_wrist', 'cam_right_wrist')
CLOSED, OPEN = 0.01844, 0.058
FINGERS = [6, 13]


def small():
    """Return the example with pictures of 6 x 8 pixels, which are quicker to look at."""
    inputs = EXAMPLES['insert']['inputs']
    return example('insert', inputs={
        **inputs, 'image': [{**term, 'size': [6, 8]} for term in inputs['image']]})


def test_four_cameras_and_a_chunk_of_two_arms():
    assert example('insert').input_specs['image'] == ((1, 4, 3, 480, 640), 'float32')
    manifest, rng = small(), np.random.default_rng(5)
    model, weights = model_for(manifest, 'qpos')
    joints = [joint for _, part in manifest.parts() for joint in part.joints]
    position = rng.normal(0, 0.5, 14)
    position[FINGERS] = 0.03, 0.05
    pictures = rng.integers(0, 256, (4, 6, 8, 3), dtype=np.uint8)
    assembler, order = Assembler(manifest), rng.permutation(14)
    assembler.feed('joint_states', JointState(S, tuple(joints[n] for n in order),
                                              position[order]))
    for camera, pixels in reversed(list(zip(CAMERAS, pictures))):
        assembler.feed(f'{camera}/image_raw', Image(S, camera, pixels))
    observation = assembler.assemble(S)
    np.testing.assert_allclose(observation.inputs['image'][0],
                               pictures.transpose(0, 3, 1, 2) / 255.0, atol=1e-6)
    statistics = EXAMPLES['insert']['outputs']['actions']['normalise']
    mean, std = np.array(statistics['mean']), np.array(statistics['std'])
    qpos = position.copy()
    qpos[FINGERS] = (position[FINGERS] - CLOSED) / (OPEN - CLOSED)
    qpos = (qpos - mean) / std
    np.testing.assert_allclose(observation.inputs['qpos'][0], qpos, atol=1e-4)
    chunk, = Decoder(manifest).decode(model.run(observation.inputs), S)
    assert chunk.names == tuple(joints)
    expected = (qpos @ weights).reshape(100, 14) * std + mean
    expected[:, FINGERS] = CLOSED + (OPEN - CLOSED) * np.clip(expected[:, FINGERS], 0, 1)
    np.testing.assert_allclose(chunk.positions, expected, atol=1e-4)
