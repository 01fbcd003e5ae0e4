from pathlib import Path

from setuptools import find_packages, setup

NAME = 'physai_ros'
NODES = ('perception', 'policy', 'command', 'manager', 'state_publisher', 'sim', 'viewer')
SHARED = ('config', 'launch', 'models', 'urdf')


def shared_files():
    """Return the files that go under ``share/physai_ros``, grouped by folder."""
    groups = {}
    for top in SHARED:
        for path in sorted(Path(top).rglob('*')):
            if path.is_file() and '__pycache__' not in path.parts:
                groups.setdefault(f'share/{NAME}/{path.parent}', []).append(str(path))
    return list(groups.items())


setup(
    name=NAME,
    version='0.1.0',
    packages=find_packages(include=[NAME, f'{NAME}.*']),
    data_files=[
        ('share/ament_index/resource_index/packages', [f'resource/{NAME}']),
        (f'share/{NAME}', ['package.xml']),
        *shared_files(),
    ],
    python_requires='>=3.10',
    install_requires=['setuptools'],
    extras_require={
        # What rosdep has no (or too old a) key for; docs/install.md says how to get it on Jazzy.
        'robot': ['mcap', 'model-signing', 'onnxruntime', 'pydantic>=2', 'pyopenssl', 'ruckig'],
        # physai import: LeRobot needs an environment of its own, see docs/import.md.
        'import': ['lerobot==0.4.*', 'onnx', 'onnxruntime', 'pydantic>=2', 'transforms3d',
                   'xacro'],
        # Terms on the task in words; outputs that move a frame (differential IK).
        'text': ['tokenizers'],
        'cartesian': ['daqp', 'pin', 'pin-pink'],
        'quantize': ['mcap', 'onnx'],
        'sim': ['mujoco'],
        'up': ['supervisor'],
        'test': ['pytest', 'pytest-timeout'],
    },
    zip_safe=True,
    author='The physai_ros developers',
    author_email='physai@example.com',
    maintainer='The physai_ros developers',
    maintainer_email='physai@example.com',
    description='Learned physical-AI models on robots, as standard ROS 2 nodes',
    license='Apache-2.0',
    entry_points={
        'console_scripts': [
            'physai = physai_ros.cli.main:main',
            *(f'{node} = physai_ros.nodes.{node}_node:main' for node in NODES),
        ],
    },
)
