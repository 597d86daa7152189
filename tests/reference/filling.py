"""Numbers that depend on a name alone, by which networks are filled so that no weight file is needed (tests/reference_fill.h has them in C++).

u_i is splitmix64(fnv1a64(name) + (i + 1) * 0x9E3779B97F4A7C15) >> 11, times 2^-53, times 2, minus 1, in row-major order. Weights of convolutions are
sqrt(6 / fan_in) u, of linear layers sqrt(3 / fan_in) u, of norms, whose weights have one dimension, 1 + 0.1 u; biases and running means 0.1 u; running
variances 1 + 0.5 |u|; pixels (u + 1) / 2.
"""
import math

import numpy as np

MASK = (1 << 64) - 1


def fnv1a(text):
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & MASK
    return value


def uniform(name, count):
    """float64 in [-1, 1)."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + (np.arange(count, dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53 * 2 - 1


def filled(name, shape):
    """A parameter or buffer, flat."""
    u = uniform(name, math.prod(shape))
    if name.endswith("running_var"):
        return 1 + 0.5 * np.abs(u)
    if len(shape) >= 2:
        return np.sqrt((6 if len(shape) == 4 else 3) / math.prod(shape[1:])) * u
    return 1 + 0.1 * u if name.endswith("weight") else 0.1 * u


def cutouts(label, count, bands=3, size=64):
    """float32 (count, bands, size, size) in [0, 1)."""
    return ((uniform(label, count * bands * size * size) + 1) / 2).astype(np.float32).reshape(count, bands, size, size)
