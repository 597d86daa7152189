"""The table of surveys in docs/realism.md: genuine images beside simulated ones. numpy, astropy; genuine pixels stay where they are.

    realism_surveys.py LENSFIND DATA [FIGURE.png]      DATA holds euclid-q1, des-galaxies, cfhtls-field, cfhtls-lenses (what is not there is left out)

Simulates 300 lenses and 300 non-lenses of euclid, des and cfhtls into a temporary folder. Nothing of the program's own measuring is used here.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits

SIDE = 64


def sky(image):
    """Scatter and correlation of pixels side by side, of those within three deviations of the median."""
    middle = np.nanmedian(image)
    rms = 1.4826 * np.nanmedian(np.abs(image - middle))
    for _ in range(4):
        near = np.abs(image - middle) < 3 * rms
        middle, rms = np.median(image[near]), image[near].std() / 0.9866
    away = np.where(np.abs(image - middle) < 3 * rms, image - middle, np.nan)
    return rms, np.nanmean(away[:, 1:] * away[:, :-1]) / np.nanmean(away**2), middle


def half_light(image, level):
    h, w = image.shape
    y, x = np.mgrid[:h, :w]
    radius, steps = np.hypot(y - (h - 1) / 2, x - (w - 1) / 2), np.arange(0.5, 0.24 * w, 0.25)
    inside = [(image - level)[radius < r].sum() for r in steps]
    return np.interp(0.5 * inside[-1], inside, steps) if inside[-1] > 0 else np.nan


def flux(image, level, radius=6):
    h, w = image.shape
    y, x = np.mgrid[:h, :w]
    return (image - level)[np.hypot(y - (h - 1) / 2, x - (w - 1) / 2) < radius].sum()


def colours(images, a, b):
    fluxes = [[max(flux(image[k], sky(image[k])[2]), 1e-9) for k in (a, b)] for image in images]
    return [-2.5 * np.log10(one / other) for one, other in fluxes]


def star(image, radius):
    """Pixels counted and light beyond a radius, of a PSF image."""
    image = np.nan_to_num(image) / np.nansum(image)
    h, w = image.shape
    y, x = np.mgrid[:h, :w]
    return 1 / (image**2).sum(), image[np.hypot(y - h // 2, x - w // 2) > radius].sum()


def median(values):
    values = np.array([v for v in values if np.isfinite(v)])
    low, middle, high = np.percentile(values, [16, 50, 84])
    return f"{middle:.3g} ({low:.3g} to {high:.3g})" if len(values) > 2 else f"{middle:.3g}"


def row(*cells):
    print("| " + " | ".join(cells) + " |", flush=True)


class Set:
    def __init__(self, program, folder, survey, more=()):
        self.folder = folder / (survey + "-".join(more).strip("-"))
        numbers = ["--lenses", "300", "--nonlenses", "300", "--seed", "7", "--threads", "1", "--quiet"]
        subprocess.run([program, "simulate", self.folder, "--survey", survey, *numbers, *more], check=True)
        with open(self.folder / "truth.csv", newline="") as file:
            self.truth = list(csv.DictReader(file))

    def images(self, lens):
        return [np.load(self.folder / (r["id"] + ".npy")).astype(float) for r in self.truth if (r["label"] == "1") == lens]

    def lenses(self, key):
        return np.array([float(r[key]) for r in self.truth if r["label"] == "1"])


def compare(survey, ours, genuine, bands, mags):
    """`genuine`: arrays (bands, h, w) in the survey's unit."""
    for b, band in enumerate(bands):
        real, made = [sky(g[b]) for g in genuine], [sky(o[b]) for o in ours]
        row(survey, f"noise a pixel, {band}", median([r[0] for r in real]), median([m[0] for m in made]))
        row(survey, f"correlation side by side, {band}", median([r[1] for r in real]), median([m[1] for m in made]))
        radii = [median([half_light(i[b], s[2]) for i, s in zip(images, skies)]) for images, skies in ((genuine, real), (ours, made))]
        row(survey, f"half-light radius / pixel, {band}", *radii)
    for a, b in mags:
        row(survey, f"colour {bands[a]} - {bands[b]}", median(colours(genuine, a, b)), median(colours(ours, a, b)))


def arcs(survey, made):
    row(survey, "S/N of arcs, best band", "", median(np.max([made.lenses(k) for k in made.truth[0] if k.startswith("arc_snr")], 0)))
    row(survey, "Einstein radius / arcsec", "", median(made.lenses("theta_e_arcsec")))
    row(survey, "Einstein over effective radius", "", median(made.lenses("theta_e_arcsec") / made.lenses("effective_radius_arcsec")))


def main():
    program, data = sys.argv[1], pathlib.Path(sys.argv[2])
    row("survey", "quantity: median (16% to 84%)", "genuine", "simulated")
    row("---", "---", "---", "---")
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        made = Set(program, folder, "des")
        files = sorted((data / "des-galaxies" / "lens").glob("*"))
        genuine = [np.array([h.data for h in fits.open(f) if h.data is not None], float) for f in files]
        compare("des", made.images(False), genuine, "gri", [(0, 1), (1, 2)])
        psfs = [[h.data.astype(float) for h in fits.open(f) if h.data is not None] for f in sorted((data / "des-galaxies" / "lensPSF").glob("*"))]
        for b, fwhm in enumerate((1.01, 0.91, 0.82)):
            stars = [star(p[b], fwhm / 0.263) for p in psfs]
            row("des", f"pixels a star counts, {'gri'[b]}", median([s[0] for s in stars]), "")
            row("des", f"light beyond {fwhm} arcsec, {'gri'[b]}", median([s[1] for s in stars]), "")
        arcs("des", made)

        made = Set(program, folder, "euclid")
        hdus = {h.name: h.data for h in fits.open(next((data / "euclid-q1").glob("*.fits"))) if h.data is not None}
        for band, name, zero in (("VIS", "VIS", 24.6), ("Y", "NIR_Y", 29.8), ("J", "NIR_J", 30.0), ("H", "NIR_H", 29.9)):
            b, scale = ["VIS", "Y", "J", "H"].index(band), 10 ** (-0.4 * (zero - 24.6))
            image = next(v for k, v in hdus.items() if k.startswith(name) and "PSF" not in k and "RMS" not in k) * scale
            plane = next(v for k, v in hdus.items() if k.startswith(name) and "RMS" in k) * scale
            got = [sky(i[b]) for i in made.images(False)]
            row("euclid", f"scatter a pixel, {band}", median([sky(image.astype(float))[0]]), median([g[0] for g in got]))
            row("euclid", f"correlation side by side, {band}", median([sky(image.astype(float))[1]]), median([g[1] for g in got]))
            row("euclid", f"noise of sums over pixels (rms plane), {band}", median([np.nanmedian(plane)]), "")
            row("euclid", f"pixels a star counts, {band}", median([star(hdus[name + "_PSF"].astype(float), 1.6)[0]]), "")
        arcs("euclid", made)

        made = Set(program, folder, "cfhtls")
        for b, band in enumerate("gri"):
            field = fits.open(data / "cfhtls-field" / f"CFHTLS-test_{band}.fits")[0].data.astype(float)
            tiles = [field[y : y + SIDE, x : x + SIDE] for y in range(0, 377, SIDE) for x in range(0, 377, SIDE)]
            real, got = [sky(t) for t in tiles], [sky(i[b]) for i in made.images(False)]
            row("cfhtls", f"noise a pixel, {band}", median([r[0] for r in real]), median([g[0] for g in got]))
            row("cfhtls", f"correlation side by side, {band}", median([r[1] for r in real]), median([g[1] for g in got]))
        arcs("cfhtls", made)
        looked = Set(program, folder, "cfhtls", ("--scaling", "display"))
        for name, lens in (("strong", True), ("lookalikes", False)):
            genuine = [np.load(p).astype(float) for p in sorted((data / "cfhtls-lenses" / name).glob("*.npy"))]
            compare(f"cfhtls, display look, {name}", looked.images(lens), genuine, "gri", [(0, 1), (1, 2)])


if __name__ == "__main__":
    main()
