"""Preflight: the terms of an input against the names of observations in the model's metadata."""
from bundle_examples import identity_onnx, manifest
import onnx
from physai_ros.bundle.check import preflight
from physai_ros.bundle.check_observations import check_observations
from physai_ros.bundle.problems import InvalidBundleError, Where
from physai_ros.inference.onnx import OnnxModel
import pytest

LEGS = ['a', 'b', 'c']
TERMS = {
    'base_ang_vel': {'term': 'angular_velocity'},
    'projected_gravity': {'term': 'projected_gravity'},
    'joint_pos': {'term': 'joint_position', 'joints': LEGS},
    'joint_vel': {'term': 'joint_velocity', 'joints': LEGS},
    'actions': {'term': 'previous_action', 'output': 'u', 'size': 3}}
NAMES = ','.join(TERMS)


def problems(*names, said=None, terms=None, **parts):
    content = manifest(inputs={'obs': terms or [TERMS[name] for name in names]},
                       outputs={'u': {'kind': 'joint_position', 'joints': LEGS}},
                       timing={'deadline_s': 0.05}, **parts)
    return [str(problem) for problem in check_observations(
        content, {'observation_names': NAMES} if said is None else said,
        Where('policy.yaml', {}))]


def test_terms_that_have_the_order_of_the_training():
    assert not problems(*TERMS)
    assert not problems('base_ang_vel', 'joint_vel', 'actions')     # the others are elsewhere
    assert not problems(*reversed(TERMS), said={})
    assert not problems(*TERMS, said={'observation_names': str(list(TERMS))})


@pytest.mark.parametrize('names, place, thing, first', [
    (('projected_gravity', 'base_ang_vel', 'joint_pos', 'joint_vel', 'actions'), 0,
     'projected_gravity', 'obs[1] (angular_velocity)'),
    (('base_ang_vel', 'projected_gravity', 'joint_vel', 'joint_pos', 'actions'), 2,
     'joint_velocity', 'obs[3] (joint_position)'),
    (('actions', 'base_ang_vel', 'projected_gravity', 'joint_pos', 'joint_vel'), 0,
     'previous_action', 'obs[4] (joint_velocity)')])
def test_terms_in_another_order(names, place, thing, first):
    found, = problems(*names)
    assert f'inputs.obs[{place}]' in found and repr(thing) in found
    assert f'behind policy.yaml: inputs.{first}, as' in found
    assert f'in the order of {", ".join(TERMS)}' in found


def test_terms_that_may_be_meant_are_left_out():
    halves = [{**TERMS['joint_pos'], 'joints': part} for part in (['a'], ['b', 'c'])]
    assert not problems(terms=[TERMS['base_ang_vel'], *halves, TERMS['joint_vel']])
    apart = [halves[0], TERMS['base_ang_vel'], halves[1]]
    assert not problems(terms=apart)
    target = {'term': 'previous_target', 'joints': LEGS}
    assert not problems(terms=[target, TERMS['base_ang_vel'], TERMS['joint_pos']])
    assert len(problems(terms=[*halves, TERMS['base_ang_vel']])) == 1


HISTORIES = {'observation_history_lengths': '5,5,5'}


def test_histories_of_isaac_lab():
    alone = [{**term, 'history': {'steps': 5}} for term in TERMS.values()]
    assert not problems(terms=alone, said=HISTORIES)
    assert not problems(*TERMS, said=HISTORIES, history={'obs': {'steps': 5, 'stack': 'axis'}})
    assert not problems(*TERMS, said={'observation_history_lengths': '1,1'},
                        history={'obs': {'steps': 5}})
    found, = problems(*TERMS, said=HISTORIES, history={'obs': {'steps': 5}})
    assert 'a history of each term alone' in found
    assert 'Give each term history: {steps: 5}' in found
    found, = problems(said=HISTORIES, terms=[
        *alone[:4], {**alone[4], 'history': {'steps': 5, 'order': 'newest_first'}}])
    assert "inputs.obs[4].history.order is 'newest_first'; expected 'oldest_first'" in found


def test_the_anchor_of_a_motion():
    said = {'body_names': 'pelvis,torso_link,hand', 'anchor_body_name': 'torso_link'}
    term = {'term': 'model_orientation', 'output': 'body_quat_w', 'size': 12}
    assert not problems(terms=[{**term, 'body': 1}], said=said)
    assert not problems(terms=[{**term, 'size': 8}], said=said)             # of other bodies
    assert not problems(terms=[term], said={**said, 'anchor_body_name': 'head'})
    found, = problems(terms=[term], said=said)
    assert 'obs[0].body is 0; expected 1, as' in found and '0 is pelvis' in found


def test_preflight_reads_the_metadata():
    model = onnx.load_from_string(identity_onnx(3, 'obs', 'u'))
    entry = model.metadata_props.add()
    entry.key, entry.value = 'observation_names', 'base_ang_vel,joint_vel'
    content = {'inputs': {'obs': [{**TERMS['joint_vel'], 'joints': ['a', 'b']},
                                  {'term': 'angular_velocity', 'take': [2]}]},
               'outputs': {'u': {'kind': 'joint_position', 'joints': LEGS}},
               'timing': {'deadline_s': 0.05}}
    with pytest.raises(InvalidBundleError, match='observation_names'):
        preflight(manifest(**content), OnnxModel(model.SerializeToString()))
    content['inputs']['obs'].reverse()
    preflight(manifest(**content), OnnxModel(model.SerializeToString()))
