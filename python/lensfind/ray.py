"""Scores of Ray Data: a class for `map_batches`."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._errors import Error
from ._model import load

__all__ = ["Scorer"]


class Scorer:
    """Adds logits, and where the model is calibrated probabilities, to the batches of a Ray dataset. Each actor loads the model once.

    Parameters
    ----------
    model : str or path
        What `lensfind.load` takes; on a cluster a name, or a folder that every node sees.
    column : str
        The column of the cutouts, each (bands, height, width).
    prevalence : float, optional
        Fraction of lenses that probabilities are for; default what the model states.
    load : mapping, optional
        How to load it: {"threads": 2, "precision": "f32"}.
    **settings
        As `Model.score` takes them.

    Raises
    ------
    Error
        Where there is no such model, or, in a batch, no such column.

    Examples
    --------
    >>> import ray, lensfind.ray                                                               # doctest: +SKIP
    >>> data = ray.data.read_parquet("cutouts/")                                                # doctest: +SKIP
    >>> data.map_batches(lensfind.ray.Scorer, fn_constructor_args=("hsc",), concurrency=2)      # doctest: +SKIP
    """

    def __init__(self, model: str, column: str = "image", *, prevalence: float | None = None, load: dict[str, Any] | None = None, **settings: Any) -> None:
        self._model = _load(model, load or {})
        self._column, self._prevalence, self._settings = column, prevalence, settings

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        """The batch with the columns `logit` and, where the model is calibrated, `probability`."""
        if self._column not in batch:
            raise Error(f"the batch has no column {self._column}", f"it has {', '.join(batch)}: name one with column=")
        images = batch[self._column]
        stacked = images if getattr(images, "ndim", 0) == 4 else np.stack([np.asarray(image) for image in images])
        logits = self._model.score(stacked, **self._settings)
        scored = {**batch, "logit": logits}
        if self._model.calibration:
            scored["probability"] = self._model.probability(logits, self._prevalence)
        return scored


def _load(model: str, options: dict[str, Any]) -> Any:
    return load(model, **options)
