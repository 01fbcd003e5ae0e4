"""The manifest of docs/deploy.md with 30 whole observations, against those made by hand."""
import numpy as np
from test_deploy import example, Walk, walk

STEPS = 30
GAIT = [0, 3, 0.5, 0, 0, 0.5, 0.08 * 0.15, 0, 0, 0.25, 0.4, 0]


def by_hand(walked, k, last, before):
    """Return the observation of one tick as walk-these-ways computes it, 70 numbers."""
    gravity = [0.0, -np.sin(walked.tilt[k]), -np.cos(walked.tilt[k])]
    phases = k * 0.02 * 3.0 + np.array([0.5, 0, 0, 0.5])
    return np.concatenate([
        gravity, walked.command[k] * [2, 2, 0.25], GAIT, walked.q[k] - walked.q0,
        walked.dq[k] * 0.05, last, before, np.sin(2 * np.pi * phases)])


def test_thirty_observations_each_with_two_actions():
    manifest, walked = example('gaits'), Walk(STEPS + 5)
    assert manifest.input_specs['obs_history'] == ((1, 2100), 'float32')
    answers, single = [np.zeros(12), np.zeros(12)], []
    for k, observation, answer, chunk in walk(manifest, walked):
        single.append(by_hand(walked, k, answers[-1], answers[-2]))
        expected = [single[k - n] if k >= n else np.zeros(70) for n in range(STEPS - 1, -1, -1)]
        np.testing.assert_allclose(observation[0], np.concatenate(expected), atol=2e-6)
        scale = np.tile([0.125, 0.25, 0.25], 4)
        np.testing.assert_allclose(chunk.positions[0], walked.q0 + scale * answer, atol=1e-9)
        answers.append(answer.astype(np.float64))
