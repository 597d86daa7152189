"""Early types' colours in each survey's own bands, for surveys/*.toml; makes red_sequences.json.

    pip install desc-bpz speclite astro-sedpy numpy astropy && python tests/reference/red_sequences.py

The population's table of g-r and i-z is of SDSS (Rykoff et al. 2014). What an elliptical's spectrum (Coleman et al. 1980, as Benitez et al. 2004 have it,
of desc-bpz) has in a survey's passbands less than in SDSS's is added; r-i is that spectrum's. Passbands with air and detectors as speclite has them
(DECam, HSC with r2 and i2, LSST of 2023, Pan-STARRS1) and astro-sedpy (MegaCam's g.MP9401, r.MP9601, i.MP9701).
"""
import importlib.util
import json
import pathlib

import numpy as np
from astropy.table import Table

folder = lambda package: pathlib.Path(importlib.util.find_spec(package).submodule_search_locations[0])
Z = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0]
TABLE = {"g_r": [0.98, 1.27, 1.52, 1.68, 1.63, 1.60, 1.74, 1.97, 2.32, 2.15, 1.91, 1.19, 0.82],
         "i_z": [0.29, 0.31, 0.28, 0.34, 0.40, 0.44, 0.46, 0.63, 0.85, 0.91, 0.72, 0.81, 1.40]}
SPECTRUM = np.loadtxt(folder("desc_bpz") / "data_files/SED/El_B2004a.sed").T[:2]


def speclite(name):
    table = Table.read(folder("speclite") / f"data/filters/{name}.ecsv", format="ascii.ecsv")
    wave = table[table.colnames[0]].quantity.to_value("Angstrom")
    return wave, np.asarray(table[table.colnames[1]], float)


def sedpy(name):
    return np.loadtxt(folder("sedpy") / f"data/filters/{name}.par").T[:2]


BANDS = {
    "sdss": {b: speclite(f"sdss2010-{b}") for b in "griz"},
    "cfhtls": {b: sedpy(f"cfht_megacam_{name}") for b, name in {"g": "gs_9401", "r": "rs_9601", "i": "is_9701", "z": "zs_9801"}.items()},
    "decam": {b: speclite(f"decamDR1-{b}") for b in "griz"},
    "hsc": {b: speclite(f"hsc2017-{name}") for b, name in {"g": "g", "r": "r2", "i": "i2", "z": "z"}.items()},
    "lsst": {b: speclite(f"lsst2023-{b}") for b in "griz"},
    "ps1": {b: speclite(f"panstarrs-{b}") for b in "griz"},
}


def ab(survey, band, z):
    wave, through = BANDS[survey][band]
    at = np.linspace(wave[0], wave[-1], 4000)
    t = np.interp(at, wave, through)
    return -2.5 * np.log10(np.sum(np.interp(at / (1 + z), *SPECTRUM) * t * at) / np.sum(t / at))


def colour(survey, a, b):
    return np.array([ab(survey, a, z) - ab(survey, b, z) for z in Z])


out = {}
for survey in BANDS:
    if survey == "sdss":
        continue
    out[survey] = {f"{a}_{b}": (np.array(TABLE[f"{a}_{b}"]) + colour(survey, a, b) - colour("sdss", a, b)).round(2).tolist() for a, b in ("gr", "iz")}
    out[survey]["r_i"] = colour(survey, "r", "i").round(2).tolist()
    print(survey, *(f"early_{key} = {out[survey][key]}" for key in ("g_r", "r_i", "i_z")), sep="\n")
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(out, indent=1) + "\n")
