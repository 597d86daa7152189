"""Can a simple classifier tell simulated cutouts from genuine ones? A ridge-logistic model on some sixty image statistics, cross-validated.

    discriminator.py GENUINE SIMULATED [GENUINE SIMULATED ...]     folders of (3, h, w) .npy cutouts in the same bands, unit and look

SIMULATED may be SET:kind,kind,...: a simulated set, and what its truth.csv calls the cutouts wanted (SET:lens, SET:spiral,ring,merger). One line a
pair: AUC over ten divisions into five folds, and the statistics that tell most by themselves. An AUC of .5 says that it cannot. Of the simulated
cutouts the first are taken, at most ten times as many as there are genuine ones. numpy only.
"""
import csv
import pathlib
import sys

import numpy as np

BANDS = "gri"


def profile(image, radius, edges):
    return [image[(radius >= a) & (radius < b)].mean() for a, b in zip(edges[:-1], edges[1:])]


def half_light(image, radius):
    steps = np.arange(0.5, 16, 0.5)
    inside = [image[radius < r].sum() for r in steps]
    return np.interp(0.5 * inside[-1], inside, steps) if inside[-1] > 0 else 16.0


def statistics(cutout):
    """Names and values, of fluxes."""
    bands, h, w = cutout.shape
    y, x = np.mgrid[:h, :w] - np.array([(h - 1) / 2, (w - 1) / 2])[:, None, None]
    radius, out = np.hypot(x, y), {}
    outer = radius > 0.36 * w
    edges = [0, 1.5, 3, 5, 8, 12, 17, 24]
    noise = {}
    for b, name in enumerate(BANDS):
        image = cutout[b]
        steps = {k: np.abs(image[:, k:] - image[:, :-k])[outer[:, k:]] for k in (1, 2)}
        noise[name] = 1.4826 * np.median(steps[2]) / np.sqrt(2) + 1e-3
        out[f"noise {name}"] = np.log(noise[name])
        out[f"correlation {name}"] = np.log((np.median(steps[1]) + 1e-3) / (np.median(steps[2]) + 1e-3))
        out[f"zeros {name}"] = np.mean(image <= 0)
        for q in (25, 50, 75, 90, 99):
            out[f"outer {q}% {name}"] = np.arcsinh(np.percentile(image[outer], q) / noise[name])
        out[f"peak {name}"] = np.log(max(image[radius < 3].max(), 1e-3))
        out[f"greatest {name}"] = np.log(max(image.max(), 1e-3))
        out[f"half-light radius {name}"] = np.log(half_light(image - np.median(image[outer]), radius) + 0.1)
        turned = image[::-1, ::-1]
        out[f"asymmetry {name}"] = np.abs(image - turned)[radius < 20].sum() / (np.abs(image)[radius < 20].sum() + 1e-3)
        power = np.abs(np.fft.fft2(image)) ** 2
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(h), np.fft.fftfreq(w), indexing="ij"))
        sums = [power[(frequency >= a) & (frequency < c)].mean() for a, c in ((0.03, 0.1), (0.1, 0.2), (0.2, 0.3), (0.3, 0.5))]
        for k in range(3):
            out[f"power {k} {name}"] = np.log((sums[k + 1] + 1e-6) / (sums[k] + 1e-6))
    rings = {name: profile(cutout[b], radius, edges) for b, name in enumerate(BANDS)}
    for k in range(len(edges) - 1):
        floor = {name: max(rings[name][k], 0.5 * noise[name]) for name in BANDS}
        out[f"g over r in ring {k}"] = np.log(floor["g"] / floor["r"])
        out[f"r over i in ring {k}"] = np.log(floor["r"] / floor["i"])
        if k:
            out[f"ring {k} over the core i"] = np.log(floor["i"] / max(rings["i"][0], 0.5 * noise["i"]))
    bright = (cutout[2] > 5 * noise["i"]) & (radius > 12)
    out["bright pixels outside i"] = np.log1p(bright.sum())
    return out


def fit(x, y, ridge):
    """Newton's steps for a logistic model with an intercept, classes weighted alike."""
    x = np.c_[x, np.ones(len(x))]
    weight = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 1e-6
    w = np.zeros(x.shape[1])
    for _ in range(30):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        step = np.linalg.solve((x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(penalty), x.T @ (weight * (y - p)) - penalty * w)
        w += step
        if np.abs(step).max() < 1e-6:
            break
    return w


def auc(scores, y):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        same = scores == value
        if same.sum() > 1:
            ranks[same] = ranks[same].mean()
    n = y.sum()
    return (ranks[y].sum() - n * (n + 1) / 2) / (n * (len(y) - n))


def cross_validated(x, y, rounds=10, folds=5, ridge=10.0):
    out = []
    for seed in range(rounds):
        random = np.random.default_rng(seed)
        fold, scores = np.empty(len(y), int), np.empty(len(y))
        for label in (False, True):
            members = np.flatnonzero(y == label)
            fold[random.permutation(members)] = np.arange(len(members)) % folds
        for k in range(folds):
            train = fold != k
            middle, spread = x[train].mean(0), x[train].std(0) + 1e-9
            scaled = np.clip((x - middle) / spread, -5, 5)
            w = fit(scaled[train], y[train], ridge)
            scores[~train] = scaled[~train] @ w[:-1] + w[-1]
        out.append(auc(scores, y))
    return np.array(out)


def paths_of(name):
    folder, _, kinds = name.partition(":")
    if not kinds:
        return sorted(pathlib.Path(folder).rglob("*.npy"))
    with open(pathlib.Path(folder, "truth.csv"), newline="") as file:
        return [pathlib.Path(folder, row["id"] + ".npy") for row in csv.DictReader(file) if row["kind"] in kinds.split(",")]


def table(name, limit):
    paths = paths_of(name)[:limit]
    rows = [statistics(np.nan_to_num(np.load(path).astype(float))) for path in paths]
    return list(rows[0]), np.array([list(row.values()) for row in rows])


def main():
    for genuine, simulated in zip(sys.argv[1::2], sys.argv[2::2]):
        names, real = table(genuine, 100000)
        _, ours = table(simulated, 10 * len(real))
        x, y = np.r_[real, ours], np.r_[np.ones(len(real), bool), np.zeros(len(ours), bool)]
        values = cross_validated(x, y)
        alone = [auc(x[:, k], y) for k in range(x.shape[1])]
        most = np.argsort(-np.abs(np.array(alone) - 0.5))[:8]
        print(f"{genuine} ({len(real)}) against {simulated} ({len(ours)}): AUC {values.mean():.3f} +- {values.std():.3f} of {x.shape[1]} statistics")
        print("  by themselves: " + ", ".join(f"{names[k]} {alone[k]:.2f}" for k in most))


if __name__ == "__main__":
    main()
