"""What the detector knows: its classes, and the point of each that is looked for."""
from dataclasses import dataclass
from typing import Tuple


@dataclass(frozen=True)
class ObjectClass:
    """
    A class of upright objects.

    ``size_m`` is the extent along x, y, z; ``anchor_z`` the height of the point that the network
    looks for, from the centre of the object, in metres.
    """

    class_id: str
    size_m: Tuple[float, float, float]
    anchor_z: float


# A beacon's middle is at the height of the camera, where a ray runs parallel to the plane that it
# should meet, and its foot is behind crates: looked for is the edge between its two upper bands.
CLASSES = (
    ObjectClass('workpiece', (0.044, 0.044, 0.07), 0.0),
    ObjectClass('tray', (0.22, 0.20, 0.04), 0.0),
    ObjectClass('beacon', (0.16, 0.16, 1.1), 0.25),
)

# Visible shares: from which on an object is to be found, and up to which it is none at all.
MIN_VISIBLE, IGNORED_VISIBLE = 0.3, 0.05
