"""The population's near-infrared colour tables (z-Y, Y-J, J-H, AB), from spectra of galaxies; prints TOML-like lists and, as a check of spectra and
method, optical colours beside the population's own tables.

    near_infrared_colours.py FOLDER      (FOLDER: the files of stellarpop/templates and stellarpop/filters of github.com/tcollett/LensPop)

Early types: Bruzual & Charlot (2003), solar metallicity, one burst at z = 3 that ages passively (flat LambdaCDM, H0 70, Om .3).
Late types: Kinney et al. (1996)
starburst, Coleman, Wu & Weedman (1980) irregular and Scd, extended to the infrared as in Hyperz (Bolzonella et al. 2000).
NISP's passbands as top hats: 950-1212, 1168-1567, 1522-2021 nm (Schirmer et al. 2022).
"""
import glob
import math
import pathlib
import re
import sys
import numpy as np

FOLDER = pathlib.Path(sys.argv[1])
read = lambda name: np.loadtxt(FOLDER / name).T[:2]
hat = lambda low, high: (np.linspace(low, high, 400), np.ones(400))
BANDS = {b: read(f"{b}_SDSS.res") for b in "griz"} | {"Y": hat(9500, 12120), "J": hat(11680, 15670), "H": hat(15220, 20210)}


def ab(spectrum, z, band):
    wave, through = BANDS[band]
    rest = np.linspace(wave[0], wave[-1], 4000)
    t = np.interp(rest, wave, through)
    if rest[-1] / (1 + z) > spectrum[0][-1]:
        return math.nan
    f = np.interp(rest / (1 + z), *spectrum)
    return -2.5 * math.log10(np.sum(f * t * rest) / np.sum(t / rest))


def age(z):
    a = np.linspace(1e-6, 1 / (1 + z), 20000)
    return np.trapezoid(1 / (a * np.sqrt(0.3 / a**3 + 0.7)), a) * 13.968  # Gyr: 1 / H0


AGES = {float(re.search(r"age=([\d.]+)gyr", f)[1]): np.loadtxt(f).T[:2] for f in glob.glob(str(FOLDER / "BC_Z=1.0_age=*"))}


def passive(z):
    t = age(z) - age(3)
    older = min(a for a in AGES if a >= t)
    younger = max(a for a in AGES if a <= t)
    w = 0 if older == younger else (t - younger) / (older - younger)
    wave = AGES[older][0]
    return wave, (1 - w) * np.interp(wave, *AGES[younger]) + w * AGES[older][1]


def table(name, at, spectrum):
    print(name)
    for a, b in ("gr", "ri", "iz", "zY", "YJ", "JH"):
        print(f"  {a}-{b} = [" + ", ".join(f"{ab(spectrum(z), z, a) - ab(spectrum(z), z, b):.2f}" for z in at) + "]")


table("early", [k / 10 for k in range(1, 11)], passive)
LATE = [0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4]
for name, file in {"starburst SB3": "SB3_kin.sed", "starburst SB2": "SB2_kin.sed", "irregular": "CWW_Im_ext.sed", "Scd": "CWW_Scd_ext.sed"}.items():
    table(name, LATE, lambda z, file=file: read(file))
