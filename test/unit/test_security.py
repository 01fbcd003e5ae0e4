"""SROS2 policies of a fleet: the least that each node needs; and what is said beforehand."""
from xml.etree import ElementTree

from physai_ros import bringup
from physai_ros.cli.main import main
from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.security import preflight
from physai_ros.security.policy import document
from physai_ros.security.preflight import explain, NEEDED, require_keys
from physai_ros.security.rights import rights
import pytest
import yaml

POLICY = share() / 'config' / 'security' / 'policy.xml'
RULES = {'topics': {'publish', 'subscribe'}, 'services': {'reply', 'request'}}


@pytest.fixture(scope='module')
def rows():
    return {row.enclave: row for row in rights(bringup.graph(bringup.Options.read({})))}


def test_the_committed_policy_is_current(rows):
    assert POLICY.read_text() == document(rows.values()), (
        'run `physai security --out config/security/policy.xml`')


def test_the_command_writes_it(tmp_path):
    assert main(['security', '--out', str(tmp_path / 'policy.xml')]) == 0
    assert (tmp_path / 'policy.xml').read_text() == POLICY.read_text()


def test_the_policy_has_the_form_that_ros2_security_accepts():
    policy = ElementTree.parse(POLICY).getroot()
    assert policy.tag == 'policy' and policy.get('version') == '0.2.0'
    for enclave in policy.iter('enclave'):
        assert [child.tag for child in enclave] == ['profiles']
        for profile in enclave.iter('profile'):
            assert set(profile.attrib) == {'ns', 'node'}
            for rules in profile:
                assert len(rules) > 0 and set(rules.attrib.values()) == {'ALLOW'}
                assert set(rules.attrib) <= RULES[rules.tag]
                assert {item.tag for item in rules} == {rules.tag[:-1]}


def test_nobody_else_may_move_a_robot(rows):
    commands = ('joint_trajectory', 'cmd_vel')
    movers = {(enclave, name) for enclave, row in rows.items() for name in row.publish
              if name.endswith(commands)}
    assert movers == {('/honda1/command', '/honda1/arm_controller/joint_trajectory'),
                      ('/sony1/command', '/sony1/cmd_vel'), ('/sony1/manager', '/sony1/cmd_vel')}
    chunks = {enclave for enclave, row in rows.items()
              if any(name.endswith('_chunk') for name in row.publish)}
    assert chunks == {'/honda1/policy', '/sony1/policy'}


def test_the_topics_of_a_robots_driver_are_the_ones_allowed(tmp_path):
    fleet = tmp_path / 'fleet.yaml'
    fleet.write_text('require_signature: false\nrobots: {sony1: {profile: sony_style, '
                     'bundle: inspection, remap: {cmd_vel: /legs/cmd_vel}}}')
    graph = bringup.graph(bringup.Options.read({'fleet': str(fleet), 'use_sim': 'false'}))
    for row in rights(graph):
        assert '/sony1/cmd_vel' not in row.publish
        assert ('/legs/cmd_vel' in row.publish) == (row.enclave in (
            '/sony1/command', '/sony1/manager'))


@pytest.fixture
def real(tmp_path):
    """Return a function: the rights around a real robot by enclave, with names of its own."""
    def rights_of(remap, parameters=None, zones=None):
        profile = yaml.safe_load((share() / 'config' / 'sony_style.yaml').read_text())
        profile['base']['zones'] = zones
        (tmp_path / 'dog.yaml').write_text(yaml.safe_dump(profile))
        (tmp_path / 'fleet.yaml').write_text(yaml.safe_dump({
            'require_signature': False, 'robots': {'dog': {
                'profile': './dog.yaml', 'bundle': 'inspection', 'remap': remap,
                'parameters': {'command': parameters or {}}}}}))
        graph = bringup.graph(bringup.Options.read({
            'fleet': str(tmp_path / 'fleet.yaml'), 'use_sim': 'false'}))
        return {row.enclave: row for row in rights(graph)}
    return rights_of


def test_operator_and_monitor_use_the_names_that_the_nodes_use(real):
    rows = real({'estop': '/cell/estop', 'cmd_vel': '/base_controller/cmd_vel',
                 'command/stop': '/cell/stop', '/dog/command/state': 'state'})
    operator, command, monitor = (
        rows[name] for name in ('/operator', '/dog/command', '/physai_up'))
    assert {'/cell/estop', '/dog/task'} <= operator.publish
    assert operator.request == {'/dog/command/engage', '/cell/stop', '/dog/command/reset_fault'}
    assert operator.request <= command.reply
    assert '/cell/estop' in command.subscribe and '/dog/estop' not in operator.publish
    assert {'/base_controller/cmd_vel', '/dog/state'} <= monitor.subscribe & {
        *command.publish}
    assert '/dog/state' in operator.subscribe
    assert not {name for name in monitor.subscribe if name.endswith('/dog/cmd_vel')}


@pytest.mark.parametrize('deadman, topic', [('joy', '/desk/joy'), ('topic', '/dog/deadman')])
def test_who_may_hold_the_deadman_switch_is_the_operator(real, deadman, topic):
    rows = real({'joy': '/desk/joy'}, {'deadman': deadman})
    assert [name for name, row in rows.items() if topic in row.publish] == ['/operator']
    assert topic in rows['/dog/command'].subscribe
    assert topic not in real({'joy': '/desk/joy'})['/operator'].publish


def test_a_real_robots_drivers_measure_for_its_nodes_and_obey(real):
    zones = {'topic': 'front/scan', 'half_width_m': 0.3, 'stop_m': 0.4, 'slow_m': 1.0,
             'slow_velocity': 0.2}
    rows = real({'cmd_vel': '/legs/cmd_vel', 'odom': '/legs/odom'}, zones=zones)
    drivers = rows['/dog/drivers']
    assert drivers.publish == {
        '/rosout', '/parameter_events', '/diagnostics', '/tf', '/tf_static', '/dog/front/scan',
        '/legs/odom', '/dog/joint_states', '/dog/head_camera/image_raw',
        '/dog/head_camera/camera_info'}
    assert drivers.subscribe == {'/legs/cmd_vel'} and not drivers.request


def test_a_shadow_hears_what_its_bundle_needs(tmp_path):
    fleet = {'robots': {'h': {'profile': 'honda_style', 'bundle': 'kitting'}}}
    heard = []
    for parameters in ({}, {'policy': {'shadow_bundle': 'inspection'}}):
        fleet['robots']['h']['parameters'] = parameters
        (tmp_path / 'fleet.yaml').write_text(yaml.safe_dump(fleet))
        graph = bringup.graph(bringup.Options.read({'fleet': str(tmp_path / 'fleet.yaml')}))
        heard += [row.subscribe for row in rights(graph) if row.node == 'policy']
    assert heard[1] - heard[0] == {'/h/odom', '/h/head_camera/image_raw'}


def test_every_node_that_is_heard_may_speak(real):
    rows = real({}, {'deadman': 'joy'}, {'half_width_m': 0.3, 'stop_m': 0.4, 'slow_m': 1.0,
                                         'slow_velocity': 0.2})
    said = frozenset().union(*(row.publish for row in rows.values()))
    heard = frozenset().union(*(row.subscribe for row in rows.values()))
    assert {name for name in heard - said if not name.startswith('/sim/')} == set()


def test_one_robot_does_not_touch_another(rows):
    for enclave, row in rows.items():
        robot = enclave.split('/')[1]
        if robot in ('honda1', 'sony1'):
            other = {'honda1': '/sony1/', 'sony1': '/honda1/'}[robot]
            assert not [name for names in (row.publish, row.subscribe, row.reply, row.request)
                        for name in names if name.startswith(other)]


def test_only_an_operator_engages(rows):
    assert [enclave for enclave, row in rows.items()
            if '/honda1/command/engage' in row.request] == ['/operator']


def test_keys_are_asked_for_only_when_security_is(tmp_path):
    assert require_keys({}, ['/a']) == ''
    assert require_keys({'ROS_SECURITY_STRATEGY': 'Enforce'}, ['/a']) == ''


@pytest.mark.parametrize('made, message', [
    ((), 'ROS_SECURITY_KEYSTORE'), (('a/b',), 'keys for /a/c')])
def test_missing_keys_are_told(tmp_path, made, message):
    for enclave in made:
        folder = tmp_path / 'enclaves' / enclave
        folder.mkdir(parents=True)
        for name in NEEDED:
            (folder / name).touch()
    environ = {'ROS_SECURITY_ENABLE': 'true', 'ROS_SECURITY_STRATEGY': 'Enforce',
               'ROS_SECURITY_KEYSTORE': str(tmp_path)}
    with pytest.raises(ConfigError, match=message):
        require_keys(environ, ['/a/b', '/a/c'])
    assert 'not protected' in require_keys(
        {**environ, 'ROS_SECURITY_STRATEGY': 'Permissive'}, ['/a/b', '/a/c'])
    if made:
        assert require_keys(environ, ['/a/b']) == ''


@pytest.mark.parametrize('wheels', [{}, {preflight.WHEEL: '8.4.3'}])
def test_the_first_message_says_that_wheels_have_none(monkeypatch, wheels):
    def version(name):
        if name not in wheels:
            raise preflight.metadata.PackageNotFoundError(name)
    monkeypatch.setattr(preflight.metadata, 'version', version)
    told = bool(wheels)
    assert ('has no security at all' in require_keys({'ROS_SECURITY_ENABLE': 'true'}, [])) is told


def test_a_middleware_without_security_is_told():
    explain(RuntimeError('something else'))
    with pytest.raises(ConfigError, match='wheels from PyPI have none'):
        explain(RuntimeError("This Fast DDS version doesn't have the security libraries"))
