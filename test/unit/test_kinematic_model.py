"""URDF that Pinocchio's parser refuses: completed where nothing is lost, else told with a name."""
from fleets import options, write_bundle, write_profile
import numpy as np
from physai_ros import bringup
from physai_ros.cli.main import main
from physai_ros.core.errors import ConfigError
from physai_ros.guard.build import parts
from physai_ros.robots import load_profile, parse
from physai_ros.robots.kinematic_model import completed, kinematic_model
import pytest

LIMIT = '<limit lower="-2" upper="2" velocity="1.5"/>'
ARM = {'joints': ['elbow', 'wrist'], 'acceleration': {'default': 1.0}, 'jerk': {'default': 9.0}}


def urdf(more=LIMIT, kind='revolute'):
    """Return an arm of two joints that may be commanded and one that may not."""
    return f"""<robot name="arm"><link name="base_link"/><link name="upper"/><link name="fore"/>
        <link name="tool"/>
        <joint name="elbow" type="revolute"><parent link="base_link"/><child link="upper"/>
          <axis xyz="0 0 1"/><limit lower="-2" upper="2" velocity="1.5" effort="7"/></joint>
        <joint name="wrist" type="revolute"><parent link="upper"/><child link="fore"/>
          <axis xyz="0 0 1"/>{LIMIT}</joint>
        <joint name="mount" type="{kind}"><parent link="fore"/><child link="tool"/>
          <axis xyz="0 0 1"/>{more}</joint></robot>"""


@pytest.fixture
def robot(tmp_path):
    """Return a function from URDF text to a fleet's entry of a robot that has it."""
    def robot(text):
        (tmp_path / 'arm.urdf').write_text(text)
        return {'profile': write_profile(tmp_path / 'arm.yaml', urdf='arm.urdf', arm=ARM),
                'bundle': write_bundle(tmp_path / 'still')}
    return robot


@pytest.mark.parametrize('more, kind', [
    (LIMIT, 'revolute'), ('<limit lower="0" upper="1" effort="3"/>', 'prismatic'),
    ('<limit/>', 'fixed'), ('<limit velocity="2" effort="inf"/>', 'continuous')])
def test_limits_that_only_pinocchio_misses_are_completed(robot, tmp_path, more, kind):
    entry = robot(urdf(more, kind))
    bringup.graph(options(tmp_path, {'a': entry}))
    description = parse(urdf(more, kind))
    made = parts(description, load_profile(entry['profile']))
    assert made['clearance'] is not None
    np.testing.assert_array_equal(made['joints'].effort, [7.0, np.inf])
    assert description.joints['wrist'].effort is None


def test_limits_that_are_given_stay():
    model = kinematic_model(completed(urdf()))
    np.testing.assert_array_equal(model.effortLimit, [7.0, 1e30, 1e30])
    np.testing.assert_array_equal(model.velocityLimit, [1.5, 1.5, 1.5])
    np.testing.assert_array_equal(model.upperPositionLimit, [2.0, 2.0, 2.0])


def test_an_arm_without_efforts_is_moved_by_its_frames():
    pytest.importorskip('pink', reason='pin-pink is an extra')
    pytest.importorskip('daqp', reason='daqp is an extra')
    from bundle_examples import manifest
    from physai_ros.inference.differential_ik import DifferentialIk
    output, = manifest(outputs={'action': {
        'kind': 'frame_delta', 'frame': 'fore', 'joints': ['elbow', 'wrist'], 'chunk': 1}},
        timing={'deadline_s': 0.05}).outputs.values()
    DifferentialIk(urdf()).require(output)


class TestWhatStaysInvalid:
    """What cannot be completed is told by the name of the joint, before anything starts."""

    @pytest.fixture(params=['', '<dynamics/>' + LIMIT])
    def invalid(self, request):
        return urdf(request.param)

    def test_the_fleet_is_refused(self, robot, tmp_path, invalid):
        with pytest.raises(ConfigError, match='a: joint mount of the robot description; expected'):
            bringup.graph(options(tmp_path, {'a': robot(invalid)}))

    @pytest.mark.parametrize('option, file', [('--urdf', 'arm.urdf'), ('--robot', 'arm.yaml')])
    def test_check_tells(self, robot, tmp_path, invalid, capsys, option, file):
        robot(invalid)
        assert main(['check', 'kitting', option, str(tmp_path / file)]) == 1
        assert 'joint mount of the robot description' in capsys.readouterr().out
