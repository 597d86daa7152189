"""Figures are those of `lensfind evaluate --scores` and `compare --scores`, and of scikit-learn."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lensfind as lf


def sample(seed: int = 1, lenses: int = 60, nonlenses: int = 900, shift: float = 2.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    scores = np.concatenate([random.normal(shift, 1, lenses), random.normal(0, 1, nonlenses)])
    return scores, np.repeat([1, 0], [lenses, nonlenses])


def write(path: pathlib.Path, scores: np.ndarray, labels: np.ndarray, name: str = "logit", first: int = 0) -> pathlib.Path:
    rows = "".join(f"{first + i},{label},{score!r}\n" for i, (score, label) in enumerate(zip(scores.tolist(), labels.tolist(), strict=True)))
    path.write_text(f"id,label,{name}\n{rows}")
    return path


def without(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}


def test_figures_are_the_programs(program: Callable[..., str], tmp_path: pathlib.Path) -> None:
    scores, labels = sample()
    program(
        "evaluate", "--scores", write(tmp_path / "s.csv", scores, labels), "--out", tmp_path / "out", "--prevalence", 2e-4, "--seed", 3, "--quiet"
    )
    wanted = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    found = lf.evaluate(scores, labels, prevalence=2e-4, seed=3).to_dict()
    for key in ("counts", "auc", "average_precision", "tpr_at_fpr", "tpr0", "tpr10", "curves"):
        assert json.loads(json.dumps(found[key])) == wanted[key], key


@pytest.mark.parametrize("squash", [False, True])
def test_thresholds_and_probabilities_come_from_validation_as_in_the_program(
    program: Callable[..., str], tmp_path: pathlib.Path, squash: bool
) -> None:
    scores, labels = sample()
    other, their = sample(seed=2)
    if squash:  # scores that are probabilities are calibrated on their logit
        scores, other = 1 / (1 + np.exp(-scores)), 1 / (1 + np.exp(-other))
    name = "score" if squash else "logit"
    program(
        "evaluate",
        "--scores",
        write(tmp_path / "s.csv", scores, labels, name),
        "--validation",
        write(tmp_path / "v.csv", other, their, name, 10**6),
        "--out",
        tmp_path / "out",
        "--prevalence",
        1e-3,
        "--target",
        "recall=.8",
        "--quiet",
    )
    wanted = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    found = lf.evaluate(scores, labels, prevalence=1e-3, target="recall=.8", validation=(other, their)).to_dict()
    strip = {"chosen_on"}
    assert {k: without(v, *strip) for k, v in found["thresholds"].items()} == {k: without(v, *strip) for k, v in wanted["thresholds"].items()}
    for key in ("at_prevalence", "calibration", "brier", "log_loss"):
        assert json.loads(json.dumps(found[key])) == wanted[key], key


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6), lenses=st.integers(1, 40), nonlenses=st.integers(1, 200), digits=st.integers(0, 6))
def test_auc_and_average_precision_are_scikit_learns(seed: int, lenses: int, nonlenses: int, digits: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    scores, labels = sample(seed, lenses, nonlenses, 1.0)
    scores = np.round(scores, digits)  # ties
    found = lf.evaluate(scores, labels, bootstrap=0)
    assert found.auc.value == pytest.approx(metrics.roc_auc_score(labels, scores), abs=1e-12)
    assert found.average_precision.value == pytest.approx(metrics.average_precision_score(labels, scores), abs=1e-12)
    assert found.auc.low <= found.auc.value <= found.auc.high


def test_unknown_labels_and_missing_scores_are_left_out_and_counted() -> None:
    scores, labels = sample()
    wanted = lf.evaluate(scores, labels)
    more = np.concatenate([scores, [np.nan, 5.0, 6.0]])
    found = lf.evaluate(np.ma.masked_invalid(more), np.concatenate([labels, [1, -1, np.nan]]))
    assert found.auc == wanted.auc
    assert found.counts == {"lenses": 60, "nonlenses": 900, "unlabelled": 2, "not_a_number": 1}


@pytest.mark.parametrize("words", [["lens", "nonlens"], ["True", "False"], [b"1", b"0"], [True, False], [1.0, 0.0]])
def test_labels_may_be_words(words: list[Any]) -> None:
    scores, labels = sample()
    named = np.array([words[0] if label else words[1] for label in labels])
    assert lf.evaluate(scores, named, bootstrap=0).auc == lf.evaluate(scores, labels, bootstrap=0).auc


def test_what_is_no_label_is_refused() -> None:
    for bad in (2, "perhaps"):
        with pytest.raises(lf.Error, match="is no label"):
            lf.evaluate([1.0, 2.0], [bad, 0])


def test_groups_widen_intervals() -> None:
    scores, labels = sample()
    twice, both = np.repeat(scores, 2), np.repeat(labels, 2)
    groups = np.repeat(np.arange(len(scores)), 2)
    rows, objects = lf.evaluate(twice, both), lf.evaluate(twice, both, groups=groups)
    assert objects.auc.high - objects.auc.low > 1.2 * (rows.auc.high - rows.auc.low)
    assert objects.auc.value == rows.auc.value


def test_a_target_without_validation_promises_and_is_not_tried_on_itself() -> None:
    scores, labels = sample(nonlenses=20000)
    found = lf.evaluate(scores, labels, prevalence=1e-3, target="candidates=1000")
    assert found.target is not None and found.target["chosen_on"] == "the samples under test"
    assert found.target["candidates"].value <= 1000.0001
    assert found.thresholds == {}
    with pytest.raises(lf.Error, match="needs the prevalence"):
        lf.evaluate(scores, labels, target="recall=.9")


def test_thresholds_given_beforehand_count_what_lies_above() -> None:
    scores, labels = sample()
    found = lf.evaluate(scores, labels, thresholds={"mine": 1.5})
    confusion = found.thresholds["mine"]["confusion"]
    assert confusion["tp"] == int(((scores >= 1.5) & (labels == 1)).sum()) and confusion["fp"] == int(((scores >= 1.5) & (labels == 0)).sum())


def test_one_class_alone_has_no_auc() -> None:
    scores, _ = sample()
    found = lf.evaluate(scores, np.zeros(len(scores)), thresholds={"mine": 1.0})
    with pytest.raises(AttributeError, match="auc"):
        _ = found.auc
    assert "mine" in found.thresholds


def test_lengths_must_agree() -> None:
    with pytest.raises(lf.Error, match="2 scores and 3 labels"):
        lf.evaluate([1.0, 2.0], [1, 0, 0])
    with pytest.raises(lf.Error, match="differ in length"):
        lf.compare({"a": [1.0, 2.0], "b": [1.0]}, [1, 0])


def test_differences_are_the_programs(program: Callable[..., str], tmp_path: pathlib.Path) -> None:
    scores, labels = sample()
    other = scores + np.random.default_rng(5).normal(0, 0.5, len(scores))
    program(
        "compare",
        "--scores",
        write(tmp_path / "a.csv", scores, labels),
        write(tmp_path / "b.csv", other, labels),
        "--out",
        tmp_path / "out",
        "--quiet",
    )
    lines = (tmp_path / "out" / "differences.csv").read_text().splitlines()
    names = lines[0].split(",")
    wanted = [dict(zip(names, line.split(","), strict=True)) for line in lines[1:]]
    found = lf.compare({"a": scores, "b": other}, labels)
    assert [entry["figure"] for entry in found.differences] == [row["figure"] for row in wanted]
    for entry, row in zip(found.differences, wanted, strict=True):
        assert entry["difference"].value == pytest.approx(float(row["difference"]), rel=1e-5, abs=1e-9)
        assert entry["difference"].low == pytest.approx(float(row["low"]), rel=1e-5, abs=1e-9)
        assert entry["p_value"] == pytest.approx(float(row["p_value"]), rel=1e-4, abs=1e-9)
    assert found["a"].auc == lf.evaluate(scores, labels).auc


def test_pages_and_plots_show_the_numbers() -> None:
    pytest.importorskip("matplotlib").use("agg")
    scores, labels = sample()
    found = lf.evaluate(scores, labels, name="mine", prevalence=1e-3)
    assert "auc" in found._repr_html_() and "<Evaluation of mine>" in repr(found)
    axes = found.plot_roc()
    x, y = axes.lines[0].get_data()
    assert axes.get_xscale() == "log" and np.interp(0.5, x, y) > 0.9
    assert found.plot_precision_recall().get_xlabel() == "recall"
    assert len(lf.compare({"a": scores, "b": -scores}, labels, bootstrap=10).plot_roc().lines) == 2
