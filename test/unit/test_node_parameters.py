"""Parameters of nodes in a fleet file: they reach the node at every start, or are refused."""
from physai_ros import bringup
from physai_ros.core.errors import ConfigError
from physai_ros.robots.fleet import SET_BY_BRINGUP
from physai_ros.security.rights import rights
from physai_ros.supervise.programs import programs
import pytest
import yaml

GIVEN = {'command': {'deadman': 'joy', 'estop_timeout_s': 1, 'guard.commit_s': 0.05},
         'policy': {'execution_providers': ['CPUExecutionProvider']},
         'manager': {'hung_timeout_s': 0.0}}


def graph(tmp_path, parameters, profile='sony_style', **texts):
    file = tmp_path / 'fleet.yaml'
    file.write_text(yaml.safe_dump({'require_signature': False, 'robots': {'sony1': {
        'profile': profile, 'bundle': 'inspection', 'parameters': parameters}}}))
    return bringup.graph(bringup.Options.read({'fleet': str(file), **texts}))


def by_name(made):
    return {spec.name: spec for spec in made.specs}


@pytest.mark.parametrize('use_sim', ['true', 'false'])
def test_they_reach_the_nodes_beside_what_the_bringup_sets(tmp_path, use_sim):
    plain = by_name(graph(tmp_path, {}, use_sim=use_sim))
    for name, spec in by_name(graph(tmp_path, GIVEN, use_sim=use_sim)).items():
        assert spec.parameters == {**plain[name].parameters, **GIVEN.get(name, {})}


def test_the_file_that_a_process_reads_at_each_start_has_them(tmp_path):
    made = programs(graph(tmp_path, GIVEN).specs, tmp_path / 'parameters')
    command, = (program.command for program in made if program.name == 'sony1.command')
    file = command[command.index('--params-file') + 1]
    with open(file) as text:
        found = yaml.safe_load(text)['/**']['ros__parameters']
    assert GIVEN['command'].items() <= found.items()


def test_they_come_before_the_option_realtime(tmp_path):
    own = by_name(graph(tmp_path, {'command': {'scheduling.fifo_priority': 70}}, realtime='true'))
    assert own['command'].parameters['scheduling.fifo_priority'] == 70
    assert own['command'].parameters['scheduling.lock_memory'] is True


def test_a_deadman_switch_is_in_the_rights_of_its_robot(tmp_path):
    listens = {row.enclave: row.subscribe for row in rights(graph(tmp_path, GIVEN))}
    assert '/sony1/joy' in listens['/sony1/command']


def test_all_that_the_bringup_sets_is_refused_in_a_fleet_file(tmp_path):
    specs = by_name(graph(tmp_path, {}))
    assert {name for node in ('perception', 'policy', 'command', 'manager')
            for name in specs[node].parameters} <= set(SET_BY_BRINGUP)
    for name in SET_BY_BRINGUP:
        with pytest.raises(ConfigError, match=f'command.{name}.*the bring-up sets it'):
            graph(tmp_path, {'command': {name: 'x'}})


@pytest.mark.parametrize('parameters, message', [
    ({'comand': {}}, "robots.sony1.parameters.comand.*'perception', 'policy', 'command'"),
    ({'command': {'guard': {'commit_s': 0.1}}}, 'must be a finite number, a text'),
    ({'command': {'guard.commit_s': float('inf')}}, 'must be a finite number, a text'),
    ({'policy': {'execution_providers': []}}, 'must be a finite number, a text'),
    ({'command': {'qos_overrides./estop.depth': 1}}, 'text that matches')])
def test_what_no_parameter_can_be_is_refused(tmp_path, parameters, message):
    with pytest.raises(ConfigError, match=message):
        graph(tmp_path, parameters)


def test_parameters_of_a_node_that_the_robot_lacks_are_refused(tmp_path):
    (tmp_path / 'blind.yaml').write_text('{name: blind, urdf: sony_style.urdf.xacro}')
    with pytest.raises(ConfigError, match='parameters of perception; expected a profile with'):
        graph(tmp_path, {'perception': {'rate_hz': 3.0}}, './blind.yaml')


class TestByTheTablesOfTheNodes:
    """What only a node's own table tells is refused before anything starts."""

    @pytest.fixture
    def require(self, tmp_path):
        pytest.importorskip('rclpy', reason='the nodes need rclpy')
        from physai_ros.parameter_check import require_known_parameters
        return lambda given: require_known_parameters(graph(tmp_path, given).specs)

    def test_what_they_know_is_accepted(self, require):
        require(GIVEN)

    @pytest.mark.parametrize('node, name, value, message', [
        ('command', 'deadmann', 'joy', 'deadmann of /sony1/command.*Perhaps deadman is meant'),
        ('command', 'deadman', 'yoj', "deadman of /sony1/command is 'yoj'.*off, joy, topic"),
        ('command', 'deadman', False, 'expected text. YAML reads on, off, yes and no so'),
        ('command', 'guard.commit_s', -1.0, 'expected 0 to 1000'),
        ('policy', 'chunk_max_age_s', 'long', 'expected a number'),
        ('perception', 'hung_timeout_s', 1.0, 'of /sony1/perception'),
        ('manager', 'hung_timeout', 1.0, 'Perhaps hung_timeout_s')])
    def test_what_they_do_not_is_refused(self, require, node, name, value, message):
        with pytest.raises(ConfigError, match=message):
            require({node: {name: value}})

    def test_all_problems_are_told_at_once(self, require):
        with pytest.raises(ConfigError, match='(?s)/sony1/policy.*/sony1/command'):
            require({'command': {'deadmann': 'joy'}, 'policy': {'tsk': 'x'}})

    def test_the_command_line_refuses_too(self, require, tmp_path, capsys):
        from physai_ros.cli.main import main
        graph(tmp_path, {'command': {'deadmann': 'joy'}})
        assert main(['security', '--fleet', str(tmp_path / 'fleet.yaml')]) == 1
        assert 'Perhaps deadman is meant' in capsys.readouterr().err
