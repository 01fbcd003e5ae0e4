"""A robot as others describe theirs: xacro with arguments, packages, no camera, a root `world`."""
import struct

import numpy as np
import yaml

XACRO = """<robot name="foreign" xmlns:xacro="http://www.ros.org/wiki/xacro">
<xacro:arg name="side" default="none"/>
<xacro:include filename="$(find foreign_parts)/urdf/arm.xacro"/>
<xacro:arm prefix="$(arg side)_"/></robot>"""
ARM = """<robot xmlns:xacro="http://www.ros.org/wiki/xacro">
<xacro:macro name="arm" params="prefix">
<link name="world"/>
<link name="${prefix}base">
<collision><geometry><box size="0.2 0.2 0.2"/></geometry></collision>
<inertial><mass value="4e-15"/>
<inertia ixx="1e-27" iyy="1e-27" izz="1e-27" ixy="0" ixz="0" iyz="0"/></inertial></link>
<joint name="${prefix}bolts" type="fixed"><parent link="world"/><child link="${prefix}base"/>
<origin xyz="0 0 0.3"/></joint>
<link name="${prefix}upper">
<visual><geometry><mesh filename="package://foreign_parts/meshes/upper.dae"/></geometry></visual>
<collision><origin xyz="0 0 0.1"/>
<geometry><mesh filename="package://foreign_parts/meshes/upper.stl"/></geometry></collision>
<inertial><mass value="1"/>
<inertia ixx="0.01" iyy="0.01" izz="0.01" ixy="0" ixz="0" iyz="0"/></inertial>
</link>
<joint name="${prefix}pan" type="continuous"><parent link="${prefix}base"/>
<child link="${prefix}upper"/>
<origin xyz="0 0 0.12"/><axis xyz="0 0 1"/><limit effort="50" velocity="2"/></joint>
<xacro:macro name="finger" params="name">
<link name="${prefix}${name}">
<collision><geometry><box size="0.02 0.01 0.05"/></geometry></collision></link></xacro:macro>
<xacro:finger name="finger"/><xacro:finger name="other"/>
<joint name="${prefix}grip" type="prismatic"><parent link="${prefix}upper"/>
<child link="${prefix}finger"/><origin xyz="0.05 0.02 0.5"/><axis xyz="0 1 0"/>
<limit lower="0.01" upper="0.04" velocity="0.1" effort="0"/></joint>
<joint name="${prefix}follow" type="prismatic"><parent link="${prefix}upper"/>
<child link="${prefix}other"/><origin xyz="0.05 -0.02 0.5"/><axis xyz="0 -1 0"/>
<limit lower="0" upper="0.04" velocity="0.1" effort="0"/><mimic joint="${prefix}grip"/></joint>
</xacro:macro></robot>"""
PROFILE = {
    'name': 'foreign', 'urdf': 'robot/foreign.urdf.xacro', 'xacro': {'side': 'left'},
    'packages': {'foreign_parts': 'parts'},
    'arm': {'joints': ['left_pan', 'left_grip'], 'acceleration': {'default': 4.0},
            'jerk': {'default': 80.0}}}


def write_foreign_robot(folder, **changes):
    """Write the robot's files and its profile, with changes, into a folder; return the profile."""
    for place in ('robot', 'parts/urdf', 'parts/meshes'):
        (folder / place).mkdir(parents=True, exist_ok=True)
    (folder / 'robot' / 'foreign.urdf.xacro').write_text(XACRO)
    (folder / 'parts' / 'urdf' / 'arm.xacro').write_text(ARM)
    write_block(folder / 'parts' / 'meshes' / 'upper.stl', (0.1, 0.1, 0.6))
    file = folder / 'foreign.yaml'
    file.write_text(yaml.safe_dump({**PROFILE, **changes}))
    return file


def write_block(file, size):
    """Write a block centred at the origin as binary STL."""
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * size / 2
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    rows = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    data = b''.join(struct.pack('<12fH', 0, 0, 0, *corners[list(row)].ravel(), 0) for row in rows)
    file.write_bytes(b'\0' * 80 + struct.pack('<I', len(rows)) + data)


def write_dae(file, size):
    """Write a tetrahedron of the given edges along x, y, z as COLLADA."""
    x, y, z = size
    file.write_text(f"""<COLLADA
xmlns="http://www.collada.org/2005/11/COLLADASchema" version="1.4.1">
<library_geometries><geometry id="g"><mesh><source id="p">
<float_array id="a" count="12">0 0 0 {x} 0 0 0 {y} 0 0 0 {z}</float_array><technique_common>
<accessor source="#a" count="4" stride="3"><param name="X" type="float"/>
<param name="Y" type="float"/><param name="Z" type="float"/></accessor></technique_common></source>
<vertices id="v"><input semantic="POSITION" source="#p"/></vertices><triangles count="4">
<input semantic="VERTEX" source="#v" offset="0"/><p>0 2 1 0 1 3 0 3 2 1 2 3</p></triangles></mesh>
</geometry></library_geometries><library_visual_scenes><visual_scene id="s"><node id="n">
<instance_geometry url="#g"/></node></visual_scene></library_visual_scenes>
<scene><instance_visual_scene url="#s"/></scene></COLLADA>""")
