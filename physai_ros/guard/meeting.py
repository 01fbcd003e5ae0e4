"""Three equal phases of constant jerk that lead from a state of a joint to another."""
import numpy as np

# Jerks of three equal phases from what they add to (p/H^3, v/H^2, a/H).
PHASES = np.linalg.inv([[19 / 6, 7 / 6, 1 / 6], [5 / 2, 3 / 2, 1 / 2], [1.0, 1.0, 1.0]])


def _meeting_jerks(h):
    """Return (3, 6): three jerks over h each that lead from a state (p, v, a) to another."""
    scale = np.diag([h ** -3, h ** -2, 1 / h])
    drift = np.array([[1.0, 3 * h, 4.5 * h * h], [0.0, 1.0, 3 * h], [0.0, 0.0, 1.0]])
    return PHASES @ scale @ np.hstack([-drift, np.eye(3)])


def courses(h):
    """Return (8, 9): jerks, and the acceleration a tick on, to states 3 h and 6 h on."""
    rows = np.zeros((2, 4, 9))
    for k, course in enumerate(rows):
        course[:3, [0, 1, 2, *range(3 + 3 * k, 6 + 3 * k)]] = _meeting_jerks((k + 1) * h)
        course[3] = h * course[0]
        course[3, 2] += 1.0
    return rows.reshape(8, 9)


def three_ticks(h):
    """Return (7, 3): jerks, then accelerations and velocities between, from (p, v, a) to rest."""
    _, v, a = np.eye(3)
    jerks = _meeting_jerks(h)[:, :3]
    first, second = a + h * jerks[0], a + h * (jerks[0] + jerks[1])
    speed = v + h * a + h * h / 2 * jerks[0]
    return np.stack([*jerks, first, second, speed, speed + h * first + h * h / 2 * jerks[1]])
