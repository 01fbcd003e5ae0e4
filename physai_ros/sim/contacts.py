"""Who may touch whom: collision bits of the geoms (MuJoCo contype, conaffinity)."""

ENVIRONMENT = 1           # benches, trays, crates, walls: touched, never touching one another
OBJECT = 2                # loose workpieces
TRUNK = 4                 # links that do not move against a robot's root
FIRST_CHAIN = 8           # one bit a kinematic chain: a chain does not collide with itself
CHAINS = 24

NOTHING = (0, 0)
STATIC = (ENVIRONMENT, 0)
LOOSE = (OBJECT, ENVIRONMENT | OBJECT)
BODY = (TRUNK, ENVIRONMENT | OBJECT)


def chain_bits(index: int):
    """Return contype and conaffinity of the links of a robot's chain number ``index``."""
    own = FIRST_CHAIN << (index % CHAINS)
    others = (FIRST_CHAIN << CHAINS) - FIRST_CHAIN & ~own
    return own, (ENVIRONMENT | OBJECT | TRUNK | others)


def set_bits(geom, bits):
    """Write (contype, conaffinity) to a geom of a specification."""
    geom.contype, geom.conaffinity = bits
