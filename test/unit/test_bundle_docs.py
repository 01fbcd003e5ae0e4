"""The documentation of bundles: its example is valid, and no key is left out."""
import json
from pathlib import Path
import re

from physai_ros.bundle.detector import DetectorClass, DetectorInput, DetectorManifest
from physai_ros.bundle.manifest import Manifest, parse_manifest, Timing
from physai_ros.bundle.outputs import OUTPUTS, UnusedOutput
from physai_ros.bundle.reference import files
from physai_ros.bundle.schema import ModelFile
from physai_ros.bundle.terms import TERMS
from physai_ros.cli.main import main
import pytest

DOCS = Path(__file__).resolve().parents[2] / 'docs'
OVERVIEW = (DOCS / 'bundle.md').read_text()
TEXT = OVERVIEW + (DOCS / 'terms.md').read_text()


def test_the_example_is_valid():
    example, *_ = re.findall(r'```yaml\n(.*?)```', OVERVIEW, re.DOTALL)
    assert parse_manifest(example).input_shape('observation.state') == (1, 7)


@pytest.mark.parametrize('name, text', files().items(), ids=list(files()))
def test_generated_files_are_current(name, text):
    assert (DOCS / name).read_text() == text, 'run: physai schema --docs docs'


@pytest.mark.parametrize(
    'schema', [Manifest, ModelFile, Timing, *TERMS, *OUTPUTS, UnusedOutput, DetectorManifest,
               DetectorInput, DetectorClass], ids=lambda schema: schema.__name__)
def test_every_key_is_described(schema):
    for name in schema.model_fields:
        assert re.search(rf'[`.]{name}[`:.]', TEXT), name


@pytest.mark.parametrize('term', TERMS, ids=lambda term: term.__name__)
def test_the_row_of_a_term(term):
    name, age = term.model_fields['term'].default, term.default_max_age_s
    table = OVERVIEW.partition('## Terms')[2].partition('### Operations')[0]
    row, = re.findall(rf'^\| `{name}` \|.*$', table, re.MULTILINE)
    assert row.endswith(f'| {age:g} s |' if age else '| |')


@pytest.mark.parametrize('output', (*OUTPUTS, UnusedOutput), ids=lambda output: output.__name__)
def test_the_row_of_an_output(output):
    assert f"| `{output.model_fields['kind'].default}` |" in OVERVIEW.partition('## Outputs')[2]


def test_the_schema_knows_every_key_and_term():
    schema = json.loads((DOCS / 'policy.schema.json').read_text())
    assert schema['required'] == ['format', 'name', 'version', 'robot', 'rate_hz', 'model',
                                  'inputs', 'outputs', 'timing']
    for term in TERMS:
        assert term.__name__ in schema['$defs']


def test_the_command_prints_and_writes(capsys, tmp_path):
    assert main(['schema']) == 0
    assert capsys.readouterr().out == (DOCS / 'policy.schema.json').read_text()
    assert main(['schema', '--docs', str(tmp_path)]) == 0
    assert {file.name for file in tmp_path.iterdir()} == set(files())
    assert main(['schema', '--docs', str(tmp_path / 'none')]) == 1
    assert 'a folder' in capsys.readouterr().err
