"""Every Python block of the pages runs, in order, as it stands there."""

from __future__ import annotations

import pathlib
import re
import shutil
from typing import Any

import numpy as np
import pytest

import lensfind as lf
from conftest import can_train

DOCS = pathlib.Path(__file__).parents[2] / "docs"
PAGES = {"python.md": 8, "howto-pipeline.md": 4, "howto-ray.md": 4}  #: and how many blocks they have at least
NOT_RUN = "<!-- not run by the tests: "


def blocks(page: str) -> list[tuple[str, str]]:
    """Heading and code of each block."""
    title, found = "", []
    text = (DOCS / page).read_text(encoding="utf-8")
    for heading, code, behind in re.findall(r"^## (.*?)$|^```python\n(.*?)^```\n(\n?[^\n]*)", text, re.MULTILINE | re.DOTALL):
        title = heading or title
        if code and not behind.strip().startswith(NOT_RUN):
            found.append((title, code))
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_pages_blocks_run(
    page: str, data: pathlib.Path, model_folder: pathlib.Path, images: np.ndarray, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in ("astropy", "matplotlib", "sklearn", "dask.array", *(("ray", "lsdb") if page == "howto-ray.md" else ())):
        pytest.importorskip(package)
    import matplotlib
    from astropy.io import fits
    from test_fields import PLACES, coordinates
    from test_hats import write_catalogue

    matplotlib.use("agg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(pathlib.Path(lf.__file__).parents[1]))  # of Ray's workers
    shutil.copytree(data, "cutouts")
    shutil.copytree(model_folder, "model")
    np.save("stack.npy", images)
    header = coordinates().to_header()
    header["MAGZERO"] = 30.0
    for band in "gri":
        fits.PrimaryHDU(np.random.default_rng(1).normal(0, 1, (120, 120)).astype("f4"), header).writeto(f"sky_{band}.fits")
    objects = coordinates().pixel_to_world(PLACES[:, 0], PLACES[:, 1])
    columns = {"id": np.arange(len(PLACES)), "ra": objects.ra.deg, "dec": objects.dec.deg}
    pathlib.Path("objects.csv").write_text("id,ra,dec\n" + "".join(f"{i},{float(ra)!r},{float(dec)!r}\n" for i, ra, dec in zip(*columns.values(), strict=True)))
    write_catalogue(pathlib.Path("catalogue"), columns, healpix_29=True)
    known: dict[str, Any] = {}
    found = blocks(page)
    assert len(found) >= PAGES[page]
    for title, code in found:
        if title == "Train" and not can_train():
            continue
        exec(compile(code, f"docs/{page}: {title}", "exec"), known)
    if page == "python.md":
        assert np.isfinite(known["z"]).all() and known["image"].shape == (64, 64)
    elif page == "howto-pipeline.md":
        assert known["scores"].meta["scored"] >= 1 and 0 <= known["figures"].auc.low <= known["figures"].auc.high <= 1
    else:
        assert len(known["table"]) == known["frame"].logit.notna().sum() == known["table"].meta["scored"] >= 1


def test_every_python_block_of_every_page_is_run_or_says_that_it_is_not() -> None:
    for page in sorted(DOCS.glob("*.md")):
        assert page.name in PAGES or not blocks(page.name), f"{page.name}: no test runs its Python"


def test_every_public_name_is_known() -> None:
    for name in re.findall(r"\blf\.([a-z_A-Z]+)", "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)):
        assert hasattr(lf, name), name
