"""Episodes of the fuzz that found a defect."""
from pathlib import Path
import sys

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fuzz_guard import episode  # noqa: E402, I100


@pytest.mark.parametrize('number', [95, 108, 557, 959, 2477, 3135, 4627])
def test_it_has_no_violation_any_more(number):
    found = episode(number)
    assert found['violations'] == 0, found['problem']
    assert found['published'] > 100
