"""Simulated cutouts, as a survey would see them."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import Error
from ._places import data_folders, installed_names, overrides_of
from ._progress import Progress, listener
from ._tables import columns_of_texts, table_of


def surveys() -> list[str]:
    """Names of the installed surveys."""
    return installed_names("surveys", ".toml")


class Survey:
    """How a survey sees, and what it can simulate.

    Parameters
    ----------
    name : str or path
        An installed survey (`lensfind.surveys()`), or a TOML file (docs/surveys.md).
    settings : mapping, optional
        Fields that differ: {"seeing_fwhm_arcsec": [.9, .8, .7], "population.z_source_max": 3}.

    Raises
    ------
    Error
        For a survey that is not known, naming the known ones, and for settings that do not fit its bands.

    Examples
    --------
    >>> import lensfind as lf
    >>> images, truth = lf.Survey("des").simulate(4, seed=1)
    >>> images.shape
    (4, 3, 64, 64)
    """

    def __init__(self, name: str | os.PathLike[str], settings: Mapping[str, Any] | None = None) -> None:
        self._asked = (str(name), dict(settings or {}))
        self._text = ""  # of a survey without a file
        self._survey = _core.Survey.find(str(name), data_folders("surveys"), overrides_of(self._asked[1]))
        self.settings: dict[str, Any] = self._survey.settings()

    @classmethod
    def measure(
        cls,
        images: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        out: str | os.PathLike[str] | None = None,
        overwrite: bool = False,
        bands: Sequence[str] = (),
        zero_point: float | Sequence[float] | None = None,
        pixel_scale: float | None = None,
        max_images: int = 1000,
        progress: bool | Progress = False,
    ) -> Survey:
        """A survey like your own images, as `lensfind survey measure` finds it: seeing, noise and its correlation, depth, saturation.

        Parameters
        ----------
        images : path or sequence of paths
            Cutouts or fields: folders, FITS or .npy files, stacks, lists.
        out : path, optional
            Where to leave the survey's TOML file; default nowhere. Its comments say what was assumed.
        overwrite : bool
            Replace `out`.
        bands : sequence of str
            Names of the bands in the order of the planes, where headers do not say them.
        zero_point : float or sequence of float, optional
            AB magnitude of one unit of flux where headers do not say it, for all bands or a band each.
        pixel_scale : float, optional
            Side of a pixel in arcsec where headers do not say it.
        max_images : int
            Look at the first so many.
        progress : bool or Progress
            Show a bar, or tell an object. Warnings are told always.

        Returns
        -------
        Survey

        Raises
        ------
        Error
            Where no image can be read, their bands differ, flux means nothing (images scaled to [0, 1]), or a scale, zero point or seeing
            is not known.
        KeyboardInterrupt
            At Ctrl-C.
        """
        paths = [Path(images)] if isinstance(images, (str, os.PathLike)) else [Path(path) for path in images]
        points = [] if zero_point is None else [float(value) for value in np.atleast_1d(np.asarray(zero_point, dtype=np.float64))]
        if out is not None and Path(out).exists() and not overwrite:
            raise Error(f"{out} exists", "give another name, or overwrite=True")
        name = Path(out).stem if out is not None else "measured"
        told = listener(progress)
        text, notes = _core.Survey.measure(paths, list(bands), points, pixel_scale, max_images, name, told)
        for note in notes:
            told.warn(note)
        if out is not None:
            Path(out).write_text(text, encoding="utf-8")
            return cls(out)
        return cls._of_text(text)

    @classmethod
    def _of_text(cls, text: str) -> Survey:
        """The survey of a TOML text, which is kept so that copies in other processes need no file."""
        with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
            path = Path(folder) / "measured.toml"
            path.write_text(text, encoding="utf-8")
            made = cls(path)
        made._text = text
        return made

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return (Survey._of_text, (self._text,)) if self._text else (Survey, self._asked)

    def __repr__(self) -> str:
        return f"<lensfind.Survey {self.name}: bands {', '.join(self.bands)}, {self.pixel_scale:g} arcsec>"

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.settings["name"])

    @property
    def bands(self) -> list[str]:
        """Names of the bands, in the order of the images' planes."""
        return list(self.settings["bands"])

    @property
    def pixel_scale(self) -> float:
        """Side of a pixel, arcsec."""
        return float(self.settings["pixel_scale_arcsec"])

    @property
    def zero_points(self) -> list[float]:
        """AB magnitude of one unit of flux, a band."""
        return [float(value) for value in self.settings["output_zero_point"]]

    def simulate(
        self,
        n: int | None = None,
        seed: int = 0,
        *,
        lenses: int | None = None,
        nonlenses: int | None = None,
        first: int = 0,
        split: str = "test",
        size: int = 64,
        scaling: str = "none",
        threads: int = 0,
        progress: bool | Progress = False,
    ) -> tuple[NDArray[np.float32], Any]:
        """Makes labelled cutouts, to the same pixels as `lensfind simulate` writes for the same seed.

        Parameters
        ----------
        n : int, optional
            How many cutouts: half of them lenses, the odd one no lens.
        seed : int
            Of all random numbers. Cutout k of a class is the same whatever else is made.
        lenses, nonlenses : int, optional
            How many of each, in place of `n`.
        first : int
            Number of the first within its class, from 0: further calls go on where others ended.
        split : {"test", "train"}
            Of which set; they differ.
        size : int
            Side in pixels, 16 to 1024.
        scaling : {"none", "minmax"}
            "minmax" scales each band of each cutout to [0, 1], the look of the DeepLense set.
        threads : int
            0: all cores. The pixels are the same for any number.
        progress : bool or Progress
            Show a bar, or tell an object.

        Returns
        -------
        images : array (n, bands, size, size) of float32
            In the survey's flux unit; the lenses come first.
        truth : astropy.table.Table, or lensfind.Table where astropy is not installed
            The columns of truth.csv (docs/files.md): label, kind, redshifts, Einstein radius, ... NaN where they do not apply.

        Raises
        ------
        Error
            Where nothing is asked for, or the survey's population cannot be drawn from.
        KeyboardInterrupt
            At Ctrl-C.
        """
        if n is not None and (lenses is not None or nonlenses is not None):
            raise Error("n and lenses or nonlenses say the same", "give n, or lenses and nonlenses")
        first_class = n // 2 if n is not None else lenses or 0
        second_class = n - first_class if n is not None else nonlenses or 0
        if first_class < 0 or second_class < 0 or first_class + second_class == 0:
            raise Error("nothing is asked for", "say how many cutouts: simulate(100)")
        _require(split, "split", ("test", "train"))
        _require(scaling, "scaling", ("none", "minmax"))
        if not 16 <= size <= 1024:
            raise Error(f"a side of {size} pixels cannot be had", "give 16 to 1024")
        images, header, rows, texts = self._survey.simulate(first_class, second_class, first, split, size, scaling, seed, threads, listener(progress))
        names = header.strip().split(",")
        columns = columns_of_texts(names, [_fields(row) for row in rows], frozenset(texts))
        meta = {"survey": self.name, "seed": seed, "scaling": scaling, "pixel_scale_arcsec": self.pixel_scale, "bands": self.bands}
        return images, table_of(columns, meta)


def _fields(row: str) -> list[str]:
    import csv

    return next(csv.reader([row.rstrip("\n")]))


def _require(value: str, what: str, known: Sequence[str]) -> None:
    if value not in known:
        raise Error(f"{what}={value!r} is not known", f"give {' or '.join(repr(name) for name in known)}")


def render(scene: Mapping[str, Any] | str | os.PathLike[str], *, folder: str | os.PathLike[str] = ".") -> NDArray[np.float32]:
    """Renders one scene in one band without noise, as `lensfind render` does, to 1e-5 of its brightest pixel.

    Parameters
    ----------
    scene : mapping, or path of a JSON file
        num_pix, pixel_scale, psf, lens, lens_light and source, as docs/scene.md says.
    folder : path
        What the scene's paths are relative to; of a file its own folder.

    Returns
    -------
    array (num_pix, num_pix) of float32
        Flux a pixel, row 0 at the bottom.

    Raises
    ------
    Error
        For unknown models and values.
    """
    if not isinstance(scene, Mapping):
        folder = Path(scene).parent
        read: Mapping[str, Any] = json.loads(Path(scene).read_text(encoding="utf-8"))
        return _core.render_scene(dict(read), Path(folder), None)
    return _core.render_scene(dict(scene), Path(folder), None)
