"""Training: recipes on labelled cutouts leave models."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._model import Model, load
from ._places import data_folders, installed_names, overrides_of, training_library
from ._program import program, temporary_labels
from ._progress import Progress, listener


def recipes() -> list[str]:
    """Names of the installed recipes."""
    return installed_names("recipes", ".toml")


class Batch(NamedTuple):
    """Cutouts as a network takes them.

    Attributes
    ----------
    pixels : array (n, bands, height, width) of float32
        Scaled, augmented, stretched and normalised by the recipe.
    labels : array (n,) of float32
        What is learnt: 1 lens, 0 non-lens, between where images were mixed.
    ids : list of str
        Of the samples.
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.float32]
    ids: list[str]


class Batches:
    """The batches that `train` would train on, for a loop of your own: made by `batches`.

    Iterating gives the batches of an epoch, and each further iteration those of the next. What an epoch holds depends on the recipe's seed
    and the epoch's number alone.
    """

    def __init__(self, feed: _core.BatchFeed, epoch: int = 1) -> None:
        self._feed = feed
        self._ids = feed.ids()
        self.epoch = epoch  #: number of the epoch that the next iteration gives, from 1
        self.bands: list[str] = feed.bands()

    def __iter__(self) -> Iterator[Batch]:
        count = self._feed.begin(self.epoch)
        self.epoch += 1
        for _ in range(count):
            yield self._named(self._feed.next())

    def validation(self, batch: int = 64) -> Iterator[Batch]:
        """The samples that the recipe holds out, without augmentation, `batch` at a time."""
        samples = self._feed.validation()
        for begin in range(0, len(samples), batch):
            yield self._named(self._feed.plain(samples[begin : begin + batch]))

    def _named(self, arrays: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int64]]) -> Batch:
        pixels, labels, samples = arrays
        return Batch(pixels, labels, [self._ids[i] for i in samples])


def batches(
    data: str | os.PathLike[str],
    recipe: str | os.PathLike[str] = "lensfind",
    *,
    settings: Mapping[str, Any] | None = None,
    threads: int = 0,
    progress: bool | Progress = False,
) -> Batches:
    """Batches with our split, draws, augmentation and normalisation, for a training loop of your own (PyTorch, JAX, ...).

    Parameters
    ----------
    data, recipe, settings
        As for `train`.
    threads : int
        Threads that make batches; 0: all cores.
    progress : bool or Progress
        Show a bar while data are loaded, or tell an object.

    Returns
    -------
    Batches

    Raises
    ------
    Error
        Where torch is missing, with which the training room is built, or recipe or data are at fault.

    Examples
    --------
    >>> for batch in lf.batches("cutouts", "lensfind"):              # doctest: +SKIP
    ...     loss = step(torch.from_numpy(batch.pixels), torch.from_numpy(batch.labels))
    """
    feed = _core.open_feed(
        training_library(),
        str(recipe),
        data_folders("recipes"),
        overrides_of(settings),
        Path(data),
        _named_places() | {"threads": threads, "device": "cpu"},
        listener(progress),
    )
    return Batches(feed)


def _named_places() -> dict[str, Any]:
    """Where names of surveys (`simulate:des`) and models (`initial_weights`) are looked up."""
    return {f"{kind}_folders": [str(folder) for folder in data_folders(f"{kind}s")] for kind in ("survey", "model")}


def train(
    recipe: str | os.PathLike[str],
    data: str | os.PathLike[str],
    out: str | os.PathLike[str],
    *,
    settings: Mapping[str, Any] | None = None,
    device: str = "auto",
    threads: int = 0,
    resume: bool = False,
    overwrite: bool = False,
    allow_bad: bool = False,
    pixel_scale: float | None = None,
    progress: bool | Progress = True,
) -> Model:
    """Trains a network by a recipe, as `lensfind train` does, to the same weights.

    Parameters
    ----------
    recipe : str or path
        An installed recipe (`lensfind.recipes()`) or a TOML file (docs/recipes.md).
    data : path
        Labelled cutouts: a folder in the DeepLense layout, a stack with its table, or a table with paths and labels (docs/files.md).
        Or "simulate:SURVEY": cutouts drawn anew every epoch (docs/training.md).
    out : path
        The model folder to make.
    settings : mapping, optional
        Keys of the recipe that differ: {"epochs": 5}.
    device : {"auto", "cpu", "cuda"}
    threads : int
        0: all cores.
    resume : bool
        Go on with the run in `out`, to the same end as if it had never stopped.
    overwrite : bool
        Replace `out`.
    allow_bad : bool
        Train although more than 1% of the cutouts were set aside.
    pixel_scale : float, optional
        Of the cutouts in arcsec, where their files do not say it.
    progress : bool or Progress
        Show a bar and a line an epoch, or tell an object.

    Returns
    -------
    Model
        Loaded from `out`. Its `history` is a list of dict an epoch.

    Raises
    ------
    Error
        Where torch is missing, or recipe, data or device are at fault.
    KeyboardInterrupt
        At Ctrl-C, after the batch under way; `resume=True` goes on.
    """
    told = _named_places() | {"device": device, "threads": threads, "resume": resume, "overwrite": overwrite, "allow_bad": allow_bad}
    if pixel_scale is not None:
        told["pixel_scale_arcsec"] = float(pixel_scale)
    result = _core.train(
        training_library(), str(recipe), data_folders("recipes"), overrides_of(settings), Path(data), Path(out), told, listener(progress)
    )
    model = load(out)
    model.history = result["history"]
    return model


def adapt(
    model: Model | str | os.PathLike[str],
    images: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    labels: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    steps: Sequence[str] = (),
    progress: bool | Progress = True,
    **settings: Any,
) -> Model:
    """A better model for your own images, as `lensfind adapt` makes it, in a process of its own (docs/adapting.md).

    Parameters
    ----------
    model : Model, str or path
        A model with a network of its own: loaded, a model folder, or an installed model's name.
    images : path or sequence of paths
        Your images: folders, cutouts, stacks, lists, or fields with `catalogue=`.
    out : path
        The model folder to make. adapt.md in it is the report.
    labels : path or mapping of id to label, optional
        1 lens, 0 no lens, ids as `score_files` gives them. Without labels nothing can be judged.
    steps : sequence of str
        Only these of survey, hosts, consistency, statistics, joint, head, labels, mined; default all, without labels "statistics".
    progress : bool or Progress
        Show lines of the work, or tell an object.
    **settings
        Options of `lensfind adapt` with "_" for "-": seed, device, threads, known, catalogue, max_images, resume, overwrite, ...

    Returns
    -------
    Model
        Loaded from `out`. Its `history` is a list of dict a step: what it gained on labelled images that the judged model never saw.

    Raises
    ------
    Error
        Where torch is missing, the model has no network of its own, or images and labels do not fit.
    KeyboardInterrupt
        At Ctrl-C; `resume=True` goes on.
    """
    training_library()
    given = model.path if isinstance(model, Model) else model
    paths = [images] if isinstance(images, (str, os.PathLike)) else list(images)
    with tempfile.TemporaryDirectory(prefix="lensfind-") as folder:
        table = temporary_labels(labels, Path(folder)) if labels is not None else None
        result = program("adapt", given, images=paths, out=out, labels=table, steps=",".join(steps) or None, progress=progress, **settings)
    adapted = load(out)
    adapted.history = [*result["steps"], result["whole"]]
    return adapted
