"""How a simulated task stands, as a message: for evaluation only."""
from diagnostic_msgs.msg import DiagnosticStatus, KeyValue

VIOLATED = 'violated.'


def write_task(robot: str, status, world_ns: int) -> DiagnosticStatus:
    """
    Return a ``sim.TaskStatus`` as a message; its level is OK for success, ERROR for failure.

    :param world_ns: the world's time, which only grows
    """
    level = (DiagnosticStatus.ERROR if status.failed else
             DiagnosticStatus.OK if status.success else DiagnosticStatus.WARN)
    numbers = {'collisions': status.collisions, 'violations': status.violations,
               'world_ns': world_ns,
               **{f'{VIOLATED}{kind}': number for kind, number in status.violated.items()}}
    return DiagnosticStatus(
        level=level, name=f'{robot}: task', hardware_id=robot,
        message=status.failed or status.text,
        values=[KeyValue(key=key, value=str(value)) for key, value in numbers.items()])


def read_task(message: DiagnosticStatus) -> dict:
    """
    Return success, failed (text or None), text, collisions, violations and world_ns.

    ``violated``: violations by kind
    """
    numbers = {item.key: int(item.value) for item in message.values}
    failed = message.level == DiagnosticStatus.ERROR
    return {'success': message.level == DiagnosticStatus.OK, 'text': message.message,
            'failed': message.message if failed else None,
            'violated': {key.removeprefix(VIOLATED): numbers.pop(key)
                         for key in [*numbers] if key.startswith(VIOLATED)}, **numbers}
