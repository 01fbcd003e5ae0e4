"""Decode what a model answers into chunks of actions."""
import numpy as np
from physai_ros.bundle.manifest import Manifest
from physai_ros.core.errors import BundleError
from physai_ros.core.types import JointChunk


class Decoder:
    """
    Turns outputs into chunks; one that is not finite is an error and never becomes a chunk.

    :param manifest: of the bundle
    """

    def __init__(self, manifest: Manifest):
        self._outputs, self._dt_ns = manifest.outputs, manifest.dt_ns

    def decode(self, outputs, t_obs_ns: int):
        """
        Return the chunks of one answer: at most one for the joints and one for the base.

        :param outputs: arrays by output name
        :param t_obs_ns: stamp of the observation that was answered
        :raises BundleError: for a missing output, another shape, a number that is not finite
        """
        missing = [name for name in self._outputs if name not in outputs]
        if missing:
            raise BundleError('the outputs of the model', sorted(outputs),
                              f'also {", ".join(missing)}', 'correct outputs in policy.yaml')
        chunks = [output.decode(name, outputs[name], t_obs_ns, self._dt_ns)
                  for name, output in self._outputs.items()]
        joints = [chunk for chunk in chunks if isinstance(chunk, JointChunk)]
        others = [chunk for chunk in chunks if not isinstance(chunk, JointChunk)]
        return ([_side_by_side(joints)] if joints else []) + others


def _side_by_side(chunks):
    if len(chunks) == 1:
        return chunks[0]
    return JointChunk(chunks[0].stamp_ns, chunks[0].dt_ns,
                      tuple(name for chunk in chunks for name in chunk.names),
                      np.hstack([chunk.positions for chunk in chunks]))
