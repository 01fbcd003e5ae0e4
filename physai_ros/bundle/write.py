"""Write a bundle after training."""
import hashlib
import json
from pathlib import Path

from physai_ros.bundle.files import Bundle, load_bundle
from physai_ros.bundle.folder import replace
from physai_ros.bundle.graph import require_self_contained
from physai_ros.bundle.manifest import Manifest
from physai_ros.bundle.problems import validate
import yaml

MODEL, CARD = 'model.onnx', 'README.md'


class _Dumper(yaml.SafeDumper):
    """Writes a list out each time it occurs, as the reader accepts no alias."""

    def ignore_aliases(self, data):
        return True


def write_bundle(folder, manifest: dict, onnx_bytes: bytes, card: str, schema=Manifest) -> Bundle:
    """
    Write ``policy.yaml``, ``model.onnx`` and the model card, and read them back.

    :param folder: made when it does not exist; the three files in it are replaced
    :param manifest: as in policy.yaml; ``model`` is filled in here, numpy numbers are welcome
    :param card: text of the model card, Markdown
    :param schema: the class of the manifest (DetectorManifest for a detector)
    :raises BundleError: when it would not load; nothing is written then
    """
    model = {'file': MODEL, 'sha256': hashlib.sha256(onnx_bytes).hexdigest()}
    content = _plain({**manifest, 'model': model})
    validate(schema, content, schema.FILE)
    require_self_contained(onnx_bytes, MODEL)
    text = yaml.dump(content, Dumper=_Dumper, sort_keys=False, width=99, allow_unicode=True,
                     default_flow_style=None)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    replace(folder / MODEL, onnx_bytes)
    replace(folder / CARD, card.encode())
    replace(folder / schema.FILE, text.encode())
    return load_bundle(folder, schema)


def _plain(content):
    return json.loads(json.dumps(content, default=lambda value: value.tolist()))
