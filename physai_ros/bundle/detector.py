"""The manifest ``detector.yaml`` of a detector bundle."""
from typing import Annotated, ClassVar, Literal

from physai_ros.bundle.files import Bundle, load_bundle
from physai_ros.bundle.schema import Label, Listed, ModelFile, Name, Schema, Size, Triple, Version
from physai_ros.core.errors import BundleError
from pydantic import Field, FiniteFloat

DetectorBundle = Bundle


class DetectorInput(Schema):
    """The picture that the network takes: uint8, (1, height, width, 3)."""

    name: Label = Field(default='image', description='the name of the input of the model')
    size: Size = Field(description='[height, width], pixels')
    encoding: Literal['rgb8', 'bgr8'] = Field(default='rgb8', description='the colour order')


class DetectorClass(Schema):
    """A kind of object."""

    class_id: Label = Field(description='the name of the class')
    size_m: Triple = Field(description='its extent along x, y, z, metres')
    anchor_z: FiniteFloat = Field(
        default=0.0, description='height of the point that the network looks for, from the centre '
        'of the object, metres')


class DetectorManifest(Schema):
    """A detector of objects in pictures."""

    FILE: ClassVar[str] = 'detector.yaml'

    format: Literal['physai-detector/1'] = Field(  # noqa: A003
        default='physai-detector/1', description='the version of this format: physai-detector/1')
    name: Name = Field(description='the name of the bundle: letters, digits, _ - .')
    version: Version = Field(description='MAJOR.MINOR.PATCH (https://semver.org)')
    model: ModelFile
    input: DetectorInput  # noqa: A003
    classes: Annotated[Listed[DetectorClass], Field(min_length=1, max_length=256)] = Field(
        description='the classes, in the order of the model')
    stride: int = Field(ge=1, le=64, description='pixels of the input for one cell of the output')
    threshold: float = Field(gt=0, lt=1, description='the least score of a detection')

    def inconsistencies(self):
        names = [kind.class_id for kind in self.classes]
        for n, kind in enumerate(self.classes):
            if kind.class_id in names[:n]:
                yield ('classes', n, 'class_id'), BundleError(
                    '', kind.class_id, 'another name than the classes before', 'rename it')
            if min(kind.size_m) <= 0:
                yield ('classes', n, 'size_m'), BundleError(
                    '', kind.size_m, 'lengths greater than 0', 'give them in metres')
        for side in self.input.size:
            if side % self.stride:
                yield ('input', 'size'), BundleError(
                    '', self.input.size, f'multiples of the stride {self.stride}', 'correct one')


def load_detector(which, **options) -> DetectorBundle:
    """Load and verify a detector bundle; see ``files.load_bundle``."""
    return load_bundle(which, DetectorManifest, **options)
