"""What is where: detections in the head camera's picture, objects in base_link."""
from physai_ros.adapters import diagnostics
from physai_ros.adapters.images import read_camera_info, read_image, write_image
from physai_ros.adapters.lifecycle import ManagedNode
from physai_ros.adapters.meter import Meter
from physai_ros.adapters.parameters import FRAME_PREFIX, Parameter, UNCONFIGURED
from physai_ros.adapters.qos import EVENTS, REMEMBERED, SENSOR, SENSOR_OUT
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns
from physai_ros.adapters.shared_memory import READS_PICTURES
from physai_ros.adapters.transforms import TransformListener
from physai_ros.adapters.trust import read_trust, TRUST
from physai_ros.adapters.vision import detections, objects
from physai_ros.bundle.detector import load_detector
from physai_ros.core.errors import ConfigError, PhysaiError, StaleError
from physai_ros.core.types import Image
from physai_ros.perception.pipeline import BASE_FRAME, Pipeline
from physai_ros.robots.profile import load_profile
from sensor_msgs.msg import CameraInfo, Image as ImageMessage
from vision_msgs.msg import Detection2DArray, Detection3DArray


class PerceptionNode(ManagedNode):
    """Looks at the newest picture ``rate_hz`` times a second."""

    MIDDLEWARE_PROFILE, NICE = READS_PICTURES, 5
    PARAMETERS = (
        Parameter('profile', '', 'name or path of the robot profile', settable=UNCONFIGURED),
        Parameter('detector', '', 'detector bundle; overrides that of the profile',
                  settable=UNCONFIGURED),
        Parameter('rate_hz', 0.0, 'pictures per second; 0: as the profile says', 0.0, 60.0,
                  settable=UNCONFIGURED),
        Parameter('max_image_age_s', 0.5, 'older pictures are not looked at', 0.01, 10.0),
        Parameter('tf_tolerance_s', 0.2, 'how old the newest transform may be', 0.01, 10.0),
        *TRUST,
        FRAME_PREFIX,
    )

    def __init__(self):
        super().__init__('perception')

    def configure(self):
        """Load the detector; subscribe to the camera of the profile."""
        profile = load_profile(self.value('profile'))
        if profile.perception is None:
            raise ConfigError(f'perception of profile {profile.name}', None, 'a detector',
                              'add a perception section, or do not start this node')
        self._pipeline = Pipeline(
            load_detector(self.value('detector') or profile.perception.detector,
                          trust=read_trust(self)),
            profile.perception)
        self._rate_hz = self.value('rate_hz') or profile.perception.rate_hz
        camera = profile.camera
        self._model, self._problem, self._seen = None, 'no picture yet', ''
        self._work, self._age_ns, self._stamp_ns = Meter('pictures'), 0, None
        self._transforms = TransformListener(
            self, self.prefix, int(self.value('tf_tolerance_s') * 1e9))
        self._images = self.inbox(ImageMessage, f'{camera.name}/image_raw', SENSOR, read_image)
        self._infos = self.inbox(CameraInfo, f'{camera.name}/camera_info', SENSOR,
                                 read_camera_info)
        self._boxes = self.advertise(Detection2DArray, 'perception/detections', EVENTS)
        self._objects = self.advertise(Detection3DArray, 'perception/objects', REMEMBERED)
        self._picture = self.advertise(ImageMessage, 'perception/image_annotated', SENSOR_OUT)

    def activate(self):
        """Begin to look."""
        self.every(int(1e9 / self._rate_hz), self._look)

    def release(self):
        """Free the detector."""
        self._pipeline = None

    def report(self):
        """Tell rates, latency and what was seen last."""
        level = diagnostics.WARN if self._problem else diagnostics.OK
        counters = {key: str(value) for key, value in self._pipeline.counters.items()}
        return level, self._problem or 'looking', {
            **self._work.read(monotonic_ns()), 'image_age_ms': f'{self._age_ns * 1e-6:.1f}',
            'images_rejected': str(self._images.rejected), **counters, 'seen': self._seen}

    def _look(self):
        image, model = self._images.newest(), self._infos.newest()
        self._model = model or self._model
        if image is None and self._current():
            return
        try:
            self._check(image)
            start_ns = monotonic_ns()
            pose = self._transforms.lookup(
                BASE_FRAME, image.frame_id.removeprefix(self.prefix), image.stamp_ns)
            self._publish(image, self._pipeline.process(image, self._model, pose))
            self._work.add(monotonic_ns() - start_ns)
            self._problem = ''
        except PhysaiError as error:
            self._problem = str(error)

    def _current(self) -> bool:
        """Return whether the last picture is young enough that none has to have come."""
        return self._stamp_ns is not None and \
            abs(self.now_ns() - self._stamp_ns) <= self.value('max_image_age_s') * 1e9

    def _check(self, image):
        limit_s = self.value('max_image_age_s')
        if image is None:
            raise StaleError(f'picture on {self._images.topic}', None, 'a new one',
                             f'check the camera ({self._images.publishers()} publishers)')
        age_s = (self.now_ns() - image.stamp_ns) * 1e-9
        if not age_s <= limit_s:
            raise StaleError(f'age of the picture on {self._images.topic}', f'{age_s:.3f} s',
                             f'at most {limit_s:g} s', 'check clocks and load')
        if self._model is None:
            raise StaleError(f'calibration on {self._infos.topic}', None, 'a message')

    def _publish(self, image, perceived):
        self._boxes.publish(detections(perceived.detections, image.stamp_ns, image.frame_id))
        self._objects.publish(objects(perceived.objects, self.prefix))
        if self._picture.get_subscription_count():
            self._picture.publish(write_image(ImageMessage(), Image(
                image.stamp_ns, image.frame_id, perceived.annotated())))
        self._stamp_ns, self._age_ns = image.stamp_ns, self.now_ns() - image.stamp_ns
        self._seen = ' '.join(sorted(item.class_id for item in perceived.detections))


def main(args=None):
    """Run the node."""
    run(PerceptionNode, args)


if __name__ == '__main__':
    main()
