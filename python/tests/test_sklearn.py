"""The estimator keeps scikit-learn's contract where that can mean anything for images and a trained network."""

# ruff: noqa: E402

from __future__ import annotations

import pathlib
import pickle

import numpy as np
import pytest

import lensfind as lf

pytest.importorskip("sklearn")
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import get_scorer

from lensfind.sklearn import LensClassifier

TRUTH = np.repeat([1, 0], [12, 30])


def test_fit_is_platts_calibration(plain_model: pathlib.Path, images: np.ndarray) -> None:
    classifier = LensClassifier(plain_model).fit(images, TRUTH)
    z = lf.load(plain_model, threads=1).score(images).astype(float)
    assert np.array_equal(classifier.decision_function(images), z.astype("f4"))
    # The same as a logistic regression without penalty in which both classes weigh the same and targets stand off 1 and 0 by 1 / (n + 2).
    e = 1 / (12 + 2)
    x = np.concatenate([z, z])[:, np.newaxis]
    y = np.repeat([1, 0], len(z))
    weight = np.concatenate([np.where(TRUTH, 1 - e, e), np.where(TRUTH, e, 1 - e)]) * np.tile(np.where(TRUTH, 0.5 / 12, 0.5 / 30), 2)
    fitted = LogisticRegression(C=np.inf, tol=1e-10, max_iter=10000).fit((x - x.mean()) / x.std(), y, sample_weight=weight * 1000)
    assert classifier.calibration_["slope"] == pytest.approx(fitted.coef_[0, 0] / x.std(), rel=1e-3)


def test_probabilities_and_labels_agree(model_folder: pathlib.Path, images: np.ndarray) -> None:
    classifier = LensClassifier(model_folder, prevalence=0.5, threshold=0.0)
    model = lf.load(model_folder, threads=1)
    z = model.score(images)
    assert np.allclose(classifier.predict_proba(images)[:, 1], model.probability(z, 0.5))
    assert np.array_equal(classifier.predict(images), (z >= 0).astype(int))
    assert np.allclose(classifier.predict_proba(images).sum(axis=1), 1)


def test_classes_keep_their_names(plain_model: pathlib.Path, images: np.ndarray) -> None:
    words = np.where(TRUTH == 1, "yes", "no")
    classifier = LensClassifier(plain_model).fit(images, words)
    assert list(classifier.classes_) == ["no", "yes"] and set(classifier.predict(images)) <= {"no", "yes"}


def test_it_is_cloned_pickled_and_scored_like_any_other(plain_model: pathlib.Path, images: np.ndarray) -> None:
    classifier = LensClassifier(plain_model, prevalence=0.1)
    assert clone(classifier).get_params() == classifier.get_params()
    assert clone(classifier).set_params(prevalence=0.2).prevalence == 0.2
    with pytest.raises(NotFittedError):
        classifier.predict(images)
    classifier.fit(images, TRUTH)
    copy = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(copy.predict_proba(images), classifier.predict_proba(images))
    assert get_scorer("roc_auc")(classifier, images, TRUTH) == pytest.approx(lf.evaluate(classifier.decision_function(images), TRUTH).auc.value)


def test_more_or_fewer_than_two_classes_are_refused(plain_model: pathlib.Path, images: np.ndarray) -> None:
    with pytest.raises(ValueError, match="two classes"):
        LensClassifier(plain_model).fit(images[:3], [0, 1, 2])
    with pytest.raises(ValueError, match="two classes"):
        LensClassifier(plain_model).fit(images[:3], [1, 1, 1])
