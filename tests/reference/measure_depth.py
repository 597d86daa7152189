"""Depth and noise of simulated images, measured on their pixels by numpy and astropy alone; rows of the table in docs/surveys.md.

    measure_depth.py LENSFIND [SURVEY...]

For each survey 60 cutouts are simulated without neighbours and stars. A star is fitted (least squares, the survey's Moffat integrated over pixels,
flat noise) at every third pixel away from the target and the edge; the scatter of the fitted fluxes is the noise of a point source.
"""
import csv
import math
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
from astropy.io import fits

# Seeing (FWHM, arcsec), exponents of the Moffats,
# pixel (arcsec) and the 5-sigma depths of a point source, published or what an aperture's depth or an rms plane amounts to.
SURVEYS = {
    "lsst10": ([.767, .734, .710], [4.765] * 3, .20, [27.4, 27.5, 26.8]), "lsst1": ([.767, .734, .710], [4.765] * 3, .20, [26.15, 26.25, 25.55]),
    "des": ([1.11, .95, .88], [3] * 3, .263, [25.20, 25.07, 24.55]), "hsc": ([.79, .75, .61], [3.5] * 3, .168, [26.5, 26.5, 26.2]),
    "legacy": ([1.3, 1.2, 1.2, 1.1], [3] * 4, .262, [24.7, 23.9, 23.6, 23.0]),
    "euclid": ([.147, .395, .454, .445], [2.0, 3.7, 3.7, 3.0], .1, [27.43, 24.96, 25.00, 24.94]),
    "cfhtls": ([.82, .72, .68], [2.8] * 3, .186, [26.27, 25.61, 25.35]), "kids": ([.85, .70, .79], [3] * 3, .2, [25.19, 25.29, 23.83]),
    "ps1": ([1.31, 1.19, 1.11], [2.6] * 3, .25, [23.15, 23.05, 22.95]),
}
SIDE, EDGE, TARGET = 96, 12, 30
FAULTS = "halo trail mask bleed oversubtracted cosmic_ray gap uneven_depth gradient poor_seeing".split()


def star(fwhm_pixels, beta, half=11, parts=9):
    """Its light in each pixel, of 1 in all out to infinity."""
    alpha = fwhm_pixels / (2 * math.sqrt(2 ** (1 / beta) - 1))
    at = (np.arange((2 * half + 1) * parts) + 0.5) / parts - half - 0.5
    fine = (beta - 1) / (math.pi * alpha**2) * (1 + (at[:, None] ** 2 + at**2) / alpha**2) ** -beta
    return fine.reshape(2 * half + 1, parts, 2 * half + 1, parts).mean((1, 3))


def measure(lensfind, survey):
    seeing, beta, pixel, published = SURVEYS[survey]
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder, "set")
        subprocess.run([lensfind, "simulate", out, "--survey", survey, "--nonlenses", "60", "--size", str(SIDE), "--format", "fits", "--seed", "77", "--quiet",
                        "--set", "population.source_count_amplitude=1e-9", "--set", "population.star_density_arcmin2=0",
                        "--set", "depth_scatter_mag=0", *[word for fault in FAULTS for word in ("--set", f"faults.{fault}=0")],
                        "--set", 'population.nonlens_kinds=[{kind="lenticular",fraction=1}]', "--set", "population.lens_i_brightest=21"], check=True,
                       stdout=subprocess.DEVNULL)
        with open(out / "truth.csv") as file:
            truth = list(csv.DictReader(file))
        row, column = np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2
        sky = np.hypot(row, column) > TARGET
        for b, fwhm in enumerate(seeing):
            template = star(fwhm / pixel, beta[b])
            half = template.shape[0] // 2
            depths, ratios = [], []
            for line in truth:
                hdu = fits.open(out / (line["id"] + ".fits"))[0]
                image = np.atleast_3d(hdu.data) if hdu.data.ndim == 2 else hdu.data
                image = image[..., 0] if hdu.data.ndim == 2 else image[b]
                zero_point = hdu.header[f"MAGZP{b + 1}"]
                flux = []
                for y in range(EDGE, SIDE - EDGE, 3):
                    for x in range(EDGE, SIDE - EDGE, 3):
                        if sky[y, x]:
                            patch = image[y - half:y + half + 1, x - half:x + half + 1]
                            flux.append((patch * template).sum() / (template**2).sum())
                depths.append(zero_point - 2.5 * math.log10(5 * np.std(flux)))
                told = [float(v) for k, v in line.items() if k.startswith("background_rms_")][b]
                ratios.append(np.std(image[sky]) / told)
            print(f"| {survey} | {b + 1} | {published[b]:.2f} | {np.median(depths):.2f} | "
                  f"{np.median(depths) - published[b]:+.2f} | {np.median(ratios):.3f} |", flush=True)


print("| survey | band | published depth | measured | difference | rms of the sky over truth.csv's |\n|---|---|---|---|---|---|")
for name in sys.argv[2:] or SURVEYS:
    measure(sys.argv[1], name)
