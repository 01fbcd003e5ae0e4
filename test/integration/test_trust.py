"""A policy node that requires signatures: what it refuses, what it loads and what it tells."""
from pathlib import Path
import sys

from physai_ros.adapters.qos import LATCHED
from physai_ros.cli.main import main
import pytest
from std_msgs.msg import String
from test_identity import ROBOT, write_identity

pytest.importorskip('model_signing')
sys.path.append(str(Path(__file__).resolve().parents[1] / 'unit'))

from keys import write_pair  # noqa: E402, I100

NODE = f'{ROBOT}/policy'


def test_only_signed_bundles_are_loaded(graph, tmp_path):
    private, public, _ = write_pair(tmp_path, 'site')
    bundle = Path(write_identity(tmp_path / 'identity'))
    graph.start('policy', ROBOT, profile='honda_style', bundle=str(bundle),
                require_signature=True, trusted_keys=[public])
    assert not graph.change(NODE, 'configure')
    assert 'bundle identity has no signature; expected a file model.sig' in graph.fault(NODE)

    assert main(['sign', str(bundle), '--key', private]) == 0
    (bundle / 'README.md').write_text('changed')
    assert not graph.change(NODE, 'configure')
    assert 'identity is not what was signed: README.md was changed' in graph.fault(NODE)

    assert main(['sign', str(bundle), '--key', private]) == 0
    assert graph.change(NODE, 'configure')
    assert graph.change(NODE, 'activate')
    graph.wait(lambda: graph.value(NODE, 'model') == 'identity 1.0.0', 'the name of the model')
    assert len(graph.value(NODE, 'model_sha256')) >= 12
    told = []
    graph.node.create_subscription(String, f'{ROBOT}/policy/model', told.append, LATCHED)
    graph.wait(lambda: told, 'the model on its topic')
    assert told[0].data.startswith('identity 1.0.0 (sha256 ')
