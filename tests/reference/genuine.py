"""Makes genuine.json: numbers measured on genuine images and forecasts, which are not part of the project.

    python genuine.py FOLDER        (Python 3.11; numpy scipy astropy==8.0.2)

FOLDER holds
  euclid-q1/*.fits      one object of Euclid Q1: image, PSF and rms plane of DES g, r, VIS, DES i, z, NISP Y, J, H
  des-galaxies/lens/    galaxies of DES, three planes each
  cfhtls-field/         CFHTLS-test_BAND.fits, a field of CFHTLS W3
  ps1-lenses/           NAME/NAME_BAND.fits, Pan-STARRS1 stacks of known lenses
  lenspop/              LensPop's forecasts (Collett 2015): lenses_LSSTa.txt, lenses_DESa.txt, lenses_Euclid.txt
src/lensfind/simulate/genuine_planes_test.cpp and forecast_test.cpp hold the simulations against these numbers.

A sky's std is of the pixels within 3 stds of the median (1.4826 times the median absolute difference); next and after are the correlations of
pixels one and two apart in x. Forecasts: medians over all lenses of a table.

Blank pieces: where none of the bands, smoothed, stands out, and three pixels farther: std of a pixel, correlations of pixels 1 to 4 apart (mean of x and
y), and the std of sums over 4 x 4 pixels, divided by 4: that of white noise which has been resampled.
"""
import json
import pathlib
import sys

import numpy as np
from astropy.io import fits
from scipy.ndimage import binary_dilation, gaussian_filter, uniform_filter

folder = pathlib.Path(sys.argv[1])


def sky(image):
    image = np.asarray(image, dtype=np.float64)
    middle = np.nanmedian(image)
    clip = 3 * 1.4826 * np.nanmedian(np.abs(image - middle))
    centred = np.where(np.abs(image - middle) < clip, image - middle, np.nan)
    products = [np.nanmean(centred[:, : image.shape[1] - shift] * centred[:, shift:]) for shift in range(3)]
    return {"std": np.sqrt(products[0]), "next": products[1] / products[0], "after": products[2] / products[0]}


def centre(image):
    middle = np.nanmedian(image)
    rms = 1.4826 * np.nanmedian(np.abs(image - middle))
    for _ in range(4):
        near = image[np.abs(image - middle) < 3 * rms]
        middle, rms = np.median(near), near.std() / 0.9866
    return middle, rms


def blank(bands, smoothed=1.5):
    objects = np.zeros(bands[0].shape, bool)
    for band in bands:
        smooth = gaussian_filter(band, smoothed)
        middle, rms = centre(smooth)
        objects |= smooth - middle > 2.5 * rms
    return ~binary_dilation(objects, iterations=3)


def blank_noise(image, free):
    away = np.where(free, image - np.median(image[free]), np.nan)
    variance = np.nanmean(away**2)
    lags = [(np.nanmean(away[:, k:] * away[:, :-k]) + np.nanmean(away[k:] * away[:-k])) / 2 / variance for k in (1, 2, 3, 4)]
    sums, whole = uniform_filter(np.nan_to_num(away), 4, mode="constant") * 4, uniform_filter(free.astype(float), 4, mode="constant") > 1 - 1e-6
    inner = np.zeros_like(whole)
    inner[3:-3, 3:-3] = True
    return {"std": np.sqrt(variance), "level": np.median(image[free]) / np.sqrt(variance), "lags": lags, "sums": sums[whole & inner].std()}


def blank_medians(fields):
    """Of fields of the same bands: a list of bands, medians over the fields."""
    measured = [[blank_noise(band, free) for band in bands] for bands in fields for free in [blank(bands)]]
    of = lambda b, key: np.median([m[b][key] for m in measured], 0)
    return [{"std": of(b, "std"), "level": of(b, "level"), "lags": list(of(b, "lags")), "sums": of(b, "sums")} for b in range(len(measured[0]))]


def galaxy_colours(bands):
    """Of the galaxy in the middle, within 6 pixels, about the level of blank pieces."""
    y, x = np.mgrid[: bands[0].shape[0], : bands[0].shape[1]]
    within = np.hypot(y - (bands[0].shape[0] - 1) / 2, x - (bands[0].shape[1] - 1) / 2) < 6
    free = blank(bands)
    magnitudes = [-2.5 * np.log10((band - np.median(band[free]))[within].sum()) for band in bands]
    return list(-np.diff(magnitudes))


def planes(path):
    return [hdu for hdu in fits.open(path) if hdu.is_image and hdu.data is not None]


def euclid():
    hdus = planes(next((folder / "euclid-q1").glob("*.fits")))
    rms = [float(np.nanmedian(hdu.data)) for hdu in hdus[2::3]]
    return {"zero_point": [24.6, 29.8, 30, 29.9], "rms": [rms[i] for i in (2, 5, 6, 7)], "des_pixel_scale": 0.1, "des_rms": [rms[i] for i in (0, 1, 3)],
            "vis_sky": sky(hdus[6].data), "blank": blank_medians([[hdus[3 * i].data.astype(float) for i in (2, 5, 6, 7)]])}


def des():
    fields = [[hdu.data.astype(float) for hdu in planes(path)] for path in sorted((folder / "des-galaxies/lens").glob("*"))]
    return {"next": float(np.median([sky(band)["next"] for bands in fields for band in bands])), "blank": blank_medians(fields),
            "colours": [galaxy_colours(bands) for bands in fields]}


def cfhtls():
    bands = [planes(folder / "cfhtls-field" / f"CFHTLS-test_{band}.fits")[0].data.astype(float) for band in "gri"]
    return [sky(band) | {"blank": noise} for band, noise in zip(bands, blank_medians([bands]))]


def ps1():
    """Stacks are sums of counts, of zero point 25 + 2.5 log10(EXPTIME): stds in units of zero point 25, a second."""
    out = []
    fields = [[np.nan_to_num(planes(path / f"{path.name}_{band}.fits")[0].data.astype(float)) for band in "gri"]
              for path in sorted((folder / "ps1-lenses").iterdir()) if path.is_dir()]
    for band, noise in zip("gri", blank_medians(fields)):
        measured = []
        for path in sorted((folder / "ps1-lenses").glob(f"*/*_{band}.fits")):
            hdu = planes(path)[0]
            measured.append((sky(hdu.data), fits.getval(path, "EXPTIME")))
        out.append({"stacks": len(measured), "std_a_second": float(np.median([s["std"] / seconds for s, seconds in measured])),
                    "next": float(np.median([s["next"] for s, _ in measured])), "lags": noise["lags"], "sums_over_std": noise["sums"] / noise["std"]})
    return out


def forecast(name, source_magnitude):
    table = np.loadtxt(folder / "lenspop" / name)
    column = {"deflector_z": 0, "source_z": 1, "sigma_km_s": 3, "source_magnitude": source_magnitude}
    return {"lenses": len(table)} | {key: float(np.median(table[:, index])) for key, index in column.items()}


out = {"euclid": euclid(), "des": des(), "cfhtls": cfhtls(), "ps1": ps1(),
       "lenspop": {"lsst10": forecast("lenses_LSSTa.txt", 16), "des": forecast("lenses_DESa.txt", 16), "euclid": forecast("lenses_Euclid.txt", 12)}}
text = json.dumps(out, indent=1, default=float)
pathlib.Path(__file__).with_suffix(".json").write_text(text + "\n")
