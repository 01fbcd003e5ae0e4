"""Which lifecycle request to send next: a robot's nodes brought up, and back, in order."""
from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence

UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED = 'unconfigured', 'inactive', 'active', 'finalized'
GET_STATE, CONFIGURE, ACTIVATE = 'get_state', 'configure', 'activate'
DOING = {CONFIGURE: 'configuring', ACTIVATE: 'activating'}


@dataclass(frozen=True)
class Timing:
    """
    Patience, in nanoseconds.

    :param silence_ns: a node without a heartbeat for so long is gone
    :param transition_ns: a transition may block its node's heartbeat for so long
    :param answer_ns: a node that beats so long after a request has lost that request; unless it
        beats on without a pause during a transition, for ``transition_ns``
    :param poll_ns: how often the state of a node is asked for when nothing is due
    :param backoff_ns: pause after a first failed transition, doubled up to ``backoff_max_ns``
    :param hung_ns: a node that is silent for so long hangs; 0: none ever does
    """

    silence_ns: int = 500_000_000
    transition_ns: int = 15_000_000_000
    answer_ns: int = 1_000_000_000
    poll_ns: int = 1_000_000_000
    backoff_ns: int = 500_000_000
    backoff_max_ns: int = 10_000_000_000
    hung_ns: int = 3_000_000_000


@dataclass(frozen=True)
class Request:
    """A service call to make: ``kind`` is get_state, configure or activate."""

    node: str
    kind: str
    number: int


@dataclass(frozen=True)
class Event:
    """Something to log once: ``level`` is info, warning or error."""

    level: str
    text: str


@dataclass
class _Node:
    heard_ns: Optional[int] = None
    beat_ns: int = 0
    alive: bool = False
    state: Optional[str] = None
    change: str = ''
    change_ns: int = 0
    paused: bool = False
    pending: Optional[Request] = None
    sent_ns: int = 0
    due_ns: int = 0
    failures: int = 0
    problem: str = ''
    losses: int = 0
    restarts: int = 0
    configured: bool = False
    doubted: bool = False
    hung_ns: Optional[int] = None


class Conductor:
    """
    Bring nodes to ``active``: configure all, then activate them in the order given.

    Call :meth:`heard` on every heartbeat, :meth:`tick` a few times a second, make the calls that
    it returns, and hand what they answer to :meth:`answered`. Nodes that are found active are left
    alone, so that a restarted manager disturbs nothing.

    ``ready_once``: whether all of them have been active at the same time.

    :param nodes: names in the order of activation
    """

    def __init__(self, nodes: Sequence[str], timing: Timing = Timing()):
        self.timing = timing
        self._nodes: Dict[str, _Node] = {name: _Node() for name in nodes}
        self._events: List[Event] = []
        self._number = 0
        self._ready = self.ready_once = False
        self._now_ns: Optional[int] = None

    def heard(self, name: str, now_ns: int, works: bool = True):
        """
        Take note of a heartbeat; names of other nodes are ignored.

        :param works: whether it says that the node is active; one that should be is asked at once
        """
        if name in self._nodes:
            node = self._nodes[name]
            node.doubted |= not works and node.state == ACTIVE
            node.paused |= now_ns - node.beat_ns > self.timing.silence_ns
            node.heard_ns, node.beat_ns, node.hung_ns = now_ns, now_ns, None

    def gone(self, name: str, now_ns: int) -> bool:
        """Return whether a node that was once heard has been silent for too long."""
        node = self._nodes[name]
        return node.heard_ns is not None and now_ns - node.heard_ns > self.timing.silence_ns

    def hung(self, now_ns: int) -> Dict[str, int]:
        """
        Return the nodes that hang, and how long ago each was heard (ns).

        Each is told once in ``hung_ns``; not while a transition may block it, and not when none of
        several is heard: then it is more likely the listener that has lost touch.
        """
        if not self.timing.hung_ns or (len(self._nodes) > 1 and all(
                self.gone(name, now_ns) for name in self._nodes)):
            return {}
        silent = {name: now_ns - node.beat_ns for name, node in self._nodes.items()
                  if node.heard_ns is not None and not self._busy(node, now_ns)
                  and now_ns - (node.hung_ns or node.heard_ns) > self.timing.hung_ns}
        for name in silent:
            self._nodes[name].hung_ns = now_ns
        return silent

    def states(self) -> Dict[str, str]:
        """
        Return each node's lifecycle state, or why that is not known.

        That is ``missing``, ``silent``, ``configuring``, ``activating`` or ``unknown``.
        """
        return {name: 'missing' if node.heard_ns is None else
                'silent' if not node.alive else node.state or DOING.get(node.change, 'unknown')
                for name, node in self._nodes.items()}

    def problems(self) -> Dict[str, str]:
        """Return why nodes could not be configured or activated, for those that could not."""
        return {name: node.problem for name, node in self._nodes.items() if node.problem}

    def losses(self) -> Dict[str, int]:
        """Return how often each node fell silent."""
        return {name: node.losses for name, node in self._nodes.items()}

    def restarts(self) -> Dict[str, int]:
        """Return how often each node was found unconfigured after it had been configured."""
        return {name: node.restarts for name, node in self._nodes.items()}

    def events(self) -> List[Event]:
        """Return what happened since the last call."""
        events, self._events = self._events, []
        return events

    def tick(self, now_ns: int) -> List[Request]:
        """Return the requests to make now, at most one a node."""
        self._forgive(now_ns)
        for name, node in self._nodes.items():
            self._watch(name, node, now_ns)
        requests = [self._next(name, node, now_ns) for name, node in self._nodes.items()]
        ready = all(node.state == ACTIVE for node in self._nodes.values())
        if ready and not self._ready:
            self._log('info', 'all nodes are active')
        self._ready, self.ready_once = ready, ready or self.ready_once
        return [request for request in requests if request is not None]

    def answered(self, request: Request, now_ns: int, state: Optional[str] = None,
                 success: bool = False, reason: str = ''):
        """
        Take the answer to a request, a sign of life; late ones, given up before, are ignored.

        :param state: the state that a get_state call returned
        :param success: what a configure or activate call returned
        :param reason: why it failed, where known
        """
        node = self._nodes[request.node]
        if node.pending != request:
            return
        node.pending, node.change = None, ''
        self.heard(request.node, now_ns)
        if request.kind == GET_STATE:
            self._found(request.node, node, state, now_ns)
        elif success:
            node.failures, node.problem = 0, ''
            node.state, node.configured = INACTIVE if request.kind == CONFIGURE else ACTIVE, True
            node.due_ns = now_ns
        else:
            pause = min(self.timing.backoff_ns << min(node.failures, 20),
                        self.timing.backoff_max_ns)
            node.failures += 1
            node.state = None
            node.due_ns = now_ns + pause
            node.problem = f'{request.kind} failed{": " if reason else ""}{reason}'
            self._log('error',
                      f'{request.node}: {node.problem}; trying again in {pause / 1e9:g} s')

    def _forgive(self, now_ns):
        """Do not blame the nodes for a time in which nobody listened."""
        gap_ns = 0 if self._now_ns is None else now_ns - self._now_ns
        self._now_ns = now_ns
        if gap_ns < self.timing.silence_ns // 2:
            return
        for node in self._nodes.values():
            if node.heard_ns is not None:
                node.heard_ns = min(now_ns, node.heard_ns + gap_ns)

    def _busy(self, node, now_ns) -> bool:
        """Return whether a transition may block a node's heartbeat."""
        since_ns = max(node.change_ns, node.beat_ns)
        return bool(node.change) and now_ns - since_ns < self.timing.transition_ns

    def _watch(self, name, node, now_ns):
        if node.heard_ns is None:
            return
        if not self.gone(name, now_ns):
            if not node.alive:
                node.alive, node.state, node.due_ns = True, None, now_ns
                node.failures, node.problem = 0, ''
                self._log('info', f'{name} is {"back" if node.losses else "up"}')
        elif node.alive and not self._busy(node, now_ns):
            node.alive, node.state, node.pending, node.change = False, None, None, ''
            node.losses += 1
            self._log('error', f'{name} is silent: no heartbeat for more than '
                      f'{self.timing.silence_ns / 1e9:g} s')

    def _next(self, name, node, now_ns) -> Optional[Request]:
        if not node.alive:
            return None
        if node.pending is not None:
            since_ns = now_ns - node.sent_ns
            beating = (node.heard_ns > node.sent_ns + self.timing.answer_ns
                       and (node.paused or not node.change))
            if not beating and since_ns < self.timing.transition_ns:
                return None
            node.pending, node.state, node.due_ns = None, None, now_ns
        if now_ns < node.due_ns:
            return None
        if node.state == UNCONFIGURED:
            return self._request(name, node, CONFIGURE, now_ns)
        if node.state == INACTIVE and self._may_activate(name):
            return self._request(name, node, ACTIVATE, now_ns)
        if node.doubted or node.state is None or now_ns - node.sent_ns >= self.timing.poll_ns:
            return self._request(name, node, GET_STATE, now_ns)
        return None

    def _found(self, name, node, state, now_ns):
        if state == FINALIZED and node.state != FINALIZED:
            self._log('error', f'{name} is finalized: only a new process can bring it back')
        if state == UNCONFIGURED and node.configured:
            node.restarts, node.configured = node.restarts + 1, False
            self._log('warning', f'{name} was restarted')
        node.state, node.configured = state, node.configured or state in (INACTIVE, ACTIVE)
        settled = state in (UNCONFIGURED, INACTIVE, ACTIVE, FINALIZED)
        node.due_ns = now_ns if settled else now_ns + self.timing.poll_ns // 5

    def _may_activate(self, name) -> bool:
        nodes = self._nodes
        order = list(nodes)
        return (all(node.state in (INACTIVE, ACTIVE) for node in nodes.values())
                and all(nodes[other].state == ACTIVE for other in order[:order.index(name)]))

    def _request(self, name, node, kind, now_ns) -> Request:
        self._number += 1
        node.pending, node.sent_ns = Request(name, kind, self._number), now_ns
        node.doubted = False
        if kind != GET_STATE:
            node.change, node.change_ns, node.paused = kind, now_ns, False
        return node.pending

    def _log(self, level, text):
        self._events.append(Event(level, text))
