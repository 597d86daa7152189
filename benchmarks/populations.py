"""docs/images/populations.svg and the table of docs/populations.md, from sets that `lensfind simulate` left. Python's standard library and gnuplot.

    populations.py NAME=SET... > table.md           (SET: a folder with truth.csv, of a survey with Collett's selection)
    populations.py --lenspop FOLDER NAME=SET...     (the table beside the forecasts of LensPop, FOLDER: their tables, github.com/tcollett/LensPop)
"""
import csv
import math
import pathlib
import statistics
import subprocess
import sys

OUT = pathlib.Path(__file__).parent.parent / "docs" / "images" / "populations.svg"


def lenses(folder):
    with open(pathlib.Path(folder) / "truth.csv") as file:
        return [row for row in csv.DictReader(file) if row["label"] == "1"]


def best(row, what):
    return max(float(value) for key, value in row.items() if key.startswith(what + "_") and value)


def first_of(row, keys):
    return next(float(row[key]) for key in keys if row.get(key))


QUANTITIES = {
    "Einstein radius / arcsec": (lambda r: float(r["theta_e_arcsec"]), 0, 3, 30),
    "redshift of the deflector": (lambda r: float(r["z_lens"]), 0, 2.0, 30),
    "redshift of the source": (lambda r: float(r["z_source"]), 0, 5, 30),
    "velocity dispersion / km/s": (lambda r: float(r["sigma_v"]), 100, 400, 30),
    "magnitude of the deflector (i or VIS)": (lambda r: first_of(r, ["lens_mag_i", "lens_mag_VIS"]), 15, 25, 28),
    "magnitude of the source (i or VIS), unlensed": (lambda r: first_of(r, ["source_mag_i", "source_mag_VIS"]), 21, 28, 30),
    "magnification": (lambda r: best(r, "magnification"), 0, 30, 30),
    "S/N of the arcs, best band": (lambda r: best(r, "arc_snr"), 0, 150, 30),
}


def histogram(values, low, high, bins):
    counts = [0] * bins
    for value in values:
        at = int((value - low) / (high - low) * bins)
        if 0 <= at < bins:
            counts[at] += 1
    width = (high - low) / bins
    return [(low + (k + 0.5) * width, count / (len(values) * width)) for k, count in enumerate(counts)]


def normalised(curve):
    total = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in zip(curve, curve[1:]))
    return [(x, y / total) for x, y in curve]


def efunc(z):
    return math.sqrt(0.3 * (1 + z) ** 3 + 0.7)


def distance(z, steps=200):
    return sum((1 / efunc(z * k / steps) + 1 / efunc(z * (k + 1) / steps)) / 2 * z / steps for k in range(steps))


def laws():
    """What is drawn before the survey selects: dispersions weighted by the area behind a deflector (sigma^4), and the volume."""
    sigma = [(s, (s / 161) ** (2.32 + 3) * math.exp(-((s / 161) ** 2.67))) for s in range(100, 401, 4)]
    volume = [(z, distance(z) ** 2 / efunc(z)) for z in [0.05 + 1.95 * k / 60 for k in range(61)]]
    counts = [(m, 10 ** (0.31 * m)) for m in [21 + 6.5 * k / 50 for k in range(51)]]
    return {"velocity dispersion / km/s": normalised(sigma), "redshift of the deflector": normalised(volume),
            "magnitude of the source (i or VIS), unlensed": normalised(counts)}


def block(name, points):
    return f"${name} << EOD\n" + "\n".join(f"{x:.6g} {y:.6g}" for x, y in points) + "\nEOD\n"


# A survey's table, its columns of z_lens, z_source, sigma_v and the source's magnitude, and the seeing of its resolution limit.
LENSPOP = {"lsst10": ("lenses_LSSTa.txt", (0, 1, 3, 16), 1.95), "des": ("lenses_DESa.txt", (0, 1, 3, 16), 1.655),
           "euclid": ("lenses_Euclid.txt", (0, 1, 3, 12), 0.17)}


def distance_of_distributions(a, b):
    """Kolmogorov and Smirnov's."""
    a, b, greatest, k = sorted(a), sorted(b), 0, 0
    for j, value in enumerate(a):
        while k < len(b) and b[k] <= value:
            k += 1
        greatest = max(greatest, abs((j + 1) / len(a) - k / len(b)))
    return greatest


def against_lenspop(folder, sets):
    print("| survey | lenses | z of the deflector | z of the source | velocity dispersion / km/s | source, i or VIS |\n|---|---|---|---|---|---|")
    for survey, rows in sets.items():
        file, columns, seeing = LENSPOP[survey]
        known = [line.split() for line in open(pathlib.Path(folder) / file) if not line.startswith("#") and line.strip()]
        seen = [r for r in rows if float(r["theta_e_arcsec"]) ** 2 > float(r["source_radius_arcsec"]) ** 2 + (seeing / 2) ** 2]
        values = (lambda r: float(r["z_lens"]), lambda r: float(r["z_source"]), lambda r: float(r["sigma_v"]),
                  lambda r: first_of(r, ["source_mag_i", "source_mag_VIS"]))
        cells = []
        for value, column in zip(values, columns):
            ours, theirs = [value(r) for r in seen], [float(k[column]) for k in known]
            cells.append(f"{statistics.median(ours):.4g}, {statistics.median(theirs):.4g}: {distance_of_distributions(ours, theirs):.2f}")
        print(f"| {survey} | {len(seen)}, {len(known)} | " + " | ".join(cells) + " |")


def main():
    words = sys.argv[1:]
    folder = words[1] if words[:1] == ["--lenspop"] else None
    sets = {word.split("=")[0]: lenses(word.split("=", 1)[1]) for word in (words[2:] if folder else words)}
    if folder:
        return against_lenspop(folder, sets)
    known = laws()
    script, plots = "", ""
    for q, (name, (value, low, high, bins)) in enumerate(QUANTITIES.items()):
        lines = []
        for s, (survey, rows) in enumerate(sets.items()):
            script += block(f"d{q}_{s}", histogram([value(r) for r in rows], low, high, bins))
            lines.append(f"$d{q}_{s} with histeps lw 2 lc {s + 1} title '{survey}'")
        if name in known:
            script += block(f"law{q}", known[name])
            lines.append(f"$law{q} with lines lw 2 dt 2 lc rgb 'black' title 'law, unselected'")
        plots += f"set xlabel '{name}'\nset xrange [{low}:{high}]\nplot {', '.join(lines)}\n"
    script += "set multiplot layout 4,2\nset yrange [0:]\nset offsets 0,0,graph 0.6,0\nset ytics format ''\nset key top right samplen 2\n" + plots
    terminal = "set term svg size 900,1100 dynamic enhanced background rgb 'white' font 'sans,11'"
    subprocess.run(["gnuplot"], input=f"{terminal}\nset output '{OUT}'\n{script}unset multiplot\n", text=True, check=True)
    print("| quantity, median (16% to 84%) | " + " | ".join(sets) + " |\n|---" + "|---" * len(sets) + "|")
    for name, (value, *_rest) in QUANTITIES.items():
        cells = []
        for rows in sets.values():
            numbers = sorted(value(r) for r in rows)
            at = lambda fraction, numbers=numbers: numbers[int(fraction * (len(numbers) - 1))]
            cells.append(f"{statistics.median(numbers):.3g} ({at(0.16):.3g} to {at(0.84):.3g})")
        print(f"| {name} | " + " | ".join(cells) + " |")
    fraction = [sum(best(r, "arc_snr") > 40 for r in rows) / sum(best(r, "arc_snr") > 20 for r in rows) for rows in sets.values()]
    print("| fraction of the lenses with S/N > 20 that have S/N > 40 | " + " | ".join(f"{value:.2f}" for value in fraction) + " |")


main()
