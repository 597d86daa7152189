"""Training from Python makes the program's model; batches for other people's loops are those that training sees."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lensfind as lf
from lensfind import _places

SETTINGS = {"network": "mobilevitv2_050", "epochs": 1, "batch": 16, "initial_weights": "", "validation_fraction": 0.25}

try:
    _places.training_library()
except lf.Error as missing:
    pytest.skip(f"training is not here: {missing}", allow_module_level=True)


def overrides() -> list[str]:
    return [word for text in _places.overrides_of(SETTINGS) for word in ("--set", text)]


def test_weights_are_the_programs(program: Callable[..., str], data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    program("train", "--recipe", "demo", "--data", data, "--out", tmp_path / "p", "--threads", 1, "--quiet", *overrides())
    heard: list[str] = []

    class Listener:
        def start(self, task: str, total: int, unit: str) -> None: ...

        def advance(self, steps: int) -> None: ...

        def line(self, text: str) -> None:
            heard.append(text)

        def warn(self, text: str) -> None: ...

        def finish(self) -> None: ...

    model = lf.train("demo", data, tmp_path / "own", settings=SETTINGS, threads=1, progress=Listener())
    assert (tmp_path / "own" / "model.safetensors").read_bytes() == (tmp_path / "p" / "model.safetensors").read_bytes()
    assert len(model.history) == 1 and 0 <= model.history[0]["validation_auc"] <= 1
    assert any("epoch" in line for line in heard)


def test_control_c_leaves_a_run_that_goes_on(data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    class Stopper:
        """Interrupts at the first epoch's end."""

        def start(self, task: str, total: int, unit: str) -> None: ...

        def advance(self, steps: int) -> None: ...

        def line(self, text: str) -> None:
            raise KeyboardInterrupt

        def warn(self, text: str) -> None: ...

        def finish(self) -> None: ...

    more = {**SETTINGS, "epochs": 3}
    with pytest.raises(KeyboardInterrupt):
        lf.train("demo", data, tmp_path / "run", settings=more, threads=1, progress=Stopper())
    model = lf.train("demo", data, tmp_path / "run", settings=more, threads=1, resume=True, progress=False)
    lf.train("demo", data, tmp_path / "whole", settings=more, threads=1, progress=False)
    assert len(model.history) == 3
    assert (tmp_path / "run" / "model.safetensors").read_bytes() == (tmp_path / "whole" / "model.safetensors").read_bytes()


def test_batches_are_what_training_sees(data: pathlib.Path) -> None:
    feed = lf.batches(data, "demo", settings=SETTINGS, threads=2)
    first = list(feed)
    again = list(lf.batches(data, "demo", settings=SETTINGS, threads=1))
    assert len(first) == len(again) > 1
    for one, other in zip(first, again, strict=True):
        assert np.array_equal(one.pixels, other.pixels) and one.ids == other.ids
    assert first[0].pixels.shape[1:] == (3, 64, 64) and set(np.unique(first[0].labels)) <= {0.0, 1.0}
    for batch in first:
        assert [bool(label) for label in batch.labels] == [name.startswith("train_lenses/") for name in batch.ids]
    second = list(feed)
    assert not np.array_equal(second[0].pixels, first[0].pixels)


def test_held_out_samples_are_not_trained_on_and_not_augmented(data: pathlib.Path) -> None:
    feed = lf.batches(data, "demo", settings={**SETTINGS, "scaling": "minmax", "stretch": "none", "normalise": "none"})
    held = list(feed.validation(8))
    names = {name for batch in held for name in batch.ids}
    assert names and not names & {name for batch in feed for name in batch.ids}
    raw = np.load(data / f"{held[0].ids[0]}.npy")
    low, high = raw.min(axis=(1, 2), keepdims=True), raw.max(axis=(1, 2), keepdims=True)
    assert np.allclose(held[0].pixels[0], (raw - low) / (high - low), atol=1e-6)


def test_a_loop_may_end_early(data: pathlib.Path) -> None:
    feed = lf.batches(data, "demo", settings=SETTINGS)
    for _ in feed:
        break
    assert feed.epoch == 2
    before = threading.active_count()
    del feed
    time.sleep(0.1)
    assert threading.active_count() <= before


def test_unknown_recipes_are_named(data: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with pytest.raises(lf.Error, match="lensfnd"):
        lf.train("lensfnd", data, tmp_path / "x")
    assert {"demo", "lensfind"} <= set(lf.recipes())


def test_without_torch_it_says_what_to_install() -> None:
    code = (
        "import importlib.util as u; find = u.find_spec; u.find_spec = lambda n, *a: None if n == 'torch' else find(n, *a)\n"
        "import lensfind as lf\ntry:\n  lf.train('demo', 'x', 'y')\nexcept lf.Error as e:\n  print(e.hint)"
    )
    environment: dict[str, Any] = {"PYTHONPATH": str(_places.PACKAGE.parent)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    assert "lensfind[train]" in done.stdout, done.stderr
