"""Cutouts in any form that Python has them in, as float32 stacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._errors import Error

CHUNK_BYTES = 1 << 26
JANSKY_ZERO_POINT = 8.90  # AB magnitude of 1 Jy (Oke & Gunn 1983)


@dataclass
class Stack:
    """Cutouts of one shape: pixels (n, bands, height, width) of any type and order, not copied."""

    pixels: NDArray[Any]
    mask: NDArray[np.bool_] | None = None  #: True where there is no pixel, of the shape of `pixels`
    zero_point: float | None = None  #: AB magnitude of one unit of flux, where the images' unit says it

    def chunks(self) -> Iterator[NDArray[np.float32]]:
        """The same in pieces of float32 in C order, NaN where masked; whole and not copied where it is that already."""
        is_plain = self.mask is None and self.pixels.dtype == np.float32 and self.pixels.dtype.isnative and self.pixels.flags.c_contiguous
        if is_plain:
            yield self.pixels
            return
        step = max(1, CHUNK_BYTES // max(1, 4 * int(np.prod(self.pixels.shape[1:]))))
        for begin in range(0, len(self.pixels), step):
            with np.errstate(over="ignore"):  # what is beyond float32 becomes infinite, and is set aside by name
                piece = np.ascontiguousarray(self.pixels[begin : begin + step], dtype=np.float32)
            if self.mask is not None:
                piece = np.where(self.mask[begin : begin + step], np.float32(np.nan), piece)
            yield piece


def _zero_point_of(unit: Any) -> float | None:
    """AB magnitude of one of a unit of astropy; None where it is no flux."""
    try:
        import astropy.units as u

        return JANSKY_ZERO_POINT - 2.5 * float(np.log10(u.Unit(unit).to(u.Jy)))
    except (ValueError, TypeError, ImportError):  # astropy's errors of units are ValueErrors and TypeErrors
        return None


def _require_numbers(pixels: NDArray[Any]) -> None:
    if pixels.dtype.kind in "fiub":
        return
    raise Error(f"pixels of type {pixels.dtype} are no numbers that a cutout has", "give float, integer or bool arrays")


def stack_of(images: Any) -> Stack:
    """A stack of an array (n, bands, height, width): numpy's, masked, astropy's Quantity or NDData, anything that numpy converts.

    Raises
    ------
    Error
        Where it has other dimensions or holds no real numbers.
    """
    mask = getattr(images, "mask", None)
    unit = getattr(images, "unit", None)
    if type(images).__name__ in ("NDData", "CCDData", "NDDataArray"):
        images = images.data
    if isinstance(images, np.ma.MaskedArray):
        mask, images = np.ma.getmaskarray(images), np.ma.getdata(images)
    elif unit is not None and hasattr(images, "value"):
        images = images.value
    pixels = np.asarray(images)
    _require_numbers(pixels)
    if pixels.ndim != 4:
        raise Error(f"an array of shape {pixels.shape} is no stack of cutouts (n, bands, height, width)", "one cutout: images[np.newaxis]")
    has_mask = isinstance(mask, np.ndarray) and bool(mask.any())
    return Stack(pixels, np.broadcast_to(mask, pixels.shape) if has_mask and mask is not None else None, _zero_point_of(unit) if unit else None)
