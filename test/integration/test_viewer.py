"""The viewer as a process: pictures of running nodes, through HTTP, while they are asked for."""
import subprocess
from urllib.error import HTTPError
from urllib.request import urlopen

import cv2
import numpy as np

OVERVIEW, CAMERA = 'sim/overview/image_raw', 'sony1/head_camera/image_raw'


def picture(url, name):
    """Return a picture, None while there is none."""
    try:
        with urlopen(f'{url}/{name}.jpg', timeout=5) as answer:
            return cv2.imdecode(np.frombuffer(answer.read(), np.uint8), cv2.IMREAD_COLOR)
    except HTTPError as error:
        assert error.code == 503
        return None


def test_pictures_are_taken_only_while_somebody_looks(graph):
    graph.start('sim', robots=['sony1'], viewer=True)
    graph.start('viewer', topics=[OVERVIEW, CAMERA], port=0)
    url = graph.statuses['viewer']['url']
    for name, shape in ((OVERVIEW, (540, 960, 3)), (CAMERA, (240, 320, 3))):
        assert graph.node.count_subscribers(f'/{name}') == 0
        found = []
        graph.wait(lambda: (found.append(picture(url, name)) or found[-1] is not None),
                   f'a picture of {name}')
        assert found[-1].shape == shape and found[-1].std() > 10
    graph.wait(lambda: graph.node.count_subscribers(f'/{OVERVIEW}') == 0, 'nobody to look')


def test_a_taken_port_is_told_in_one_line(graph):
    graph.start('viewer', topics=[CAMERA], port=0)
    port = int(graph.statuses['viewer']['url'].rsplit(':', 1)[1])
    other = graph.launch('viewer', stderr=subprocess.PIPE, topics=[CAMERA], port=port)
    assert other.wait(20) == 2
    assert f'parameter port of viewer is {port}' in other.stderr.read()
