"""Judges the output of lensfind_coverage and makes the table of docs/statistics.md.

usage: coverage_table.py OUTPUT

Prints the table, then every row outside the bounds, and fails where there is one. Bounds: coverage at least .90 and at most .98, files
without a wrong certificate at least .93. Above .98 a row is let through where the figure stands at the end of its scale or rests on tiny
numbers: fewer than ten independent events expected.
"""

import sys
from collections import defaultdict

LEAST, MOST, LEAST_CERTIFIED = 0.90, 0.98, 0.93
FEWEST_EVENTS = 10
COPIES = {"groups of 4": 4}


def read_rows(path):
    rows = []
    for line in open(path):
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) != 7 or not cells[1].isdigit():
            continue
        law, lenses, nonlenses, figure, truth, width, coverage = cells
        rows.append(
            dict(law=law, lenses=int(lenses), nonlenses=int(nonlenses), figure=figure, truth=float(truth), coverage=float(coverage.split()[0]))
        )
    return rows


def rates(row, rows):
    """True TPR and FPR behind a figure at a threshold; None where it has none."""
    same = {r["figure"]: r["truth"] for r in rows if (r["law"], r["lenses"], r["nonlenses"]) == (row["law"], row["lenses"], row["nonlenses"])}
    figure = row["figure"]
    if " of target " in figure:
        target = figure.split(" of target ")[1]
        return same[f"recall of target {target}"], same[f"fpr of target {target}"]
    if " at FPR " in figure:
        point = figure.split(" at FPR ")[1].split(" at ")[0]
        return same[f"recall at FPR {point}"], float(point)
    if "tpr_at_fpr" in figure:
        return row["truth"], float(figure.split()[-1])
    if figure == "tpr0":
        return row["truth"], 1 / (row["nonlenses"] + 1)
    if figure == "tpr10":
        return row["truth"], 10 / (row["nonlenses"] + 1)
    return None


def excuse(row, rows):
    """Why a coverage above .98 is right, or nothing."""
    lenses = row["lenses"] / COPIES.get(row["law"], 1)
    nonlenses = row["nonlenses"] / COPIES.get(row["law"], 1)
    if lenses <= FEWEST_EVENTS:
        return "tiny"
    pair = rates(row, rows)
    if pair is not None:
        tpr, fpr = pair
        if min(tpr, 1 - tpr) * lenses < FEWEST_EVENTS or min(fpr, 1 - fpr) * nonlenses < FEWEST_EVENTS:
            return "tiny"
    elif row["figure"] in ("auc", "average_precision", "brier"):
        fraction = row["truth"]
        if row["figure"] == "brier":  # of the lenses' losses, which are nearly all of it
            fraction *= (row["lenses"] + row["nonlenses"]) / row["lenses"]
        if min(fraction, 1 - fraction) * lenses < FEWEST_EVENTS:
            return "boundary"
    elif row["figure"].startswith("difference") and lenses <= 2 * FEWEST_EVENTS:
        return "tiny"
    elif row["figure"] in ("slope", "intercept") and row["law"] == "AUC 1":
        return "boundary"  # separable classes bound the slope from below only
    elif row["figure"] == "ece" and row["law"] != "miscalibrated":
        return "boundary"  # the truth is 0
    return None


def group_of(figure):
    if " of target " in figure:
        return figure.split(" of target ")[0] + " of a target"
    return figure.split(" at FPR ")[0] if not figure.startswith("certificate") else "certificate"


def main():
    rows = read_rows(sys.argv[1])
    columns = sorted({r["lenses"] for r in rows})
    table = defaultdict(list)
    for row in rows:
        table[group_of(row["figure"])].append(row)
    print("| figure | " + " | ".join(f"{n} lenses" for n in columns) + " | lowest: law, lenses, non-lenses |")
    print("|---" * (len(columns) + 2) + "|")
    for figure in sorted(table, key=lambda name: (name.startswith("difference"), name.endswith("target"), name)):
        cells = []
        for lenses in columns:
            held = [r["coverage"] for r in table[figure] if r["lenses"] == lenses]
            cells.append(f"{min(held):.3f} - {max(held):.3f}" if held else "")
        lowest = min(table[figure], key=lambda r: r["coverage"])
        print(f"| `{figure}` | " + " | ".join(cells) + f" | {lowest['law']}, {lowest['lenses']}, {lowest['nonlenses']} |")

    outside = 0
    for row in rows:
        least = LEAST_CERTIFIED if row["figure"].startswith("certificate") else LEAST
        low = row["coverage"] < least
        high = row["coverage"] > MOST and not row["figure"].startswith("certificate") and excuse(row, rows) is None
        if low or high:
            outside += 1
            print(f"{'LOW ' if low else 'high'} {row['coverage']:.3f}  {row['law']}, {row['lenses']}, {row['nonlenses']}: "
                  f"{row['figure']} (truth {row['truth']:g})")
    print(f"{len(rows)} rows, {outside} outside the bounds")
    sys.exit(outside > 0)


main()
