"""Failures of other systems that concern more than the guard, each named after its cause."""
import ast
from pathlib import Path

from bundle_examples import manifest
from guard_bench import Bench, limits
import numpy as np
from physai_ros import bringup
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.observation import Assembler
from physai_ros.core.errors import StaleError
from physai_ros.core.types import Image, JointChunk, JointState, Odometry
from physai_ros.inference.ensemble import stitcher
from physai_ros.security.needs import CLOCK, DIAGNOSTICS, EVERY_NODE, TF, TF_STATIC
from physai_ros.security.rights import rights
import pytest
import yaml

MS = 1_000_000
NOW = 10_000 * MS
PACKAGE = Path(bringup.__file__).parent
COMMON = {CLOCK, DIAGNOSTICS, TF, TF_STATIC, *EVERY_NODE}


def inspection(image_age_ms=None):
    """Return the assembler of a policy that looks at pictures, with fresh odometry."""
    assembler = Assembler(load_bundle('inspection').manifest)
    zero, level = np.zeros(3), np.array([1.0, 0.0, 0.0, 0.0])
    for source in assembler.sources:
        if source.kind == 'odometry':
            assembler.feed(source.topic, Odometry(NOW, zero, level, zero, zero))
        elif source.kind == 'image' and image_age_ms is not None:
            pixels = np.full((240, 320, 3), 128, np.uint8)
            assembler.feed(source.topic, Image(NOW - image_age_ms * MS, 'optical', pixels))
    return assembler


def test_stale_camera_robot_keeps_moving():                  # grabette #89, tinynav #238
    assert inspection(image_age_ms=50).assemble(NOW).inputs
    with pytest.raises(StaleError, match='image'):
        inspection(image_age_ms=400).assemble(NOW)


def test_lost_camera_becomes_a_black_image():                # rosetta
    with pytest.raises(StaleError, match='image'):
        inspection().assemble(NOW)


def test_namespaced_multi_robot_bring_up_broken(tmp_path):   # franka_ros2 #137, rosbot_ros #151
    robot = {'profile': 'sony_style', 'bundle': 'inspection', 'pose': [0.0, 0.0, 0.0],
             'task': 'inspection'}
    file = tmp_path / 'fleet.yaml'
    file.write_text(yaml.safe_dump({'robots': {'a': {**robot}, 'b': {
        **robot, 'pose': [9.0, 0.0, 0.0]}}}, default_flow_style=False))
    graph = bringup.graph(bringup.Options.read({'fleet': str(file)}))
    own = {name: set().union(*(
        names for row in rights(graph) if row.namespace == f'/{name}'
        for names in (row.publish, row.subscribe, row.reply, row.request))) for name in 'ab'}
    assert own['a'] & own['b'] <= COMMON
    assert {name.replace('/a/', '/b/') for name in own['a']} == own['b']
    assert {spec.parameters.get('frame_prefix') for spec in graph.specs if spec.namespace == '/b'
            } == {'b/'}


def test_pickle_over_the_network():                          # CVE-2026-25874
    importers = {
        str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob('*.py')
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.Import, ast.ImportFrom)) and {
            'pickle', 'dill', 'cloudpickle', 'joblib', 'marshal', 'shelve'} & {
                name.split('.')[0] for name in (
                    [node.module or ''] if isinstance(node, ast.ImportFrom)
                    else [alias.name for alias in node.names])}}
    assert importers == set()


def test_wrong_observation_history():                        # rl_sar #73, strands #693
    entry = {'term': 'joint_position', 'joints': ['a'], 'max_age_s': 0.015,
             'history': {'steps': 3, 'start': 'wait'}}
    policy = Assembler(manifest(rate_hz=100, inputs={'x': [entry]}, timing={'deadline_s': 0.1}))

    def seen(now_ms, *stamps_ms):
        for stamp_ms in stamps_ms:
            policy.feed('joint_states', JointState(stamp_ms * MS, ('a',), np.array([stamp_ms])))
        return policy.assemble(now_ms * MS).inputs['x'].tolist()

    with pytest.raises(StaleError, match='history'):          # not made up where it is too short
        seen(1010, 1000, 1010)
    assert seen(1020, 1012, 1018, 1020, 1015) == [[1000, 1010, 1020]]    # steps, not messages
    with pytest.raises(StaleError):                           # nor bridged where it has a gap
        seen(1060, 1060)


@pytest.mark.parametrize('mode', ['replace', 'ensemble'])
def test_temporal_ensembling_in_real_time(mode):             # Physical Intelligence
    assert manifest().stitching == 'replace'
    stitch = stitcher(mode, None)
    bench = Bench(limits(1)).engage()
    for turn in range(12):      # of two ways around something, each answer takes the other one
        start, side = float(bench.position[0]), (-1) ** turn
        wanted = start + 0.3 * side * np.linspace(0.0, 1.0, 20)[:, None]
        chunk = stitch(JointChunk(bench.now, 50 * MS, bench.joints.names, wanted))
        if mode == 'replace':
            assert np.array_equal(chunk.positions, wanted)    # never the mean of the two
        assert bench.guard.on_chunk(chunk, bench.now) is None
        bench.tick(7)                                         # the observer checks every seam
    assert bench.guard.fault is None
