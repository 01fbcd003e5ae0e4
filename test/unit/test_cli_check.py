"""``physai check``: all that is wrong, at once, for people and for programs."""
import json
import shutil
import sys

from bundle_examples import text
from keys import write_pair
from physai_ros.bundle.plausible import Plausible
from physai_ros.cli.main import main
from physai_ros.paths import share
import pytest
import yaml


@pytest.fixture
def kitting(tmp_path):
    folder = tmp_path / 'kitting'
    shutil.copytree(share() / 'models' / 'kitting', folder)
    return folder


def check(capsys, *arguments):
    code = main(['check', *map(str, arguments)])
    told = capsys.readouterr()
    assert 'Traceback' not in told.err
    return code, told.out


def edit(folder, change):
    content = yaml.safe_load((folder / 'policy.yaml').read_text())
    change(content)
    (folder / 'policy.yaml').write_text(text(content))


@pytest.mark.parametrize('arguments', [
    ['kitting'], ['inspection', '--robot', 'sony1'], ['kitting', '--robot', 'honda_style'],
    ['kitting', '--urdf', 'honda_style.urdf.xacro'], ['workbench_detector']])
def test_the_default_bundles_fit(capsys, arguments):
    code, out = check(capsys, *arguments)
    assert (code, out.splitlines()[-1]) == (0, 'no problems')


def test_everything_wrong_is_told_at_once(kitting, capsys):
    def spoil(content):
        content['robot'] = 'sony_style'
        content['outputs']['action']['joints'][0] = 'left_sholder_pitch'
        content['outputs']['action']['scale'] = 57.3
        content['timing']['max_age_s']['joint_position'] = 0.001
        content['inputs']['observation.state'].pop()

    edit(kitting, spoil)
    code, out = check(capsys, kitting, '--robot', 'honda1')
    assert code == 1
    for part in ('policy.yaml: robot (line 4)', 'did you mean left_shoulder_pitch?', '57.3',
                 'the maximum age of', 'the shape of policy.yaml: inputs.observation.state'):
        assert part.lower() in out.lower()
    assert out.splitlines()[-1].endswith(' problems')


def test_json_for_programs(kitting, capsys):
    edit(kitting, lambda content: content.update(robot='sony_style'))
    code, out = check(capsys, kitting, '--robot', 'honda1', '--json')
    told = json.loads(out)
    assert (code, told['ok']) == (1, False)
    problem, = told['problems']
    assert (problem['line'], problem['value']) == (4, 'sony_style')
    assert problem['expected'] == "'honda_style'"
    assert [stage['ok'] for stage in told['checked']].count(False) == 1
    assert any('live graph' in note for note in told['not_checked'])


def test_answers_that_were_not_tried(capsys, monkeypatch):
    monkeypatch.setattr(Plausible, '_joint_state', lambda *_: None)
    code, out = check(capsys, 'kitting')
    row, = [line for line in out.splitlines() if 'answers' in line]
    assert code == 0 and row.startswith('  -     answers: not checked, as inputs.observation')
    told = json.loads(check(capsys, 'kitting', '--json')[1])
    assert any(note.startswith('answers: not checked') for note in told['not_checked'])
    assert not any('answers' in stage['what'] for stage in told['checked'])


def test_a_manifest_that_cannot_be_read(kitting, capsys):
    edit(kitting, lambda content: content.update(rate_hz=-1, extra=1))
    code, out = check(capsys, kitting)
    assert code == 1
    assert 'FAIL  manifest, files and hashes' in out
    assert '2 problems' in out


def test_signatures(kitting, tmp_path, capsys):
    private, public, _ = write_pair(tmp_path, 'site')
    assert 'has no signature' in check(capsys, kitting, '--key', public)[1]
    main(['sign', str(kitting), '--key', private])
    code, out = check(capsys, kitting, '--key', public)
    assert code == 0
    assert f'signature of {public}' in out


@pytest.mark.parametrize('arguments, message', [
    (['kitting', '--robot', 'nobody'], "profile is 'nobody'"),
    (['kitting', '--urdf', 'nothing'], "robot description is 'nothing'")])
def test_wrong_names(capsys, arguments, message):
    code, out = check(capsys, *arguments)
    assert code == 1
    assert message in out
    assert [line for line in out.splitlines() if 'FAIL' in line] == ['  FAIL  robot and options']
    assert "bundle is 'nothing'" in check(capsys, 'nothing')[1]


def test_the_bundle_of_another_robot_is_told_in_a_few_lines(capsys):
    code, out = check(capsys, 'kitting', '--robot', 'sony1')
    assert (code, out.splitlines()[-1]) == (1, '5 problems')
    assert out.count('outputs.action.joints (line ') == 1


def test_live_without_ros(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, 'physai_ros.adapters.live_check', None)
    code, out = check(capsys, 'kitting', '--robot', 'honda1', '--live')
    assert code == 1
    assert '--live; expected ROS 2. Install it' in out


def test_wrong_usage():
    with pytest.raises(SystemExit) as caught:
        main(['check', 'kitting', '--robot', 'honda1', '--urdf', 'x'])
    assert caught.value.code == 2
