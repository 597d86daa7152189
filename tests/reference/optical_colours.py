"""Observed colours of the population's tables where they are not of docs/surveys.md's older sources: late types below z = 0.5, early types beyond 1.

    pip install desc-bpz numpy && python tests/reference/optical_colours.py

Spectra of Benitez et al. (2004) as desc-bpz holds them: Coleman, Wu & Weedman (1980) El, Im and Scd, Kinney et al. (1996) SB2 and SB3, of which starbursts
are the mean; LSST's g, r, i, z of the same package; NISP's Y, J, H as top hats (Schirmer et al. 2022). No absorption between galaxies: it begins beyond z = 2.
"""
import importlib.util
import math
import pathlib

import numpy as np

FOLDER = pathlib.Path(importlib.util.find_spec("desc_bpz").submodule_search_locations[0], "data_files")
read = lambda name: np.loadtxt(FOLDER / name).T[:2]
hat = lambda low, high: (np.linspace(low, high, 400), np.ones(400))
BANDS = {b: read(f"FILTER/DC2LSST_{b}.res") for b in "griz"} | {"Y": hat(9500, 12120), "J": hat(11680, 15670), "H": hat(15220, 20210)}


def ab(kind, z, band):
    wave, through = BANDS[band]
    rest = np.linspace(wave[0], wave[-1], 4000)
    t = np.interp(rest, wave, through)
    f = np.interp(rest / (1 + z), *read(f"SED/{kind}_B2004a.sed"))
    return -2.5 * math.log10(np.sum(f * t * rest) / np.sum(t / rest))


for name, kinds, at in (("starburst", ("SB2", "SB3"), (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)), ("irregular", ("Im",), (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)),
                        ("scd", ("Scd",), (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)), ("early", ("El",), (0.5, 1, 1.2, 1.5, 2))):
    for a, b in ("gr", "ri", "iz", "zY", "YJ", "JH"):
        print(name, f"{a}-{b}", [round(sum(ab(k, z, a) - ab(k, z, b) for k in kinds) / len(kinds), 2) for z in at])
