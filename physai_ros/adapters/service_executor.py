"""What of ROS need not be on time: services, clients, parameters, lifecycle transitions."""
from contextlib import ExitStack

from rclpy.executors import Executor, TimeoutException
from rclpy.impl.implementation_singleton import rclpy_implementation


class ServiceExecutor(Executor):
    """A single-threaded executor that tells whether there was anything to do."""

    def spin_once(self, timeout_sec=None) -> bool:
        """Run one callback; return False when none was ready in time."""
        try:
            handler, _, _ = self.wait_for_ready_callbacks(timeout_sec=timeout_sec)
        except TimeoutException:
            return False
        handler()
        if handler.exception() is not None:
            raise handler.exception()
        return True

    def requested(self) -> bool:
        """
        Return whether a request, a response, a timer or a message waits for :meth:`spin_once`.

        It takes a tenth of its time; QoS events and guard conditions are not looked at.
        """
        nodes = self.get_nodes()
        subscriptions, timers, clients, services = (
            [entity.handle for node in nodes for entity in getattr(node, kind)
             if self.can_execute(entity)]
            for kind in ('subscriptions', 'timers', 'clients', 'services'))
        with ExitStack() as held:
            for handle in (*subscriptions, *timers, *clients, *services, self.context.handle):
                held.enter_context(handle)
            waits = rclpy_implementation.WaitSet(
                len(subscriptions), 0, len(timers), len(clients), len(services), 0,
                self.context.handle)
            held.enter_context(waits)
            waits.clear_entities()
            for add, handles in ((waits.add_subscription, subscriptions),
                                 (waits.add_timer, timers), (waits.add_client, clients),
                                 (waits.add_service, services)):
                for handle in handles:
                    add(handle)
            waits.wait(0)
            return any(waits.get_ready_entities(kind) for kind in (
                'subscription', 'timer', 'client', 'service'))
