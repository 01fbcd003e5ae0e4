"""Where the package's files (urdf, config, models, launch) are, in a checkout or installed."""
from pathlib import Path

PACKAGE = 'physai_ros'


def share() -> Path:
    """Return the folder that holds ``urdf/``, ``config/`` and ``models/``."""
    checkout = Path(__file__).resolve().parents[1]
    if (checkout / 'urdf').is_dir():
        return checkout
    from ament_index_python.packages import get_package_share_directory
    return Path(get_package_share_directory(PACKAGE))


def share_of(package: str) -> Path:
    """
    Return the share folder of an installed ROS package, or of this one.

    :raises LookupError: when nothing that is sourced has it
    """
    if package == PACKAGE:
        return share()
    from ament_index_python.packages import get_package_share_directory
    try:
        return Path(get_package_share_directory(package))
    except (OSError, ValueError) as error:  # nothing is sourced; no name of a package
        raise LookupError(str(error)) from error
