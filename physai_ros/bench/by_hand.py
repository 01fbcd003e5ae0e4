"""The least that a runtime for one model can do in Python: the floor of the overhead."""
from queue import SimpleQueue
import threading

import numpy as np
from physai_ros.core.types import JointChunk, JointState


class ByHand:
    """
    Joint positions and velocities in, a chunk out; written for one model that is known.

    It does what no runtime may leave out, and nothing else: find joints by name, refuse what is
    not finite, run in a worker thread, decode.

    :param model: has ``run`` (inference.model)
    :param joints: in the order of the model
    """

    def __init__(self, model, joints, steps: int, dt_ns: int):
        self._model, self._joints, self._steps, self._dt_ns = model, joints, steps, dt_ns
        self._names = self._order = None
        self._todo, self._done = SimpleQueue(), SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def chunk(self, state: JointState) -> JointChunk:
        """
        Return what the model answers to a joint state.

        :raises ValueError: for a number that is not finite
        """
        if state.names != self._names:
            self._names = state.names
            self._order = np.array([state.names.index(name) for name in self._joints])
        row = np.concatenate([state.position[self._order], state.velocity[self._order]])
        self._todo.put({'state': _finite(row).astype(np.float32)[np.newaxis]})
        answer = self._done.get()['action'].reshape(self._steps, -1)
        return JointChunk(state.stamp_ns, self._dt_ns, self._joints, _finite(answer.astype(float)))

    def close(self):
        """End the worker."""
        self._todo.put(None)
        self._thread.join()

    def _work(self):
        for inputs in iter(self._todo.get, None):
            self._done.put(self._model.run(inputs))


def _finite(numbers):
    if not np.isfinite(numbers).all():
        raise ValueError('not finite')
    return numbers
