"""
An ACT policy (ResNet18, 34 million weights, chunk 100) as a bundle against LeRobot on torch.

Both sides hold the same weights, go from joint positions and pixels to actions on one thread, in
processes of their own, and answer in turns. Ratios are of ours to LeRobot's.
"""
import json
import os
from pathlib import Path
import subprocess
import sys
import tempfile
import time
from typing import Iterator

from physai_ros.bench.figure import Figure, summary
from physai_ros.core.errors import ConfigError

PYTHON = 'PHYSAI_LEROBOT_PYTHON'
SIZES = ((480, 640), (96, 128))
SLOWEST = {('float32', (480, 640)): 1 / 1.4, ('int8', (480, 640)): 1 / 2.0,
           ('float32', (96, 128)): 1 / 1.8}
MEMORY, START = 0.5, 0.25


def measure(quick: bool) -> Iterator[Figure]:
    """
    Measure answers, memory and start-up of LeRobot and of the bundles in float and in int8.

    :raises ConfigError: when there is no LeRobot
    """
    python = _lerobot_python()
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            _call(python, 'physai_ros.bench.act_make', folder, *size)
            yield from _compare(python, Path(folder), size, quick)


def _compare(python, folder, size, quick):
    commands = {'lerobot': (python, 'lerobot', folder / 'checkpoint'),
                'float32': (sys.executable, 'bundle', folder / 'float32'),
                'int8': (sys.executable, 'bundle', folder / 'int8')}
    starts = {kind: [] for kind in commands}
    for _ in range(1 if quick else 3):
        for kind, command in commands.items():
            side = _Side(*command, size)
            starts[kind].append(side.start_s)
            side.close()
    sides = {kind: _Side(*command, size) for kind, command in commands.items()}
    answers = {kind: [] for kind in commands}
    try:
        for n in range(5 if quick else 25):
            for kind, side in sides.items():
                answer = side.answer()
                if n > 1:
                    answers[kind].append(answer)
    finally:
        for side in sides.values():
            side.close()
    for kind in ('float32', 'int8'):
        starts[kind].append(sides[kind].start_s)
        yield from _figures(kind, size, answers, starts)


def _figures(kind, size, answers, starts):
    def of(field, scale=1.0):
        return [[answer[field] * scale for answer in answers[side]] for side in (kind, 'lerobot')]
    name = f'act.{kind}_{size[0]}x{size[1]}'
    wall, cpu, bound = of('wall_s', 1e3), of('cpu_s', 1e3), SLOWEST.get((kind, size))
    medians = [sorted(times)[len(times) // 2] for times in cpu]
    yield summary(name, 'ms', *wall, at_most={'ratio_p50': bound} if bound else {},
                  cpu_p50=medians[0], lerobot_cpu_p50=medians[1],
                  cpu_speedup=medians[1] / medians[0])
    peak = of('peak_mb')
    yield summary(f'{name}.memory', 'MB', *of('rss_mb'), at_most={'ratio_p50': MEMORY},
                  peak_mb=max(peak[0]), lerobot_peak_mb=max(peak[1]))
    yield summary(f'{name}.start', 's', starts[kind], starts['lerobot'],
                  at_most={'ratio_p50': START})


class _Side:
    """A process of act_side that has given its first answer after ``start_s``."""

    def __init__(self, python, kind, folder, size):
        begun_s = time.monotonic()
        self._process = subprocess.Popen(
            [python, '-m', 'physai_ros.bench.act_side', kind, folder, *map(str, size)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=_environment())
        self.start_s = self._read()['ready'] - begun_s

    def answer(self) -> dict:
        """Return what one answer took."""
        self._process.stdin.write('\n')
        self._process.stdin.flush()
        return self._read()

    def _read(self):
        line = self._process.stdout.readline()
        if not line:
            _, errors = self._process.communicate()
            raise ConfigError('a process of the comparison with LeRobot', None, 'answers',
                              errors.strip().rpartition('\n')[2])
        return json.loads(line)

    def close(self):
        """End the process."""
        self._process.kill()
        self._process.communicate()


def _lerobot_python():
    """Return an interpreter with LeRobot: this one, or what the environment names."""
    python = os.environ.get(PYTHON, sys.executable)
    try:
        done = subprocess.run([python, '-c', 'import importlib.util as u, sys; '
                               'sys.exit(u.find_spec("lerobot") is None)'], check=False)
    except OSError as error:
        raise ConfigError(PYTHON, python, 'a Python interpreter', str(error)) from None
    if done.returncode:
        raise ConfigError('LeRobot', 'not installed', 'it, to be compared with',
                          f'install it (docs/import.md) and set {PYTHON} to its interpreter')
    return python


def _call(python, module, *arguments):
    done = subprocess.run([python, '-m', module, *map(str, arguments)], env=_environment(),
                          capture_output=True, text=True, check=False)
    if done.returncode:
        raise ConfigError(module, done.returncode, 'exit code 0',
                          done.stderr.strip().rpartition('\n')[2])


def _environment():
    root = str(Path(__file__).resolve().parents[2])
    paths = [root, *filter(None, [os.environ.get('PYTHONPATH')])]
    return {**os.environ, 'PYTHONPATH': os.pathsep.join(paths), 'OMP_NUM_THREADS': '1'}
