"""A model that answers what it sees: it proves a chain end to end."""
import numpy as np
from physai_ros.core.errors import BundleError
from physai_ros.inference.model import TensorSpec


class IdentityModel:
    """
    Answers each output with an input of its width, repeated for every step of the chunk.

    :param manifest: of a bundle whose n-th output is as wide as its n-th input
    :raises BundleError: when it is not
    """

    def __init__(self, manifest):
        shapes = {name: manifest.input_shape(name) for name in manifest.inputs}
        self.inputs = tuple(TensorSpec(n, shape, 'float32') for n, shape in shapes.items())
        self.outputs = tuple(TensorSpec(name, output.tensor_shapes[0], 'float32')
                             for name, output in manifest.outputs.items())
        self._pairs = tuple(zip(self.outputs, self.inputs))
        widths = [(name, output.width) for name, output in manifest.outputs.items()]
        for (name, width), (source, shape) in zip(widths, shapes.items()):
            if shape != (1, width):
                raise BundleError(f'the shape of input {source}', shape,
                                  f'{(1, width)}, as output {name} has',
                                  'let inputs and outputs name the same joints')
        if len(widths) > len(shapes):
            raise BundleError('the number of inputs', len(shapes), f'at least {len(widths)}',
                              'give each output an input')

    def run(self, inputs):
        """Return the inputs as outputs."""
        return {output.name: np.broadcast_to(inputs[source.name][:, np.newaxis], output.shape)
                for output, source in self._pairs}
