"""The command line: quick help, clear errors, a table that tells what matters."""
import io
import subprocess
import sys

from physai_ros.bringup import Graph, NodeSpec
from physai_ros.cli import main, table
from physai_ros.cli.table import ERROR, node_row, OK, Status, WARN
from physai_ros.cli.up import require_alone
from physai_ros.core.errors import ConfigError
import pytest
from rich.console import Console


def test_help_lists_the_commands_and_imports_none_of_them():
    code = ('import sys; from physai_ros.cli.main import main\n'
            'try: main(["--help"])\n'
            'except SystemExit: print([m for m in sys.modules if m in ("numpy", "pydantic")])')
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert all(name in out.stdout for name in main.COMMANDS)
    assert out.stdout.endswith('[]\n')


@pytest.mark.parametrize('argv', [[], ['fly'], ['up', '--use-sim', 'maybe']])
def test_a_wrong_usage_has_exit_code_2(argv, capsys):
    with pytest.raises(SystemExit) as caught:
        main.main(argv)
    assert caught.value.code == 2
    assert 'usage: physai' in capsys.readouterr().err


@pytest.mark.parametrize('error, code', [
    (ConfigError('seed', 'x', 'a number'), 1), (KeyboardInterrupt(), 0)])
def test_how_up_ends_early(monkeypatch, capsys, error, code):
    from physai_ros.cli import up

    def run(arguments):
        raise error
    monkeypatch.setattr(up, 'run', run)
    assert main.main(['up']) == code
    told = "physai up: error: seed is 'x'; expected a number\n"
    assert capsys.readouterr().err == (told if code else '')


def test_a_robot_of_the_same_name_on_the_domain_is_refused():
    specs = (NodeSpec('policy', 'policy', '/a', {}), NodeSpec('sim', 'sim', '/', {}))
    graph = Graph(specs, {'a': None}, {}, None)
    require_alone(graph, {'/b/policy', '/rviz2'}, 7)
    with pytest.raises(ConfigError, match='on ROS domain 7 is .*/a/policy, /sim'):
        require_alone(graph, {'/a/policy', '/sim', '/rviz2'}, 7)


def test_rates_and_latencies_are_shown_and_largest_values_left_out():
    row = node_row('a/policy', None, Status(OK, 'inferring', {
        'lifecycle': 'active', 'inference_hz': '10.0', 'inference_ms': '3.20',
        'inference_max_ms': '9.90', 'cpu_percent': '12.5'}), 1)
    assert (row.state, row.rates, row.latencies) == ('active', 'inference 10.0', 'inference 3.20')
    assert (row.cpu, row.restarts, row.remark) == ('12.5', 1, '')


@pytest.mark.parametrize('down, status, state, level, remark', [
    (None, None, 'starting', OK, ''),
    (None, Status(WARN, 'no picture', {}), 'running', WARN, 'no picture'),
    ('crashed', Status(OK, 'fine', {}), 'crashed', ERROR, 'No module named x'),
])
def test_what_is_wrong_with_a_node(down, status, state, level, remark):
    row = node_row('a/b', down, status, 0, 'No module named x')
    assert (row.state, row.level, row.remark) == (state, level, remark)


def test_plain_lines_count_states_and_tell_troubles():
    rows = [node_row('a/b', None, Status(OK, '', {'lifecycle': 'active'}), 0),
            node_row('a/c', 'crashed', None, 3, 'out of memory')]
    assert table.plain(rows, {'a': 'engaged; reaching'}) == [
        'nodes: 1 active, 1 crashed', '  a/c: crashed: out of memory', '  a: engaged; reaching']


def test_the_live_picture_fits_a_terminal():
    rows = [node_row('honda1/perception', None, Status(WARN, 'no picture ' * 30, {
        'lifecycle': 'active', 'pictures_hz': '10.0', 'pictures_ms': '4.00'}), 0)]
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(table.render(rows, {'honda1': 'engaged'}, 'physai up, 3 s', 'logs'))
    lines = console.export_text().splitlines()
    assert max(map(len, lines)) <= 100
    assert 'honda1/perception' in lines[2]
    assert 'honda1: engaged' in lines


def test_the_time_of_a_run_leaves_out_what_its_process_did_before():
    code = ('import sys; from physai_ros.cli.show import Show\n'
            'print(Show(sys.stdout, True).age_s())')
    out = subprocess.run(['sh', '-c', 'sleep 3; exec "$0" -c "$1"', sys.executable, code],
                         capture_output=True, text=True, check=True)
    assert 0.0 < float(out.stdout) < 3.0
