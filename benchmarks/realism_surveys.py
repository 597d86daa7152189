"""The table of surveys in docs/realism.md: genuine images beside simulated ones. numpy, scipy, astropy; genuine pixels stay where they are.

    realism_surveys.py LENSFIND DATA [FIGURE.png]      DATA holds euclid-q1, des-galaxies, cfhtls-field, cfhtls-lenses (what is not there is left out)

Simulates 300 lenses and 300 non-lenses of euclid, des1, cfhtls and hsc into a temporary folder. Nothing of the program's own measuring is used here.
"""

import csv
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits
from scipy.ndimage import binary_dilation, gaussian_filter, uniform_filter

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


def blank(bands):
    """Pixels in none of whose bands, smoothed, anything stands out, nor within three of them."""
    objects = np.zeros(bands[0].shape, bool)
    for band in bands:
        smooth = gaussian_filter(band, 1.5)
        rms, _, middle = sky(smooth)
        objects |= smooth - middle > 2.5 * rms
    return ~binary_dilation(objects, iterations=3)


def blank_noise(image, free):
    """Scatter of a pixel, correlations 1, 2 and 3 apart, scatter of sums over 4 x 4 over 4; nan where a sixth of the image is not blank."""
    if free.mean() < 1 / 6:
        return [np.nan] * 5
    away = np.where(free, image - np.median(image[free]), np.nan)
    variance = np.nanmean(away**2)
    lags = [(np.nanmean(away[:, k:] * away[:, :-k]) + np.nanmean(away[k:] * away[:-k])) / 2 / variance for k in (1, 2, 3)]
    sums, whole = uniform_filter(np.nan_to_num(away), 4, mode="constant") * 4, uniform_filter(free.astype(float), 4, mode="constant") > 1 - 1e-6
    whole[:3], whole[-3:], whole[:, :3], whole[:, -3:] = False, False, False, False
    return [np.sqrt(variance), *lags, sums[whole].std() if whole.sum() > 50 else np.nan]


def noise_rows(survey, genuine, ours, bands):
    for b, band in enumerate(bands):
        real, made = [[blank_noise(image[b], free) for image in images for free in [blank(image)]] for images in (genuine, ours)]
        names = ("noise a pixel", "correlation 1 apart", "correlation 2 apart", "correlation 3 apart", "noise a pixel of sums over 4 x 4")
        for k, name in enumerate(names):
            row(survey, f"{name}, {band}", median([m[k] for m in real]), median([m[k] for m in made]))


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
    if len(values) == 0:
        return ""
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
    noise_rows(survey, genuine, ours, bands)
    for b, band in enumerate(bands):
        real, made = [sky(g[b]) for g in genuine], [sky(o[b]) for o in ours]
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
        made = Set(program, folder, "des1")
        files = sorted((data / "des-galaxies" / "lens").glob("*"))
        genuine = [np.array([h.data for h in fits.open(f) if h.data is not None], float) for f in files]
        compare("des1", made.images(False), genuine, "gri", [(0, 1), (1, 2)])
        psfs = [[h.data.astype(float) for h in fits.open(f) if h.data is not None] for f in sorted((data / "des-galaxies" / "lensPSF").glob("*"))]
        for b, fwhm in enumerate((1.01, 0.91, 0.82)):
            stars = [star(p[b], fwhm / 0.263) for p in psfs]
            row("des1", f"pixels a star counts, {'gri'[b]}", median([s[0] for s in stars]), "")
            row("des1", f"light beyond {fwhm} arcsec, {'gri'[b]}", median([s[1] for s in stars]), "")
        arcs("des1", made)

        made = Set(program, folder, "euclid")
        hdus = {h.name: h.data for h in fits.open(next((data / "euclid-q1").glob("*.fits"))) if h.data is not None}
        scaled = []
        for band, name, zero in (("VIS", "VIS", 24.6), ("Y", "NIR_Y", 29.8), ("J", "NIR_J", 30.0), ("H", "NIR_H", 29.9)):
            scale = 10 ** (-0.4 * (zero - 24.6))
            scaled.append(hdus[f"{name}_BGSUB"].astype(float) * scale)
            row("euclid", f"noise of sums over pixels (rms plane), {band}", median([np.nanmedian(hdus[f"{name}_RMS"]) * scale]), "")
            row("euclid", f"pixels a star counts, {band}", median([star(hdus[name + "_PSF"].astype(float), 1.6)[0]]), "")
        noise_rows("euclid", [np.array(scaled)], made.images(False), ["VIS", "Y", "J", "H"])
        arcs("euclid", made)

        made = Set(program, folder, "cfhtls")
        field = np.array([fits.open(data / "cfhtls-field" / f"CFHTLS-test_{band}.fits")[0].data.astype(float) for band in "gri"])
        tiles = [field[:, y : y + SIDE, x : x + SIDE] for y in range(0, 377, SIDE) for x in range(0, 377, SIDE)]
        noise_rows("cfhtls", tiles, made.images(False), "gri")
        arcs("cfhtls", made)
        looked = Set(program, folder, "cfhtls", ("--scaling", "display"))
        for name, lens in (("strong", True), ("lookalikes", False)):
            genuine = [np.load(p).astype(float) for p in sorted((data / "cfhtls-lenses" / name).glob("*.npy"))]
            compare(f"cfhtls, display look, {name}", looked.images(lens), genuine, "gri", [(0, 1), (1, 2)])

        # Scaled to [0, 1], each band by itself: units and colours are lost.
        looked = Set(program, folder, "hsc", ("--scaling", "minmax"))
        for name, lens in (("train_lenses", True), ("train_nonlenses", False)):
            genuine = [np.load(p).astype(float) for p in sorted((data / "deeplense-sample" / name).glob("*.npy"))]
            compare(f"hsc, min-max, {name}", looked.images(lens), genuine, "gri", [])


if __name__ == "__main__":
    main()
