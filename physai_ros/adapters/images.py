"""Pictures and calibration: sensor_msgs <-> core types, without copies where possible."""
import array
from dataclasses import dataclass

import numpy as np
from physai_ros.adapters import cdr
from physai_ros.adapters.errors import MessageError
from physai_ros.adapters.stamps import to_ns, write
from physai_ros.core.types import CameraModel, Depth, Image
from sensor_msgs.msg import CameraInfo, CompressedImage, Image as ImageMessage

CHANNELS = {'rgb8': 3, 'bgr8': 3, 'mono8': 1, 'rgba8': 4, 'bgra8': 4}
DEPTHS = {'16UC1': ('u2', 0.001), 'mono16': ('u2', 0.001), '32FC1': ('f4', 1.0)}


@dataclass(frozen=True, eq=False)
class _Raw:
    """The fields of a sensor_msgs/Image."""

    stamp_ns: int
    frame_id: str
    height: int
    width: int
    encoding: str
    is_bigendian: int
    step: int
    data: memoryview


def _raw(data: bytes) -> _Raw:
    def parse(reader):
        start = *reader.header(), reader.number(), reader.number(), reader.text()
        order, step, size = reader.number('<B'), reader.number(), reader.number()
        begin = reader.skip(size)
        return _Raw(*start, order, step, memoryview(reader.data)[begin:begin + size])
    return cdr.read(ImageMessage, data, parse)


@cdr.from_bytes
def read_image(data: bytes) -> Image:
    """
    Return a picture as RGB; rows may be padded, and the pixels of rgb8 are not copied.

    :param data: a sensor_msgs/Image as DDS has it
    :raises MessageError: for an encoding that is not in CHANNELS, or sizes that do not fit
    """
    message = _raw(data)
    channels = CHANNELS.get(message.encoding)
    if channels is None:
        raise MessageError('image encoding', message.encoding, ', '.join(CHANNELS),
                           'convert it with image_proc, or set the camera driver')
    height, width, step = _checked(message, channels)
    pixels = np.ndarray((height, width, channels), np.uint8, message.data, 0,
                        (step, channels, 1))
    if message.encoding.startswith('bgr'):
        pixels = pixels[:, :, 2::-1]
    elif channels == 4:
        pixels = pixels[:, :, :3]
    elif message.encoding == 'mono8':
        pixels = np.repeat(pixels, 3, axis=2)
    return Image(message.stamp_ns, message.frame_id, pixels)


def read_compressed_image(message: CompressedImage) -> Image:
    """
    Return a JPEG or PNG picture as RGB.

    :raises MessageError: when it cannot be decoded
    """
    import cv2
    data = np.frombuffer(message.data, np.uint8)
    pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if pixels is None:
        raise MessageError('compressed image', message.format, 'a JPEG or PNG picture')
    return Image(to_ns(message.header.stamp), message.header.frame_id, pixels[:, :, ::-1])


def write_jpeg(image: Image, quality: int = 85) -> bytes:
    """
    Return a picture as a JPEG file.

    :param quality: 1 to 100
    """
    import cv2
    _, data = cv2.imencode('.jpg', image.pixels[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return data.tobytes()


@cdr.from_bytes
def read_depth(data: bytes) -> Depth:
    """
    Return a depth picture in metres, NaN where the camera cannot tell (REP 118).

    :param data: a sensor_msgs/Image as DDS has it
    :raises MessageError: for an encoding that is not in DEPTHS, or sizes that do not fit
    """
    message = _raw(data)
    if message.encoding not in DEPTHS:
        raise MessageError('depth image encoding', message.encoding, ', '.join(DEPTHS))
    kind, unit = DEPTHS[message.encoding]
    kind = np.dtype(('>' if message.is_bigendian else '<') + kind)
    height, width, step = _checked(message, kind.itemsize)
    values = np.ndarray((height, width), kind, message.data, 0, (step, kind.itemsize))
    metres = values.astype(np.float32)
    if unit != 1.0:
        metres[values == 0] = np.nan
        metres *= np.float32(unit)
    return Depth(message.stamp_ns, message.frame_id, metres)


def _checked(message, channels):
    """Return height, width and step of a message whose sizes fit together."""
    height, width, step = message.height, message.width, message.step
    if not height or not width:
        raise MessageError('image size', f'{width}x{height}', 'at least one pixel')
    if step < width * channels:
        raise MessageError('image step', step, f'at least {width * channels} bytes')
    size = step * (height - 1) + width * channels
    if len(message.data) < size:
        raise MessageError('bytes of image data', len(message.data), f'at least {size}')
    return height, width, step


def write_image(message: ImageMessage, image: Image) -> ImageMessage:
    """Overwrite a message with a picture, as rgb8."""
    height, width, channels = image.pixels.shape
    if channels != 3 or image.pixels.dtype != np.uint8:
        raise MessageError('pixels', f'{image.pixels.dtype} {image.pixels.shape}',
                           'uint8 (H, W, 3)')
    write(message.header.stamp, image.stamp_ns)
    message.header.frame_id = image.frame_id
    message.height, message.width, message.step = height, width, width * 3
    message.encoding, message.is_bigendian = 'rgb8', 0
    data = array.array('B')
    data.frombytes(np.ascontiguousarray(image.pixels).data)
    message.data = data
    return message


def read_camera_info(message: CameraInfo) -> CameraModel:
    """
    Return a camera's calibration.

    :raises MessageError: for an uncalibrated camera or another distortion model than plumb_bob
    """
    k = np.array(message.k, dtype=float).reshape(3, 3)
    if not (np.isfinite(k).all() and k[0, 0] > 0.0 and k[1, 1] > 0.0):
        raise MessageError('camera_info k', k.ravel().tolist(), 'positive focal lengths',
                           'calibrate the camera')
    d = np.array(message.d, dtype=float)
    if message.distortion_model not in ('', 'plumb_bob') or d.size not in (0, 5):
        raise MessageError('camera_info distortion_model', message.distortion_model,
                           'plumb_bob with 5 coefficients')
    return CameraModel(message.width, message.height, k, d if d.size else np.zeros(5))


def camera_info(camera: CameraModel, frame_id: str) -> CameraInfo:
    """Return a calibration as a message without a stamp."""
    message = CameraInfo(width=camera.width, height=camera.height, distortion_model='plumb_bob')
    message.header.frame_id = frame_id
    message.d = [float(value) for value in camera.d]
    message.k = np.asarray(camera.k, dtype=float).ravel()
    message.r = np.eye(3).ravel()
    message.p = np.hstack([camera.k, np.zeros((3, 1))]).ravel()
    return message
