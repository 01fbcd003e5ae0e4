"""
Builds ROS interface packages from field definitions into a virtual environment.

``.venv/bin/python -m physai_ros.bootstrap.interfaces config/interfaces.yaml``. Only the generators
that rclpy over Fast DDS needs run: C, its type supports, Python, type descriptions.
"""
from concurrent.futures import ThreadPoolExecutor
import contextlib
import os
from pathlib import Path
import shutil
import subprocess
import sys
import tempfile

import yaml

GENERATORS = ('rosidl_cmake', 'rosidl_generator_type_description', 'rosidl_generator_c',
              'rosidl_typesupport_c', 'rosidl_typesupport_fastrtps_c',
              'rosidl_typesupport_introspection_c', 'rosidl_generator_py')
PACKAGE_XML = """<?xml version="1.0"?>
<package format="3">
  <name>{name}</name>
  <version>0.1.0</version>
  <description>Types of {name} that physai_ros uses</description>
  <maintainer email="physai@example.com">physai_ros</maintainer>
  <license>Apache-2.0</license>
  <buildtool_depend>ament_cmake</buildtool_depend>
  {depends}
  <member_of_group>rosidl_interface_packages</member_of_group>
</package>
"""
CMAKE_LISTS = """cmake_minimum_required(VERSION 3.22)
project({name} C CXX)
find_package(ament_cmake REQUIRED)
foreach(dependency {generators} {depends})
  find_package(${{dependency}} REQUIRED)
endforeach()
# The dependencies register every generator there is; C++ is not needed here.
list(FILTER AMENT_EXTENSIONS_rosidl_generate_idl_interfaces EXCLUDE REGEX "_cpp:")
rosidl_generate_interfaces({name} {files} DEPENDENCIES {depends})
# One compiler run for all types: parsing the headers is most of the work.
set_target_properties({name}__rosidl_typesupport_c {name}__rosidl_typesupport_fastrtps_c
  {name}__rosidl_typesupport_introspection_c {name}__rosidl_generator_py
  PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
ament_package()
"""


def write_package(folder: Path, name: str, package: dict):
    """
    Write the sources of one interface package.

    :param folder: an absent or empty folder
    :param name: name of the package
    :param package: ``depends`` (package names) and ``types`` (``msg/Name`` -> text of the file)
    """
    files = []
    for kind, text in package['types'].items():
        file = folder / f'{kind}.{kind.split("/")[0]}'
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        files.append(str(file.relative_to(folder)))
    depends = '\n  '.join(f'<depend>{other}</depend>' for other in package['depends'])
    (folder / 'package.xml').write_text(PACKAGE_XML.format(name=name, depends=depends))
    (folder / 'CMakeLists.txt').write_text(CMAKE_LISTS.format(
        name=name, generators=' '.join(GENERATORS), depends=' '.join(package['depends']),
        files=' '.join(files)))


def build_package(workspace: Path, name: str, prefix: Path) -> Path:
    """
    Configure, compile and install one package.

    :param workspace: folder with ``src/<name>``; gets ``build/<name>`` and ``<name>.log``
    :param prefix: the virtual environment
    :returns: the log, or None when all went well
    """
    python = f'python{sys.version_info.major}.{sys.version_info.minor}'
    settings = {
        'BUILD_TESTING': 'OFF',
        'CMAKE_BUILD_TYPE': 'Release',
        'CMAKE_INSTALL_PREFIX': prefix,
        'CMAKE_PREFIX_PATH': prefix,
        'PYTHON_INSTALL_DIR': f'lib/{python}/site-packages',
        'Python3_EXECUTABLE': prefix / 'bin' / 'python',
    }
    environment = {**os.environ, 'AMENT_PREFIX_PATH': str(prefix)}
    build, log = workspace / 'build' / name, workspace / f'{name}.log'
    stages = {
        'configure': ['-G', 'Ninja', '-S', workspace / 'src' / name, '-B', build, '-Wno-dev',
                      *(f'-D{key}={value}' for key, value in settings.items())],
        'compile': ['--build', build],
        'install': ['--install', build],
    }
    with open(log, 'w', encoding='utf-8') as output:
        for stage, arguments in stages.items():
            print(f'{name}: {stage}', flush=True)
            command = [str(prefix / 'bin' / 'cmake'), *map(str, arguments)]
            if subprocess.run(command, env=environment, check=False, stdout=output,
                              stderr=subprocess.STDOUT).returncode:
                return log
    return None


def main(path) -> int:
    """Build and install every package of the file; return the exit code."""
    packages = yaml.safe_load(Path(path).read_text())
    with without_spaces(Path(sys.prefix)) as prefix:
        return build(packages, prefix / 'interfaces', prefix)


@contextlib.contextmanager
def without_spaces(prefix: Path):
    """Yield a path to the environment without spaces: rosidl's CMake code splits names at them."""
    if ' ' not in str(prefix):
        yield prefix
        return
    with tempfile.TemporaryDirectory(prefix='physai-') as folder:
        link = Path(folder) / 'venv'
        link.symlink_to(prefix)
        yield link


def build(packages: dict, workspace: Path, prefix: Path) -> int:
    """
    Build and install packages in parallel; print the log of the first that fails.

    :param packages: name -> see :func:`write_package`
    :returns: the exit code
    """
    shutil.rmtree(workspace, ignore_errors=True)
    for name, package in packages.items():
        write_package(workspace / 'src' / name, name, package)
    with ThreadPoolExecutor() as pool:
        logs = list(pool.map(lambda name: build_package(workspace, name, prefix), packages))
    for log in filter(None, logs):
        print(log.read_text(errors='replace'))
        return 1
    shutil.rmtree(workspace / 'build')
    return 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1]))
