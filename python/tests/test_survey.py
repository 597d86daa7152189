"""Simulated cutouts and rendered scenes are those that the program writes."""

from __future__ import annotations

import csv
import json
import pathlib
import pickle
from collections.abc import Callable

import numpy as np
import pytest
from conftest import DATA_SEED

import lensfind as lf


def test_pixels_and_truth_are_the_programs(data: pathlib.Path, images: np.ndarray) -> None:
    made, truth = lf.Survey("des").simulate(lenses=12, nonlenses=30, seed=DATA_SEED)
    assert made.tobytes() == images.tobytes()
    with open(data / "truth.csv", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["split"] == "test"]
    assert list(truth["id"]) == [row["id"] for row in rows] and list(truth["label"]) == [int(row["label"]) for row in rows]
    assert list(truth["kind"]) == [row["kind"] for row in rows]
    for name in ("theta_e_arcsec", "z_lens", "lens_mag_i", "background_rms_g"):
        wanted = [float(row[name]) if row[name] else np.nan for row in rows]
        assert np.array_equal(np.asarray(truth[name], dtype=float), wanted, equal_nan=True), name


def test_further_calls_go_on_where_others_ended() -> None:
    survey = lf.Survey("hsc")
    whole, _ = survey.simulate(lenses=3, nonlenses=2, seed=4)
    later, truth = survey.simulate(lenses=2, nonlenses=0, first=1, seed=4)
    assert np.array_equal(later, whole[1:3]) and list(truth["id"]) == ["test_lenses/2", "test_lenses/3"]


def test_settings_are_the_programs_overrides(program: Callable[..., str], tmp_path: pathlib.Path) -> None:
    program("simulate", tmp_path / "set", "--survey", "des", "--test-lenses", 2, "--seed", 1, "--set", "seeing_fwhm_arcsec=[1.5,1.4,1.3]", "--quiet")
    survey = lf.Survey("des", {"seeing_fwhm_arcsec": [1.5, 1.4, 1.3]})
    made, _ = survey.simulate(lenses=2, nonlenses=0, seed=1)
    assert np.array_equal(made[1], np.load(tmp_path / "set" / "test_lenses" / "2.npy"))
    copy = pickle.loads(pickle.dumps(survey))
    assert copy.settings == survey.settings


def test_units_stand_in_the_table() -> None:
    pytest.importorskip("astropy")
    _, truth = lf.Survey("des").simulate(2, seed=1)
    assert str(truth["theta_e_arcsec"].unit) == "arcsec" and truth.meta["survey"] == "des"


def test_what_cannot_be_had_is_refused() -> None:
    with pytest.raises(lf.Error) as error:
        lf.Survey("dess")
    assert "des" in str(error.value) + error.value.hint
    with pytest.raises(lf.Error, match="nothing is asked for"):
        lf.Survey("des").simulate(0)
    with pytest.raises(lf.Error, match="split"):
        lf.Survey("des").simulate(2, split="validation")
    assert {"des", "hsc", "euclid"} <= set(lf.surveys())


SCENE = {
    "name": "one",
    "num_pix": 40,
    "pixel_scale": 0.2,
    "psf": {"type": "gaussian", "fwhm": 0.7},
    "lens": [{"model": "SIE", "theta_E": 1.2, "q": 0.8, "phi": 0.3, "center_x": 0, "center_y": 0}],
    "lens_light": [],
    "source": [{"model": "SERSIC", "total_flux": 10, "R_eff": 0.3, "n": 1, "q": 0.7, "phi": 0.5, "center_x": 0.1, "center_y": 0.05}],
}


def test_scenes_are_the_programs(program: Callable[..., str], tmp_path: pathlib.Path) -> None:
    (tmp_path / "scene.json").write_text(json.dumps(SCENE))
    program("render", tmp_path / "scene.json", "--out", tmp_path / "scene.npy", "--quiet")
    wanted = np.load(tmp_path / "scene.npy")
    assert lf.render(SCENE).tobytes() == wanted.tobytes() == lf.render(tmp_path / "scene.json").tobytes()


def test_an_unlensed_scene_keeps_its_flux() -> None:
    alone = {**SCENE, "lens": [], "lens_light": SCENE["source"], "source": [], "num_pix": 200}
    # What a Sersic profile of index 1 has beyond 20 arcsec is under 1e-6 of its light.
    assert lf.render(alone).sum() == pytest.approx(10, rel=2e-3)


def test_faults_of_a_scene_are_named() -> None:
    with pytest.raises(lf.Error, match="NFW"):
        lf.render({**SCENE, "lens": [{"model": "NFW"}]})
