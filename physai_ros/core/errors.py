"""The one family of errors: a message names the thing, its value, what was expected, a remedy."""


class PhysaiError(Exception):
    """
    A condition that a user can understand and mend.

    :param thing: what is wrong, with its place (``fleet.yaml: robots.honda1.profile``)
    :param value: the value found (any object; shown with ``repr``), or None when it is absent
    :param expected: what would have been accepted
    :param remedy: what to do about it
    """

    def __init__(self, thing, value=None, expected='', remedy=''):
        self.thing, self.value, self.expected, self.remedy = thing, value, expected, remedy
        text = thing if value is None else f'{thing} is {value!r}'
        if expected:
            text += f'; expected {expected}'
        if remedy:
            text += f'. {remedy[0].upper()}{remedy[1:]}'
        super().__init__(_harmless(text))


def _harmless(text) -> str:
    """Return a text without what steers a terminal: parts of it may come from anywhere."""
    return ''.join(char if char.isprintable() or char == '\n' else ascii(char)[1:-1]
                   for char in str(text))


class ConfigError(PhysaiError):
    """A fleet file, profile, URDF or parameter that cannot be used."""


class BundleError(PhysaiError):
    """A manifest or a model that is missing, corrupt, unverified or does not fit."""


class StaleError(PhysaiError):
    """An observation term or a robot state that is too old to be used."""


class SampleError(PhysaiError):
    """A measured sample that cannot be used: not finite, in another frame, of another type."""


class GuardError(PhysaiError):
    """A value or request that the guard refuses."""
