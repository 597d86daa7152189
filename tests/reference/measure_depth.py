"""Depth and noise of simulated images, measured on their pixels by numpy and astropy alone; rows of the table in docs/surveys.md.

    measure_depth.py LENSFIND [SURVEY...]        (all installed surveys)

For each survey 60 cutouts of empty sky are simulated. Two depths are measured on them:
- 5 sigma of a point source, which the survey's file states: a star is fitted (least squares, the survey's Moffat integrated over pixels, flat noise) at
  every third pixel; the scatter of the fitted fluxes is its noise;
- the published one as it is meant: so many sigma of the sum over an aperture, pixels counted by the area of theirs that lies in it.
"""
import csv
import math
import pathlib
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
from astropy.io import fits

SURVEYS = pathlib.Path(__file__).resolve().parents[2] / "surveys"
# Published depths: sigmas, aperture's diameter (arcsec; None: a point source), magnitudes. DES: Abbott et al. 2021 and 2018; KiDS: Kuijken et al. 2019;
# Euclid: the first quick release, VIS alone; HSC: Aihara et al. 2022; Legacy Surveys: Dey et al. 2019 and the tenth release; LSST: Ivezic et al. 2019, a
# tenth of the visits 1.25 mag less; Pan-STARRS1: Chambers et al. 2016. CFHTLS publishes completeness.
PUBLISHED = {
    "des": (10, 1.95, [24.7, 24.4, 23.8]), "des1": (10, 1.95, [24.33, 24.08, 23.44]), "kids": (5, 2.0, [25.12, 25.02, 23.68]),
    "euclid": (10, 1.3, [25.6]), "hsc": (5, None, [26.5, 26.5, 26.2]), "legacy": (5, None, [24.7, 23.9, 23.6, 23.0]),
    "lsst10": (5, None, [27.4, 27.5, 26.8]), "lsst1": (5, None, [26.15, 26.25, 25.55]), "ps1": (5, None, [23.3, 23.2, 23.1]),
}
SIDE, EDGE, STEP = 96, 12, 3
FAULTS = "halo trail mask bleed oversubtracted cosmic_ray gap uneven_depth gradient poor_seeing".split()
EMPTY = ["source_count_amplitude=1e-9", "star_density_arcmin2=0", "neighbour_i_brightest=39", "field_i_faintest=40",
         'nonlens_kinds=[{kind="field",fraction=1}]']


def star(fwhm_pixels, beta, half=11, parts=9):
    """Its light in each pixel, of 1 in all out to infinity."""
    alpha = fwhm_pixels / (2 * math.sqrt(2 ** (1 / beta) - 1))
    at = (np.arange((2 * half + 1) * parts) + 0.5) / parts - half - 0.5
    fine = (beta - 1) / (math.pi * alpha**2) * (1 + (at[:, None] ** 2 + at**2) / alpha**2) ** -beta
    return fine.reshape(2 * half + 1, parts, 2 * half + 1, parts).mean((1, 3))


def aperture(diameter_pixels, half=11, parts=20):
    """The part of each pixel that lies in it."""
    at = (np.arange((2 * half + 1) * parts) + 0.5) / parts - half - 0.5
    return (np.hypot(at[:, None], at) < diameter_pixels / 2).reshape(2 * half + 1, parts, 2 * half + 1, parts).mean((1, 3))


def sums(image, weights):
    half = weights.shape[0] // 2
    places = range(EDGE, SIDE - EDGE, STEP)
    return [(image[y - half:y + half + 1, x - half:x + half + 1] * weights).sum() for y in places for x in places]


def empty_sky(lensfind, survey, folder):
    """Each cutout's bands, zero points and truth."""
    out = pathlib.Path(folder, "set")
    settings = ["depth_scatter_mag=0", "seeing_scatter=0", *[f"faults.{fault}=0" for fault in FAULTS], *[f"population.{word}" for word in EMPTY]]
    subprocess.run([lensfind, "simulate", out, "--survey", survey, "--nonlenses", "60", "--size", str(SIDE), "--format", "fits", "--seed", "77", "--quiet",
                    *[word for setting in settings for word in ("--set", setting)]], check=True, stdout=subprocess.DEVNULL)
    with open(out / "truth.csv") as file:
        for line in csv.DictReader(file):
            hdu = fits.open(out / (line["id"] + ".fits"))[0]
            image = hdu.data if hdu.data.ndim == 3 else hdu.data[None]
            yield image, [hdu.header[f"MAGZP{b + 1}"] for b in range(len(image))], line


def measure(lensfind, survey):
    told = tomllib.loads((SURVEYS / f"{survey}.toml").read_text())
    pixel, seeing = told["pixel_scale_arcsec"], told["seeing_fwhm_arcsec"]
    beta = told.get("band_moffat_beta", [told.get("moffat_beta")] * len(seeing))
    sigmas, diameter, published = PUBLISHED.get(survey, (5, None, []))
    with tempfile.TemporaryDirectory() as folder:
        cutouts = list(empty_sky(lensfind, survey, folder))
    for b, fwhm in enumerate(seeing):
        template = star(fwhm / pixel, beta[b])
        zero_point = cutouts[0][1][b]
        point = zero_point - 2.5 * math.log10(5 * np.std([f for image, *_ in cutouts for f in sums(image[b], template / (template**2).sum())]))
        rms = np.median([np.std(image[b]) / float(line[f"background_rms_{told['bands'][b]}"]) for image, _, line in cutouts])
        stated = told["depth_5sigma"][b] if "depth_5sigma" in told else published[b]
        meant, alike = "", ""
        if b < len(published):
            where = f"in {diameter} arcsec" if diameter else "of a point source"
            meant = f"{published[b]:.2f}, {sigmas} sigma {where}"
            depth = point if not diameter else zero_point - 2.5 * math.log10(
                sigmas * np.std([f for image, *_ in cutouts for f in sums(image[b], aperture(diameter / pixel))]))
            alike = f"{depth:.2f}"
        print(f"| {survey} | {told['bands'][b]} | {stated:.2f} | {point:.2f} | {meant} | {alike} | {rms:.3f} |", flush=True)


print("| survey | band | stated: 5 sigma of a point source | measured | published | measured as published | rms of the sky over truth.csv's |")
print("|---|---|---|---|---|---|---|")
for name in sys.argv[2:] or sorted(path.stem for path in SURVEYS.glob("*.toml")):
    measure(sys.argv[1], name)
