"""The built interfaces are the official ones: type hashes, fields, and messages on the wire."""
import importlib
import json
from pathlib import Path
import re
import time

import pytest
import rclpy
from rclpy.action import ActionClient, ActionServer
from rclpy.executors import SingleThreadedExecutor

# Official fields and RIHS01 hashes of Jazzy's tf2_msgs, vision_msgs and control_msgs.
TYPES = json.loads((Path(__file__).parent / 'interfaces.json').read_text())
MESSAGES = [name for name in TYPES if '/msg/' in name]
ACTION = 'control_msgs/action/FollowJointTrajectory'
DEADLINE_S = 10.0


def load(name):
    package, kind, plain = name.split('/')
    return getattr(importlib.import_module(f'{package}.{kind}'), plain)


def fields(message):
    """Return the lines of a definition as they stand in interfaces.json."""
    lines = []
    for name, kind in message.get_fields_and_field_types().items():
        kind = re.sub(r'sequence<(.*)>', r'\1[]', kind).replace('double', 'float64')
        lines.append(f'{kind} {name}'.replace('/', '/msg/', 1))
    return lines


@pytest.fixture(scope='module')
def nodes(domain):
    context = rclpy.Context()
    rclpy.init(context=context, domain_id=domain)
    pair = [rclpy.create_node(name, context=context) for name in ('giver', 'taker')]
    executor = SingleThreadedExecutor(context=context)
    for node in pair:
        executor.add_node(node)
    yield (*pair, executor)
    executor.shutdown()
    for node in pair:
        node.destroy_node()
    rclpy.shutdown(context=context)


def spin_until(executor, condition):
    end_s = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < end_s, 'nothing arrived in time'
        executor.spin_once(timeout_sec=0.05)


@pytest.mark.parametrize('name', TYPES)
def test_type_hash_is_the_official_one(name):
    package = importlib.import_module(name.split('/')[0])
    prefix = Path(package.__file__).parents[4]  # above lib/python3.x/site-packages/<package>/
    file = prefix / 'share' / f'{name}.json'
    built = {entry['type_name']: entry['hash_string']
             for entry in json.loads(file.read_text())['type_hashes']}
    assert built[name] == TYPES[name]['type_hash']


@pytest.mark.parametrize('name', MESSAGES)
def test_message_fields_are_the_official_ones(name):
    assert fields(load(name)) == TYPES[name]['fields']


@pytest.mark.parametrize('part', ['Goal', 'Result', 'Feedback'])
def test_action_fields_are_the_official_ones(part):
    assert fields(getattr(load(ACTION), part)) == TYPES[ACTION][part.lower()]


def test_action_result_constants_are_the_official_ones():
    text = TYPES[ACTION]['result_constants'].removesuffix(' (int32)')
    expected = {name: int(value) for name, value in (pair.split('=') for pair in text.split())}
    assert {name: getattr(load(ACTION).Result, name) for name in expected} == expected


@pytest.mark.parametrize('name', MESSAGES)
def test_a_message_crosses_from_node_to_node_with_that_hash(nodes, name):
    giver, taker, executor = nodes
    message, got, topic = load(name), [], name.replace('/', '_')
    subscription = taker.create_subscription(message, topic, got.append, 1)
    publisher = giver.create_publisher(message, topic, 1)
    spin_until(executor, publisher.get_subscription_count)
    publisher.publish(message())
    spin_until(executor, lambda: got)
    info = taker.get_publishers_info_by_topic(topic)[0]
    assert got == [message()]
    assert str(info.topic_type_hash) == TYPES[name]['type_hash']
    taker.destroy_subscription(subscription)
    giver.destroy_publisher(publisher)


def test_a_goal_is_answered_with_an_official_error_code(nodes):
    giver, taker, executor = nodes
    action = load(ACTION)

    def execute(goal):
        goal.abort()
        return action.Result(error_code=action.Result.INVALID_JOINTS,
                             error_string=goal.request.trajectory.joint_names[0])

    server = ActionServer(taker, action, 'follow', execute)
    client = ActionClient(giver, action, 'follow')
    spin_until(executor, client.server_is_ready)
    goal = action.Goal()
    goal.trajectory.joint_names = ['elbow']
    sent = client.send_goal_async(goal)
    spin_until(executor, sent.done)
    answer = sent.result().get_result_async()
    spin_until(executor, answer.done)
    result = answer.result().result
    assert (result.error_code, result.error_string) == (-2, 'elbow')
    client.destroy()
    server.destroy()
