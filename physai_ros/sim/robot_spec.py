"""From URDF text to the part of a MuJoCo specification that is one robot."""
from dataclasses import dataclass
import math
from typing import Optional, Tuple
import xml.etree.ElementTree as ElementTree

import mujoco
import numpy as np
from physai_ros.core.errors import ConfigError
from physai_ros.robots.meshes import with_files
from physai_ros.robots.profile import Profile
from physai_ros.robots.urdf import Description, parse
from physai_ros.sim.contacts import BODY, chain_bits, NOTHING, set_bits
from physai_ros.sim.foreign_meshes import READ, with_objs

VISUAL_GROUP, COLLISION_GROUP = 2, 3
ARMATURE = {'hinge': 0.02, 'slide': 0.1}      # reflected rotor inertia, kg m^2 or kg
BASE_JOINTS = ('base_x', 'base_y', 'base_yaw')
GRIP_FRICTION = (1.2, 0.02, 0.0001)           # rubber pads: sliding, torsional, rolling
WORLD, ROOT = 'world', 'robot_root'           # MuJoCo has a world of its own
COMPILER = ('<mujoco><compiler discardvisual="false" fusestatic="false" strippath="false"'
            ' balanceinertia="true"/></mujoco>')


@dataclass(frozen=True)
class SimRobot:
    """
    A robot of the simulated world.

    :param name: its namespace, unique
    :param description: URDF text
    :param pose: x (m), y (m), yaw (rad) of its place in the world
    :param task: the scene built around that place, None for none
    """

    name: str
    profile: Profile
    description: str
    pose: Tuple[float, float, float] = (0.0, 0.0, 0.0)
    task: Optional[str] = None


@dataclass(frozen=True)
class RobotPart:
    """
    A robot's specification with what was measured on it.

    ``root``: name of its root's body.
    ``height``: of its root over the floor, m. ``low``, ``high``: corners (3,) in its root's frame
    of the box round the robot at rest.
    """

    spec: mujoco.MjSpec
    description: Description
    root: str
    height: float
    low: np.ndarray
    high: np.ndarray


def robot_part(robot: SimRobot) -> RobotPart:
    """
    Build one robot: joints as in the URDF, gravity compensated, no actuators yet.

    A robot with a base stands on planar joints (the maker's gait controller is stood in for) and
    collides as the box round its stance; others are bolted to the floor and collide link by link.

    :raises ConfigError: when MuJoCo refuses the URDF or a frame is missing
    """
    description = parse(robot.description)
    try:
        return _part(robot, description, _load(robot))
    except ValueError as error:
        raise ConfigError(f'description of {robot.name}', None, 'a URDF that MuJoCo can load',
                          ' '.join(str(error).split())) from error


def _part(robot, description, spec) -> RobotPart:
    for body in spec.bodies[1:]:
        body.gravcomp = 1.0
    for joint in spec.joints:
        joint.armature = ARMATURE[_kind(joint)]
        joint.actfrclimited = mujoco.mjtLimited.mjLIMITED_FALSE
    if robot.profile.camera is not None:
        _add_camera(spec, robot)
    _add_mimics(spec, description)
    low, high = _box_at_rest(spec, robot.profile.rest())
    root = spec.body(ROOT if description.root == WORLD else description.root)
    for geom in spec.geoms:
        _dress(geom)
    height = 0.0
    if robot.profile.base is None:
        _collide_by_chain(spec, root)
    else:
        height = -float(low[2])
        _stand_on_planar_base(root, low, high)
    return RobotPart(spec, description, root.name, height, low, high)


def _load(robot) -> mujoco.MjSpec:
    text, objs = with_objs(with_files(robot.description, _adapt))
    return mujoco.MjSpec.from_string(text, assets=objs)


def _adapt(urdf):
    """Set MuJoCo's options; show the collision shapes of links whose looks it cannot read."""
    for element in urdf.findall('mujoco'):
        urdf.remove(element)
    urdf.insert(0, ElementTree.fromstring(COMPILER))
    for element in urdf.iter():
        for key in ('name', 'link'):
            if element.tag in ('link', 'parent') and element.get(key) == WORLD:
                element.set(key, ROOT)
    for link in urdf.findall('link'):
        for inertial in link.findall('inertial'):
            if not _is_physical(inertial):
                link.remove(inertial)       # MuJoCo weighs the shapes then
        looks = link.findall('visual')
        foreign = [visual for visual in looks for mesh in visual.iter('mesh')
                   if not mesh.get('filename', '').lower().endswith(READ)]
        for visual in foreign:
            link.remove(visual)
        if foreign and len(foreign) == len(looks):
            for shape in link.findall('collision'):
                visual = ElementTree.SubElement(link, 'visual')
                visual.extend(part for part in shape if part.tag in ('origin', 'geometry'))


def _is_physical(inertial) -> bool:
    inertia = inertial.find('inertia')
    xx, xy, xz, yy, yz, zz = (0.0 if inertia is None else float(inertia.get(key, 0.0))
                              for key in ('ixx', 'ixy', 'ixz', 'iyy', 'iyz', 'izz'))
    least = np.linalg.eigvalsh([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])[0]
    return bool(least > mujoco.mjMINVAL)


def _kind(joint) -> str:
    return 'slide' if joint.type == mujoco.mjtJoint.mjJNT_SLIDE else 'hinge'


def _add_camera(spec, robot):
    """Put the camera into its optical frame; MuJoCo looks along -z with y up: turn about x."""
    camera = robot.profile.camera
    body = spec.body(camera.frame)
    if body is None:
        raise ConfigError(f'camera.frame of profile {robot.profile.name}', camera.frame,
                          'a link of its URDF')
    half = math.tan(math.radians(camera.hfov_deg) / 2) * camera.height / camera.width
    body.add_camera(name=camera.name, quat=[0, 1, 0, 0],
                    fovy=math.degrees(2 * math.atan(half)))


def _add_mimics(spec, description):
    for joint in description.joints.values():
        if joint.mimic is None:
            continue
        data = [joint.mimic.offset, joint.mimic.multiplier] + [0.0] * (mujoco.mjNEQDATA - 2)
        spec.add_equality(type=mujoco.mjtEq.mjEQ_JOINT, objtype=mujoco.mjtObj.mjOBJ_JOINT,
                          name1=joint.name, name2=joint.mimic.joint, data=data,
                          solref=[0.004, 1.0], solimp=[0.99, 0.999, 0.001, 0.5, 2])


def _dress(geom):
    visual = geom.contype == 0 and geom.conaffinity == 0
    geom.group = VISUAL_GROUP if visual else COLLISION_GROUP
    if not visual:
        set_bits(geom, NOTHING)


def _collide_by_chain(spec, root):
    """Let chains that hang off the trunk collide with the scene, the trunk and each other."""
    for geom in spec.geoms:
        if geom.group == COLLISION_GROUP:
            set_bits(geom, BODY)
    fingers = [j for j in spec.joints if _kind(j) == 'slide']
    for index, body in enumerate(_chain_roots(root)):
        # neighbours overlap
        spec.add_exclude(bodyname1=body.parent.name, bodyname2=body.name)
        for link in [body] + list(body.find_all('body')):
            for geom in link.geoms:
                if geom.group == COLLISION_GROUP:
                    set_bits(geom, chain_bits(index))
    for joint in fingers:
        for geom in joint.parent.geoms:
            geom.condim, geom.friction = 4, GRIP_FRICTION
            geom.solref, geom.solimp = [0.005, 1.0], [0.95, 0.99, 0.001, 0.5, 2]


def _chain_roots(body):
    """Return the bodies that are the first to move, seen from the root."""
    found = []
    for child in body.bodies:
        found += [child] if child.joints else _chain_roots(child)
    return found


def _stand_on_planar_base(root, low, high):
    slide, hinge = mujoco.mjtJoint.mjJNT_SLIDE, mujoco.mjtJoint.mjJNT_HINGE
    axes = ((slide, [1, 0, 0]), (slide, [0, 1, 0]), (hinge, [0, 0, 1]))
    for name, (kind, axis) in zip(BASE_JOINTS, axes):
        root.add_joint(name=name, type=kind, axis=axis)
    bottom = low[2] + 0.02
    center = [(low[0] + high[0]) / 2, (low[1] + high[1]) / 2, (bottom + high[2]) / 2]
    size = [(high[0] - low[0]) / 2, (high[1] - low[1]) / 2, (high[2] - bottom) / 2]
    box = root.add_geom(name='stance_box', type=mujoco.mjtGeom.mjGEOM_BOX, pos=center, size=size,
                        group=COLLISION_GROUP, mass=0.0)
    set_bits(box, BODY)


def _box_at_rest(spec, rest):
    """Return the corners (3,), (3,) in the root's frame of the box round the robot at rest."""
    model = spec.copy().compile()
    data = mujoco.MjData(model)
    for name, value in rest.items():
        data.qpos[model.joint(name).qposadr[0]] = value
    mujoco.mj_kinematics(model, data)
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for geom in range(model.ngeom):
        center = data.geom_xpos[geom]
        rotation = data.geom_xmat[geom].reshape(3, 3)
        if model.geom_type[geom] == mujoco.mjtGeom.mjGEOM_SPHERE:
            half = np.full(3, model.geom_size[geom][0])
        else:
            middle, size = model.geom_aabb[geom][:3], model.geom_aabb[geom][3:]
            center = center + rotation @ middle
            half = np.abs(rotation) @ size
        low, high = np.minimum(low, center - half), np.maximum(high, center + half)
    return low, high
