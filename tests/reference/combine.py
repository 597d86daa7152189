"""Numbers of scikit-learn for the tests of src/lensfind/combine: writes combine.json beside it.

Platt's calibration is a logistic regression without penalty on both targets of each row, weighted by them; stacking is ridge-penalised
logistic regression on the standardised calibrated scores, without and with their product; isotonic regression is weighted."""
import json
import pathlib

import numpy as np
import sklearn
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

random = np.random.default_rng(20)
lens = np.array([1] * 20 + [0] * 40)
scores = np.round(random.normal(size=(60, 2)) * [1.0, 3.0] + np.outer(lens, [1.2, 2.5]), 3)


def platt(x):
    e = 1 / (lens.sum() + 2)
    target = np.where(lens == 1, 1 - e, e)
    weight = np.where(lens == 1, .5 / lens.sum(), .5 / (1 - lens).sum())
    fit = LogisticRegression(C=np.inf, tol=1e-14, max_iter=10000, solver="newton-cholesky")
    fit.fit(np.concatenate([x, x])[:, None], np.repeat([1, 0], len(x)), np.concatenate([weight * target, weight * (1 - target)]))
    return float(fit.coef_[0, 0]), float(fit.intercept_[0])


calibrations = [platt(scores[:, i]) for i in range(2)]
s = np.stack([scores[:, i] * slope + intercept for i, (slope, intercept) in enumerate(calibrations)], 1)
z = (s - s.mean(0)) / s.std(0)


def stack(features):
    fit = LogisticRegression(C=1, tol=1e-14, max_iter=10000, solver="newton-cholesky").fit(features, lens)
    return fit.decision_function(features).tolist()


product = np.clip(z[:, 0], -4, 4) * np.clip(z[:, 1], -4, 4)
values = np.round(np.sort(random.normal(size=15)) + random.normal(size=15), 3)
weights = np.round(random.uniform(.2, 3, 15), 3)
out = {
    "scikit_learn": sklearn.__version__,
    "lens": lens.tolist(), "scores": scores.ravel().tolist(), "platt": calibrations,
    "stacking": stack(z), "crossed_stacking": stack(np.column_stack([z, product])),
    "isotonic": {"values": values.tolist(), "weights": weights.tolist(),
                 "fitted": IsotonicRegression().fit(np.arange(15), values, weights).predict(np.arange(15)).tolist()},
}
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
