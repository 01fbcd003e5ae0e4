"""Stands in the way of topics and does to their messages what it is told."""
from physai_ros.adapters import qos
from physai_ros.adapters.message_types import message_type
from physai_ros.adapters.parameters import ALWAYS, Parameter, watch
from physai_ros.adapters.run import run
from physai_ros.adapters.runtime import monotonic_ns, Runtime
from physai_ros.adapters.shared_memory import SENDS_PICTURES
from physai_ros.core.errors import ConfigError
from physai_ros.faults.disturb import Disturbance, Setting
from physai_ros.faults.messages import edits
from rclpy.node import Node
from rclpy.qos import QoSProfile

PERIOD_NS = 2_000_000
DEPTH = 50
UNDISTURBED = '/undisturbed'


class ProxyNode(Runtime, Node):
    """Passes ``<topic>/undisturbed`` on as ``<topic>``, in the way that ``faults`` says."""

    MIDDLEWARE_PROFILE = SENDS_PICTURES
    PARAMETERS = (
        Parameter('topics', [''], 'each: full name, type, quality of service (of adapters.qos)'),
        Parameter('faults', [''], 'each: topic=kind or topic=kind:number', settable=ALWAYS),
        Parameter('begin_ns', 0, 'monotonic time at which the next faults begin; 0: at once',
                  0, 2**63 - 1, settable=ALWAYS),
    )

    def __init__(self):
        super().__init__('proxy', automatically_declare_parameters_from_overrides=True)
        self.start_runtime()
        self._ways, self._planned, self._begin_ns = {}, {}, 0
        for row in filter(None, self.value('topics')):
            topic, kind, profile = row.split()
            self._add(topic, message_type(kind), getattr(qos, profile))
        watch(self, self.PARAMETERS, lambda: False, self._on_parameter)
        self.loop.every(PERIOD_NS, self._forward, steady=True)

    def _add(self, topic, kind, profile):
        many = QoSProfile(depth=DEPTH, reliability=profile.reliability,
                          durability=profile.durability)
        subscription = self.create_subscription(
            kind, topic + UNDISTURBED, lambda message: None, many, callback_group=self.loop.gate)
        self._ways[topic] = (subscription, Disturbance(edits(kind), seed=len(self._ways)),
                             self.advertise(kind, topic, profile))

    def _forward(self):
        if monotonic_ns() >= self._begin_ns:
            self._begin()
        for subscription, disturbance, publisher in self._ways.values():
            for message in _waiting(subscription):
                disturbance.push(message, monotonic_ns())
            for message in disturbance.pop(monotonic_ns()):
                publisher.publish(message)

    def _on_parameter(self, name, value):
        if name == 'begin_ns':
            self._begin_ns = value
        elif name == 'faults':
            self._planned = {**dict.fromkeys(self._ways, Setting('pass')), **self._read(value)}

    def _read(self, rows):
        settings = {}
        for row in filter(None, rows):
            topic, _, text = row.partition('=')
            if topic not in self._ways:
                raise ConfigError('topic of proxy', topic, f'one of {", ".join(self._ways)}')
            settings[topic] = Setting.read(text)
        return settings

    def _begin(self):
        for topic, wanted in self._planned.items():
            _, disturbance, _ = self._ways[topic]
            if wanted != disturbance.setting:
                disturbance.begin(wanted)
        self._planned = {}


def _waiting(subscription):
    with subscription.handle:
        for _ in range(DEPTH):
            taken = subscription.handle.take_message(subscription.msg_type, True)
            if taken is None:
                return
            yield taken[0]


def main(args=None):
    """Run the node."""
    run(ProxyNode, args)


if __name__ == '__main__':
    main()
