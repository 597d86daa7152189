"""Scores of Dask arrays: lazily, a chunk at a time, in threads, processes or on a cluster."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._model import Model, load

__all__ = ["probability", "score"]


@functools.lru_cache(maxsize=4)
def _opened(path: Path, options: tuple[tuple[str, Any], ...]) -> Model:
    """A model once a process, however many chunks it scores there."""
    return Model(path, **dict(options))


def _score_block(block: NDArray[Any], path: Path, options: tuple[tuple[str, Any], ...], settings: dict[str, Any]) -> NDArray[np.float32]:
    return _opened(path, options).score(block, **settings)


def score(images: Any, model: Model | str, **settings: Any) -> Any:
    """Scores a Dask array of cutouts, to the logits that `Model.score` gives.

    Parameters
    ----------
    images : dask.array.Array (n, bands, height, width)
        Of any number type. Chunks along the first axis are scored apart; the other axes are put together first.
    model : Model or str
        Loaded, or what `lensfind.load` takes. On a cluster its folder must be seen by every worker.
    **settings
        As `Model.score` takes them: pixel_scale, zero_point, nan_is_missing, on_bad, ...

    Returns
    -------
    dask.array.Array (n,) of float32
        Nothing is scored before it is computed.

    Raises
    ------
    Error
        Where there is no such model.

    Examples
    --------
    >>> import dask.array, lensfind.dask                                  # doctest: +SKIP
    >>> images = dask.array.from_zarr("cutouts.zarr")                     # doctest: +SKIP
    >>> lensfind.dask.score(images, "hsc").compute()                      # doctest: +SKIP
    """
    own = model if isinstance(model, Model) else load(model)
    whole = images.rechunk({axis: -1 for axis in range(1, images.ndim)})
    return whole.map_blocks(
        _score_block,
        path=own.path,
        options=tuple(own._options.items()),
        settings=settings,
        drop_axis=list(range(1, images.ndim)),
        dtype=np.float32,
        meta=np.empty(0, dtype=np.float32),
    )


def probability(logits: Any, model: Model | str, prevalence: float | None = None) -> Any:
    """Probabilities of a Dask array of logits, as `Model.probability` gives them."""
    own = model if isinstance(model, Model) else load(model)
    return logits.map_blocks(own.probability, prevalence, dtype=np.float64, meta=np.empty(0, dtype=np.float64))
