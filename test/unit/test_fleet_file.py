"""Problems of fleet and profile files are told as in manifests: what is known, what is meant."""
from fleets import DOG, entry, options, problems
from physai_ros import bringup
from physai_ros.core.errors import ConfigError
from physai_ros.robots import load_fleet, load_profile
import pytest
import yaml

ROBOT = {'profile': 'dog', 'bundle': 'still'}
DOCS = 'See docs/bringup.md, which describes every key'


def refused(load, tmp_path, content):
    """Return how a file with this content is refused."""
    file = tmp_path / 'it.yaml'
    file.write_text(yaml.safe_dump(content))
    with pytest.raises(ConfigError) as caught:
        load(file)
    return str(caught.value)


@pytest.mark.parametrize('change, message', [
    ({'bundel': 'y'}, "robots.a.bundel = 'y' is an unknown key; expected one of bundle, "
                      "parameters, pose, profile, remap, task. Did you mean 'bundle'?"),
    ({'profile': None}, f'robots.a.profile is empty; expected a valid string. {DOCS}'),
    ({'profile': 3}, 'robots.a.profile is 3; expected a valid string. Write it in quotes; '
                     'see docs/bringup.md, which describes every key'),
    ({'pose': [1.0, 2.0]}, 'robots.a.pose[2] is missing; expected a value. Add it; see '
                           'docs/bringup.md, which describes every key'),
    ({'task': 'kiting'}, "robots.a.task is 'kiting'; expected 'kitting' or 'inspection'. "
                         "Did you mean 'kitting'?"),
    ({'parameters': {'comand': {}}}, "robots.a.parameters.comand, a name, is 'comand'; expected "
     "'perception', 'policy', 'command' or 'manager'. Did you mean 'command'?"),
    ({'parameters': {'command': {'x': []}}}, 'robots.a.parameters.command.x: must be a finite '
     'number, a text, true, false or a list of texts')])
def test_a_fleet_file(tmp_path, change, message):
    assert refused(load_fleet, tmp_path, {'robots': {'a': {**ROBOT, **change}}}) \
        == f'it.yaml: {message}'


def test_the_top_of_a_fleet_file(tmp_path):
    text = refused(load_fleet, tmp_path, {'robot': {'a': ROBOT}})
    assert text.startswith('it.yaml has 2 problems:') and "Did you mean 'robots'?" in text
    assert 'expected a mapping (key: value)' in refused(load_fleet, tmp_path, [])


@pytest.mark.parametrize('change, message', [
    ({'base': {**DOG['base'], 'zone': 1}}, 'base.zone = 1 is an unknown key; expected one of '
     "limits, stamped, stance, zones. Did you mean 'zones'?"),
    ({'arm': {'joints': ['a'], 'acceleration': {'default': 1.0}, 'jerk': {'b': 1.0}}},
     'arm: jerk of b: not in arm.joints'),
    ({'arm': 3}, 'arm is 3; expected a mapping (key: value). See docs/robots.md, which describes '
                 'every key')])
def test_a_profile(tmp_path, change, message):
    assert refused(load_profile, tmp_path, {**DOG, **change}) == f'it.yaml: {message}'


@pytest.mark.parametrize('name', ['W2-x', 'x' * 41, 'a__b', 'sim', ''])
def test_a_name_that_no_robot_can_have_hides_no_other_problem(tmp_path, name):
    dog = entry(tmp_path)
    with pytest.raises(ConfigError) as caught:
        bringup.graph(options(tmp_path, {name: {**dog, 'bundle': 'nowhere'}, 'z': {
            **dog, 'profile': 'nobody'}}))
    first, second, third = problems(caught)
    assert f'robot name is {name!r}; expected at most 40 small letters, digits' in first
    assert "bundle is 'nowhere'" in second and "profile is 'nobody'" in third
