"""Figures, their bounds, the command, and the cheap measurements for real."""
import importlib
import json

import numpy as np
from physai_ros.bench import delays, FIGURES, guard_tick, models, overhead
from physai_ros.bench.figure import Figure, summary
from physai_ros.bench.table import markdown, write_markdown
from physai_ros.bundle.action import Decoder
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.observation import Assembler
from physai_ros.bundle.write import write_bundle
from physai_ros.cli.main import main
from physai_ros.core.types import JointState
from physai_ros.inference.loading import Loaded
from physai_ros.inference.onnx import OnnxModel
import pytest


def test_a_summary_compares_with_its_floor():
    figure = summary('x', 'ms', [1.0, 2.0, 3.0], [1.0, 1.0, 1.0], {'ratio_p50': 1.9}, parts=3)
    assert (figure.p50, figure.floor_p50, figure.ratio_p50, figure.count) == (2.0, 1.0, 2.0, 3)
    assert figure.missed == {'ratio_p50': 'at most 1.9'}
    assert figure.as_dict()['more'] == {'parts': 3} and not figure.as_dict()['ok']


def test_a_bound_on_the_tail_is_a_bound_on_the_worst_in_a_thousand():
    samples = [1.0] * 997 + [50.0] * 3
    assert summary('x', 'ms', samples, at_most={'p99': 40.0}).missed == {}
    assert summary('x', 'ms', samples, at_most={'p999': 40.0}).missed == {'p999': 'at most 40'}


@pytest.mark.parametrize('figure, missed', [
    (Figure('x', 's', 1.0, at_most={'p50': 1.0}), {}),
    (Figure('x', 's', 1.1, at_most={'p50': 1.0}), {'p50': 'at most 1'}),
    (Figure('x', 's', float('nan'), at_most={'p50': 1.0}), {'p50': 'at most 1'}),
    (Figure('x', 's', 1.0, at_least={'ratio_p50': 2.0}), {'ratio_p50': 'at least 2'}),
    (Figure('x', 's', 1.0, ratio_p50=2.0, at_least={'ratio_p50': 2.0}), {})])
def test_bounds(figure, missed):
    assert figure.missed == missed


def test_the_table_tells_bounds_and_whether_they_are_kept():
    text = markdown({'cpu': 'slow'}, [Figure('x', 's', 1.1, at_most={'p50': 1.0})])
    assert text.splitlines()[0] == 'cpu slow' and '| p50 ≤ 1 | no |' in text


def test_a_page_gets_the_table_under_its_heading(tmp_path):
    page = tmp_path / 'page.md'
    page.write_text('# Page\n\n## Measured\n\nold\n')
    write_markdown(page, {'cpu': 'slow'}, [Figure('x', 's', 1.1)])
    text = page.read_text()
    assert text.startswith('# Page\n\n## Measured\n\ncpu slow\n') and 'old' not in text
    write_markdown(tmp_path / 'new.md', {'cpu': 'slow'}, [])
    assert (tmp_path / 'new.md').read_text().startswith('cpu slow\n')


def test_the_floor_of_the_overhead_does_the_same_work(tmp_path):
    write_bundle(tmp_path / 'mlp', overhead.MLP, models.mlp(48, 24, 10), '# mlp')
    loaded = load_bundle(tmp_path / 'mlp')
    loaded = Loaded(loaded, OnnxModel(loaded.model_bytes))
    names = overhead.JOINTS[::-1]
    state = JointState(1, names, np.arange(24.0), np.arange(24.0) / 7)
    assembler, decoder = Assembler(loaded.manifest), Decoder(loaded.manifest)
    assembler.feed('joint_states', state)
    expected, = decoder.decode(loaded.model.run(assembler.assemble(1).inputs), 1)
    least = overhead.by_hand(loaded)
    found = least.chunk(state)
    with pytest.raises(ValueError):
        least.chunk(JointState(2, names, np.full(24, np.nan), np.zeros(24)))
    least.close()
    np.testing.assert_array_equal(found.positions, expected.positions)
    assert (found.names, found.dt_ns) == (expected.names, expected.dt_ns)


def test_every_figure_has_a_module_that_measures():
    for name in FIGURES:
        assert callable(importlib.import_module(f'physai_ros.bench.{name}').measure), name


def test_the_command_writes_and_checks(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(delays, 'measure', lambda quick: [Figure('d', 's', 2.0, at_most={
        'p50': 1.0 + quick})])
    out = tmp_path / 'out.json'
    assert main(['bench', '--only', 'delays', '--json', str(out)]) == 0
    assert main(['bench', '--only', 'delays', '--check']) == 1
    assert main(['bench', '--only', 'delays', '--check', '--quick']) == 0
    written = json.loads(out.read_text())
    assert written['figures'][0]['name'] == 'd' and written['machine']['cores'] >= 1
    assert main(['bench', '--only', 'speed']) == 1
    assert "--only is 'speed'" in capsys.readouterr().err


def test_the_guard_is_timed_while_it_moves_a_robot():
    smooth, rough = guard_tick.measure(quick=True)
    for figure in (smooth, rough):
        assert figure.more['state'] == 'engaged' and figure.p50 > 1.0
    assert [figure.name for figure in (smooth, rough)] == ['guard_tick', 'guard_tick.rough']
