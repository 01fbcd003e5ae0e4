"""A ROS domain of its own for each test file, and a graph of real node processes on it."""
import zlib

import pytest

pytest.importorskip('rclpy', reason='integration tests need rclpy')


@pytest.fixture(scope='module')
def domain(request):
    """Return a domain that no other test run, and no `physai up`, uses on this host."""
    from physai_ros.core.errors import ConfigError
    from physai_ros.supervise.domain import DomainLock, PORTS_SAFE
    first = zlib.crc32(request.module.__name__.encode())
    for step in range(PORTS_SAFE):
        number = 1 + (first + step) % PORTS_SAFE
        try:
            lock = DomainLock(number)
        except ConfigError:
            continue
        yield number
        lock.release()
        return
    pytest.fail('all ROS domains of this host are in use')


@pytest.fixture
def graph(domain, tmp_path, monkeypatch):
    """Return an empty graph; its processes end, and must end well, with the test."""
    monkeypatch.setenv('ROS_HOME', str(tmp_path / 'ros'))
    from graph import Graph
    graph = Graph(domain)
    yield graph
    graph.close()
