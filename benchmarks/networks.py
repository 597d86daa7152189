"""Which network finds lenses best at equal training: the ablation of docs/networks.md.

    networks.py OUT [--program build/release/bin/lensfind] [--networks NAME ...] [--seeds 3] [--set KEY=VALUE ...] [--table]

Simulates one set (hsc, 64 pixels, min-max scaled), trains every network by the recipe `lensfind` on one thread with every seed, judges all on the same
test cutouts by `lensfind compare`, and prints two tables: figures with paired differences from the first network, and the fraction of lenses found at
a false-positive rate of 1e-2 by Einstein radius and S/N of the arcs. It goes on where it was; --table only prints what is finished. Seed by seed, so
that all networks have as many. Needs numpy."""

import argparse
import csv
import pathlib
import subprocess

import numpy as np

NETWORKS = [
    "resnet18_half",
    "resnet18_half_se",
    "resnet18_half_cbam",
    "resnet18_half_coordinate",
    "resnet18_half_self_attention",
    "equivariant_d4_half",
    "equivariant_d4",
    "resnet18",
]
FIGURES = {"average_precision": "average precision", "tpr_at_fpr_1e-2": "TPR at FPR 1e-2", "tpr_at_fpr_1e-3": "TPR at FPR 1e-3"}
DRAWS = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--program", default="build/release/bin/lensfind")
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--lenses", type=int, nargs=2, default=[3000, 2000], metavar=("TRAIN", "TEST"))
    parser.add_argument("--nonlenses", type=int, nargs=2, default=[7000, 20000], metavar=("TRAIN", "TEST"))
    parser.add_argument("--set", dest="changes", nargs="+", default=["epochs=10", "precision=auto"], help="changes of the recipe")
    parser.add_argument("--table", action="store_true")
    return parser.parse_args()


def simulate(options):
    command = [options.program, "simulate", options.out / "set", "--survey", "hsc", "--scaling", "minmax", "--seed", "11", "--threads", "1"]
    for kind, (train, test) in {"lenses": options.lenses, "nonlenses": options.nonlenses}.items():
        command += [f"--{kind}", str(train), f"--test-{kind}", str(test)]
    subprocess.run([*command, *(["--resume"] if (options.out / "set").exists() else [])], check=True)


def compare(options, seeds):
    """A folder a number of seeds, which takes over the runs of the one before: the runs of `seeds` seeds and their comparison."""
    out, before = options.out / f"seeds{seeds}", options.out / f"seeds{seeds - 1}"
    if (out / "differences.csv").exists():
        return
    (out / "runs").mkdir(parents=True, exist_ok=True)
    for run in sorted((before / "runs").glob("*")) if before.exists() else []:
        if not (out / "runs" / run.name).exists():
            subprocess.run(["cp", "-r", run, out / "runs" / run.name], check=True)
    command = [options.program, "compare", "--train", *[f"{name}=lensfind,network={name}" for name in options.networks]]
    command += ["--data", options.out / "set", "--out", out, "--threads", "1", "--seeds", str(seeds), "--resume"]
    for change in options.changes:
        command += ["--set", change]
    subprocess.run(command, check=True)


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def signed(value, low, high):
    bold = "**" if low > 0 or high < 0 else ""
    return f"{bold}{value:+.3f}{bold} ({low:+.3f} to {high:+.3f})"


def difference(table, figure, name, baseline):
    """`name` minus `baseline`, with the interval that compare gives."""
    for row in table:
        if row["figure"] == figure and {row["first"], row["second"]} == {name, baseline}:
            value, low, high = (float(row[key]) for key in ("difference", "low", "high"))
            return signed(value, low, high) if row["first"] == name else signed(-value, -high, -low)
    return "–"


def print_figures(options, folder):
    table, differences = {row["recipe"]: row for row in rows(folder / "recipes.csv")}, rows(folder / "differences.csv")
    baseline = options.networks[0]
    print("| network | seeds |", " | ".join(f"{label} | minus {baseline}" for label in FIGURES.values()), "|")
    print("|" + "---|" * (2 + 2 * len(FIGURES)))
    for name in options.networks:
        cells = []
        for figure in FIGURES:
            mean, std = (table[name][f"{figure}_{kind}"] for kind in ("mean", "std"))
            cells += [f"{float(mean):.3f}" + (f" ± {float(std):.3f}" if std else ""), difference(differences, figure, name, baseline)]
        print(f"| {name} | {table[name].get('seeds', '')} |", " | ".join(cells), "|")


def scores_of(folder, network):
    """(seeds, samples) logits, with ids and labels in the same order."""
    tables = [sorted(rows(path), key=lambda row: row["id"]) for path in sorted((folder / "models").glob(f"{network}-seed*/scores.csv"))]
    tables = tables or [sorted(rows(folder / "models" / network / "scores.csv"), key=lambda row: row["id"])]
    ids = [row["id"] for row in tables[0]]
    labels = np.array([row["label"] == "1" for row in tables[0]])
    return ids, labels, np.array([[float(row["logit"]) for row in table] for table in tables])


def found_at(logits, labels, rate, nonlenses):
    """Whether each lens scores above the threshold that lets `rate` of the drawn non-lenses through."""
    threshold = np.quantile(logits[~labels][nonlenses], 1 - rate, method="higher")
    return logits[labels] > threshold


def bins_of(truth):
    """Names and masks over the lenses: thirds of Einstein radius and of the S/N of the arcs, and what is small and faint at once."""
    radius = np.array([float(row["theta_e_arcsec"]) for row in truth])
    snr_columns = [key for key in truth[0] if key.startswith("arc_snr_")]
    snr = np.max([[float(row[key] or 0) for key in snr_columns] for row in truth], axis=1)
    out = {"all": np.ones(len(truth), bool)}
    for label, values, form in (("theta_E", radius, "{:.2f}"), ("S/N", snr, "{:.0f}")):
        edges = np.quantile(values, [0, 1 / 3, 2 / 3, 1])
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            name = f"{label} {form.format(low)}–{form.format(high)}" + (" arcsec" if label == "theta_E" else "")
            out[name] = (values >= low) & ((values < high) | (high == edges[-1]))
    out["small and faint"] = (radius < np.quantile(radius, 1 / 3)) & (snr < np.quantile(snr, 1 / 3))
    return out


def print_by_truth(options, folder, rate=1e-2):
    truth = {row["id"]: row for path in (options.out / "set").rglob("truth*.csv") for row in rows(path)}
    ids, labels, _ = scores_of(folder, options.networks[0])
    lenses = [truth[name] for name, lens in zip(ids, labels, strict=True) if lens]
    bins = bins_of(lenses)
    random = np.random.default_rng(1)
    kept = [(random.integers(0, labels.sum(), labels.sum()), random.integers(0, (~labels).sum(), (~labels).sum())) for _ in range(DRAWS)]
    every = (np.arange(labels.sum()), np.arange((~labels).sum()))
    drawn = {}
    for name in options.networks:
        logits = scores_of(folder, name)[2]
        drawn[name] = []
        for lens_draw, other_draw in [every, *kept]:
            picked = np.arange(len(logits)) if lens_draw is every[0] else random.integers(0, len(logits), len(logits))
            found = np.mean([found_at(logits[seed], labels, rate, other_draw)[lens_draw] for seed in picked], axis=0)
            drawn[name].append([found[mask[lens_draw]].mean() for mask in bins.values()])
        drawn[name] = np.array(drawn[name])  # (1 + draws, bins)
    baseline = drawn[options.networks[0]]
    print("\n| lenses | number |", options.networks[0], "|", " | ".join(options.networks[1:]), "|")
    print("|" + "---|" * (2 + len(options.networks)))
    for column, (label, mask) in enumerate(bins.items()):
        cells = [f"{baseline[0, column]:.3f}"]
        for name in options.networks[1:]:
            gain = drawn[name][:, column] - baseline[:, column]
            cells.append(signed(gain[0], *np.quantile(gain[1:], [0.025, 0.975])))
        print(f"| {label} | {mask.sum()} |", " | ".join(cells), "|")


def main():
    options = arguments()
    if not options.table:
        simulate(options)
        for seeds in range(1, options.seeds + 1):
            compare(options, seeds)
    finished = [n for n in range(1, options.seeds + 1) if (options.out / f"seeds{n}" / "differences.csv").exists()]
    if not finished:
        raise SystemExit(f"{options.out}: nothing is finished yet")
    folder = options.out / f"seeds{finished[-1]}"
    print_figures(options, folder)
    print_by_truth(options, folder)


if __name__ == "__main__":
    main()
