"""Noise: of the right shape and size, new at each moment, the same again at the same one."""
from bundle_examples import manifest
import numpy as np
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.terms import Noise
from pydantic import ValidationError
import pytest

NOISE = {'term': 'noise', 'dimensions': [50, 32], 'std': 2.0}


def test_it_is_new_at_each_moment_and_can_be_had_again():
    content = manifest(inputs={'noise': [NOISE]})
    assembler = Assembler(content)
    first, second, again = (assembler.assemble(t).inputs['noise'] for t in (1, 2, 1))
    assert content.input_shape('noise') == first.shape == (1, 50, 32)
    assert first.dtype == np.float32 and np.array_equal(first, again)
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.1
    assert abs(first.mean()) < 0.2 and abs(first.std() - 2.0) < 0.2


@pytest.mark.parametrize('change', [{'std': -1}, {'dimensions': [10 ** 7, 2]}, {'dtype': 'int64'}])
def test_what_is_no_noise(change):
    with pytest.raises(ValidationError):
        Noise(**{**NOISE, **change})
