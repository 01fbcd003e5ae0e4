"""What each node of a graph may do, and those who look at it: what it needs, and no more."""
from functools import lru_cache
from typing import FrozenSet, Iterator, List

from physai_ros.bundle.files import load_bundle
from physai_ros.robots import load_fleet
from physai_ros.security.needs import (
    DIAGNOSTICS, EVERY_NODE, Needs, OPERATOR_SERVICES, PARAMETER_SERVICES, Rights, switch, TF,
    TF_STATIC)


def rights(graph) -> List[Rights]:
    """
    Return what each node of a graph needs, then what those who look at it need.

    :param graph: ``bringup.Graph``
    """
    fleet = load_fleet(graph.options.fleet)
    manifest_of = lru_cache(lambda bundle: load_bundle(bundle).manifest)
    nodes = [Needs(spec, fleet, manifest_of) for spec in graph.specs]
    found, operator = [node.rights() for node in nodes], _operator(graph)
    drivers = [] if graph.options.use_sim else _drivers(graph, nodes, operator)
    return [*found, *drivers, operator, _monitor(graph)]


def _operator(graph) -> Rights:
    """Return the rights of a person or a fleet system that engages robots and stops them."""
    publish, subscribe, request = set(EVERY_NODE), {DIAGNOSTICS, *graph.states.values()}, set()
    for spec in _commanders(graph):
        publish.update(map(spec.resolve, ('estop', 'task', *switch(spec))))
        request.update(map(spec.resolve, OPERATOR_SERVICES))
    return Rights('operator', '/', frozenset(publish), frozenset(subscribe),
                  _services('/operator'), frozenset(request))


def _drivers(graph, nodes, operator) -> Iterator[Rights]:
    """Yield the rights of each real robot's drivers: to measure for its nodes, and to obey."""
    published = operator.publish.union(*(node.publish for node in nodes))
    for spec in _commanders(graph):
        name = spec.namespace[1:]
        robot = [node for node in nodes if node.spec.namespace == spec.namespace]
        measured = set().union(*(node.measured for node in robot)) - published
        yield Rights('drivers', spec.namespace,
                     EVERY_NODE | {DIAGNOSTICS, TF, TF_STATIC} | measured,
                     frozenset(graph.commands[name]), _services(f'{spec.namespace}/drivers'))


def _monitor(graph) -> Rights:
    """Return the rights of ``physai up``, which only listens."""
    commands = {topic for topics in graph.commands.values() for topic in topics}
    truth = {f'/sim/ground_truth/{name}/status' for name in graph.commands}
    return Rights('physai_up', '/', frozenset({'/parameter_events'}),
                  frozenset({DIAGNOSTICS, *commands, *truth, *graph.states.values()}))


def _commanders(graph) -> list:
    return [spec for spec in graph.specs if spec.name == 'command']


def _services(node) -> FrozenSet[str]:
    return frozenset(f'{node}/{name}' for name in PARAMETER_SERVICES)
