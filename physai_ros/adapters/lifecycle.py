"""The base of the package's lifecycle nodes: transitions that explain themselves."""
import gc
import traceback
from typing import List

from physai_ros.adapters import diagnostics
from physai_ros.adapters.heartbeats import not_working
from physai_ros.adapters.parameters import watch
from physai_ros.adapters.runtime import Runtime
from physai_ros.core.errors import PhysaiError
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn

UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = 'unconfigured', 'inactive', 'active', 'finalized'


class ManagedNode(Runtime, LifecycleNode):
    """
    A lifecycle node that beats and reports in every state.

    A subclass overrides :meth:`configure`, :meth:`activate`, :meth:`deactivate`; what it creates
    with ``inbox``, ``advertise``, ``serve`` and ``every`` while configuring or activating is
    undone by the opposite transition. A PhysaiError raised there becomes the node's fault, visible
    in /diagnostics, and the transition fails; it may be tried again.
    """

    def __init__(self, name: str):
        LifecycleNode.__init__(self, name, automatically_declare_parameters_from_overrides=True)
        self.state = UNCONFIGURED
        self._entities: List = []
        self._periodics: List = []
        for service in self.services:
            if service.srv_name.endswith('/change_state'):
                service.callback = self._or_refuse(service.callback)
        self.start_runtime()
        watch(self, self.PARAMETERS, lambda: self.state == UNCONFIGURED, self.on_parameter)

    def configure(self):
        """Load and check everything; create subscriptions, publishers and services."""

    def activate(self):
        """Begin to work."""

    def deactivate(self):
        """Bring what moves to rest; periodic work has ended already."""

    def release(self):
        """Free what ``configure`` loaded; topics and services are gone already."""

    def on_parameter(self, name: str, value):
        """Take note that an ``ALWAYS`` parameter is about to change."""

    def every(self, period_ns: int, callback, patient=False):
        """Run a callback periodically until the node is deactivated; return the Periodic."""
        periodic = self.loop.every(period_ns, callback, patient=patient)
        self._periodics.append(periodic)
        return periodic

    def inbox(self, message_type, topic, profile, convert=lambda message: message, tap=None):
        """Subscribe until the node is cleaned up."""
        inbox = super().inbox(message_type, topic, profile, convert, tap)
        self._entities.append(lambda: inbox.destroy(self))
        return inbox

    def advertise(self, message_type, topic, profile):
        """Create a publisher until the node is cleaned up."""
        publisher = super().advertise(message_type, topic, profile)
        self._entities.append(lambda: self.destroy_publisher(publisher))
        return publisher

    def serve(self, service_type, name, callback):
        """Offer a service until the node is cleaned up."""
        service = self.create_service(service_type, name, callback)
        self._entities.append(lambda: self.destroy_service(service))
        return service

    def alive_as(self) -> str:
        """Return what the heartbeat says: the name alone while active."""
        name = self.get_name()
        return name if self.state == ACTIVE else not_working(name, self.state)

    def stop(self):
        """Deactivate."""
        if self.state == ACTIVE:
            self.trigger_deactivate()

    def destroy_node(self):
        """Clean up, as the shutdown transition does, and leave the graph."""
        if self.state in (INACTIVE, ACTIVE):
            self.trigger_shutdown()
        super().destroy_node()

    def on_configure(self, state):
        """Run ``configure``; undo it when it fails."""
        return self._transition(INACTIVE, self.configure, self._cleanup)

    def on_activate(self, state):
        """Run ``activate``; undo it when it fails."""
        result = self._transition(ACTIVE, self.activate, self._halt)
        gc.collect()
        gc.freeze()
        return result

    def on_deactivate(self, state):
        """End periodic work, then run ``deactivate``."""
        return self._transition(INACTIVE, self._rest)

    def on_cleanup(self, state):
        """Destroy topics and services, then run ``release``."""
        return self._transition(UNCONFIGURED, self._cleanup)

    def on_shutdown(self, state):
        """Come to rest and free everything."""
        return self._transition(FINALIZED, self._finish)

    def on_error(self, state):
        """Free everything after a failed transition; the node may be configured again."""
        self._halt()
        self._cleanup()
        self.state = UNCONFIGURED
        return TransitionCallbackReturn.SUCCESS

    def _or_refuse(self, change):
        """Return a service callback that refuses what rclpy raises at: a wrong transition."""
        def answer(request, response):
            try:
                return change(request, response)
            except RuntimeError as error:  # RCLError
                wanted = request.transition.label or request.transition.id
                self.get_logger().error(f'stays {self.state}: transition {wanted} is refused; '
                                        f'{error}')
                response.success = False
                return response
        return answer

    def _transition(self, target, action, undo=None):
        try:
            action()
        except Exception as error:
            if not isinstance(error, PhysaiError):
                self.get_logger().error(traceback.format_exc())
            self.fault = str(error) or type(error).__name__
            self.get_logger().error(f'stays {self.state}: {self.fault}')
            if undo is None:
                return TransitionCallbackReturn.ERROR
            undo()
            self._publish_diagnostics()
            return TransitionCallbackReturn.FAILURE
        self.fault, self.state = '', target
        self.get_logger().info(target)
        self._publish_diagnostics()
        return TransitionCallbackReturn.SUCCESS

    def _halt(self):
        for periodic in self._periodics:
            self.loop.cancel(periodic)
        self._periodics.clear()

    def _rest(self):
        self._halt()
        self.deactivate()

    def _cleanup(self):
        while self._entities:
            self._entities.pop()()
        self.release()

    def _finish(self):
        if self.state == ACTIVE:
            self._rest()
        self._cleanup()

    def _publish_diagnostics(self):
        level, text, values = self.report() if self.state == ACTIVE else (
            diagnostics.OK, self.state, {})
        self.publish_status(level, text, {'lifecycle': self.state, **values})
