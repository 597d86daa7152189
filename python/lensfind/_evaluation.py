"""How good scores are: figures with intervals, at the prevalence of a survey."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _core
from ._errors import Error
from ._progress import Progress, listener

PREVALENCES = (1e-2, 1e-3, 1e-4, 1e-5)
_LABEL_WORDS = {"lens": 1, "nonlens": 0, "non-lens": 0, "true": 1, "false": 0, "yes": 1, "no": 0, "1": 1, "0": 0, "": -1}


class Estimate(NamedTuple):
    """A figure with its 95% interval (docs/statistics.md says how each is computed)."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g})"


class Curve(NamedTuple):
    """Points of a curve; `threshold` is the logit of each, infinite at its beginning."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    threshold: NDArray[np.float64]


def _is_figure(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"value", "low", "high"}


def _number(value: Any) -> float:
    return float("nan") if value is None else float(value)


def _read(value: Any) -> Any:
    """Parts of evaluation.json with figures as Estimate."""
    if _is_figure(value):
        return Estimate(*(_number(value[key]) for key in ("value", "low", "high")))
    if isinstance(value, Mapping):
        return {key: _read(item) for key, item in value.items()}
    return [_read(item) for item in value] if isinstance(value, list) else value


def _finite(value: Any) -> Any:
    """As JSON has it, which knows no infinity."""
    if isinstance(value, Mapping):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


class Evaluation:
    """How good scores are: what `evaluate` gives. Every figure of evaluation.json (docs/evaluation.md), as attributes.

    Attributes
    ----------
    auc, average_precision, tpr0, tpr10 : Estimate
        `.value`, `.low` and `.high` each.
    tpr_at_fpr : list of dict
        fpr, value, low, high, threshold, resolved, certified.
    brier, log_loss : Estimate or None
        Where there are probabilities.
    calibration : dict or None
        slope, intercept, ece (Figures) and bins.
    thresholds : dict of str to dict
        f1, precision, recall, accuracy (Figures) and confusion at thresholds that were chosen beforehand.
    at_prevalence : list of dict
        purity, candidates, found and missed of 10^6 objects, for each threshold and prevalence.
    target : dict or None
        A threshold for the target that was asked for and what it promises: threshold, purity, candidates, found, missed, recall and
        false_positive_rate.
    counts : dict
        lenses, nonlenses, unlabelled, not_a_number.
    warnings : list of str
        What must be known before a number is believed.
    """

    def __init__(self, content: Mapping[str, Any], name: str = "scores", target: Mapping[str, Any] | None = None) -> None:
        self._content = dict(content)
        self.name = name
        self.target: dict[str, Any] | None = _read(target) if target else None
        self.counts: dict[str, int] = dict(content["counts"])
        self.warnings: list[str] = list(content.get("warnings", []))

    def __getattr__(self, name: str) -> Any:
        content: dict[str, Any] = self.__dict__.get("_content", {})
        if name in content:
            return _read(content[name])
        if name in ("brier", "log_loss", "calibration"):
            return None
        if name in ("thresholds", "at_prevalence"):
            return {} if name == "thresholds" else []
        raise AttributeError(f"this evaluation has no {name!r}; it has {', '.join(content)}")

    def to_dict(self) -> dict[str, Any]:
        """The content of evaluation.json, as docs/files.md spells it: what is not finite is None."""
        content: dict[str, Any] = _finite(self._content)
        return content

    @property
    def roc(self) -> Curve:
        """False-positive rate, true-positive rate and thresholds, at most 2,000 points that keep every reported one."""
        return _curve(self._content["curves"]["roc"])

    @property
    def precision_recall(self) -> Curve:
        """Recall, precision and thresholds."""
        return _curve(self._content["curves"]["precision_recall"])

    def plot_roc(self, axes: Any = None, *, log: bool = True, label: str | None = None) -> Any:
        """Draws the ROC curve with matplotlib; returns the axes.

        Parameters
        ----------
        axes : matplotlib axes, optional
            Default new ones.
        log : bool
            A logarithmic false-positive axis, because a survey lives at its left end. It begins where the non-lenses end, at 1 / N.
        label : str, optional
            Default the name and the AUC.
        """
        axes = axes if axes is not None else _new_axes()
        curve = self.roc
        axes.step(curve.x, curve.y, where="post", label=label or f"{self.name}: AUC {self.auc.value:.4f}")
        if log:
            axes.set_xscale("log")
            axes.set_xlim(1 / max(1, self.counts["nonlenses"]), 1)
        axes.set(xlabel="false-positive rate", ylabel="true-positive rate", ylim=(0, 1.01))
        axes.legend(loc="lower right")
        return axes

    def plot_precision_recall(self, axes: Any = None, *, label: str | None = None) -> Any:
        """Draws precision over recall, at this set's fraction of lenses; returns the axes."""
        axes = axes if axes is not None else _new_axes()
        curve = self.precision_recall
        axes.step(curve.x, curve.y, where="post", label=label or f"{self.name}: AP {self.average_precision.value:.4f}")
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.01), ylim=(0, 1.01))
        axes.legend(loc="lower left")
        return axes

    def _lines(self) -> Iterator[tuple[str, str]]:
        yield "samples", f"{self.counts.get('lenses', 0)} lenses, {self.counts.get('nonlenses', 0)} non-lenses"
        for name in ("auc", "average_precision", "tpr0", "tpr10", "brier", "log_loss"):
            if isinstance(figure := getattr(self, name, None), Estimate):
                yield name, str(figure)
        for entry in self._content.get("tpr_at_fpr", []):
            figure = Estimate(*(_number(entry[key]) for key in ("value", "low", "high")))
            yield f"TPR at FPR {entry['fpr']:g}", str(figure) + ("" if entry["resolved"] else ", not resolved: too few non-lenses")
        for entry in self.at_prevalence:
            yield f"at {entry['prevalence']:g}, threshold {entry['point']}", f"purity {entry['purity']}, candidates {entry['candidates']} of 10^6"
        if self.target:
            yield (
                f"target {self.target['target']}",
                (f"logit >= {self.target['threshold']:.4g}: purity {self.target['purity']}, candidates {self.target['candidates']} of 10^6"),
            )

    def __repr__(self) -> str:
        lines = [f"{name}: {text}" for name, text in self._lines()]
        return "\n".join([f"<Evaluation of {self.name}>", *lines, *(f"warning: {text}" for text in self.warnings)])

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{html.escape(name)}</td><td>{html.escape(text)}</td></tr>" for name, text in self._lines())
        warned = "".join(f"<li>{html.escape(text)}</li>" for text in self.warnings)
        title = f"<b>{html.escape(self.name)}</b>, 95% intervals in brackets"
        return f"{title}<table>{rows}</table>" + (f"<ul>{warned}</ul>" if warned else "")


class Comparison:
    """Paired differences of several finders on the same samples: what `compare` gives.

    Attributes
    ----------
    evaluations : dict of str to Evaluation
        Each finder by itself.
    differences : list of dict
        figure, first, second, difference (a Estimate: first minus second), p_value, adjusted_p_value (Holm 1979) and text, for every figure
        and pair.
    """

    def __init__(self, evaluations: dict[str, Evaluation], differences: Sequence[Mapping[str, Any]]) -> None:
        self.evaluations = evaluations
        self.differences: list[dict[str, Any]] = [_read(difference) for difference in differences]

    def __getitem__(self, name: str) -> Evaluation:
        return self.evaluations[name]

    def plot_roc(self, axes: Any = None, *, log: bool = True) -> Any:
        """All ROC curves in one figure; returns the axes."""
        axes = axes if axes is not None else _new_axes()
        for evaluation in self.evaluations.values():
            evaluation.plot_roc(axes, log=log)
        return axes

    def __repr__(self) -> str:
        return "\n".join([f"<Comparison of {', '.join(self.evaluations)}>", *(entry["text"] for entry in self.differences)])

    def _repr_html_(self) -> str:
        items = "".join(f"<li>{html.escape(entry['text'])}</li>" for entry in self.differences)
        return "".join(evaluation._repr_html_() for evaluation in self.evaluations.values()) + f"<ul>{items}</ul>"


def evaluate(
    scores: ArrayLike,
    labels: ArrayLike,
    *,
    prevalence: float | None = None,
    target: str | Sequence[str] | None = None,
    groups: ArrayLike | None = None,
    probabilities: ArrayLike | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    thresholds: Mapping[str, float] | None = None,
    ids: ArrayLike | None = None,
    name: str = "scores",
    seed: int = 0,
    bootstrap: int = 1000,
    progress: bool | Progress = False,
) -> Evaluation:
    """Says how good anybody's scores are, with the numbers of `lensfind evaluate --scores`.

    Parameters
    ----------
    scores : array (n,)
        Higher is more lens-like. NaN is left out and counted.
    labels : array (n,)
        1 lens, 0 non-lens; -1, NaN, None or masked: unknown, left out and counted. Also bool and the words lens and nonlens.
    prevalence : float in (0, 1), optional
        Fraction of lenses in the survey that is meant: one more for `at_prevalence`, and what `target` is meant for.
    target : str, optional
        What is wanted of a threshold: "purity=.5", "recall=.9", "fpr=1e-3" or "candidates=1000" (of 10^6). With `validation` it is chosen
        there, tried on the samples under test and one of `thresholds`. Without, it is chosen on the samples themselves: `target` says what
        it promises, with intervals that allow for the choice, and no figure is given for it as if it had been chosen elsewhere.
    groups : array (n,), optional
        The sky object of each, where one has several rows: intervals then count objects.
    probabilities : array (n,), optional
        Whether these hold is looked at too.
    validation : (scores, labels), optional
        The same finder's scores of other samples: thresholds `f1`, `half` and `fpr_1e-3` are chosen and probabilities fitted there.
    thresholds : mapping of str to float, optional
        Thresholds that were chosen beforehand: a candidate has score >= threshold.
    ids : array (n,), optional
        Names of the samples.
    name : str
        What the scores are called.
    seed, bootstrap : int
        Of the draws for the interval of the average precision.
    progress : bool or Progress
        Show a bar, or tell an object.

    Returns
    -------
    Evaluation

    Raises
    ------
    Error
        Where arrays differ in length, a label is none, no row is labelled, or no threshold meets the target (it says what can be had).
    """
    columns = _Columns.of(scores, labels, probabilities, ids, groups)
    tested = columns.usable()
    table = tested.table()
    targets = [target] if isinstance(target, str) else list(target or [])
    if prevalence is not None and not 0 < prevalence < 1:
        raise Error(f"a prevalence of {prevalence:g} is no fraction of lenses", "it lies between 0 and 1, as 1e-4")
    if targets and prevalence is None:
        raise Error("a target needs the prevalence that it is meant for", "give prevalence=, for instance 1e-3")
    points = [(key, float(value), "beforehand") for key, value in (thresholds or {}).items()]
    stated: float | None = None
    chosen: dict[str, Any] | None = None
    if validation is not None:
        points, table, stated = _choose(validation, tested, points, prevalence)
    on, chosen_on = (_Columns.of(*validation).usable().table(), "validation") if validation is not None else (table, "the samples under test")
    for wanted in targets:
        chosen = _core.threshold_for(on, wanted, float(prevalence or 0), chosen_on)
        if validation is not None:
            points.append((chosen["target"], chosen["threshold"], chosen_on))
    prevalences = [*PREVALENCES, *([prevalence] if prevalence is not None and prevalence not in PREVALENCES else [])]
    content = _core.evaluate(table, points, prevalences, stated, seed, bootstrap, listener(progress))
    content["counts"]["not_a_number"] += len(columns) - len(tested)
    return Evaluation(content, name, chosen)


def compare(
    scores: Mapping[str, ArrayLike],
    labels: ArrayLike,
    *,
    prevalence: float | None = None,
    groups: ArrayLike | None = None,
    seed: int = 0,
    bootstrap: int = 1000,
    progress: bool | Progress = False,
) -> Comparison:
    """Compares finders on the same samples, with the paired differences of `lensfind compare --scores`.

    Parameters
    ----------
    scores : mapping of name to array (n,)
        Scores of two finders or more, row by row of the same samples. Rows where one has NaN are left out for all.
    labels, prevalence, groups, seed, bootstrap, progress
        As for `evaluate`.

    Returns
    -------
    Comparison

    Raises
    ------
    Error
        Where there are fewer than two finders, or arrays differ in length.
    """
    if len(scores) < 2:
        raise Error("there is nothing to compare", "give the scores of two finders or more: {'A': a, 'B': b}")
    arrays = {name: np.asarray(values, dtype=np.float64) for name, values in scores.items()}
    if len({len(values) for values in arrays.values()} | {len(np.asarray(labels))}) > 1:
        raise Error("the finders' scores and the labels differ in length", "give a score of each finder and a label for every sample")
    usable = ~np.isnan(np.stack(list(arrays.values()))).any(axis=0)
    labels = labels_of(labels)[usable]
    groups = None if groups is None else np.asarray(groups)[usable]
    kept = {name: values[usable] for name, values in arrays.items()}
    shared: dict[str, Any] = {"prevalence": prevalence, "groups": groups, "seed": seed, "bootstrap": bootstrap, "progress": progress}
    evaluations = {name: evaluate(values, labels, name=name, **shared) for name, values in kept.items()}
    tables = [_Columns.of(values, labels, groups=groups).table() for values in kept.values()]
    differences = _core.compare(tables, list(kept), seed, bootstrap, listener(progress))
    return Comparison(evaluations, differences)


def labels_of(labels: ArrayLike) -> NDArray[np.int8]:
    """Labels as 1, 0 and -1 (unknown)."""
    if isinstance(labels, np.ma.MaskedArray):
        return np.where(np.ma.getmaskarray(labels), np.int8(-1), labels_of(np.ma.getdata(labels)))
    given = np.asarray(labels)
    if given.dtype.kind in "OUS":
        return np.array([_label_of_word(value) for value in given.ravel()], dtype=np.int8)
    numbers = given.astype(np.float64)
    known = np.isin(numbers, (0, 1, -1)) | np.isnan(numbers)
    if not known.all():
        raise Error(f"{given[~known][0]} is no label", "labels are 1 (lens), 0 (non-lens) and -1, NaN or None (unknown)")
    return np.where(np.isnan(numbers), -1, numbers).astype(np.int8)


def _label_of_word(value: Any) -> int:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return -1
    word = (value.decode() if isinstance(value, bytes) else str(value)).strip().lower()
    word = {"1.0": "1", "0.0": "0", "-1": "", "nan": "", "unknown": ""}.get(word, word)
    if word not in _LABEL_WORDS:
        raise Error(f"{value!r} is no label", "labels are 1 (lens), 0 (non-lens) and -1, NaN or None (unknown)")
    return _LABEL_WORDS[word]


@dataclass
class _Columns:
    """A table of scores, column by column."""

    scores: NDArray[np.float64]
    labels: NDArray[np.int8]
    probabilities: NDArray[np.float64] | None = None
    ids: NDArray[Any] | None = None
    groups: NDArray[Any] | None = None

    @staticmethod
    def of(
        scores: ArrayLike,
        labels: ArrayLike,
        probabilities: ArrayLike | None = None,
        ids: ArrayLike | None = None,
        groups: ArrayLike | None = None,
    ) -> _Columns:
        logits = np.ma.filled(np.ma.asarray(scores, dtype=np.float64), np.nan).ravel()
        likely = None if probabilities is None else np.asarray(probabilities, dtype=np.float64).ravel()
        names = None if ids is None else np.asarray(ids).ravel()
        objects = None if groups is None else np.asarray(groups).ravel()
        columns = _Columns(logits, labels_of(labels).ravel(), likely, names, objects)
        for what, column in (("labels", columns.labels), ("probabilities", likely), ("ids", names), ("groups", objects)):
            if column is not None and len(column) != len(logits):
                raise Error(f"there are {len(logits)} scores and {len(column)} {what}", "give one for every sample")
        if np.isinf(logits).any():
            raise Error(f"score {int(np.flatnonzero(np.isinf(logits))[0])} is infinite", "give finite scores, NaN where there is none")
        return columns

    def __len__(self) -> int:
        return len(self.scores)

    def usable(self) -> _Columns:
        """Without the rows whose score is NaN."""
        kept = ~np.isnan(self.scores)
        return _Columns(*(None if column is None else column[kept] for column in vars(self).values()))  # type: ignore[arg-type]

    def table(self) -> _core.Scores:
        names = None if self.ids is None else [str(value) for value in self.ids]
        objects = None if self.groups is None else [str(value) for value in self.groups]
        likely = None if self.probabilities is None else np.ascontiguousarray(self.probabilities)
        return _core.Scores.of(np.ascontiguousarray(self.scores), np.ascontiguousarray(self.labels), likely, names, objects)


def _choose(
    validation: tuple[ArrayLike, ArrayLike], tested: _Columns, points: list[tuple[str, float, str]], prevalence: float | None
) -> tuple[list[tuple[str, float, str]], _core.Scores, float | None]:
    """Thresholds, and where there are none probabilities, from samples that are not under test."""
    chosen = _core.choose(_Columns.of(*validation).usable().table(), tested.table(), prevalence, False)
    stated = chosen["prevalence"] if tested.probabilities is None else None
    if stated is not None:
        tested = replace(tested, probabilities=chosen["probabilities"])
    found = [(point["name"], float(np.inf if point["threshold"] is None else point["threshold"]), "validation") for point in chosen["thresholds"]]
    return points + found, tested.table(), stated


def _curve(points: Sequence[Sequence[float | None]]) -> Curve:
    array = np.array([[np.inf if value is None else value for value in point] for point in points], dtype=np.float64).reshape(-1, 3)
    return Curve(array[:, 0], array[:, 1], array[:, 2])


def _new_axes() -> Any:
    import matplotlib.pyplot

    return matplotlib.pyplot.subplots()[1]


__all__ = ["Comparison", "Curve", "Estimate", "Evaluation", "compare", "evaluate", "labels_of"]
