"""The manifests of docs/deploy.md that drive, and the one of Push-T, against their own ways."""
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import Image, JointState, Odometry, Pose, Scan
from test_deploy import example, model_for, MS, S

UPRIGHT, STILL = np.array([1.0, 0.0, 0.0, 0.0]), np.zeros(3)
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


class Away:
    """TF: the base stands at (1, 0) of odom; the tool moves in x and y of the base."""

    def lookup(self, target, source, stamp_ns):
        pose = np.eye(4)
        if source == 'odom':
            pose[0, 3] = -1.0
        else:
            pose[:3, 3] = 0.1 * stamp_ns / S, -0.2, 0.02
        return pose


def test_aisle():
    manifest, rng = example('aisle'), np.random.default_rng(1)
    model, weights = model_for(manifest, 'state')
    assembler, decoder = Assembler(manifest, transforms=Away()), Decoder(manifest)
    scans, speed, last = rng.uniform(2.0, 5.0, (5, 720)), np.array([0.4, 0.0, 9.0]), np.zeros(2)
    step = np.pi / 720
    for k, ranges in enumerate(scans):
        now = 10 * S + k * 100 * MS
        assembler.feed('scan', Scan(now, 'laser', (step - np.pi) / 2, step, 0.05, 4.0, ranges))
        assembler.feed('goal', Pose(now, 'odom', np.array([3.0, 2.0, 0.0]), UPRIGHT))
        assembler.feed('odom', Odometry(now, STILL, UPRIGHT, speed,
                                        np.array([9.0, 9.0, 0.3 * k])))
        observation = assembler.assemble(now)
        outputs = model.run(observation.inputs)
        chunk = decoder.decode(outputs, now)[0]
        assembler.remember(outputs, now)
        state = [np.sqrt(8), np.pi / 4, 0.4, 0.3 * k, *last]
        np.testing.assert_allclose(observation.inputs['state'][0], state, atol=1e-6)
        last = (np.array(state) @ weights).clip(-1, 1)
        np.testing.assert_allclose(chunk.twists[0], [0.3 + 0.3 * last[0], 0, 0.9 * last[1]],
                                   atol=1e-5)
    sectors = scans[2:].reshape(3, 36, 20).min(axis=2).clip(max=3.5)
    np.testing.assert_allclose(observation.inputs['scans'][0], sectors / 1.75 - 1, atol=1e-6)


def pixels(picture):
    """Return a picture as NoMaD's deployment makes it, (3, height, width)."""
    return ((picture / 255.0 - MEAN) / STD).transpose(2, 0, 1)


def test_corridor():
    manifest, rng = example('corridor'), np.random.default_rng(2)
    model, weights = model_for(manifest, 'goal_img')
    assembler, decoder = Assembler(manifest), Decoder(manifest)
    pictures = rng.integers(0, 256, (6, 96, 96, 3)).astype(np.uint8)
    for k, picture in enumerate(pictures[1:]):
        now = 10 * S + k * 250 * MS
        assembler.feed('head_camera/image_raw', Image(now, 'camera', picture))
        assembler.feed('goal/image_raw', Image(now, 'camera', pictures[0]))
        observation = assembler.assemble(now)
    assert observation.inputs['obs_img'].shape == (1, 12, 96, 96)
    np.testing.assert_allclose(observation.inputs['obs_img'][0],
                               np.concatenate([pixels(p) for p in pictures[2:]]), atol=1e-5)
    np.testing.assert_allclose(observation.inputs['goal_img'][0], pixels(pictures[0]), atol=1e-5)
    outputs = model.run(observation.inputs)
    chunk, = decoder.decode(outputs, now)
    answer = (pixels(pictures[0]).reshape(-1) @ weights).reshape(8, 2)
    low, high = np.array([-0.125, -0.2]), np.array([0.25, 0.2])
    point = np.cumsum((answer + 1) / 2 * (high - low) + low, axis=0)[2]
    bearing = np.arctan2(point[1], point[0])
    np.testing.assert_allclose(chunk.twists, [[np.clip(point[0] / 0.25, 0, 0.2), 0, np.clip(
        bearing / 0.25, -0.4, 0.4)]] * 8, atol=1e-4)


def test_push_t():
    manifest = example('push_t')
    model, weights = model_for(manifest, 'robot_eef_pose')
    assembler, moves = Assembler(manifest, transforms=Away()), []

    def solver(output, wanted, reference):
        moves.append((output.absolute, wanted))
        return np.repeat(reference[np.newaxis], len(wanted), axis=0)

    place, = (place for place, _ in manifest.parts())
    picture = np.zeros((240, 320, 3), np.uint8)
    for now in (10 * S, 10 * S + 100 * MS):
        for side in ('left', 'right'):
            assembler.feed(f'{side}_camera/image_raw', Image(now, 'camera', picture))
        assembler.feed('joint_states', joints_at(manifest, now))
        observation = assembler.assemble(now)
    tool = np.array([[1.0, -0.2], [1.01, -0.2]])
    np.testing.assert_allclose(observation.inputs['robot_eef_pose'][0], tool, atol=1e-6)
    chunk, = Decoder(manifest, solver).decode(model.run(observation.inputs), now,
                                              observation.references)
    (absolute, wanted), = moves
    assert absolute and chunk.positions.shape == (8, 6) and place in observation.references
    np.testing.assert_allclose(wanted[:, :2], (tool.reshape(-1) @ weights).reshape(8, 2),
                               atol=1e-6)
    np.testing.assert_allclose(wanted[:, 2:], [[0.02, 3.14159, 0, 0]] * 8)


def joints_at(manifest, now):
    names = manifest.outputs['action'].joints
    return JointState(now, names, np.full(len(names), 0.1))
