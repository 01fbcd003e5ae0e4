"""The quality-of-service profiles of all topics, by what the data is for."""
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy


def _profile(depth: int, reliable: bool, latched: bool = False) -> QoSProfile:
    return QoSProfile(
        history=HistoryPolicy.KEEP_LAST, depth=depth,
        reliability=ReliabilityPolicy.RELIABLE if reliable else ReliabilityPolicy.BEST_EFFORT,
        durability=(DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE))


SENSOR = _profile(1, reliable=False)
"""Measurements of which only the newest counts: a slow reader delays nobody."""

SENSOR_OUT = _profile(10, reliable=False)
"""What publishes measurements: rides out a short burst."""

EVERY_SENSOR = _profile(30, reliable=False)
"""For those who want each measurement: a second of pictures may wait."""

JOINTS = _profile(10, reliable=False)
"""Joint states, which several drivers may share: none of them pushes out what another one says."""

STATE_OUT = _profile(5, reliable=True)
"""Joint states, odometry and images' calibration: fits reliable and best-effort readers."""

COMMAND = _profile(1, reliable=True)
"""Commands: delivered, and never queued behind an older one."""

CHUNK = _profile(5, reliable=True)
"""Action chunks: few and large; the reader orders them by their stamp."""

LATCHED = _profile(1, reliable=True, latched=True)
"""The current value of something that changes rarely, for late joiners too."""

REMEMBERED = _profile(150, reliable=True, latched=True)
"""What was seen lately, for a reader that was started anew and may not see it now."""

EVENTS = _profile(10, reliable=True)
"""Heartbeats, diagnostics, markers."""

SWITCHES = _profile(10, reliable=False)
"""Switches in a human's hand: hears every publisher, whatever its own quality of service is."""

EVERY = _profile(200, reliable=True)
"""For those who judge each message: none is missed while they stand still for two seconds."""

TF = _profile(100, reliable=True)
"""What tf2 uses for /tf."""

TF_STATIC = _profile(100, reliable=True, latched=True)
"""What tf2 uses to listen on /tf_static."""

TF_STATIC_OUT = LATCHED
"""What tf2 uses to publish on /tf_static: one message with all transforms of the node."""
