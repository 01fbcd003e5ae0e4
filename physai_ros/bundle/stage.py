"""One part of a preflight."""
from typing import NamedTuple, Tuple

from physai_ros.core.errors import BundleError


class Stage(NamedTuple):
    """
    What was compared, and what does not fit.

    ``tried``: whether it could be compared; where not, ``title`` says why.
    """

    title: str
    problems: Tuple[BundleError, ...] = ()
    tried: bool = True
