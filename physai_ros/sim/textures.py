"""Procedural pictures for floors, benches and walls: no image file is needed."""
import mujoco
import numpy as np

SIZE = 256
MARKER_CELLS = {       # ArUco DICT_4X4_50, rows of 4 bits, 1 = white
    0: ('1011', '0101', '0011', '0010'),
    1: ('0000', '1111', '1001', '1010'),
}


def _noise(rng, cells: int) -> np.ndarray:
    """Return (SIZE, SIZE) smooth noise in [-1, 1] that tiles, ``cells`` waves a side."""
    grid = rng.uniform(-1, 1, (cells, cells))
    place = np.arange(SIZE) * cells / SIZE
    low = place.astype(int)
    share = place - low
    share = share * share * (3 - 2 * share)
    high = (low + 1) % cells
    rows = grid[low] * (1 - share)[:, None] + grid[high] * share[:, None]
    return rows[:, low] * (1 - share) + rows[:, high] * share


def _shade(pattern: np.ndarray, color) -> np.ndarray:
    """Return (SIZE, SIZE, 3) uint8 of a colour (3,) in 0..1, lightened by ``pattern``."""
    return (np.clip(np.asarray(color) * (1 + pattern[..., None]), 0, 1) * 255).astype(np.uint8)


def concrete(rng, color) -> np.ndarray:
    """Return a worn floor."""
    clouds = sum(_noise(rng, 2 ** k) * 0.5 ** k for k in range(2, 6))
    return _shade(0.22 * clouds + 0.03 * rng.standard_normal((SIZE, SIZE)), color)


def epoxy(rng, color) -> np.ndarray:
    """Return a coated floor with fine chips."""
    chips = (rng.random((SIZE, SIZE)) > 0.97) * rng.uniform(-0.35, 0.35, (SIZE, SIZE))
    return _shade(0.04 * _noise(rng, 4) + chips, color)


def tiles(rng, color) -> np.ndarray:
    """Return square plates with dark joints."""
    joint = (np.arange(SIZE) % 64) < 2
    plates = np.kron(rng.uniform(-0.06, 0.06, (4, 4)), np.ones((64, 64)))
    return _shade(np.where(joint[:, None] | joint, -0.35, plates + 0.03 * _noise(rng, 16)), color)


def wood(rng, color) -> np.ndarray:
    """Return boards with grain along x."""
    boards = np.repeat(rng.uniform(-0.12, 0.12, 8), SIZE // 8)[:, None]
    grain = np.repeat(rng.uniform(-0.1, 0.1, (SIZE, 16)), SIZE // 16, axis=1)
    waves = np.sin(np.arange(SIZE)[:, None] * 0.9 + 4 * _noise(rng, 4))
    return _shade(boards + 0.4 * grain + 0.05 * waves, color)


def brushed(rng, color) -> np.ndarray:
    """Return brushed metal."""
    lines = rng.uniform(-0.08, 0.08, (SIZE, 1))
    return _shade(lines + 0.06 * _noise(rng, 4), color)


def plain(rng, color) -> np.ndarray:
    """Return an even, slightly stained surface."""
    return _shade(0.05 * _noise(rng, 3) + 0.01 * rng.standard_normal((SIZE, SIZE)), color)


def marker(identity: int) -> np.ndarray:
    """Return an ArUco marker with its black border and a white margin of one cell."""
    cells = np.zeros((8, 8), np.uint8)
    cells[[0, -1]] = cells[:, [0, -1]] = 255
    cells[2:6, 2:6] = [[255 * int(bit) for bit in row] for row in MARKER_CELLS[identity]]
    return np.repeat(np.kron(cells, np.ones((16, 16), np.uint8))[..., None], 3, axis=2)


def add_material(spec, name: str, pixels: np.ndarray, repeat=(1.0, 1.0), **kwargs):
    """
    Add a texture and the material that shows it, both called ``name``.

    :param pixels: (H, W, 3) uint8
    :param repeat: times that the picture repeats, per metre
    :param kwargs: further properties of the material (rgba, specular, shininess, reflectance)
    """
    height, width = pixels.shape[:2]
    texture = spec.add_texture(name=name, type=mujoco.mjtTexture.mjTEXTURE_2D, width=width,
                               height=height, nchannel=3)
    texture.data = pixels.tobytes()
    material = spec.add_material(name=name, texrepeat=list(repeat), texuniform=True, **kwargs)
    material.textures[mujoco.mjtTextureRole.mjTEXROLE_RGB] = name
    return material
