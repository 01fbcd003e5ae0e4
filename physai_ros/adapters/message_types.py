"""Message types by name: ``sensor_msgs/msg/JointState`` and its class."""
from importlib import import_module


def message_type(name: str) -> type:
    """Return the class of a type."""
    package, _, rest = name.partition('/')
    return getattr(import_module(f'{package}.msg'), rest.rpartition('/')[2])


def type_name(message_class: type) -> str:
    """Return the name of a class's type."""
    return f'{message_class.__module__.split(".")[0]}/msg/{message_class.__name__}'
