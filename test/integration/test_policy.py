"""The policy node over DDS: bundles are exchanged while it runs, a shadow looks on."""
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import Parameter
from test_identity import JOINTS, ROBOT, Robot, write_identity

NODE = f'{ROBOT}/policy'


def ask(graph, robot, **parameters):
    """Set parameters while the robot lives; return the answers."""
    request = SetParameters.Request(parameters=[
        Parameter(name, value=value).to_parameter_msg() for name, value in parameters.items()])
    return graph.call(SetParameters, f'{NODE}/set_parameters', request, each=robot.live).results[0]


def offset_by(folder, distance, **changes):
    """Write an identity bundle that wants every joint a distance further."""
    joints = sorted(JOINTS)
    return write_identity(folder, outputs={'action': {
        'kind': 'joint_position', 'joints': joints, 'chunk': 5, 'offset': distance}}, **changes)


def test_exchange_refusal_and_shadow(graph, tmp_path):
    robot = Robot(graph)
    first = write_identity(tmp_path / 'first')
    other = offset_by(tmp_path / 'other', 0.125, version='2.0.0')
    graph.up('policy', ROBOT, profile='honda_style', bundle=first, inference_rate_hz=20.0)
    graph.wait(lambda: robot.chunks, 'a chunk', each=robot.live)

    robot.chunks.clear()
    answer = ask(graph, robot, bundle='none_such')
    assert not answer.successful and 'none_such' in answer.reason
    answer = ask(graph, robot, bundle=other)
    assert answer.successful, answer.reason
    before = [chunk.positions[0, 0] for chunk in robot.chunks]
    graph.wait(lambda: graph.value(NODE, 'model') == 'identity 2.0.0', 'the new model',
               each=robot.live)
    stamps = [chunk.stamp_ns for chunk in robot.chunks]
    assert stamps == sorted(set(stamps))
    assert robot.chunks[-1].positions[0, 0] == before[0] + 0.125

    assert ask(graph, robot, shadow_bundle=first).successful
    graph.wait(lambda: graph.value(NODE, 'shadow.joints_max') == '0.1250', 'their disagreement',
               each=robot.live)
    assert graph.value(NODE, 'shadow.model') == 'identity 1.0.0'
    assert robot.chunks[-1].positions[0, 0] == before[0] + 0.125
