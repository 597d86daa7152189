"""Figures of scikit-learn for evaluation_test.cpp: python evaluation.py > evaluation.json (scikit-learn and numpy are needed)."""
import json

import numpy as np
import sklearn
from scipy import optimize
from sklearn import metrics


def firth(labels, probabilities):
    """Slope and intercept of the logistic regression on ln(p / (1 - p)) that maximise Firth's penalised likelihood, by a general optimiser."""
    clipped = np.clip(probabilities, 1e-15, 1 - 1e-15)
    design = np.column_stack([np.log(clipped) - np.log1p(-clipped), np.ones(len(labels))])

    def negative(parameters):
        s = design @ parameters
        p = sigmoid(s)
        information = design.T @ (design * (p * (1 - p))[:, None])
        return -(labels * s - np.logaddexp(0, s)).sum() - np.linalg.slogdet(information)[1] / 2

    return optimize.minimize(negative, [.5, 0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-13, "maxiter": 10000}).x.tolist()


def case(name, logits, labels, probabilities):
    fpr, tpr, thresholds = metrics.roc_curve(labels, logits, drop_intermediate=False)
    out = {"name": name, "logits": logits.tolist(), "labels": labels.tolist(), "probabilities": probabilities.tolist(),
           "auc": metrics.roc_auc_score(labels, logits), "average_precision": metrics.average_precision_score(labels, logits),
           "brier": metrics.brier_score_loss(labels, probabilities), "log_loss": metrics.log_loss(labels, probabilities),
           "roc": [[f, t, h] for f, t, h in zip(fpr.tolist(), tpr.tolist(), thresholds.tolist())][1:]}
    if np.ptp(probabilities) > 0:
        out["firth"] = firth(labels, probabilities)
    threshold = float(np.median(logits))
    selected = logits >= threshold
    out["at"] = {"threshold": threshold, "f1": metrics.f1_score(labels, selected), "precision": metrics.precision_score(labels, selected),
                 "recall": metrics.recall_score(labels, selected), "accuracy": metrics.accuracy_score(labels, selected),
                 "confusion": metrics.confusion_matrix(labels, selected).tolist()}
    return out


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


random = np.random.default_rng(20)
cases = []
labels = (random.random(300) < .2).astype(int)
logits = random.normal(2 * labels, 1)
cases.append(case("no ties", logits, labels, sigmoid(logits - 1.5)))
cases.append(case("ties", np.round(logits), labels, sigmoid(np.round(logits) - 1.5)))
labels = np.array([1] + [0] * 199)
logits = random.normal(1.5 * labels, 1)
cases.append(case("one lens", logits, labels, sigmoid(logits)))
labels = np.array([0] * 2 + [1] * 98)
logits = np.round(random.normal(labels, 1), 1)
cases.append(case("two non-lenses", logits, labels, sigmoid(logits)))
labels = np.array([1] * 7 + [0] * 43)
cases.append(case("all equal", np.full(50, .25), labels, np.full(50, .14)))
labels = np.array([1] * 7 + [0] * 43)
cases.append(case("separable", labels * 4. - 2 + .01 * np.arange(50), labels, sigmoid(labels * 4. - 2)))
labels = (random.random(100) < .3).astype(int)
probabilities = np.clip(np.round(random.normal(.2 + .6 * labels, .3), 1), 0, 1)  # some are 0 and 1, rightly and wrongly
cases.append(case("certain probabilities", probabilities * 2 - 1, labels, probabilities))
print(json.dumps({"scikit-learn": sklearn.__version__, "numpy": np.__version__, "cases": cases}, separators=(",", ":")))
