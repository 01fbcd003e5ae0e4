"""Field types that the manifests share: strict, finite, frozen, no unknown key."""
from pathlib import PurePosixPath
import re
from typing import Annotated, Iterator, List, Literal, Tuple, TypeVar, Union

from physai_ros.core.errors import BundleError
from physai_ros.core.names import RELATIVE
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat
from pydantic import Strict
from pydantic_core import PydanticCustomError

T = TypeVar('T')
LONGEST_TOPIC = 128


class Schema(BaseModel):
    """A part of a manifest."""

    model_config = ConfigDict(frozen=True, extra='forbid', strict=True)

    def __eq__(self, other):
        """Compare what was said, not what has been worked out of it since."""
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self).model_fields)

    def inconsistencies(self) -> Iterator[Tuple[tuple, BundleError]]:
        """Yield (path, problem) for what is valid field by field but not together."""
        return iter(())


def mismatch(field, expected, remedy):
    """Return the error that a validator of a whole part raises about one of its fields."""
    return PydanticCustomError('mismatch', '{expected}',
                               {'field': field, 'expected': expected, 'remedy': remedy})


def _as_tuple(value):
    if not isinstance(value, (int, float, list, tuple)):
        raise PydanticCustomError('numbers', 'a number, or a list of numbers')
    return (value,) if isinstance(value, (int, float)) else value


def _distinct(values):
    repeated = sorted({str(v) for v in values if values.count(v) > 1})
    if repeated:
        raise mismatch('', 'each name once', f'remove the repeated {", ".join(repeated)}')
    return values


def _inside(file):
    path = PurePosixPath(file)
    if path.is_absolute() or '..' in path.parts or not path.parts:
        raise mismatch('', 'a file inside the folder of the bundle',
                       'put the file into the folder and give its relative path')
    return file


def _relative(topic):
    if not isinstance(topic, str) or re.fullmatch(RELATIVE, topic):
        return topic
    if topic.startswith('/') and re.fullmatch(RELATIVE, topic[1:]) and len(topic) <= LONGEST_TOPIC:
        raise mismatch('', 'a topic relative to the namespace of the robot',
                       f'leave out the leading /: write {topic[1:]}; a driver that publishes '
                       f'{topic} is led there by the fleet file, remap: {{{topic[1:]}: {topic}}}')
    raise mismatch('', 'names of letters, digits and _ with / in between, such as '
                   'head_camera/image_raw', 'correct the topic')


Listed = Annotated[Tuple[T, ...], Strict(False)]
Name = Annotated[str, Field(pattern=r'^[A-Za-z0-9][A-Za-z0-9_.-]*$', max_length=64)]
Version = Annotated[str, Field(pattern=r'^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]+)?$',
                               max_length=64)]
Label = Annotated[str, Field(pattern=r'^[^\s\x00-\x1f\x7f]+$', max_length=128)]
Topic = Annotated[str, Field(pattern=RELATIVE, max_length=LONGEST_TOPIC),
                  BeforeValidator(_relative)]
Distinct = AfterValidator(_distinct)
JointNames = Annotated[Listed[Label], Field(min_length=1, max_length=256), Distinct]
Numbers = Annotated[Listed[FiniteFloat], Field(min_length=1),
                    BeforeValidator(_as_tuple, json_schema_input_type=Union[float, List[float]])]
Bounds = Annotated[Tuple[Numbers, Numbers], Strict(False)]
Seconds = Annotated[FiniteFloat, Field(gt=0, le=60)]
Pixels = Annotated[int, Field(ge=1, le=8192)]
Size = Annotated[Tuple[Pixels, Pixels], Strict(False)]
Moderate = Annotated[FiniteFloat, Field(ge=-1e6, le=1e6)]
Pair = Annotated[Tuple[Moderate, Moderate], Strict(False)]
Quaternion = Annotated[Tuple[Moderate, Moderate, Moderate, Moderate], Strict(False)]
Dtype = Literal['float32', 'float64', 'float16', 'int64', 'int32', 'uint8', 'bool']
Triple = Annotated[Tuple[Moderate, Moderate, Moderate], Strict(False)]


class ModelFile(Schema):
    """The model of a bundle, and what its bytes must be."""

    file: Annotated[Label, AfterValidator(_inside)] = Field(
        description='the ONNX file, relative to the folder of the bundle')
    sha256: str = Field(pattern=r'^[0-9a-f]{64}$',
                        description='the SHA-256 of the file, as sha256sum prints it')
