"""Scores of arrays are those that the program gives for the same pixels in files."""

from __future__ import annotations

import csv
import pathlib
import threading
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import lensfind as lf


def test_logits_are_the_programs_bytes(model: lf.Model, images: np.ndarray, program_logits: np.ndarray) -> None:
    assert model.score(images).tobytes() == program_logits.tobytes()


def test_probabilities_are_the_programs(model: lf.Model, place: pathlib.Path, images: np.ndarray, program_logits: np.ndarray) -> None:
    with open(place / "stack.csv", newline="") as file:
        wanted = [float(row["probability"]) for row in csv.DictReader(file)]
    assert np.allclose(model.probability(model.score(images)), wanted, rtol=1e-5)


def test_probabilities_are_bayes_rule(model: lf.Model) -> None:
    # Odds at a prevalence are odds at one half times p / (1 - p).
    # Likelihood ratios from e^-12 to e^12: beyond, 1 - p has too few digits to be compared.
    assert model.calibration is not None
    z = (np.linspace(-12, 12, 81) - model.calibration["intercept"]) / model.calibration["slope"]
    even, rare = model.probability(z, 0.5), model.probability(z, 1e-4)
    assert np.allclose(rare / (1 - rare), even / (1 - even) * 1e-4 / (1 - 1e-4), rtol=1e-6)


@pytest.mark.parametrize("type", ["<f8", ">f4", ">f8", "<f2"])
def test_any_float_type_and_endianness(model: lf.Model, images: np.ndarray, type: str) -> None:
    converted = images[:6].astype(type)
    wanted = model.score(converted.astype("<f4"))
    assert np.array_equal(model.score(converted), wanted)


@pytest.mark.parametrize("type", ["u1", "<i2", ">i4", "<u8", "?"])
def test_any_integer_type(model: lf.Model, images: np.ndarray, type: str) -> None:
    converted = np.clip(images[:6] * 10, 0, 100).astype(type)
    assert np.array_equal(model.score(converted), model.score(converted.astype("<f4")))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.sampled_from("CF"), step=st.integers(1, 3), flipped=st.booleans(), type=st.sampled_from(["<f4", ">f4", "<f8"]))
def test_any_strides(model: lf.Model, images: np.ndarray, order: str, step: int, flipped: bool, type: str) -> None:
    view = np.array(images[:9], dtype=type, order=order)[::step]
    view = view[:, :, ::-1] if flipped else view
    assert np.array_equal(model.score(view), model.score(np.ascontiguousarray(view, dtype="<f4")))


def test_larger_cutouts_are_cut_at_their_middle(model: lf.Model, images: np.ndarray) -> None:
    larger = np.pad(images[:4], ((0, 0), (0, 0), (5, 5), (5, 5)), mode="reflect")
    assert np.array_equal(model.score(larger), model.score(images[:4]))


def test_what_cannot_be_scored_is_nan_and_said(model: lf.Model, images: np.ndarray) -> None:
    bad = images[:4].copy()
    bad[2, 0, 3, 3] = np.inf
    with pytest.warns(lf.SetAsideWarning, match="1 of 4 .* number 2"):
        logits = model.score(bad)
    assert np.isnan(logits[2])
    assert np.array_equal(logits[[0, 1, 3]], model.score(images[[0, 1, 3]]))
    with pytest.raises(lf.Error, match="cutout 2"):
        model.score(bad, on_bad="raise")


def test_nan_is_a_fault_unless_it_says_that_there_is_no_pixel(model: lf.Model, images: np.ndarray) -> None:
    bad = images[:2].copy()
    bad[1, 1, 0, 0] = np.nan
    assert np.isnan(model.score(bad, on_bad="ignore")[1])
    filled = bad.copy()
    filled[1, 1, 0, 0] = np.nanmedian(bad[1, 1])
    # The library's median of an odd number of pixels is a pixel; numpy's too.
    assert np.array_equal(model.score(bad, nan_is_missing=True), model.score(filled))


def test_masked_pixels_are_missing(model: lf.Model, images: np.ndarray) -> None:
    mask = np.zeros(images[:3].shape, dtype=bool)
    mask[0, 2, 4:7, 4:7] = True
    holed = images[:3].copy()
    holed[mask] = np.nan
    assert np.array_equal(model.score(np.ma.array(images[:3], mask=mask)), model.score(holed, nan_is_missing=True))


def test_nan_beside_a_mask_is_a_fault(model: lf.Model, images: np.ndarray) -> None:
    mask = np.zeros(images[:2].shape, dtype=bool)
    mask[0, 0, 0, 0] = True
    bad = images[:2].copy()
    bad[1, 0, 5, 5] = np.nan
    logits = model.score(np.ma.array(bad, mask=mask), on_bad="ignore")
    assert np.isfinite(logits[0]) and np.isnan(logits[1])


def test_lists_of_cutouts_of_several_sizes_keep_their_order(model: lf.Model, images: np.ndarray) -> None:
    larger = [np.pad(image, ((0, 0), (2, 2), (2, 2)), mode="reflect") if i % 2 else image for i, image in enumerate(images[:5])]
    assert np.array_equal(model.score(larger), model.score(images[:5]))


def test_another_pixel_scale_is_resampled_as_in_fits_files(
    program: Callable[..., str], model: lf.Model, model_folder: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    fits = pytest.importorskip("astropy.io.fits")
    wide = lf.Survey("des").simulate(2, seed=3, size=96)[0]
    for i, image in enumerate(wide):
        hdu = fits.PrimaryHDU(image)
        hdu.header["PIXSCALE"] = 0.2
        hdu.writeto(tmp_path / f"{i}.fits")
    program("score", model_folder, tmp_path, "--out", tmp_path / "scores.csv", "--threads", 1, "--quiet")
    wanted = [np.float32(row.split(",")[1]) for row in (tmp_path / "scores.csv").read_text().splitlines()[1:]]
    assert np.array_equal(model.score(wide, pixel_scale=0.2), np.array(wanted, dtype=np.float32))


def test_flux_comes_to_the_models_zero_point_by_unit_or_by_number(
    program: Callable[..., str], plain_model: pathlib.Path, images: np.ndarray, tmp_path: pathlib.Path
) -> None:
    u = pytest.importorskip("astropy.units")
    weights = plain_model.parent / "weights.safetensors"
    program("import", "--network", "mobilevitv2_050", "--weights", weights, "--out", tmp_path / "flux", "--zero-point", 31.4, "--quiet")
    flux = lf.load(tmp_path / "flux", threads=1)
    wanted = flux.score(images[:3], zero_point=31.4)
    assert np.array_equal(flux.score(images[:3] * u.nJy), wanted)  # 1 nJy is 31.4 mag
    assert np.allclose(flux.score(images[:3] * 1e-3 * u.uJy), wanted, atol=1e-3)
    with pytest.raises(lf.Error, match="zero point"):
        flux.score(images[:3])


def test_wrong_arrays_are_refused_with_a_hint(model: lf.Model, images: np.ndarray) -> None:
    with pytest.raises(lf.Error, match="is no stack") as error:
        model.score(images[0])
    assert "images[np.newaxis]" in error.value.hint and "hint: " in "".join(error.value.__notes__)
    with pytest.raises(lf.Error, match="complex64"):
        model.score(images[:1].astype(np.complex64))
    logits = model.score(images[:1, :2], on_bad="ignore")
    assert np.isnan(logits[0])


def test_nothing_gives_nothing(model: lf.Model, images: np.ndarray) -> None:
    assert model.score(images[:0]).shape == (0,)


def test_threads_of_python_take_turns(model: lf.Model, images: np.ndarray) -> None:
    wanted = model.score(images)
    results: list[np.ndarray] = []
    threads = [threading.Thread(target=lambda: results.append(model.score(images))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4 and all(np.array_equal(result, wanted) for result in results)


def test_memory_maps_are_read_in_pieces(model: lf.Model, images: np.ndarray, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lensfind._pixels.CHUNK_BYTES", 5 * images[0].nbytes)
    np.save(tmp_path / "stack.npy", images.astype("<f8"))
    mapped = np.load(tmp_path / "stack.npy", mmap_mode="r")
    assert np.array_equal(model.score(mapped), model.score(images))


def test_files_give_the_programs_table(
    program: Callable[..., str], model: lf.Model, model_folder: pathlib.Path, data: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    program("score", model_folder, data / "test_lenses", "--out", tmp_path / "scores.csv", "--threads", 1, "--prevalence", 1e-4, "--quiet")
    table = model.score_files(data / "test_lenses", prevalence=1e-4)
    with open(tmp_path / "scores.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(table["id"]) == [row["id"] for row in rows]
    assert np.array_equal(np.asarray(table["logit"]), np.array([row["logit"] for row in rows], dtype=np.float32))
    assert table.meta["prevalence"] == 1e-4 and table.meta["scored"] == 12 and table.meta["model"] == str(model_folder)


def test_the_best_of_files_come_sorted_and_bad_files_are_named(model: lf.Model, data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    for path in (data / "test_lenses").glob("*.npy"):
        (tmp_path / path.name).symlink_to(path)
    (tmp_path / "broken.npy").write_bytes(b"\x93NUMPY")
    table = model.score_files([tmp_path], top=5, out=tmp_path / "out.csv")
    logits = np.asarray(table["logit"])
    assert len(logits) == 5 and (np.diff(logits) <= 0).all()
    assert [name for name, _ in table.meta["rejected"]] == ["broken.npy"]
    assert (tmp_path / "out.csv").exists() and (tmp_path / "out.top.csv").exists()


def test_tables_without_astropy_have_the_same_names(model: lf.Model, data: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "astropy.table", None)
    table = model.score_files(data / "test_lenses")
    assert isinstance(table, lf.Table) and table.colnames[:3] == ["id", "logit", "probability"] and len(table) == 12
    assert table[0]["id"] == table["id"][0] and len(table[:3]) == 3 and "<td>" in table._repr_html_()


def test_a_bar_hears_of_every_cutout(model: lf.Model, images: np.ndarray) -> None:
    heard: list[tuple[str, object]] = []

    class Listener:
        def start(self, task: str, total: int, unit: str) -> None:
            heard.append(("start", total))

        def advance(self, steps: int) -> None:
            heard.append(("advance", steps))

        def line(self, text: str) -> None: ...

        def warn(self, text: str) -> None: ...

        def finish(self) -> None:
            heard.append(("finish", 0))

    model.score(images, progress=Listener())
    assert heard[0] == ("start", len(images)) and heard[-1] == ("finish", 0)
    assert sum(steps for name, steps in heard if name == "advance") == len(images)


def test_what_a_listener_raises_ends_the_work(model: lf.Model, images: np.ndarray) -> None:
    class Angry(lf.Progress):
        def start(self, task: str, total: int, unit: str) -> None:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        model.score(images, progress=Angry())


def test_a_models_card_says_what_it_is(model: lf.Model, plain_model: pathlib.Path) -> None:
    assert model.bands == ["g", "r", "i"] and model.size == 64 and model.pixel_scale == pytest.approx(0.263)
    assert "f1" in model.targets and "calibrated on 20 lenses" in model.card()
    plain = lf.load(plain_model)
    with pytest.raises(lf.Error, match="not calibrated"):
        plain.probability([0.0])


def test_unknown_models_are_named(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(lf.Error, match="no installed model of this name"):
        lf.load("hsc-that-is-not-there")
    with pytest.raises(lf.Error):
        lf.load(tmp_path)


def test_an_installed_model_is_found_by_its_name(model_folder: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mine").symlink_to(model_folder)
    monkeypatch.setenv("LENSFIND_DATA", str(tmp_path))
    assert lf.load("mine").bands == ["g", "r", "i"]
    with pytest.raises(lf.Error) as error:
        lf.load("other")
    assert "mine" in error.value.hint


def test_packed_models_score_as_in_the_program(
    program: Callable[..., str], model_folder: pathlib.Path, images: np.ndarray, tmp_path: pathlib.Path
) -> None:
    program("export", model_folder, "--packed", "--out", tmp_path / "packed", "--quiet")
    np.save(tmp_path / "stack.npy", images[:5])
    program("score", tmp_path / "packed", tmp_path / "stack.npy", "--out", tmp_path / "s.csv", "--threads", 1, "--quiet")
    wanted = [np.float32(line.split(",")[1]) for line in (tmp_path / "s.csv").read_text().splitlines()[1:]]
    assert np.array_equal(lf.load(tmp_path / "packed", threads=1).score(images[:5]), np.array(wanted, dtype=np.float32))


def test_no_warning_where_all_is_well(model: lf.Model, images: np.ndarray) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.score(images)
