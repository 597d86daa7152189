"""Fields of sky and catalogues in any form that Python has them in, as files that the library reads."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._errors import Error


def field_files(fields: Any, folder: Path) -> tuple[list[Path], list[str]]:
    """Paths of the fields' files, and names of the bands where a mapping gives an image a band.

    What is in memory is written into a folder inside `folder`; files are linked there under names that say their band.
    """
    if isinstance(fields, Mapping):
        place = folder / "fields"
        place.mkdir()
        for band, image in fields.items():
            _put(image, place / f"field_{band}.fits", str(band))
        return [place], [str(band) for band in fields]
    if isinstance(fields, (str, os.PathLike)):
        return [Path(fields)], []
    return [Path(path) for path in fields], []


def _put(image: Any, path: Path, band: str) -> None:
    if isinstance(image, (str, os.PathLike)):
        if not Path(image).exists():
            raise Error(f"{image}: no such file", f"give the FITS image of band {band}")
        path.symlink_to(Path(image).resolve())
        return
    data, header = _pixels_and_header(image, band)
    from astropy.io import fits

    fits.PrimaryHDU(np.asarray(data, dtype=np.float32), header).writeto(path)


def _pixels_and_header(image: Any, band: str) -> tuple[Any, Any]:
    """Of an HDU, an NDData or (array, WCS); masked pixels are NaN."""
    if hasattr(image, "header") and hasattr(image, "data"):  # an HDU, or a CCDData, whose header may be any mapping
        from astropy.io import fits

        header = fits.Header(image.header, copy=True)
        if getattr(image, "wcs", None) is not None:
            header.update(image.wcs.to_header(relax=True))
        return _without_masked(image.data, getattr(image, "mask", None)), _plain(header)
    if isinstance(image, tuple) and len(image) == 2:
        pixels, wcs = image
        return _without_masked(pixels, getattr(pixels, "mask", None)), wcs.to_header(relax=True)
    if hasattr(image, "data") and getattr(image, "wcs", None) is not None:
        return _without_masked(image.data, getattr(image, "mask", None)), image.wcs.to_header(relax=True)
    raise Error(
        f"the image of band {band} has no coordinates: a {type(image).__name__}",
        "give a path, an HDU of astropy.io.fits, an NDData with a WCS, or (array, WCS)",
    )


def _plain(header: Any) -> Any:
    """Without the keywords that say how the pixels were stored."""
    for keyword in ("BSCALE", "BZERO", "BLANK", "XTENSION", "PCOUNT", "GCOUNT", "EXTNAME", "EXTVER"):
        header.remove(keyword, ignore_missing=True)
    return header


def _without_masked(pixels: Any, mask: Any) -> Any:
    plain = np.asarray(getattr(pixels, "value", np.ma.getdata(pixels)), dtype=np.float32)
    if mask is None or mask is np.ma.nomask or not np.any(mask):
        return plain
    return np.where(np.asarray(mask, dtype=bool), np.float32(np.nan), plain)


def catalogue_file(catalogue: Any, folder: Path) -> Path:
    """The path of a catalogue: a file as it is; a SkyCoord, table, DataFrame or mapping of columns written into `folder`."""
    if isinstance(catalogue, (str, os.PathLike)):
        return Path(catalogue)
    if hasattr(catalogue, "icrs"):  # a SkyCoord
        positions = catalogue.icrs
        return _write({"ra": np.atleast_1d(positions.ra.deg), "dec": np.atleast_1d(positions.dec.deg)}, folder)
    if hasattr(catalogue, "colnames") and hasattr(catalogue, "write"):  # astropy's table, whose units ECSV keeps
        path = folder / "catalogue.ecsv"
        _with_positions(catalogue).write(path, format="ascii.ecsv")
        return path
    columns = catalogue if isinstance(catalogue, Mapping) else {str(name): catalogue[name] for name in getattr(catalogue, "columns", ())}
    if not columns:
        raise Error(f"a {type(catalogue).__name__} is no catalogue", "give a path, a table with ra and dec, or a SkyCoord")
    return _write({name: np.atleast_1d(np.asarray(values)) for name, values in columns.items()}, folder)


def _with_positions(table: Any) -> Any:
    """A table whose columns of SkyCoord are ra and dec."""
    plain = table.copy()
    for name in table.colnames:
        if hasattr(table[name], "icrs"):
            positions = table[name].icrs
            plain.remove_column(name)
            plain["ra"], plain["dec"] = positions.ra.deg, positions.dec.deg
    return plain


def _write(columns: Mapping[str, Any], folder: Path) -> Path:
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise Error("the catalogue's columns differ in length", "give a value of each for every object")
    path = folder / "catalogue.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_text(value) for value in row] for row in zip(*columns.values(), strict=True))
    return path


def _text(value: Any) -> str:
    return repr(float(value)) if isinstance(value, (float, np.floating)) else str(value)


def band_names(fields: Any, named: Sequence[str], known: Sequence[str] | None) -> list[str]:
    """The bands to cut, in order: the model's, else the mapping's."""
    bands = list(known or named)
    if not bands:
        raise Error("the fields' bands have no names", "give a mapping of band to image, or model=")
    return bands
