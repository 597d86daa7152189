"""Cutouts as people look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._cutouts import Cutouts
from ._errors import Error
from ._pixels import stack_of

WIDTH_INCHES = 1.7  # of a picture in a grid


def picture(image: ArrayLike, *, bands: Sequence[str] = (), zero_points: Sequence[float] = (), stretch: str = "asinh") -> NDArray[np.uint8]:
    """A cutout in colours after Lupton et al. 2004 (PASP 116, 133), as the program's pages show it.

    Parameters
    ----------
    image : array (bands, height, width)
        Row 0 first. One band gives grey. NaN is black.
    bands : sequence of str, optional
        Names of the planes: i, r, g become red, green, blue. Default: they go from blue to red.
    zero_points : sequence of float, optional
        AB magnitude of one unit of flux, a band: then white is a flat spectrum.
    stretch : {"asinh", "sqrt", "linear"}

    Returns
    -------
    array (height, width, 3) of uint8
        Red, green and blue, the image's row 0 at the bottom.
    """
    pixels = np.ascontiguousarray(np.ma.filled(np.ma.asarray(image, dtype=np.float32), np.nan))
    if pixels.ndim != 3:
        raise Error(f"an array of shape {pixels.shape} is no cutout (bands, height, width)", "one of a stack: images[0]")
    return _core.picture(pixels, list(bands), list(zero_points), stretch)


def show(
    images: ArrayLike | Any,
    ids: Sequence[Any] | None = None,
    *,
    bands: Sequence[str] = (),
    zero_points: Sequence[float] = (),
    stretch: str = "asinh",
    columns: int = 6,
    wcs: Sequence[Any] | None = None,
    limit: int = 60,
) -> Any:
    """A grid of cutouts in colours, for a notebook.

    Parameters
    ----------
    images : array (n, bands, height, width), or Cutouts
        What `cutouts` gave brings its own ids, bands and coordinates.
    ids : sequence, optional
        What stands above each: ids, logits, names.
    bands, zero_points, stretch
        As for `picture`.
    columns : int
        Pictures a row.
    wcs : sequence, optional
        An astropy WCS each: north is then drawn up and east to the left. Without, row 0 is at the bottom.
    limit : int
        At most so many are shown.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    if isinstance(images, Cutouts):
        ids = images.ids if ids is None else ids
        bands = bands or images.bands
        wcs = images.wcs if wcs is None else wcs
        images = images.images
    stack = np.concatenate([np.asarray(piece) for piece in stack_of(images).chunks()])[:limit]
    rows = max(1, -(-len(stack) // columns))
    figure = Figure(figsize=(WIDTH_INCHES * columns, (WIDTH_INCHES + 0.25) * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_axis_off()
    for i, image in enumerate(stack):
        turned = _north_up(image, wcs[i]) if wcs and wcs[i] is not None else image
        grid[i].imshow(picture(turned, bands=bands, zero_points=zero_points, stretch=stretch))
        if ids is not None:
            grid[i].set_title(str(ids[i]), fontsize=8)
    return figure


def _north_up(image: NDArray[np.float32], wcs: Any) -> NDArray[np.float32]:
    """Turned and mirrored so that north is up, by the steps on the sky that the middle pixels make."""
    height, width = image.shape[1:]
    x, y = (width - 1) / 2, (height - 1) / 2
    middle = wcs.pixel_to_world(x, y)
    steps: list[float] = []
    for place in (wcs.pixel_to_world(x + 1, y), wcs.pixel_to_world(x, y + 1)):
        east, north = middle.spherical_offsets_to(place)
        steps += [float(east.arcsec), float(north.arcsec)]
    east_by_column, north_by_column, east_by_row, north_by_row = steps
    return _core.north_up(np.ascontiguousarray(image), east_by_column, north_by_column, east_by_row, north_by_row, min(height, width))
