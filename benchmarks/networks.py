"""Which network finds lenses best at equal training: the comparison of docs/networks.md.

    networks.py OUT [--program build/release/bin/lensfind] [--networks NAME ...] [--seeds 3] [--set KEY=VALUE ...] [--table]

Simulates one set (hsc, 64 pixels, min-max scaled), trains every network by the recipe `lensfind` on one thread with every seed, has `lensfind compare`
score the same test cutouts with each, and prints two tables: figures with differences from the first network, and the fraction of lenses found at a
false-positive rate of 1e-2 by Einstein radius and S/N of the arcs. Intervals hold 95% of draws of test cutouts (the same for both networks) and of
seeds (of each network for itself). Seed by seed, so that all networks have as many; it goes on where it was; --table only prints what is finished.
Needs numpy."""

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
FIGURES = ["average precision", "TPR at FPR 1e-2", "TPR at FPR 1e-3"]
DRAWS = 1000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--program", default="build/release/bin/lensfind")
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--recipe", default="lensfind")
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


def run_folder(options, network, seed):
    return options.out / f"{network}-seed{seed}"


def train(options, network, seed):
    out = run_folder(options, network, seed)
    if (out / "report.html").exists():
        return
    command = [options.program, "compare", "--train", f"{network}={options.recipe},network={network}", "--data", options.out / "set"]
    command += ["--out", out, "--threads", "1", "--seeds", "1", "--seed", str(seed), *(["--resume"] if out.exists() else [])]
    for change in options.changes:
        command += ["--set", change]
    subprocess.run(command, check=True)


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def signed(value, low, high):
    bold = "**" if low > 0 or high < 0 else ""
    return f"{bold}{value:+.3f}{bold} ({low:+.3f} to {high:+.3f})"


def scores_of(options, network):
    """Ids, labels and logits (seeds, samples) of the seeds that are finished."""
    tables = []
    for seed in range(options.seeds):
        path = run_folder(options, network, seed) / "models" / network / "scores.csv"
        tables += [sorted(rows(path), key=lambda row: row["id"])] if path.exists() else []
    if not tables:
        return None
    ids = [row["id"] for row in tables[0]]
    labels = np.array([row["label"] == "1" for row in tables[0]])
    return ids, labels, np.array([[float(row["logit"]) for row in table] for table in tables])


def average_precision(lenses, others):
    """Sum over lenses of the precision at their score, over their number."""
    scores = np.concatenate([lenses, others])
    order = np.argsort(-scores, kind="stable")
    is_lens = order < len(lenses)
    return (np.cumsum(is_lens) / np.arange(1, len(scores) + 1))[is_lens].mean()


def found_at(lenses, others, rate):
    """Whether each lens scores above the threshold that lets `rate` of the non-lenses through, and no more."""
    let_through = int(rate * len(others) + 1e-9)
    return lenses > np.partition(others, -let_through - 1)[-let_through - 1]


def measured(lenses, others, masks):
    """All figures of one model: average precision, TPR at 1e-2 and 1e-3, and TPR at 1e-2 in each mask."""
    found = found_at(lenses, others, 1e-2)
    figures = [average_precision(lenses, others), found.mean(), found_at(lenses, others, 1e-3).mean()]
    return np.array(figures + [found[mask].mean() for mask in masks])


def drawn_figures(labels, logits, masks, number):
    """(1 + DRAWS, figures), means over seeds: row 0 of all cutouts and seeds, the others of draws with replacement. All networks see the same cutouts
    drawn; seeds are drawn for network `number` alone."""
    cutouts, seeds = np.random.default_rng(1), np.random.default_rng([2, number])
    lenses, others = logits[:, labels], logits[:, ~labels]
    out = [np.mean([measured(*pair, masks) for pair in zip(lenses, others, strict=True)], axis=0)]
    for _ in range(DRAWS):
        lens, other = (cutouts.integers(0, part.shape[1], part.shape[1]) for part in (lenses, others))
        picked = seeds.integers(0, len(logits), len(logits))
        out.append(np.mean([measured(lenses[s][lens], others[s][other], [mask[lens] for mask in masks]) for s in picked], axis=0))
    return np.array(out)


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


def gain(drawn, baseline, column):
    values = drawn[:, column] - baseline[:, column]
    return signed(values[0], *np.quantile(values[1:], [0.025, 0.975]))


def print_tables(scores, bins):
    drawn = {name: drawn_figures(labels, logits, bins.values(), number) for number, (name, (_, labels, logits)) in enumerate(scores.items())}
    first, *others = scores
    print("| network | seeds |", " | ".join(f"{label} | minus {first}" for label in FIGURES), "|")
    print("|" + "---|" * (2 + 2 * len(FIGURES)))
    for name, table in drawn.items():
        gains = [gain(table, drawn[first], c) if name != first else "–" for c in range(len(FIGURES))]
        cells = [cell for c in range(len(FIGURES)) for cell in (f"{table[0, c]:.3f}", gains[c])]
        print(f"| {name} | {len(scores[name][2])} |", " | ".join(cells), "|")
    print("\n| lenses | number |", " | ".join([first, *others]), "|")
    print("|" + "---|" * (2 + len(scores)))
    for column, (label, mask) in enumerate(bins.items(), len(FIGURES)):
        cells = [f"{drawn[first][0, column]:.3f}", *(gain(drawn[name], drawn[first], column) for name in others)]
        print(f"| {label} | {mask.sum()} |", " | ".join(cells), "|")


def main():
    options = arguments()
    if not options.table:
        simulate(options)
        for seed in range(options.seeds):
            for network in options.networks:
                train(options, network, seed)
    scores = {name: scores_of(options, name) for name in options.networks}
    scores = {name: found for name, found in scores.items() if found}
    if options.networks[0] not in scores:
        raise SystemExit(f"{options.out}: no run of {options.networks[0]} is finished")
    ids, labels, _ = scores[options.networks[0]]
    truth = {row["id"]: row for row in rows(options.out / "set" / "truth.csv")}
    print_tables(scores, bins_of([truth[name] for name, lens in zip(ids, labels, strict=True) if lens]))


if __name__ == "__main__":
    main()
