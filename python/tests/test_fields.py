"""Objects cut from fields of sky, in every form that fields and catalogues have in Python."""

# ruff: noqa: E402

from __future__ import annotations

import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lensfind as lf

fits = pytest.importorskip("astropy.io.fits")
units = pytest.importorskip("astropy.units")
from astropy.coordinates import SkyCoord
from astropy.nddata import CCDData, NDData
from astropy.table import QTable, Table
from astropy.wcs import WCS

SIDE, SCALE = 120, 0.263


def coordinates() -> WCS:
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = "RA---TAN", "DEC--TAN"
    wcs.wcs.crval = 150.1, 2.2
    wcs.wcs.crpix = 61, 60
    angle = np.radians(20)
    turn = np.array([[-np.cos(angle), np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    wcs.wcs.cd = turn * SCALE / 3600
    wcs.wcs.cunit = "deg", "deg"
    return wcs


@pytest.fixture(scope="module")
def field() -> dict[str, Any]:
    random = np.random.default_rng(8)
    return {band: random.normal(i, 1, (SIDE, SIDE)).astype("f4") for i, band in enumerate("gri")}


@pytest.fixture(scope="module")
def files(field: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    folder = tmp_path_factory.mktemp("field")
    for band, pixels in field.items():
        fits.PrimaryHDU(pixels, coordinates().to_header()).writeto(folder / f"sky_{band}.fits")
    return folder


#: Places of objects in pixels from 0, the last beyond the edge.
PLACES = np.array([[40.2, 50.7], [60.0, 60.0], [79.4, 33.1], [500.0, 40.0]])


@pytest.fixture(scope="module")
def objects() -> SkyCoord:
    return coordinates().pixel_to_world(PLACES[:, 0], PLACES[:, 1])


def test_pixels_are_those_of_the_field(field: dict[str, Any], files: pathlib.Path, objects: SkyCoord) -> None:
    cut = lf.cutouts({band: files / f"sky_{band}.fits" for band in "gri"}, objects, 9)
    assert cut.bands == ["g", "r", "i"] and cut.images.shape == (4, 3, 9, 9)
    for i, (x, y) in enumerate(PLACES[:3]):
        left, bottom = round(x) - 4, round(y) - 4
        assert np.array_equal(cut.images[i, 1], field["r"][bottom : bottom + 9, left : left + 9])
    assert np.isnan(cut.images[3]).all() and "none of the fields" in cut.reasons[3] and cut.reasons[:3] == [""] * 3


def test_coordinates_move_with_the_pixels(files: pathlib.Path, objects: SkyCoord) -> None:
    cut = lf.cutouts({band: files / f"sky_{band}.fits" for band in "gri"}, objects, 16)
    for i in range(3):
        x, y = cut.wcs[i].world_to_pixel(objects[i])
        assert abs(x - 7.5) <= 0.56 and abs(y - 7.5) <= 0.56
        left, bottom = PLACES[i] - [x, y]
        assert left == pytest.approx(round(left), abs=1e-6) and bottom == pytest.approx(round(bottom), abs=1e-6)
    assert cut.wcs[3] is None


def forms(field: dict[str, Any], files: pathlib.Path) -> dict[str, Any]:
    wcs = coordinates()
    return {
        "hdu": {band: fits.ImageHDU(pixels, wcs.to_header()) for band, pixels in field.items()},
        "big endian hdu": {band: fits.PrimaryHDU(pixels.astype(">f8"), wcs.to_header()) for band, pixels in field.items()},
        "nddata": {band: NDData(pixels, wcs=wcs) for band, pixels in field.items()},
        "ccddata": {band: CCDData(pixels, unit="adu", wcs=wcs) for band, pixels in field.items()},
        "array and wcs": {band: (pixels, wcs) for band, pixels in field.items()},
        "folder": files,
    }


@pytest.mark.parametrize("form", ["hdu", "big endian hdu", "nddata", "ccddata", "array and wcs", "folder"])
def test_fields_in_every_form_score_as_in_the_program(
    program: Callable[..., str],
    model: lf.Model,
    model_folder: pathlib.Path,
    field: dict[str, Any],
    files: pathlib.Path,
    objects: SkyCoord,
    tmp_path: pathlib.Path,
    form: str,
) -> None:
    (tmp_path / "c.csv").write_text("id,ra,dec\n" + "".join(f"{i},{float(p.ra.deg)!r},{float(p.dec.deg)!r}\n" for i, p in enumerate(objects[:3])))
    program("score", model_folder, files, "--catalogue", tmp_path / "c.csv", "--out", tmp_path / "s.csv", "--threads", 1, "--quiet")
    wanted = [np.float32(line.split(",")[1]) for line in (tmp_path / "s.csv").read_text().splitlines()[1:]]
    table = model.score_field(forms(field, files)[form], objects[:3])
    assert np.array_equal(np.asarray(table["logit"]), np.array(wanted, dtype=np.float32))


def test_catalogues_in_every_form_and_unit(files: pathlib.Path, objects: SkyCoord, tmp_path: pathlib.Path) -> None:
    fields = {band: files / f"sky_{band}.fits" for band in "gri"}
    good = objects[:3]
    wanted = lf.cutouts(fields, good, 12).images
    hours = QTable({"id": ["a", "b", "c"], "ra": good.ra.to(units.hourangle), "dec": good.dec.to(units.rad)})
    mixed = Table({"id": ["a", "b", "c"], "place": good.galactic})
    hours.write(tmp_path / "c.ecsv")
    plain = {"id": ["a", "b", "c"], "ra": good.ra.deg, "dec": good.dec.deg}
    for catalogue in (hours, mixed, tmp_path / "c.ecsv", plain, Table(plain), good.galactic):
        assert np.array_equal(lf.cutouts(fields, catalogue, 12).images, wanted), type(catalogue)
    pandas = pytest.importorskip("pandas")
    cut = lf.cutouts(fields, pandas.DataFrame(plain), 12)
    assert np.array_equal(cut.images, wanted) and cut.ids == ["a", "b", "c"]


def test_masked_pixels_of_a_field_get_the_median(field: dict[str, Any], objects: SkyCoord) -> None:
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    mask[51, 40] = True
    holed = {band: NDData(pixels, mask=mask, wcs=coordinates()) for band, pixels in field.items()}
    cut = lf.cutouts(holed, objects[:1], 9)
    around = np.delete(field["g"][47:56, 36:45].ravel(), 4 * 9 + 4)
    middle = np.sort(around)[39:41]  # of an even number of pixels: the library takes one of these
    assert cut.images[0, 0, 4, 4] in middle and cut.missing[0] == pytest.approx(1 / 81)


def test_fields_without_the_models_bands_are_refused(model: lf.Model, field: dict[str, Any], objects: SkyCoord) -> None:
    with pytest.raises(lf.Error, match="no band i"):
        model.score_field({"g": (field["g"], coordinates()), "r": (field["r"], coordinates())}, objects)
    with pytest.raises(lf.Error, match="no coordinates"):
        lf.cutouts({"g": field["g"]}, objects, 8)


def test_a_grid_shows_north_up(field: dict[str, Any], objects: SkyCoord) -> None:
    pytest.importorskip("matplotlib").use("agg")
    cut = lf.cutouts({band: (pixels, coordinates()) for band, pixels in field.items()}, objects[:3], 20)
    figure = lf.show(cut)
    assert [axes.get_title() for axes in figure.axes[:3]] == ["0", "1", "2"]
    shown = figure.axes[0].images[0].get_array()
    assert shown.shape == (20, 20, 3) and shown.dtype == np.uint8
