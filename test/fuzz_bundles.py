"""
Mutated manifests and models: each is accepted as it is written, or refused with a clear error.

Run ``.venv/bin/python test/fuzz_bundles.py --manifests 10000 --models 1000 --seed 0``.
"""
import argparse
from collections import Counter
from hashlib import sha256
from pathlib import Path
import random
import re
import resource
import sys
import tempfile
import time

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / 'test' / 'unit'), str(ROOT)]

from fuzz_models import damaged  # noqa: E402, I100
from fuzz_text import mutated  # noqa: E402, I100
from keys import write_pair  # noqa: E402, I100
from physai_ros.bundle.detector import DetectorManifest  # noqa: E402, I100
from physai_ros.bundle.manifest import Manifest  # noqa: E402, I100
from physai_ros.bundle.problems import parse  # noqa: E402, I100
from physai_ros.bundle.signing import sign, SIGNATURE, verify  # noqa: E402, I100
from physai_ros.bundle.yaml12 import read_yaml  # noqa: E402, I100
from physai_ros.cli import check  # noqa: E402, I100
from physai_ros.core.errors import PhysaiError  # noqa: E402, I100
import yaml  # noqa: E402, I100

LIMIT_S = 2.0
ACCEPTED, REFUSED = 'accepted', 'refused'
CRASHED, ENDLESS = 'makes ONNX Runtime crash', 'takes too long'
FENCED = re.compile(r'^```yaml\n(format: physai.*?)^```', re.M | re.S)


def examples():
    """Return (schema, text) of every manifest in the repository, those in the docs included."""
    found = [(schema, file.read_text()) for top in ('models', 'docs') for schema in
             (Manifest, DetectorManifest) for file in sorted((ROOT / top).rglob(schema.FILE))]
    for page in sorted((ROOT / 'docs').rglob('*.md')):
        found += [(Manifest, text) for text in FENCED.findall(page.read_text())]
    return [(schema, text) for schema, text in found if _valid(schema, text)]


def _valid(schema, text):
    try:
        return parse(schema, text) is not None
    except PhysaiError:
        return False  # an example of something wrong


def try_manifest(schema, data: bytes) -> str:
    """
    Return ACCEPTED or REFUSED.

    :raises AssertionError: for an unclear error, or a meaning that is not what is written
    """
    try:
        manifest = parse(schema, data)
    except PhysaiError as error:
        require_clear(error, schema.FILE)
        return REFUSED
    value = read_yaml(data, schema.FILE).value
    assert agree(independent(data), value), 'another reader of YAML finds something else'
    meant = manifest.model_dump(exclude_unset=True)
    assert covers(value, meant), f'ignored or changed on the way: {value} became {meant}'
    assert parse(schema, yaml.safe_dump(manifest.model_dump(mode='json', exclude_unset=True))) \
        == manifest, 'written and read again it means something else'
    return ACCEPTED


def independent(data):
    """Return what PyYAML's own reader finds, every scalar a text."""
    try:
        return yaml.load(data.decode(), Loader=yaml.BaseLoader)
    except yaml.YAMLError:  # it is stricter about tabs than libyaml
        return yaml.load(data.decode(), Loader=yaml.CBaseLoader)


def require_clear(error, name):
    """Raise AssertionError for a message that does not help, or that could harm a terminal."""
    text = str(error)
    assert name in text or 'bundle' in text or 'model' in text, text
    assert all(char == '\n' or char.isprintable() for char in text), repr(text)
    assert len(text) < 50_000, f'{len(text)} characters'
    for problem in getattr(error, 'problems', (error,)):
        assert problem.remedy or problem.expected, text


def agree(text, value) -> bool:
    """Return whether a document read as texts alone has the same structure and scalars."""
    if isinstance(text, dict):
        return isinstance(value, dict) and list(text) == list(value) and all(
            agree(text[key], value[key]) for key in text)
    if isinstance(text, list):
        return isinstance(value, list) and len(text) == len(value) and all(map(agree, text, value))
    if isinstance(value, bool):
        return text.lower() == str(value).lower()
    if isinstance(value, (int, float)):
        return float(text) == value
    return value == text or value is None and text in ('', '~', 'null', 'Null', 'NULL')


def covers(value, meant) -> bool:
    """Return whether a manifest means all that its document says and nothing else."""
    if isinstance(value, dict):
        return isinstance(meant, dict) and set(value) == set(meant) and all(
            covers(value[key], meant[key]) for key in value)
    if isinstance(meant, (tuple, list)) and not isinstance(value, list):
        meant, value = list(meant), [value]
    if isinstance(value, list):
        return len(value) == len(meant) and all(map(covers, value, meant))
    if isinstance(value, bool) or isinstance(meant, bool):
        return value is meant
    return value == meant


def try_model(folder: Path, manifest: str, model: bytes) -> str:
    """Return what ``physai check`` says; the hash in the manifest is made to fit."""
    text = re.sub('[0-9a-f]{64}', sha256(model).hexdigest(), manifest)
    (folder / 'policy.yaml').write_text(text)
    (folder / 'model.onnx').write_bytes(model)
    report, parser = check.Report(), argparse.ArgumentParser()
    check.add_arguments(parser)
    check.check(parser.parse_args([str(folder)]), report)
    for problem in report.problems:
        require_clear(problem, 'model')
    report.text(), report.json()
    texts = ' '.join(map(str, report.problems))
    return next((told for told in (CRASHED, ENDLESS) if told in texts),
                REFUSED if report.problems else ACCEPTED)


class Tally:
    """Counts outcomes and remembers what went wrong or took long."""

    def __init__(self, title, folder):
        self.title, self.outcomes, self.slow, self.wrong = title, Counter(), [], []
        self.worst_s, self.worst_cpu_s, self._folder = 0.0, 0.0, folder

    def take(self, name, data, attempt):
        """Try one case."""
        start, cpu = time.perf_counter(), _cpu_s()
        try:
            self.outcomes[attempt()] += 1
        except Exception as error:  # whatever it is, it is a finding
            file = self._folder / f'{self.title}-{name}'
            file.write_bytes(data)
            self.wrong.append(f'{file}: {type(error).__name__}: {error}'[:500])
        took, used = time.perf_counter() - start, _cpu_s() - cpu
        self.worst_s, self.worst_cpu_s = max(self.worst_s, took), max(self.worst_cpu_s, used)
        if took > LIMIT_S:
            self.slow.append((name, took, used))

    def tell(self):
        """Print the result; return whether all is well."""
        late = [name for name, _, used in self.slow if used > LIMIT_S]
        print(f'{self.title}: {dict(self.outcomes)}, {len(self.wrong)} wrong; longest '
              f'{self.worst_s:.2f} s, {self.worst_cpu_s:.2f} s of processor time; over '
              f'{LIMIT_S:g} s: {len(self.slow)}, of processor time: {len(late)}')
        for text in self.wrong[:20]:
            print(f'  {text}')
        return not self.wrong and not late


def _cpu_s():
    return sum(sum(resource.getrusage(who)[:2]) for who in
               (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def fuzz_manifests(count, seed, folder) -> Tally:
    """Try mutated manifests."""
    tally, chance, bases = Tally('manifests', folder), random.Random(seed), examples()
    for n in range(count):
        schema, text = bases[n % len(bases)]
        data = mutated(text, chance)
        tally.take(n, data, lambda: try_manifest(schema, data))
    return tally


def fuzz_signed(count, seed, folder) -> Tally:
    """Try the same mutations on a signed bundle, where none may pass."""
    private, public, _ = write_pair(folder, 'key')
    tally, chance, bases = Tally('signed', folder), random.Random(seed), examples()
    signatures = [sign('b', {'policy.yaml': text.encode()}, private) for _, text in bases]

    def attempt():
        if data == text.encode():
            return 'unchanged'
        try:
            verify('bundle b', {'policy.yaml': data, SIGNATURE: signature}, [public])
        except PhysaiError as error:
            require_clear(error, 'bundle b')
            return REFUSED
        raise AssertionError('a changed file passes as signed')

    for n in range(count):
        (_, text), signature = bases[n % len(bases)], signatures[n % len(bases)]
        data = mutated(text, chance)
        tally.take(n, data, attempt)
    return tally


def fuzz_models(count, seed, folder) -> Tally:
    """Try mutated models of the default bundles with ``physai check``."""
    tally, chance = Tally('models', folder), random.Random(seed)
    place = folder / 'bundle'
    place.mkdir()
    bases = [((file.parent / 'policy.yaml').read_text(), file.read_bytes())
             for file in sorted((ROOT / 'models').glob('*/model.onnx'))
             if (file.parent / 'policy.yaml').exists()]
    for n in range(count):
        manifest, model = bases[n % len(bases)]
        data = damaged(model, chance)
        tally.take(n, data, lambda: try_model(place, manifest, data))
        if n % 50 == 49:
            print(f'  {n + 1} of {count} models: {dict(tally.outcomes)}', flush=True)
    return tally


def main(argv=None) -> int:
    """Run all; return 0 when nothing went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--manifests', type=int, default=10_000)
    parser.add_argument('--models', type=int, default=1000)
    parser.add_argument('--seed', type=int, default=0)
    arguments = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix='fuzz_bundles.'))
    print(f'{len(examples())} example manifests; findings are written to {folder}')
    good = [fuzz(count, arguments.seed, folder).tell() for fuzz, count in (
        (fuzz_manifests, arguments.manifests), (fuzz_signed, arguments.manifests),
        (fuzz_models, arguments.models))]
    return 0 if all(good) else 1


if __name__ == '__main__':
    sys.exit(main())
