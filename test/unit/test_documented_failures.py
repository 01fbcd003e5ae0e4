"""Failures of other systems that concern processes and the graph, each named after its cause."""
import ast
from pathlib import Path

import numpy as np
from physai_ros import bringup
from physai_ros.bundle.files import load_bundle
from physai_ros.bundle.observation import Assembler
from physai_ros.core.errors import StaleError
from physai_ros.core.types import Image, Odometry
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
