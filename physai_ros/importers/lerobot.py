"""``physai import lerobot``: an ACT checkpoint of LeRobot becomes a bundle."""
from pathlib import Path
import tempfile

from physai_ros.bundle.write import write_bundle
from physai_ros.core.errors import BundleError
from physai_ros.importers.card import card
from physai_ros.importers.checkpoint import read_checkpoint
from physai_ros.importers.dataset import Dataset, read_dataset
from physai_ros.importers.mapping import manifest_of, unmoved, Wishes
from physai_ros.importers.policy import load_policy, Original, require_lerobot

TOLERANCE = 1e-3  # of the spread of the actions; what is larger is a wrong export


def import_lerobot(checkpoint_folder, output, wishes: Wishes, dataset_folder=None, inputs=5,
                   tell=lambda text: None):
    """
    Write a bundle and return (bundle, parity).

    :param output: folder of the bundle; nothing is written there when anything is wrong
    :param wishes: what the checkpoint does not say itself
    :param dataset_folder: of the dataset's metadata, or None
    :param inputs: how many random observations it is compared on
    :param tell: called with what is being done
    :raises PhysaiError: when it cannot be imported, or answers otherwise than LeRobot
    """
    checkpoint = read_checkpoint(checkpoint_folder)
    dataset = read_dataset(dataset_folder) if dataset_folder else Dataset()
    manifest = manifest_of(checkpoint, wishes, dataset)
    for joint in unmoved(checkpoint, manifest):
        tell(f'{joint} stood still in the training data (its deviation is 0), and is magnified '
             'as LeRobot does it: set its scale in observation.state of policy.yaml to 0, and the '
             'policy sees what it saw in training')
    version = require_lerobot()
    tell(f'loading {checkpoint.weights} with LeRobot {version}')
    policy = load_policy(checkpoint)
    tell('exporting to ONNX')
    model = export(checkpoint, policy)
    from physai_ros.importers.parity import compare
    with tempfile.TemporaryDirectory() as folder:
        draft = write_bundle(Path(folder) / 'draft', manifest, model, '')
        parity = compare(checkpoint, Original(checkpoint, policy), draft, wishes.units, inputs,
                         tell)
    if not parity.action <= TOLERANCE * parity.spread:
        raise BundleError('the difference between the bundle and LeRobot', parity.action,
                          f'at most {TOLERANCE:g} of the spread of the actions, '
                          f'{parity.spread:.3g}', 'report this checkpoint as a bug of the import')
    text = card(checkpoint, manifest, parity, version, wishes.units)
    return write_bundle(output, manifest, model, text), parity


def export(checkpoint, policy) -> bytes:
    """Return the ONNX model of a policy, which stays as it is."""
    from copy import deepcopy
    from physai_ros.importers.act import to_onnx
    shapes = {feature.name: feature.shape for feature in checkpoint.inputs}
    return to_onnx(deepcopy(policy.model), shapes)
