"""Where HEALPix pixels lie (Gorski et al. 2005, ApJ 622, 759), nested numbering."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

# Of the twelve base pixels: the ring of the southern corner in units of the side, and its longitude in units of 45 degrees.
_RING = np.array([2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4])
_LONGITUDE = np.array([1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7])


def _even_bits(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bits at even places, put together."""
    found = np.zeros_like(number)
    for bit in range(30):
        found |= ((number >> (2 * bit)) & 1) << bit
    return found


def centres(order: int, pixels: ArrayLike) -> NDArray[np.float64]:
    """Unit vectors (n, 3) of the centres of pixels (n,) of an order from 0 to 29."""
    number = np.atleast_1d(np.asarray(pixels, dtype=np.int64))
    side = 1 << order
    face, within = number >> (2 * order), number & (side * side - 1)
    x, y = _even_bits(within), _even_bits(within >> 1)
    ring = _RING[face] * side - x - y - 1  # from the north, from 1
    north, south = ring < side, ring > 3 * side
    in_ring = np.where(north, ring, np.where(south, 4 * side - ring, side))  # a quarter of the ring's pixels
    cap = in_ring.astype(np.float64) ** 2 / (3.0 * side * side)
    z = np.where(north, 1 - cap, np.where(south, cap - 1, (2.0 * side - ring) * 2 / (3.0 * side)))
    is_shifted = np.where(north | south, 0, (ring - side) & 1)
    place = (_LONGITUDE[face] * in_ring + x - y + 1 + is_shifted) // 2
    place = np.where(place > 4 * in_ring, place - 4 * in_ring, np.where(place < 1, place + 4 * in_ring, place))
    longitude = (place - (is_shifted + 1) * 0.5) * (math.pi / 2) / in_ring
    across = np.sqrt((1 - z) * (1 + z))
    return np.stack([across * np.cos(longitude), across * np.sin(longitude), z], axis=1)


def radius(order: int) -> float:
    """The largest angle between the centre of a pixel of this order and one of its corners, in radians."""
    side = 1 << order
    corner = np.array([0.0, 0.0, 1 - (1 - 1 / side) ** 2 / 3])
    corner[0] = math.sqrt(1 - corner[2] ** 2)
    middle = np.array([math.sqrt(5) / 3 * math.cos(math.pi / (4 * side)), math.sqrt(5) / 3 * math.sin(math.pi / (4 * side)), 2 / 3])
    return math.atan2(float(np.linalg.norm(np.cross(middle, corner))), float(middle @ corner))


def covers(order: int, pixel: int, middles: NDArray[np.float64], cosines: NDArray[np.float64]) -> bool:
    """Whether a pixel may share sky with one of the circles, given as unit vectors (n, 3) and cosines of their radii (n,)."""
    apart = np.arccos(np.clip(middles @ centres(order, pixel)[0], -1, 1))
    return bool((apart <= radius(order) + np.arccos(np.clip(cosines, -1, 1)) + 1e-9).any())
