"""Cutouts of objects from fields of sky."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import Error
from ._fields import band_names, catalogue_file, field_files
from ._model import Model
from ._progress import Progress, listener

SAME_SCALE = 0.01  # pixel scales that differ by less are one, as in pixel_rules.cpp


@dataclass
class Cutouts:
    """What `cutouts` gives.

    Attributes
    ----------
    images : array (n, bands, size, size) of float32
        As a network sees them, missing pixels filled with the median of their band; NaN where an object could not be cut.
    ids : list of str
        Of the objects, in the catalogue's order.
    reasons : list of str
        Why an object could not be cut; empty where it was.
    missing : array (n,)
        The largest fraction of pixels of a band that were not there.
    bands : list of str
        Names of the planes.
    wcs : list
        An astropy WCS each, None where an object could not be cut; empty without astropy, or where the pixels were resampled.
    """

    images: NDArray[np.float32]
    ids: list[str]
    reasons: list[str]
    missing: NDArray[np.float64]
    bands: list[str]
    wcs: list[Any]

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[NDArray[np.float32]]:
        return iter(self.images)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.images, dtype=dtype) if copy else np.asarray(self.images, dtype=dtype)


def cutouts(
    fields: Any,
    coordinates: Any,
    size: int | None = None,
    *,
    model: Model | None = None,
    zero_point: float | None = None,
    max_missing: float = 0.1,
    progress: bool | Progress = False,
) -> Cutouts:
    """Cuts the objects of a catalogue from fields, as `lensfind score --catalogue` does before the network sees them.

    Parameters
    ----------
    fields : mapping of band to image, or paths
        As `Model.score_field` takes them.
    coordinates : SkyCoord, table, DataFrame, mapping of columns, or path
        Ids and positions.
    size : int, optional
        Side in pixels; default the model's.
    model : Model, optional
        Then bands, their order, pixel scale and flux are as this model sees them, by the rules of docs/files.md.
    zero_point : float, optional
        AB magnitude of one unit of the fields' flux, where their headers do not say it and the model wants it.
    max_missing : float
        The fraction of a band's pixels that may be missing.
    progress : bool or Progress
        Show a bar, or tell an object.

    Returns
    -------
    Cutouts

    Raises
    ------
    Error
        Where a field or the catalogue cannot be read.
    """
    side = size or (model.size if model else 0)
    if side <= 0:
        raise Error("how large the cutouts are to be is not said", "give size=, in pixels")
    with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
        files, named = field_files(fields, Path(folder))
        known = list(model._said["bands"]) if model else None
        bands = band_names(fields, named, known)
        table = catalogue_file(coordinates, Path(folder))
        images, ids, reasons, missing = _core.field_cutouts(
            files,
            bands,
            table,
            side,
            model.pixel_scale if model else None,
            model.zero_point if model else None,
            [] if zero_point is None else [zero_point],
            max_missing,
            listener(progress),
        )
        wcs = _wcs_of(files, bands, table, side, reasons, model.pixel_scale if model else None)
    return Cutouts(images, ids, reasons, missing, bands, wcs)


def _wcs_of(files: list[Path], bands: list[str], table: Path, side: int, reasons: list[str], scale: float | None) -> list[Any]:
    """The coordinates of each cutout: the field's, moved by whole pixels."""
    try:
        from astropy.io import fits
        from astropy.wcs import WCS
        from astropy.wcs.utils import proj_plane_pixel_scales
    except ImportError:
        return []
    found, x, y, fields = _core.field_places(files, bands, table)
    systems = [WCS(_image_header(fits, path)).celestial for path in fields]
    scales = [float(np.sqrt(np.prod(proj_plane_pixel_scales(system)))) * 3600 for system in systems]
    if scale is not None and any(abs(scale / own - 1) > SAME_SCALE for own in scales):
        return []
    made: list[Any] = []
    for i, reason in enumerate(reasons):
        if reason or found[i] < 0:
            made.append(None)
            continue
        system = systems[found[i]].deepcopy()
        system.wcs.crpix = system.wcs.crpix - [_first_pixel(x[i], side), _first_pixel(y[i], side)]
        system.pixel_shape = (side, side)
        made.append(system)
    return made


def _first_pixel(centre: float, side: int) -> int:
    """Where a cutout of `side` pixels around a place begins, as sky/field.cpp has it."""
    return math.floor(centre - (side - 1) / 2 + 0.55)


def _image_header(fits: Any, path: Path) -> Any:
    with fits.open(path) as file:
        return next(hdu.header for hdu in file if hdu.header.get("NAXIS", 0) >= 2 or hdu.header.get("ZNAXIS", 0) >= 2)
