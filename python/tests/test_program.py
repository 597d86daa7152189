"""The program's commands from Python: results as data, errors with hints, Ctrl-C."""

from __future__ import annotations

import pathlib
import signal
import threading
import time
from typing import Any

import numpy as np
import pytest

import lensfind as lf
from lensfind import _places
from lensfind._program import _options, temporary_labels


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.warnings: list[str] = []

    def start(self, task: str, total: int, unit: str) -> None: ...

    def advance(self, steps: int) -> None: ...

    def line(self, text: str) -> None:
        self.lines.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def finish(self) -> None: ...


def test_a_command_gives_its_result(model_folder: pathlib.Path, data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    said = lf.program("score", model_folder, data / "test_lenses", out=tmp_path / "s.csv", top=5, threads=1)
    assert said["scored"] == 12 and pathlib.Path(said["candidates_page"]).exists()
    best = lf.program("candidates", tmp_path / "s.csv", images=[data / "test_lenses"], top=3, prevalence=1e-3, out=tmp_path / "best")
    assert best and "<img" in next((tmp_path / "best").glob("*.html")).read_text()
    assert lf.program("version")["version"] == lf.__version__


def test_options_are_spelled_as_the_program_takes_them() -> None:
    assert _options({"max_missing": 0.2, "overwrite": True, "tta": False, "out": None, "band": ["g", "r"]}) == [
        "--max-missing",
        "0.2",
        "--overwrite",
        "--band",
        "g",
        "--band",
        "r",
    ]


def test_what_fails_is_an_error_with_its_hint(tmp_path: pathlib.Path) -> None:
    with pytest.raises(lf.Error, match="precison") as error:
        lf.program("score", "none", tmp_path, precison="f32")
    assert "--precision" in error.value.hint


def test_control_c_reaches_the_command(tmp_path: pathlib.Path) -> None:
    threading.Timer(3, lambda: signal.raise_signal(signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        lf.program("simulate", tmp_path / "set", survey="des", nonlenses=1_000_000, threads=1)
    assert time.monotonic() - began < 30


def test_labels_of_a_mapping_are_a_table(tmp_path: pathlib.Path) -> None:
    path = temporary_labels({"a/1": "lens", "b, c": False, "d": ""}, tmp_path)
    assert path.read_text().splitlines() == ["id,label", "a/1,1", '"b, c",0', "d,"]
    assert temporary_labels("mine.csv", tmp_path) == pathlib.Path("mine.csv")
    with pytest.raises(lf.Error, match="labels are no path"):
        temporary_labels(3, tmp_path)


def test_a_survey_is_measured_as_by_the_program(program: Any, tmp_path: pathlib.Path) -> None:
    crowded = "population.star_density_arcmin2=60"
    program("simulate", tmp_path / "seen", "--survey", "cfhtls", "--nonlenses", 30, "--size", 96, "--format", "fits", "--set", crowded, "--quiet")
    program("survey", "measure", tmp_path / "seen", "--out", tmp_path / "measured.toml")
    survey = lf.Survey.measure(tmp_path / "seen", progress=Listener())
    wanted = lf.Survey(tmp_path / "measured.toml")
    assert survey.settings == wanted.settings and survey.pixel_scale == pytest.approx(0.186)
    import pickle

    copy = pickle.loads(pickle.dumps(survey))
    assert np.array_equal(copy.simulate(2, seed=1)[0], wanted.simulate(2, seed=1)[0])
    own = lf.Survey.measure(tmp_path / "seen", out=tmp_path / "own.toml", progress=Listener())
    assert own.name == "own" and (tmp_path / "own.toml").exists()
    with pytest.raises(lf.Error, match="exists"):
        lf.Survey.measure(tmp_path / "seen", out=tmp_path / "own.toml")


def test_adaptation_leaves_a_model_with_what_each_step_gave(model_folder: pathlib.Path, data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    try:
        _places.training_library()
    except lf.Error as missing:
        pytest.skip(f"training is not here: {missing}")
    heard = Listener()
    adapted = lf.adapt(model_folder, data, tmp_path / "adapted", steps=["statistics"], threads=2, progress=heard)
    assert adapted.history[0]["step"] == "statistics" and adapted.history[0]["outcome"] == "not judged"
    assert adapted.bands == ["g", "r", "i"] and (tmp_path / "adapted" / "adapt.md").exists()
    with pytest.raises(lf.Error):
        lf.adapt(model_folder, tmp_path / "none", tmp_path / "other", progress=False)
