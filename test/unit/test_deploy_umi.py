"""The manifest of docs/deploy.md with poses relative to the present one, against UMI's own way."""
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.rotations import matrix
from physai_ros.core.types import Image, JointState
from test_deploy import example, model_for

S, MS = 1_000_000_000, 1_000_000
POSITION, ROTATION = 'robot0_eef_pos', 'robot0_eef_rot_axis_angle'


def tool_at(stamp_ns):
    """Return the pose of a tool that moves and turns about all axes."""
    t = stamp_ns / S
    pose = np.eye(4)
    pose[:3, :3] = matrix([np.cos(t), 0.5 * np.sin(t), 0.3, 0.1 * t])
    pose[:3, 3] = 0.1 * t, 0.2 + 0.3 * np.sin(t), 0.5 - 0.05 * t
    return pose


class Moving:
    """TF with that tool."""

    def lookup(self, target, source, stamp_ns):
        assert (target, source) == ('base_link', 'tool0')
        return tool_at(stamp_ns)


def by_hand(moments, origin):
    """Return position (T, 3) and the first two rows of the rotation (T, 6), as UMI does."""
    poses = [np.linalg.inv(tool_at(origin)) @ tool_at(moment) for moment in moments]
    return np.array([pose[:3, 3] for pose in poses]), \
        np.array([pose[:2, :3].reshape(6) for pose in poses])


def feed(assembler, joints, now):
    assembler.feed('joint_states', JointState(now, joints, np.full(len(joints), 0.02)))
    assembler.feed('wrist_camera/image_raw', Image(now, 'w', np.zeros((8, 12, 3), np.uint8)))


def test_where_the_tool_was_and_where_it_is_to_be():
    manifest = example('cups')
    assert {name: shape for name, (shape, _) in manifest.input_specs.items()} == {
        'camera0_rgb': (1, 2, 3, 224, 224), POSITION: (1, 2, 3), ROTATION: (1, 2, 6),
        f'{ROTATION}_wrt_start': (1, 2, 6), 'robot0_gripper_width': (1, 2, 1)}
    model, weights = model_for(manifest, ROTATION)
    joints = tuple(joint for _, part in manifest.parts() for joint in part.joints)
    assembler, moves = Assembler(manifest, transforms=Moving()), []

    def solver(output, wanted, reference):
        moves.append((output.axes, wanted))
        return np.repeat(reference[np.newaxis], len(wanted), axis=0)

    for now in (S, S + 250 * MS):
        feed(assembler, joints, now - 50 * MS)
        feed(assembler, joints, now)
        observation = assembler.assemble(now)
        moments = [now - 50 * MS, now]
        position, rotation = by_hand(moments, now)
        np.testing.assert_allclose(observation.inputs[POSITION][0], position, atol=1e-6)
        np.testing.assert_allclose(observation.inputs[ROTATION][0], rotation, atol=1e-6)
        np.testing.assert_allclose(observation.inputs[f'{ROTATION}_wrt_start'][0],
                                   by_hand(moments, S)[1], atol=1e-6)
        np.testing.assert_allclose(observation.inputs['robot0_gripper_width'], 0.04, atol=1e-6)
    np.testing.assert_allclose(position[1], 0, atol=1e-9)
    chunk, = Decoder(manifest, solver).decode(model.run(observation.inputs), now,
                                              observation.references)
    answer = (rotation.reshape(-1) @ weights).reshape(16, 10)
    (axes, wanted), = moves
    assert axes == 'frame' and chunk.names == joints
    np.testing.assert_allclose(wanted[:, :3], answer[:, :3], atol=1e-6)
    np.testing.assert_allclose(chunk.positions[:, 6], answer[:, 9] / 2, atol=1e-6)
