"""Models as scikit-learn's estimators, for its pipelines, searches and figures."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import NotFittedError
from sklearn.utils.multiclass import check_classification_targets, unique_labels

from . import _core
from ._errors import Error
from ._evaluation import _Columns
from ._model import Model, load


class LensClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A trained model that `fit` calibrates on labelled cutouts.

    `fit` leaves the network as it is: it fits Platt's calibration of the logits (docs/statistics.md) and chooses the threshold of the best
    F1 on the samples that it is given, which should be no samples that the network was trained on. A calibrated model predicts without
    `fit` too, by its own calibration.

    Parameters
    ----------
    model : str, path or Model
        As `lensfind.load` takes it.
    prevalence : float in (0, 1), optional
        Fraction of lenses that `predict_proba` is for; default that of the samples of `fit`, or of the model's own calibration.
    threshold : float or str, optional
        `predict` says lens at logits of at least this, or at the operating point of this name; default `f1`, or where there is none
        probability one half.

    Attributes
    ----------
    classes_ : array
        The two labels, the lens behind: 0 and 1 without `fit`.
    calibration_ : dict
        slope, intercept and prevalence.
    threshold_ : float
        The logit from which on `predict` says lens.
    """

    def __init__(self, model: str | os.PathLike[str] | Model, prevalence: float | None = None, threshold: float | str | None = None) -> None:
        self.model = model
        self.prevalence = prevalence
        self.threshold = threshold

    def fit(self, X: ArrayLike, y: ArrayLike) -> LensClassifier:
        """Calibrates on cutouts (n, bands, height, width) with two classes, of which the greater label is the lens.

        Raises
        ------
        Error
            For fewer than five lenses or no non-lens.
        """
        check_classification_targets(y)
        self.classes_ = unique_labels(y)
        if len(self.classes_) != 2:
            raise ValueError(f"LensClassifier tells two classes apart, not {len(self.classes_)} class(es)")
        labels = (np.asarray(y) == self.classes_[1]).astype(np.int8)
        table = _Columns.of(self.decision_function(X), labels).usable().table()
        chosen = _core.choose(table, table, None, True)
        calibration = _core.fit_calibration(table, "the samples of fit")
        if calibration is None:
            raise Error("there are too few samples to calibrate on", "give five lenses or more, and non-lenses")
        self.calibration_ = calibration
        self.threshold_ = self._threshold({point["name"]: point["threshold"] for point in chosen["thresholds"]})
        return self

    def decision_function(self, X: ArrayLike) -> NDArray[np.float32]:
        """Logits (n,) of cutouts (n, bands, height, width)."""
        return self._loaded().score(X)

    def predict_proba(self, X: ArrayLike) -> NDArray[np.float64]:
        """Probabilities (n, 2) of no lens and of a lens at `prevalence`."""
        self._ensure_calibrated()
        at = self.calibration_["prevalence"] if self.prevalence is None else self.prevalence
        likelihood = self.calibration_["slope"] * self.decision_function(X).astype(np.float64) + self.calibration_["intercept"]
        with np.errstate(over="ignore"):
            lens = 1 / (1 + np.exp(-likelihood) * (1 - at) / at)
        return np.column_stack([1 - lens, lens])

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Labels (n,) by the threshold."""
        self._ensure_calibrated()
        labels: NDArray[Any] = np.asarray(self.classes_)[(self.decision_function(X) >= self.threshold_).astype(int)]
        return labels

    def _loaded(self) -> Model:
        if isinstance(self.model, Model):
            return self.model
        if getattr(self, "_model_of", None) != os.fspath(self.model):
            self._model, self._model_of = load(self.model), os.fspath(self.model)
        return self._model

    def _ensure_calibrated(self) -> None:
        if hasattr(self, "calibration_"):
            return
        calibration = self._loaded().calibration
        if calibration is None:
            raise NotFittedError(f"{self.model} is not calibrated: call fit with labelled cutouts")
        self.classes_ = np.array([0, 1])
        self.calibration_ = calibration
        self.threshold_ = self._threshold(self._loaded().targets)

    def _threshold(self, points: dict[str, Any]) -> float:
        if isinstance(self.threshold, str) and self.threshold not in points:
            raise Error(f"there is no operating point {self.threshold!r}", f"there are {', '.join(points) or 'none'}")
        if self.threshold is not None:
            return float(points[self.threshold] if isinstance(self.threshold, str) else self.threshold)
        return float(points["f1"]) if points.get("f1") is not None else -self.calibration_["intercept"] / self.calibration_["slope"]

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "calibration_") or self._loaded().calibration is not None

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.two_d_array = False
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        tags.no_validation = True
        return tags
