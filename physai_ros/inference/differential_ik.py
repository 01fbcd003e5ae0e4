"""Motion of a frame becomes motion of joints: differential inverse kinematics with pink."""
from typing import Optional, Tuple

import numpy as np
from physai_ros.bundle.outputs import FrameOutput
from physai_ros.core.errors import BundleError
from physai_ros.robots.kinematic_model import completed, kinematic_model

STEPS, STEP_S = 20, 0.05
GAIN = 1.0
NEAR_M, NEAR_RAD = 1e-4, 1e-3
DAMPING = 1e-6
ORIENTATION_COST = 0.01     # m per rad: an arm of five joints gives way in its turns


class DifferentialIk:
    """
    Finds joint positions for the poses that an output which moves a frame wants.

    Each pose is approached from the solution of the one before, within the position and velocity
    limits of the URDF; one that cannot be reached ends as near as they allow. The guard sees
    joint positions and knows nothing of frames.

    :param urdf: text of the robot's URDF
    :raises BundleError: when pin-pink or daqp is not installed
    :raises ConfigError: for a URDF that Pinocchio cannot use
    """

    def __init__(self, urdf: str):
        try:
            import pinocchio
            import pink
            import daqp  # noqa: F401  what pink solves with
        except ImportError as error:
            raise BundleError(f'the library {error.name} is missing', None,
                              'it, for outputs that move a frame',
                              "pip install 'physai_ros[cartesian]'") from None
        self._pin, self._pink = pinocchio, pink
        self._model = kinematic_model(completed(urdf))
        self._reduced = {}

    def require(self, output):
        """
        Check that an output can be solved.

        :raises BundleError: for an unknown frame, or one that other joints move too
        """
        self._problem(output.frame, output.joints)

    def __call__(self, output, moves: np.ndarray, reference: np.ndarray) -> np.ndarray:
        """
        Return joint positions, (K, J) rad or m.

        :param output: outputs.FrameOutput
        :param moves: (K, 6) x, y, z in m and a rotation vector in rad
        :param reference: (J,) where the joints were
        :raises BundleError: as ``require`` does
        """
        model, places = self._problem(output.frame, output.joints)
        configuration = self._start(model, places, reference)
        task = self._pink.FrameTask(output.frame, position_cost=1.0, gain=GAIN,
                                    orientation_cost=ORIENTATION_COST, lm_damping=DAMPING)
        pose = configuration.get_transform_frame_to_world(output.frame)
        start, rows = pose, np.empty((len(moves), len(reference)))
        for k, move in enumerate(moves):
            base = pose if output.steps == 'from_step_before' else start
            pose = self._pin.SE3(self._pin.exp3(move[3:]), move[:3]) if output.absolute else \
                self._moved(base, move, output.axes)
            task.set_target(pose)
            configuration = self._approach(model, configuration, task)
            rows[k] = configuration.q[places]
        return rows

    def _approach(self, model, configuration, task):
        for _ in range(STEPS):
            error = task.compute_error(configuration)
            if np.linalg.norm(error[:3]) < NEAR_M and np.linalg.norm(error[3:]) < NEAR_RAD:
                break
            try:
                velocity = self._pink.solve_ik(configuration, [task], STEP_S, solver='daqp',
                                               safety_break=False)
            except self._pink.PinkError as solving:
                raise BundleError('the motion of a frame', None, 'one that joints can be found '
                                  f'for ({solving})', 'the whole answer is thrown away; see '
                                  'whether the model answers in m and rad') from None
            q = configuration.integrate(velocity, STEP_S)
            q = q.clip(model.lowerPositionLimit, model.upperPositionLimit)
            configuration = self._pink.Configuration(model, configuration.data, q)
        return configuration

    def _moved(self, base, move, axes):
        turn = self._pin.exp3(move[3:])
        if axes == 'frame':
            return base * self._pin.SE3(turn, move[:3])
        return self._pin.SE3(turn @ base.rotation, base.translation + move[:3])

    def _start(self, model, places, reference):
        q = self._pin.neutral(model)
        q[places] = reference
        q = q.clip(model.lowerPositionLimit, model.upperPositionLimit)
        return self._pink.Configuration(model, model.createData(), q)

    def _problem(self, frame, joints) -> Tuple[object, np.ndarray]:
        """Return the model with all other joints locked, and the places of these in it."""
        key = (frame, tuple(joints))
        if key not in self._reduced:
            self._reduced[key] = self._reduce(frame, joints)
        return self._reduced[key]

    def _reduce(self, frame, joints):
        full = self._model
        if not full.existFrame(frame):
            raise BundleError('the frame of an output', frame,
                              f'one of {", ".join(f.name for f in full.frames)}',
                              'correct frame in policy.yaml')
        support = full.supports[full.frames[full.getFrameId(frame)].parentJoint]
        moving = [full.names[k] for k in support if k]
        missing = [name for name in moving if name not in joints]
        idle = [name for name in joints if name not in moving]
        if missing or idle:
            raise BundleError(f'the joints of an output that moves {frame}', list(joints),
                              f'{", ".join(moving)}, which move it', 'name exactly these')
        locked = [k for k in range(1, full.njoints) if full.names[k] not in joints]
        model = self._pin.buildReducedModel(full, locked, self._pin.neutral(full))
        if model.nq != model.nv:
            raise BundleError(f'the joints of an output that moves {frame}', list(joints),
                              'joints that turn or slide within limits',
                              'give continuous joints limits in the URDF')
        places = np.array([model.joints[model.getJointId(name)].idx_q for name in joints])
        return model, places


def solver_for(manifest, urdf: str) -> Optional[DifferentialIk]:
    """
    Return what a bundle's Decoder needs, None where it needs nothing.

    :param urdf: text of the robot's URDF
    :raises BundleError: when an output cannot be solved, or a library is missing
    """
    frames = [part for _, part in manifest.parts() if isinstance(part, FrameOutput)]
    if not frames:
        return None
    solver = DifferentialIk(urdf)
    for part in frames:
        solver.require(part)
    return solver
