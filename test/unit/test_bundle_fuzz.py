"""A small sample of ``test/fuzz_bundles.py``, which has the whole proof."""
from pathlib import Path
import sys

import pytest

pytest.importorskip('model_signing')
pytest.importorskip('onnx')
sys.path.append(str(Path(__file__).resolve().parents[1]))

import fuzz_bundles  # noqa: E402, I100


@pytest.mark.parametrize('fuzz, count, refused', [
    (fuzz_bundles.fuzz_manifests, 150, 0.6), (fuzz_bundles.fuzz_signed, 150, 0.9),
    (fuzz_bundles.fuzz_models, 4, 0.25)])
def test_a_sample(tmp_path, fuzz, count, refused):
    tally = fuzz(count, 0, tmp_path)
    assert not tally.wrong
    assert tally.worst_cpu_s < fuzz_bundles.LIMIT_S
    assert refused * count <= count - tally.outcomes['accepted'] - tally.outcomes['unchanged']


def test_what_is_ignored_would_be_found():
    assert fuzz_bundles.covers({'a': 1, 'b': [1, 2]}, {'a': 1.0, 'b': (1, 2)})
    for value, meant in (({'a': 1, 'b': 2}, {'a': 1}), ({'a': 1}, {'a': True}), ([1], [1, 2]),
                         ('1', 1)):
        assert not fuzz_bundles.covers(value, meant)
    assert fuzz_bundles.agree({'a': ['1', 'on', '1e-3']}, {'a': [1, 'on', 0.001]})
    assert not fuzz_bundles.agree({'a': 'on'}, {'a': True})
