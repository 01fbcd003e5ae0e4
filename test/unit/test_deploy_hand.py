"""The manifest of docs/deploy.md for a hand, against its observations made by hand."""
import numpy as np
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.observation import Assembler
from physai_ros.core.types import JointState
from test_deploy import example, EXAMPLES, model_for

S, STEPS = 1_000_000_000, 40
LOW, HIGH = (np.array(bound) for bound in EXAMPLES['rotate']['outputs']['mu']['within'])


def test_positions_and_targets_of_thirty_moments():
    manifest = example('rotate')
    assert manifest.input_specs == {'obs': ((1, 96), 'float32'),
                                    'proprio_hist': ((1, 30, 32), 'float32')}
    model, _ = model_for(manifest, 'obs')
    assembler, decoder = Assembler(manifest), Decoder(manifest)
    random = np.random.default_rng(2)
    names, target, history, moved = manifest.outputs['mu'].joints, None, [], 0
    for k in range(STEPS):
        now, q = S + k * S // 20, random.uniform(LOW, HIGH)
        assembler.feed('joint_states', JointState(now, names[::-1], q[::-1]))
        observation = assembler.assemble(now)
        target = q if target is None else target
        moment = np.concatenate([2 * (q - LOW) / (HIGH - LOW) - 1, target])
        history = (history or [moment] * 30)[1:] + [moment]
        np.testing.assert_allclose(observation.inputs['obs'][0], np.concatenate(history[-3:]),
                                   atol=2e-6)
        np.testing.assert_allclose(observation.inputs['proprio_hist'][0], history, atol=2e-6)
        outputs = model.run(observation.inputs)
        decision = decoder.decide(outputs, now, observation.references)
        decoder.settle(decision)
        assembler.remember(outputs, now, decision.wanted)
        steps = np.clip(outputs['mu'].reshape(-1).astype(float), -1, 1) * 0.041667
        moved += np.count_nonzero(steps)
        target = np.clip(target + steps, LOW, HIGH)
        np.testing.assert_allclose(decision.chunks[0].positions[0], target, atol=1e-9)
    assert moved == 16 * STEPS
