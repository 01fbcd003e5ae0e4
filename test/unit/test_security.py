"""SROS2 policies of a fleet: the least that each node needs; and what is said beforehand."""
from xml.etree import ElementTree

from physai_ros import bringup
from physai_ros.cli.main import main
from physai_ros.core.errors import ConfigError
from physai_ros.paths import share
from physai_ros.security.policy import document
from physai_ros.security.preflight import explain, NEEDED, require_keys
from physai_ros.security.rights import rights
import pytest

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


def test_a_middleware_without_security_is_told():
    explain(RuntimeError('something else'))
    with pytest.raises(ConfigError, match='wheels from PyPI have none'):
        explain(RuntimeError("This Fast DDS version doesn't have the security libraries"))
