"""The house's dependency directions: who may import whom, and that no ROS lives below adapters."""
import ast
from pathlib import Path
import subprocess
import sys

import pytest

PACKAGE = 'physai_ros'
ROOT = Path(__file__).resolve().parents[2] / PACKAGE
ROS = {'action_msgs', 'ament_index_python', 'builtin_interfaces', 'control_msgs',
       'diagnostic_msgs', 'geometry_msgs', 'launch', 'launch_ros', 'lifecycle_msgs', 'nav_msgs',
       'rcl_interfaces', 'rclpy', 'rosgraph_msgs', 'sensor_msgs', 'std_msgs', 'std_srvs',
       'tf2_msgs', 'tf2_ros', 'trajectory_msgs', 'vision_msgs', 'visualization_msgs'}
# layer -> (layers it may import, packages from outside the standard library)
LAYERS = {
    'core': ('', 'numpy'),
    'paths': ('', 'ament_index_python'),
    'bootstrap': ('core', 'yaml'),
    'robots': ('core paths',
               'numpy pinocchio pydantic transforms3d typing_extensions xacro yaml'),
    'bundle': ('core paths robots', 'cv2 model_signing numpy pydantic pydantic_core '
               'tokenizers yaml'),
    'inference': ('core robots bundle', 'daqp numpy onnxruntime pink pinocchio'),
    'perception': ('core robots bundle inference', 'cv2 numpy pydantic transforms3d yaml'),
    'guard': ('core robots', 'coal numpy pinocchio pydantic ruckig'),
    'importers': ('core bundle inference', 'lerobot numpy safetensors torch torchvision'),
    'sim': ('core paths robots', 'coal mujoco numpy'),
    'blackbox': ('core', 'mcap'),
    'evaluation': ('core paths robots bundle inference perception guard sim', 'numpy'),
    'quantize': ('core robots bundle inference evaluation adapters',
                 'mcap numpy onnx onnxruntime'),
    'supervise': ('core', 'supervisor yaml'),
    'robot_check': ('core robots bundle guard', ''),
    'topic_check': ('core robots bundle security', ''),
    'bringup': ('core paths robots robot_check topic_check', ''),
    'adapters': ('core blackbox robots bundle inference perception guard',
                 'cv2 numpy transforms3d ROS'),
    'nodes': ('core paths robots bundle inference perception guard sim supervise adapters',
              'numpy transforms3d ROS'),
    'parameter_check': ('core adapters', ''),
    'security': ('core robots bundle', ''),
    'faults': ('core robots bundle guard bringup parameter_check supervise adapters', 'numpy ROS'),
    'bench': ('core paths robots bundle inference guard evaluation importers quantize supervise '
              'bringup adapters', 'lerobot numpy onnx onnxruntime rich torch ROS'),
    'cli': ('core paths robots bundle inference perception guard sim evaluation importers '
            'quantize supervise bringup parameter_check security adapters faults bench',
            'cv2 numpy rich yaml ROS'),
}
BELOW_ADAPTERS = ('core', 'robots', 'bundle', 'inference', 'perception', 'guard', 'sim',
                  'blackbox', 'evaluation', 'supervise', 'robot_check', 'topic_check', 'bringup',
                  'security')
FILES = sorted(path.relative_to(ROOT) for path in ROOT.rglob('*.py')
               if path != ROOT / '__init__.py')


def layer_of(path):
    return path.parts[0].removesuffix('.py')


def imports(path):
    """Yield the modules that a file imports, at its top or inside functions."""
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        modules = []
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f'{path}:{node.lineno}: relative import'
            modules = [node.module]
            if node.module == PACKAGE:
                modules = [f'{PACKAGE}.{alias.name}' for alias in node.names]
        yield from modules


def test_every_part_of_the_house_has_a_layer():
    assert {layer_of(path) for path in FILES} <= set(LAYERS)


@pytest.mark.parametrize('path', FILES, ids=str)
def test_a_file_imports_only_what_its_layer_may(path):
    layer = layer_of(path)
    layers, outside = (set(names.split()) for names in LAYERS[layer])
    if 'ROS' in outside:
        outside |= ROS
    for module in imports(path):
        top, _, rest = module.partition('.')
        if top == PACKAGE:
            part = rest.split('.')[0]
            assert part in layers | {layer}, f'{path} imports {module}; {layer} may not'
        elif top not in sys.stdlib_module_names:
            assert top in outside, f'{path} imports {module}; {layer} may not'


@pytest.mark.parametrize('path', [path for path in FILES if layer_of(path) == 'nodes'], ids=str)
def test_a_node_imports_no_node(path):
    assert not [module for module in imports(path) if module.startswith(f'{PACKAGE}.nodes')]


def ros_loaded_by(modules):
    """Return the ROS packages that a fresh interpreter has loaded after importing the modules."""
    code = (f'import importlib, sys\n'
            f'for name in {modules!r}: importlib.import_module(name)\n'
            f'print(*sorted({ROS!r} & set(sys.modules)))')
    done = subprocess.run([sys.executable, '-c', code], cwd=ROOT.parent, capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_nothing_below_the_adapters_loads_ros():
    modules = ['.'.join([PACKAGE, *path.with_suffix('').parts]).removesuffix('.__init__')
               for path in FILES if layer_of(path) in BELOW_ADAPTERS]
    assert ros_loaded_by(modules) == []


def test_the_command_line_loads_ros_only_when_a_command_needs_it():
    assert ros_loaded_by([f'{PACKAGE}.cli.main']) == []


def test_the_set_up_starts_with_the_standard_library_alone():
    done = subprocess.run([sys.executable, '-I', '-S', '-c',
                           f'import sys; sys.path.insert(0, {str(ROOT.parent)!r})\n'
                           'import physai_ros.bootstrap.steps'],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
