"""The documentation of bundles: its example is valid, and no key is left out."""
from pathlib import Path
import re

from physai_ros.bundle.detector import DetectorClass, DetectorInput, DetectorManifest
from physai_ros.bundle.manifest import Manifest, parse_manifest, Timing
from physai_ros.bundle.outputs import OUTPUTS
from physai_ros.bundle.schema import ModelFile
from physai_ros.bundle.terms import TERMS
import pytest

TEXT = (Path(__file__).resolve().parents[2] / 'docs' / 'bundle.md').read_text()


def test_the_example_is_valid():
    example, = re.findall(r'```yaml\n(.*?)```', TEXT, re.DOTALL)
    assert parse_manifest(example).input_shape('observation.state') == (1, 7)


@pytest.mark.parametrize(
    'schema', [Manifest, ModelFile, Timing, *TERMS, *OUTPUTS, DetectorManifest, DetectorInput,
               DetectorClass], ids=lambda schema: schema.__name__)
def test_every_key_is_described(schema):
    for name in schema.model_fields:
        assert re.search(rf'[`.]{name}[`:.]', TEXT), name


@pytest.mark.parametrize('term', TERMS, ids=lambda term: term.__name__)
def test_the_row_of_a_term(term):
    name = term.model_fields['term'].default
    row, = re.findall(rf'^\| `{name}` \|.*$', TEXT.partition('## Terms')[2].partition('## Out')[0],
                      re.MULTILINE)
    assert f'{term.default_max_age_s:g} s |' in row
    own = set(term.model_fields) - {'term', 'max_age_s', 'offset', 'scale'}
    assert all(f'`{key}`' in row for key in own)
