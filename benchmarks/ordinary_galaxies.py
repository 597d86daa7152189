"""How many ordinary galaxies a model takes for lenses: genuine CFHTLS fields without a lens, at the threshold that keeps 80% of genuine lenses.

    ordinary_galaxies.py LENSFIND MODEL DATA [--tta]    DATA holds cfhtls-lenses (strong, lookalikes, tiles, like_these.py). numpy, sep, Pillow, scipy

Sources are detected in i by sep (2.5 rms, 9 pixels), 32 pixels and more from the edge. Their cutouts go through what the lenses' went through: a picture
with the stretch of surveys/cfhtls.toml's [display], enlarged and brought back, and turned back with DATA's numbers. The fields were shown to volunteers
for what stands in them (spirals, mergers, "maybe"): they hold more look-alikes than the sky does.
"""

import csv
import importlib.util
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import sep
from PIL import Image
from scipy.stats import beta

SIDE = 64
TILE_SCALE, TILE_A, TILE_Q = (0.4, 0.6, 1.704), 0.0984, 1.694  # of i, r, g: the stretch of the fields (DATA's README)
FAINTEST = (20, 21, 22, 23, 99)


def like_these(folder):
    """The way of the lenses' cutouts through a picture. Their folder's numbers are those of the way back; the pictures were made with others."""
    spec = importlib.util.spec_from_file_location("like_these", folder / "like_these.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    look = tomllib.loads((pathlib.Path(__file__).resolve().parents[1] / "surveys/cfhtls.toml").read_text())["display"]
    there, back = (tuple(reversed(look["weights"])), look["alpha"], look["q"]), (module.SCALE, module.A, module.Q)

    def through_a_picture(flux):
        module.SCALE, module.A, module.Q = there
        picture = Image.fromarray(module.display(flux))
        module.SCALE, module.A, module.Q = back
        width, height = picture.size
        large = picture.resize((round(width * look["enlarged"]), round(height * look["enlarged"])), Image.BILINEAR)
        return module.flux(large.resize((width, height), Image.BOX))

    return through_a_picture


def field_flux(picture):
    """(3, h, w) in g, r, i of a field's display picture."""
    shown = np.asarray(Image.open(picture).convert("RGB"), float) / 255
    total = shown.sum(-1)
    factor = np.where(total > 1e-6, np.sinh(TILE_Q * total) / (TILE_A * TILE_Q) / np.maximum(total, 1e-6), 1 / TILE_A)
    return np.stack([shown[..., 2 - b] * factor / TILE_SCALE[2 - b] for b in range(3)]).astype(np.float32)


def galaxies(fields, stretch, out):
    """Writes the cutouts about all sources; returns their i magnitudes by id."""
    magnitudes = {}
    for picture in sorted(fields.glob("*.png")):
        flux = field_flux(picture)
        sky = sep.Background(np.ascontiguousarray(flux[2]))
        sources = sep.extract(flux[2] - sky.back(), 2.5, err=max(sky.globalrms, 0.1), minarea=9)
        for source in sources:
            x, y = round(float(source["x"])), round(float(source["y"]))
            if min(x, y, flux.shape[2] - x, flux.shape[1] - y) <= SIDE // 2:
                continue
            name = f"{picture.stem}-{len(magnitudes)}"
            np.save(out / f"{name}.npy", stretch(flux[:, y - SIDE // 2 : y + SIDE // 2, x - SIDE // 2 : x + SIDE // 2]))
            magnitudes[name] = 30 - 2.5 * np.log10(max(float(source["flux"]), 1e-3))
    return magnitudes


def logits(program, model, images, options, folder):
    out = folder / f"{images.name}.csv"
    subprocess.run([program, "score", model, str(images), "--out", str(out), "--quiet", *options], check=True)
    with open(out) as rows:
        return {row["id"]: float(row["logit"]) for row in csv.DictReader(rows)}


def main():
    program, model, data, *options = sys.argv[1:]
    lenses = pathlib.Path(data) / "cfhtls-lenses"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "galaxies").mkdir()
        magnitudes = galaxies(lenses / "tiles", like_these(lenses), folder / "galaxies")
        strong = np.array(list(logits(program, model, lenses / "strong", options, folder).values()))
        threshold = np.quantile(strong, 0.2, method="lower")
        taken = logits(program, model, folder / "galaxies", options, folder)
        alike = np.array(list(logits(program, model, lenses / "lookalikes", options, folder).values()))
    print(f"threshold {threshold:.3f}: {np.mean(strong >= threshold):.3f} of the lenses, {np.mean(alike >= threshold):.3f} of the look-alikes")
    print("| galaxies | of | taken for lenses |\n|---|---|---|")
    for faintest in FAINTEST:
        of = [name for name, magnitude in magnitudes.items() if magnitude < faintest]
        k, n = sum(taken[name] >= threshold for name in of), len(of)
        low, high = (beta.ppf(0.025, k, n - k + 1) if k else 0), (beta.ppf(0.975, k + 1, n - k) if k < n else 1)
        what = f"i < {faintest}" if faintest < 99 else "all"
        print(f"| {what} | {n:,} | {k} ({100 * k / n:.1f}%, {100 * low:.1f} to {100 * high:.1f}) |")


if __name__ == "__main__":
    main()
