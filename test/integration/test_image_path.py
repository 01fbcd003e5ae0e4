"""Pictures between processes: none is lost with the Fast DDS profile that both starters set."""
import json
import os
import subprocess
import sys

from physai_ros.paths import share


def measure(domain, frames, **variables) -> dict:
    """Run the measurement in processes of its own; return what it prints."""
    environment = {**os.environ, 'ROS_DOMAIN_ID': str(domain), **variables}
    run = subprocess.run(
        [sys.executable, '-m', 'physai_ros.cli.image_path', '--frames', str(frames)],
        env=environment, cwd=share(), stdout=subprocess.PIPE, timeout=60, check=False, text=True)
    return {**json.loads(run.stdout), 'code': run.returncode}


def test_no_picture_is_lost_or_damaged_in_five_seconds(domain):
    environment = {'FASTRTPS_DEFAULT_PROFILES_FILE': str(share() / 'config' / 'fastdds.xml')}
    result = measure(domain, 150, **environment)
    assert result['lost'] == result['damaged'] == result['code'] == 0, result


def test_the_measurement_sees_losses(domain, tmp_path):
    profile = (share() / 'config' / 'fastdds.xml').read_text()
    small = tmp_path / 'small.xml'
    small.write_text(profile.replace('16777216', '524288'))
    result = measure(domain, 45, FASTRTPS_DEFAULT_PROFILES_FILE=str(small))
    assert result['lost'] > 0 and result['code'] == 1, result
