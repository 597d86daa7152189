"""Every Python block of docs/python.md runs, in order, as it stands there."""

from __future__ import annotations

import pathlib
import re
import shutil
from typing import Any

import numpy as np
import pytest

import lensfind as lf
from lensfind import _places

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "python.md"
BLOCKS = re.findall(r"^## (.*?)$|^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    title, found = "", []
    for heading, code in BLOCKS:
        title = heading or title
        if code:
            found.append((title, code))
    return found


def can_train() -> bool:
    try:
        _places.training_library()
    except lf.Error:
        return False
    return True


def test_the_pages_blocks_run(
    data: pathlib.Path, model_folder: pathlib.Path, images: np.ndarray, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("astropy", "matplotlib", "sklearn", "dask.array"):
        pytest.importorskip(package)
    import matplotlib
    from astropy.io import fits
    from test_fields import coordinates

    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    shutil.copytree(data, "cutouts")
    shutil.copytree(model_folder, "model")
    np.save("stack.npy", images)
    for band in "gri":
        fits.PrimaryHDU(np.random.default_rng(1).normal(0, 1, (120, 120)).astype("f4"), coordinates().to_header()).writeto(f"sky_{band}.fits")
    known: dict[str, Any] = {}
    found = blocks()
    assert len(found) >= 8
    for title, code in found:
        if title == "Train" and not can_train():
            continue
        exec(compile(code, f"docs/python.md: {title}", "exec"), known)
    assert np.isfinite(known["z"]).all() and known["image"].shape == (64, 64)


def test_every_public_name_is_known() -> None:
    for name in re.findall(r"\blf\.([a-z_A-Z]+)", PAGE.read_text()):
        assert hasattr(lf, name), name
