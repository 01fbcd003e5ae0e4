"""What docs/deploy.md says beside its manifests."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import Motion
import pytest

S = 1_000_000_000


def test_a_clock_that_is_zero_while_it_stands():
    clock = {'term': 'commanded_gait_clock', 'topic': 'c', 'frequency_hz': 1.5, 'least': 0.01}
    assembler = Assembler(manifest(inputs={'x': [
        {**clock, 'form': 'cos', 'standing': 0.25}, {**clock, 'form': 'sin', 'standing': 0.0}]}))
    for k, vx in enumerate((0.0, 0.0, 0.5, 0.5)):
        now = S + k * S // 10
        assembler.feed('c', Motion(now, 'base', np.array([vx, 0, 0]), np.zeros(3)))
        angle = 2 * np.pi * 1.5 * k * 0.1
        expected = [np.cos(angle), np.sin(angle)] if vx else [0, 0]
        np.testing.assert_allclose(assembler.assemble(now).inputs['x'][0], expected, atol=1e-6)


@pytest.mark.parametrize('fractions, opened', [
    ([0.4999, 0.5001], [0, 0, 1, 1]), ([0.5001, 0.4999], [1, 1, 0, 0])])
def test_a_gripper_that_is_open_or_closed(fractions, opened):
    output = {'kind': 'gripper', 'joints': ['g'], 'closed': 0.01, 'open': 0.04, 'chunk': 4,
              'fractions': fractions}
    decoder = Decoder(manifest(outputs={'u': output}, timing={'deadline_s': 0.1}))
    chunk, = decoder.decode({'u': np.float32([[[-1], [0.49], [0.51], [1]]])}, 0)
    np.testing.assert_allclose(chunk.positions[:, 0], 0.01 + 0.03 * np.array(opened))
