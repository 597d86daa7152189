"""The table of docs/realism.md and docs/images/realism.svg: genuine cutouts of the DeepLense set beside simulated ones. numpy and gnuplot.

    realism.py GENUINE SIMULATED > table.md     (folders in the DeepLense layout; the genuine pixels stay where they are)
"""
import pathlib
import subprocess
import sys

import numpy as np

BANDS = "gri"
OUT = pathlib.Path(__file__).parent.parent / "docs" / "images" / "realism.svg"
MOST = 1500
row, column = np.mgrid[:64, :64] - 31.5
radius = np.hypot(row, column)
frame = np.ones((64, 64), bool)
frame[8:-8, 8:-8] = False


def background(band):
    """Median of the frame, and the noise from differences of pixels two apart in it."""
    both = frame[:, 2:] & frame[:, :-2]
    return np.median(band[frame]), 1.4826 * np.median(np.abs(band[:, 2:] - band[:, :-2])[both]) / np.sqrt(2)


def half_light_radius(band, level):
    steps = np.arange(0.5, 14, 0.5)
    inside = [(band[radius < r] - level).sum() for r in steps]
    return np.interp(inside[-1] / 2, inside, steps) if inside[-1] > 0 else np.nan


def neighbours(band, level, noise):
    """Groups of four or more pixels over 4 sigma that lie farther out than 12 pixels."""
    bright = (band > level + 4 * noise) & (radius > 12)
    count = 0
    while bright.any():
        todo, size = [tuple(np.argwhere(bright)[0])], 0
        while todo:
            y, x = todo.pop()
            if 0 <= y < 64 and 0 <= x < 64 and bright[y, x]:
                bright[y, x] = False
                size += 1
                todo += [(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)]
        count += size >= 4
    return count


def measure(path):
    image = np.load(path).astype(float)
    out, level, noise, centre = {}, [], [], []
    for b, name in enumerate(BANDS):
        sky, rms = background(image[b])
        level.append(sky)
        noise.append(rms)
        centre.append(image[b][radius < 2].mean())
        out[f"background level, {name}"] = sky
        out[f"background noise, {name}"] = rms
        out[f"half-light radius / pixel, {name}"] = half_light_radius(image[b], sky)
    out["median of all pixels"] = np.median(image)
    for b in (0, 1):
        pair = f"{BANDS[b]} - {BANDS[b + 1]}"
        out[f"colour of the background, level {pair}"] = level[b] - level[b + 1]
        out[f"colour of the centre, S/N {BANDS[b]} over {BANDS[b + 1]}"] = (centre[b] - level[b]) / noise[b] / ((centre[b + 1] - level[b + 1]) / noise[b + 1])
    out["neighbours, i"] = neighbours(image[2], level[2], noise[2])
    out["_mean"], out["_square"] = image.mean((1, 2)), (image**2).mean((1, 2))
    return out


def table(folder, label):
    paths = sorted(pathlib.Path(folder, f"train_{label}").glob("*.npy"))[:MOST]
    rows = [measure(path) for path in paths]
    return {key: np.array([r[key] for r in rows]) for key in rows[0]}


def cell(values):
    low, middle, high = np.nanpercentile(values, [16, 50, 84])
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def figure(sets):
    wanted = ["background level, g", "background level, i", "background noise, g", "background noise, i", "median of all pixels",
              "half-light radius / pixel, i"]
    script, plots = "", ""
    for label in ("lenses", "nonlenses"):
        for w, key in enumerate(wanted):
            simulated, genuine = sets["simulated", label][key], sets["genuine", label][key]
            most = np.nanpercentile(np.concatenate([simulated, genuine]), 98) * 1.05
            counts, edges = np.histogram(simulated[np.isfinite(simulated)], 24, (0, most))
            middles = (edges[1:] + edges[:-1]) / 2
            name = f"{label}{w}"
            script += f"$s{name} << EOD\n" + "\n".join(f"{x} {c / counts.max()}" for x, c in zip(middles, counts)) + "\nEOD\n"
            script += f"$g{name} << EOD\n" + "\n".join(f"{x} 0.08" for x in genuine[np.isfinite(genuine)]) + "\nEOD\n"
            plots += (f"set title '{label}: {key}'\nset xrange [0:{most}]\nplot $s{name} with histeps lw 2 lc rgb '#3366aa' title 'simulated', "
                      f"$g{name} with impulses lw 2 lc rgb '#cc3311' title 'genuine'\n")
    script += "set multiplot layout 4,3\nset yrange [0:1.15]\nset ytics format ''\nset xtics autofreq\nset key top right samplen 1\n" + plots
    terminal = "set term svg size 1080,1100 dynamic background rgb 'white' font 'sans,10'"
    subprocess.run(["gnuplot"], input=f"{terminal}\nset output '{OUT}'\n{script}unset multiplot\n", text=True, check=True)


def main():
    folders = {"genuine": sys.argv[1], "simulated": sys.argv[2]}
    sets = {(kind, label): table(folder, label) for kind, folder in folders.items() for label in ("lenses", "nonlenses")}
    heads = [f"{label}, {kind}" for label in ("lenses", "nonlenses") for kind in folders]
    print("| median (16% to 84%) | " + " | ".join(heads) + " |\n|---|" + "---|" * len(heads))
    order = [(kind, label) for label in ("lenses", "nonlenses") for kind in folders]
    for key in sets["genuine", "lenses"]:
        if not key.startswith("_"):
            print(f"| {key} | " + " | ".join(cell(sets[which][key]) for which in order) + " |")
    print("| cutouts | " + " | ".join(str(len(sets[which]['_mean'])) for which in order) + " |")
    print()
    # The whole training set: 1,730 lenses and 28,675 non-lenses.
    fraction = 1730 / 30405
    means = {kind: fraction * sets[kind, "lenses"]["_mean"].mean(0) + (1 - fraction) * sets[kind, "nonlenses"]["_mean"].mean(0) for kind in folders}
    squares = fraction * sets["simulated", "lenses"]["_square"].mean(0) + (1 - fraction) * sets["simulated", "nonlenses"]["_square"].mean(0)
    deviations = np.sqrt(squares - means["simulated"] ** 2)
    print("| of the whole training set | DeepLense | simulated |\n|---|---|---|")
    print("| band means | .2746 / .1914 / .1053 | " + " / ".join(f"{v:.4f}"[1:] for v in means["simulated"]) + " |")
    print("| band deviations | .1736 / .1548 / .1131 | " + " / ".join(f"{v:.4f}"[1:] for v in deviations) + " |")
    medians = [sets["simulated", label]["median of all pixels"].mean() for label in ("lenses", "nonlenses")]
    print(f"| median of a cutout, mean of lenses and of non-lenses | .066 and .175 | {medians[0]:.3f} and {medians[1]:.3f} |"[0:].replace(" 0.", " ."))
    figure(sets)


main()
