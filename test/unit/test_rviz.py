"""config/physai.rviz against the graph of the default fleet: topics, QoS, plugins."""
from xml.etree import ElementTree

from physai_ros import bringup
from physai_ros.paths import share
from physai_ros.security.rights import rights
import pytest
import yaml

DISPLAYS = yaml.safe_load((share() / 'config' / 'physai.rviz').read_text())[
    'Visualization Manager']['Displays']
SHOWN = {'robot_description', 'command/preview', 'head_camera/image_raw',
         'perception/image_annotated', 'perception/objects'}


def topics(displays):
    """Yield the class and the topic of each display, those of groups too."""
    for display in displays:
        yield from topics(display.get('Displays', ()))
        topic = display.get('Topic') or display.get('Description Topic')
        if topic:
            yield display['Class'], topic


@pytest.fixture(scope='module')
def graph():
    return bringup.graph(bringup.Options.read({}))


def test_each_robot_of_the_fleet_is_shown_whole(graph):
    assert {topic['Value'] for _, topic in topics(DISPLAYS)} == {
        f'/{robot}/{name}' for robot in graph.commands for name in SHOWN}


def test_each_topic_is_published_with_a_quality_that_the_display_accepts(graph):
    published = {name for row in rights(graph) for name in row.publish}
    for kind, topic in topics(DISPLAYS):
        assert topic['Value'] in published
        best_effort = kind.endswith('/Image')
        assert topic['Reliability Policy'] == ('Best Effort' if best_effort else 'Reliable')
        latched = kind.endswith('/RobotModel')
        assert topic['Durability Policy'] == ('Transient Local' if latched else 'Volatile')


def test_the_plugins_come_with_the_package():
    package = ElementTree.parse(share() / 'package.xml').getroot()
    depends = {item.text for item in package.iter('exec_depend')}
    plugins = {kind.partition('/')[0] for kind, _ in topics(DISPLAYS)}
    assert plugins - {'rviz_default_plugins'} <= depends and 'rviz2' in depends
