"""Plausible observations suit every term; what was not tried is not told as fit."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.check import examine
from physai_ros.bundle.plausible import Plausible
from physai_ros.inference.model import TensorSpec
import pytest


class Still:
    """A model that fits a manifest and answers zeros."""

    def __init__(self, content):
        self.inputs = [TensorSpec(name, shape, dtype)
                       for name, (shape, dtype) in content.input_specs.items()]
        self.outputs = [TensorSpec(name, shapes[0], dtype)
                        for name, (shapes, dtype) in content.output_specs.items()]
        self.seen = []

    def run(self, inputs):
        self.seen.append(inputs['x'])
        return {spec.name: np.zeros(spec.shape, spec.dtype) for spec in self.outputs}


def answered(*terms, **parts):
    """Return the stage of the answers, and what the model was shown."""
    content = manifest(inputs={'x': list(terms)}, **parts)
    model = Still(content)
    *_, stage = examine(content, model, None, None)
    return stage, model.seen


JOINT = {'term': 'joint_position', 'joints': ['a']}


@pytest.mark.parametrize('terms', [
    [{'term': 'joy', 'axes': [0, 1023], 'buttons': [31]}],
    [{'term': 'joy', 'axes': [20]}, {'term': 'joy', 'axes': [3], 'buttons': [40]}],
    [{'term': 'joy', 'buttons': [0]}],
    [{'term': 'laser_scan', 'topic': 'scan', 'beams': 8, 'angles': [0, 6.28], 'far': 3}],
    [{'term': 'laser_scan', 'topic': 'scan', 'beams': 8, 'angles': [0, 4], 'far': 3},
     {'term': 'laser_scan', 'topic': 'scan', 'beams': 4096, 'angles': [-1, 1], 'far': 9}],
    [{'term': 'laser_scan', 'topic': 'scan', 'beams': 181, 'far': 3}],
    [{'term': 'laser_scan', 'topic': 'scan', 'beams': 181, 'far': 3},
     {'term': 'laser_scan', 'topic': 'scan', 'beams': 8, 'angles': [0, 6.28], 'far': 3}],
    [{**JOINT, 'history': {'steps': 300, 'start': 'wait'}}],
    [{**JOINT, 'history': {'steps': 3, 'stride': 1000, 'start': 'wait'}},
     {**JOINT, 'history': {'steps': 7, 'stride': 3, 'order': 'newest_first', 'start': 'wait'}}],
    [{**JOINT, 'align': 'interpolate', 'history': {'steps': 300, 'start': 'wait'}}],
])
def test_the_samples_suit_every_term(terms):
    stage, seen = answered(*terms)
    assert stage.tried and not stage.problems
    assert len(seen) == 3


def test_the_history_of_an_input():
    stage, seen = answered(JOINT, history={'x': {'steps': 1000, 'start': 'wait'}})
    assert stage.tried
    assert len(np.unique(seen[0])) == 1000


def test_every_sector_of_a_scan_sees_something():
    seen = answered({'term': 'laser_scan', 'topic': 'scan', 'beams': 4096, 'angles': [0, 6.28],
                     'far': 9.0})[1]
    assert seen[0].max() <= 5.0


def test_what_was_not_tried_is_not_told_as_fit(monkeypatch):
    monkeypatch.setattr(Plausible, '_joy', lambda *_: None)
    stage, seen = answered({'term': 'joy', 'axes': [0]})
    assert not stage.tried and not stage.problems and not seen
    assert stage.title.startswith('answers: not checked, as inputs.x[0] (joy from joy) has no')
