"""Catalogues in the HATS scheme score as the same objects do from one table."""

# ruff: noqa: E402

from __future__ import annotations

import math
import pathlib
import shutil
from typing import Any

import numpy as np
import pytest

import lensfind as lf
import lensfind.hats
from lensfind import _healpix

parquet = pytest.importorskip("pyarrow.parquet")
import pyarrow as pa

fits = pytest.importorskip("astropy.io.fits")
from test_fields import SIDE, coordinates

ORDER = 9  # pixels of 6.9 arcmin: the field of half an arcmin lies in one or two of them


def nested(order: int, ra_deg: np.ndarray, dec_deg: np.ndarray) -> np.ndarray:
    """Pixels by search: the nearest centre among the 100 candidates of each level, which is no formula of the package's."""
    vectors = np.stack(
        [np.cos(np.radians(dec_deg)) * np.cos(np.radians(ra_deg)), np.cos(np.radians(dec_deg)) * np.sin(np.radians(ra_deg)), np.sin(np.radians(dec_deg))], 1
    )
    found = np.empty(len(vectors), dtype=np.int64)
    for i, vector in enumerate(vectors):
        candidates = np.arange(12)
        for level in range(order + 1):
            if level:
                candidates = (candidates[:, None] * 4 + np.arange(4)).ravel()
            nearest = np.argsort(-(_healpix.centres(level, candidates) @ vector))[:12]
            candidates = candidates[nearest]
        found[i] = candidates[0]
    return found


def write_catalogue(folder: pathlib.Path, columns: dict[str, Any], order: int = ORDER, suffix: str = ".parquet", healpix_29: bool = False) -> pathlib.Path:
    """A catalogue of HATS, written plainly by its layout; `healpix_29`: with all that LSDB opens it by."""
    columns = {"_healpix_29": nested(29, columns["ra"], columns["dec"]), **columns} if healpix_29 else columns
    pixels = nested(order, np.nan_to_num(columns["ra"]), np.nan_to_num(columns["dec"]))
    info = ["Norder,Npix"]
    for pixel in np.unique(pixels):
        rows = np.flatnonzero(pixels == pixel)
        path = folder / "dataset" / f"Norder={order}" / f"Dir={pixel // 10000 * 10000}" / f"Npix={pixel}{suffix}"
        table = pa.table({name: np.asarray(values)[rows] for name, values in columns.items()})
        if suffix == "/":
            path.mkdir(parents=True)
            half = len(rows) // 2
            parquet.write_table(table.slice(0, half), path / "part0.parquet")
            parquet.write_table(table.slice(half), path / "part1.parquet")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            parquet.write_table(table, path)
        info.append(f"{order},{pixel}")
    (folder / "partition_info.csv").write_text("\n".join(info) + "\n")
    said = {"obs_collection": "small", "dataproduct_type": "object", "hats_nrows": len(pixels), "hats_col_ra": "ra", "hats_col_dec": "dec"}
    if healpix_29:
        said |= {"hats_col_healpix": "_healpix_29", "hats_col_healpix_order": 29, "hats_order": order}
        schema = parquet.read_schema(next(folder.glob("dataset/*/*/*.parquet")))
        parquet.write_metadata(schema, folder / "dataset" / "_common_metadata")
        parquet.write_metadata(schema, folder / "dataset" / "_metadata")
    (folder / "hats.properties").write_text("#HATS catalog\n" + "".join(f"{key}={value}\n" for key, value in said.items()))
    return folder


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pathlib.Path]:
    folder = tmp_path_factory.mktemp("sky")
    random = np.random.default_rng(8)
    for band in "gri":
        fits.PrimaryHDU(random.normal(0, 1, (SIDE, SIDE)).astype("f4"), coordinates().to_header()).writeto(folder / f"sky_{band}.fits")
    return {band: folder / f"sky_{band}.fits" for band in "gri"}


@pytest.fixture(scope="module")
def objects() -> dict[str, np.ndarray]:
    """Forty objects on the field, sixty around it, one at its edge and two far away."""
    random = np.random.default_rng(3)
    x, y = random.uniform(34, SIDE - 35, (2, 40))
    near = random.uniform(-3000, 3000, (2, 60))
    near = near[:, np.hypot(*near) > 200]
    sky = coordinates().pixel_to_world(np.r_[x, near[0], 1.0], np.r_[y, near[1], 60.0])
    ra, dec = np.r_[sky.ra.deg, 10.0, 200.0], np.r_[sky.dec.deg, -80.0, 45.0]
    return {"source_id": np.arange(len(ra), dtype=np.int64) + 2**60, "ra": ra, "dec": dec, "mag": np.linspace(18, 22, len(ra)).astype("f4")}


@pytest.fixture(scope="module")
def catalogue(objects: dict[str, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return write_catalogue(tmp_path_factory.mktemp("hats") / "small", objects)


def by_id(table: Any) -> dict[int, float]:
    return {int(name): float(logit) for name, logit in zip(table["source_id"], table["logit"], strict=True) if math.isfinite(logit)}


def wanted_logits(model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray]) -> dict[int, float]:
    table = model.score_field(files, {"id": objects["source_id"], "ra": objects["ra"], "dec": objects["dec"]})
    return {int(name): float(logit) for name, logit in zip(table["id"], table["logit"], strict=True)}


def test_centres_of_base_pixels_are_where_the_paper_has_them() -> None:
    # Gorski et al. 2005: on the equator at 0, 90, 180, 270 degrees, and at z = 2/3 and -2/3 at 45, 135, 225, 315.
    found = _healpix.centres(0, np.arange(12))
    assert np.allclose(found[:, 2], [2 / 3] * 4 + [0] * 4 + [-2 / 3] * 4)
    longitudes = np.degrees(np.arctan2(found[:, 1], found[:, 0])) % 360
    assert np.allclose(longitudes, [45, 135, 225, 315, 0, 90, 180, 270, 45, 135, 225, 315])


def test_pixels_are_those_of_cdshealpix() -> None:
    nested_pixels = pytest.importorskip("cdshealpix.nested")
    random = np.random.default_rng(1)
    for order in (0, 1, 5, 10, 29):
        pixels = np.unique(np.r_[random.integers(0, 12 << 2 * order, 300), 0, (12 << 2 * order) - 1])
        longitude, latitude = nested_pixels.healpix_to_lonlat(pixels.astype(np.uint64), order)
        lon, lat = longitude.to_value("rad"), latitude.to_value("rad")
        assert np.allclose(_healpix.centres(order, pixels), np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1), atol=1e-12)
        if order > 10:
            continue
        lon, lat = (angle.to_value("rad") for angle in nested_pixels.vertices(pixels.astype(np.uint64), order))
        corners = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 2)
        largest = np.arccos(np.clip(np.einsum("pcx,px->pc", corners, _healpix.centres(order, pixels)), -1, 1)).max()
        assert largest <= _healpix.radius(order) * (1 + 1e-6)


def test_objects_score_as_from_one_table(
    model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], catalogue: pathlib.Path
) -> None:
    wanted = wanted_logits(model, files, objects)
    table = lf.score_hats(catalogue, files, model, prevalence=1e-4)
    assert by_id(table) == wanted and len(wanted) >= 40
    logits = np.asarray(table["logit"])
    assert (np.diff(logits) <= 0).all() and logits.dtype == np.float32
    assert np.allclose(np.asarray(table["probability"]), model.probability(logits, 1e-4), rtol=1e-5)
    magnitudes = dict(zip(objects["source_id"], objects["mag"], strict=True))
    assert all(magnitudes[int(name)] == mag for name, mag in zip(table["source_id"], table["mag"], strict=True))
    meta = table.meta
    assert meta["objects"] == meta["scored"] + meta["set_aside"] + meta["outside"] and meta["scored"] == len(wanted)


def test_partitions_without_fields_are_not_read(
    model: lf.Model, files: dict[str, pathlib.Path], catalogue: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    copy = pathlib.Path(shutil.copytree(catalogue, tmp_path / "copy"))
    meta = lf.score_hats(copy, files, model).meta
    assert meta["partitions"] > meta["read"] >= 1 and meta["objects"] < 103
    far = _nearest_to(copy, 10, -80)
    far.write_bytes(b"no Parquet")
    assert lf.score_hats(copy, files, model).meta["scored"] == meta["scored"]
    _nearest_to(copy, 150.1, 2.2).write_bytes(b"no Parquet")
    with pytest.raises(lf.Error, match="cannot be read"):
        lf.score_hats(copy, files, model)


def _nearest_to(catalogue: pathlib.Path, ra_deg: float, dec_deg: float) -> pathlib.Path:
    pixel = nested(ORDER, np.array([ra_deg]), np.array([dec_deg]))[0]
    return catalogue / "dataset" / f"Norder={ORDER}" / f"Dir={pixel // 10000 * 10000}" / f"Npix={pixel}.parquet"


def test_what_cannot_be_scored_is_named(
    model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], tmp_path: pathlib.Path
) -> None:
    holed = {**objects, "ra": objects["ra"].copy()}
    pixels = nested(ORDER, objects["ra"], objects["dec"])
    here = np.flatnonzero(pixels == pixels[0])[:2]
    catalogue = write_catalogue(tmp_path / "holed", objects)
    path = next(catalogue.glob(f"dataset/*/*/Npix={pixels[0]}.parquet"))
    table = parquet.read_table(path, partitioning=None).to_pydict()
    table["ra"] = [None if name == holed["source_id"][here[0]] else ra for name, ra in zip(table["source_id"], table["ra"], strict=True)]
    parquet.write_table(pa.table(table), path)
    scored = lf.score_hats(catalogue, files, model)
    assert holed["source_id"][here[0]] not in by_id(scored)
    reasons = [reason for _, _, reason in scored.meta["rejected"]]
    assert lensfind.hats.NO_POSITION in reasons and any("missing" in reason for reason in reasons)  # the second: the object at the edge
    assert scored.meta["set_aside"] == 2


def test_a_folder_a_partition_and_a_collection_are_read(
    model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], tmp_path: pathlib.Path
) -> None:
    write_catalogue(tmp_path / "all" / "parts", objects, suffix="/")
    (tmp_path / "all" / "collection.properties").write_text("obs_collection=all\nhats_primary_table_url=parts\n")
    assert by_id(lf.score_hats(tmp_path / "all", files, model)) == wanted_logits(model, files, objects)


def test_scores_are_left_as_a_catalogue_and_a_run_goes_on(
    model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], catalogue: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    out = tmp_path / "scored"
    whole = lf.score_hats(catalogue, files, model, out=out, columns=["source_id"])
    assert whole.colnames == ["source_id", "ra", "dec", "logit", "probability", "missing"]
    left = [path for path in sorted(out.glob("dataset/Norder=*/Dir=*/Npix=*.parquet"))]
    rows = pa.concat_tables([parquet.read_table(path, partitioning=None) for path in left])
    assert rows.num_rows == whole.meta["scored"] + whole.meta["set_aside"]
    assert {row["source_id"]: row["logit"] for row in rows.to_pylist() if row["logit"] is not None} == by_id(whole)
    assert all((row["logit"] is None) == (row["reason"] != "") for row in rows.to_pylist())
    with pytest.raises(lf.Error, match="exists"):
        lf.score_hats(catalogue, files, model, out=out, columns=["source_id"])
    with pytest.raises(lf.Error, match="another model, catalogue or other settings"):
        lf.score_hats(catalogue, files, model, out=out, columns=["mag"], resume=True)
    # A run that was killed: the last line torn, one partition not made.
    done = (out / "lensfind-done.csv").read_text().splitlines(keepends=True)
    order, pixel = done[-1].split(",")[:2]
    (out / "lensfind-done.csv").write_text("".join(done[:-1]) + done[-1][:-3])
    torn = next(iter(out.glob(f"dataset/Norder={order}/*/Npix={pixel}.parquet")), None)
    if torn is not None:
        torn.unlink()
    again = lf.score_hats(catalogue, files, model, out=out, columns=["source_id"], resume=True)
    assert by_id(again) == by_id(whole) and {**again.meta, "engine": ""} == {**whole.meta, "engine": ""}


def test_a_finished_run_scores_nothing_again(
    model: lf.Model, files: dict[str, pathlib.Path], catalogue: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = lf.score_hats(catalogue, files, model, out=tmp_path / "scored")

    def never(*_: Any) -> Any:
        raise AssertionError("scored again")

    monkeypatch.setattr(lensfind.hats, "_score_positions", never)
    assert by_id(lf.score_hats(catalogue, files, model, out=tmp_path / "scored", resume=True)) == by_id(whole)


def test_what_is_no_catalogue_is_refused(
    model: lf.Model, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], catalogue: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    with pytest.raises(lf.Error, match="no hats.properties"):
        lf.score_hats(tmp_path, files, model)
    with pytest.raises(lf.Error, match="is no path") as error:
        lf.score_hats(object(), files, model)  # type: ignore[arg-type]
    assert "map_partitions" in error.value.hint
    copy = pathlib.Path(shutil.copytree(catalogue, tmp_path / "copy"))
    _nearest_to(copy, 200, 45).unlink()
    with pytest.raises(lf.Error, match="lacks 1 of the"):
        lf.score_hats(copy, files, model)
    taken = write_catalogue(tmp_path / "taken", {**objects, "logit": objects["mag"]})
    with pytest.raises(lf.Error, match="column logit of its own"):
        lf.score_hats(taken, files, model)
    assert len(lf.score_hats(taken, files, model, columns=["mag", "source_id"])) == 40


def test_lsdb_scores_partitions_and_opens_what_is_left(
    model: lf.Model, model_folder: pathlib.Path, files: dict[str, pathlib.Path], objects: dict[str, np.ndarray], tmp_path: pathlib.Path
) -> None:
    lsdb = pytest.importorskip("lsdb")
    dask, pandas = pytest.importorskip("dask"), pytest.importorskip("pandas")
    wanted = wanted_logits(model, files, objects)
    catalog = lsdb.from_dataframe(pandas.DataFrame(objects), ra_column="ra", dec_column="dec", lowest_order=ORDER - 1, highest_order=ORDER)
    scorer = lensfind.hats.Scorer(model_folder, files, load={"threads": 1})
    with dask.config.set(scheduler="threads"):
        found = catalog.map_partitions(scorer).compute()
    assert by_id(found) == wanted and (found["reason"] != "").sum() == 1
    catalog.write_catalog(tmp_path / "written", catalog_name="written", as_collection=False)
    table = lf.score_hats(tmp_path / "written", files, model, out=tmp_path / "scored")
    assert by_id(table) == wanted
    again = lsdb.open_catalog(tmp_path / "scored").compute()
    assert by_id(again[again["logit"].notna()]) == wanted and len(again) == table.meta["scored"] + table.meta["set_aside"]
