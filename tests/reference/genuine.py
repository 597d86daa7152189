"""Makes genuine.json: numbers measured on genuine images and forecasts, which are not part of the project.

    python genuine.py FOLDER        (Python 3.11; numpy astropy==8.0.2)

FOLDER holds
  euclid-q1/*.fits      one object of Euclid Q1: image, PSF and rms plane of DES g, r, VIS, DES i, z, NISP Y, J, H
  des-galaxies/lens/    galaxies of DES, three planes each
  cfhtls-field/         CFHTLS-test_BAND.fits, a field of CFHTLS W3
  ps1-lenses/           NAME/NAME_BAND.fits, Pan-STARRS1 stacks of known lenses
  lenspop/              LensPop's forecasts (Collett 2015): lenses_LSSTa.txt, lenses_DESa.txt, lenses_Euclid.txt
src/lensfind/simulate/genuine_planes_test.cpp and forecast_test.cpp hold the simulations against these numbers.

A sky's std is of the pixels within 3 stds of the median (1.4826 times the median absolute difference); next and after are the correlations of
pixels one and two apart in x. Forecasts: medians over all lenses of a table.
"""
import json
import pathlib
import sys

import numpy as np
from astropy.io import fits

folder = pathlib.Path(sys.argv[1])


def sky(image):
    image = np.asarray(image, dtype=np.float64)
    middle = np.nanmedian(image)
    clip = 3 * 1.4826 * np.nanmedian(np.abs(image - middle))
    centred = np.where(np.abs(image - middle) < clip, image - middle, np.nan)
    products = [np.nanmean(centred[:, : image.shape[1] - shift] * centred[:, shift:]) for shift in range(3)]
    return {"std": np.sqrt(products[0]), "next": products[1] / products[0], "after": products[2] / products[0]}


def planes(path):
    return [hdu for hdu in fits.open(path) if hdu.is_image and hdu.data is not None]


def euclid():
    hdus = planes(next((folder / "euclid-q1").glob("*.fits")))
    rms = [float(np.nanmedian(hdu.data)) for hdu in hdus[2::3]]
    return {"zero_point": [24.6, 29.8, 30, 29.9], "rms": [rms[i] for i in (2, 5, 6, 7)], "des_pixel_scale": 0.1, "des_rms": [rms[i] for i in (0, 1, 3)],
            "vis_sky": sky(hdus[6].data)}


def des():
    return {"next": float(np.median([sky(hdu.data)["next"] for path in sorted((folder / "des-galaxies/lens").glob("*")) for hdu in planes(path)]))}


def cfhtls():
    return [sky(planes(folder / "cfhtls-field" / f"CFHTLS-test_{band}.fits")[0].data) for band in "gri"]


def ps1():
    """Stacks are sums of counts, of zero point 25 + 2.5 log10(EXPTIME): stds in units of zero point 25, a second."""
    out = []
    for band in "gri":
        measured = []
        for path in sorted((folder / "ps1-lenses").glob(f"*/*_{band}.fits")):
            hdu = planes(path)[0]
            measured.append((sky(hdu.data), fits.getval(path, "EXPTIME")))
        out.append({"stacks": len(measured), "std_a_second": float(np.median([s["std"] / seconds for s, seconds in measured])),
                    "next": float(np.median([s["next"] for s, _ in measured]))})
    return out


def forecast(name, source_magnitude):
    table = np.loadtxt(folder / "lenspop" / name)
    column = {"deflector_z": 0, "source_z": 1, "sigma_km_s": 3, "source_magnitude": source_magnitude}
    return {"lenses": len(table)} | {key: float(np.median(table[:, index])) for key, index in column.items()}


out = {"euclid": euclid(), "des": des(), "cfhtls": cfhtls(), "ps1": ps1(),
       "lenspop": {"lsst10": forecast("lenses_LSSTa.txt", 16), "des": forecast("lenses_DESa.txt", 16), "euclid": forecast("lenses_Euclid.txt", 12)}}
text = json.dumps(out, indent=1, default=float)
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
