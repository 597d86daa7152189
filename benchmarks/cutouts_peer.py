"""Makes the files that lensfind_cutouts_benchmark reads, or reads them as astropy does.

cutouts_peer.py make FOLDER | cutouts_peer.py measure FOLDER
"""
import json
import pathlib
import sys
import time

import numpy as np
from astropy import units
from astropy.coordinates import SkyCoord
from astropy.io import fits
from astropy.nddata import Cutout2D
from astropy.table import Table
from astropy.wcs import WCS

BANDS, FILES, OBJECTS = "gri", 2000, 100_000


def wcs(size):
    header = WCS(naxis=2)
    header.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    header.wcs.crval = [150, 2]
    header.wcs.crpix = [(size + 1) / 2] * 2
    header.wcs.cd = np.array([[-1, 0], [0, 1]]) * 0.2 / 3600
    return header


def make(folder):
    random = np.random.default_rng(1)
    for name in ("field", "cubes", "hdus", "files"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    world, size = wcs(4000), 4000
    for band in BANDS:
        fits.writeto(folder / "field" / f"tile_{band}.fits", random.normal(size=(size, size)).astype("f4"), world.to_header(), overwrite=True)
    places = random.uniform(40, size - 40, (OBJECTS, 2))
    sky = world.pixel_to_world(*places.T)
    Table({"id": np.arange(OBJECTS), "ra": sky.ra.deg, "dec": sky.dec.deg}).write(folder / "catalogue.csv", overwrite=True)
    small = wcs(64).to_header()
    for i in range(FILES):
        pixels = random.normal(size=(3, 64, 64)).astype("f4")
        fits.writeto(folder / "cubes" / f"{i}.fits", pixels, small, overwrite=True)
        fits.HDUList([fits.PrimaryHDU(), *(fits.ImageHDU(p, small, name=b) for p, b in zip(pixels, BANDS))]).writeto(
            folder / "hdus" / f"{i}.fits", overwrite=True)
        for p, b in zip(pixels, BANDS):
            fits.writeto(folder / "files" / f"{i}_{b}.fits", p, small, overwrite=True)


def rate(what, count, read):
    begin = time.perf_counter()
    for i in range(count):
        read(i)
    print(json.dumps({"what": what, "cutouts": count, "per_second": round(count / (time.perf_counter() - begin))}), flush=True)


def measure(folder):
    world = WCS(fits.getheader(folder / "field" / "tile_g.fits"))
    field = [fits.getdata(folder / "field" / f"tile_{b}.fits") for b in BANDS]
    table = Table.read(folder / "catalogue.csv")[:1000]
    sky = SkyCoord(table["ra"] * units.deg, table["dec"] * units.deg)
    rate("cut from a field", len(sky), lambda i: np.stack([Cutout2D(f, sky[i], 64, world, mode="partial").data for f in field]))
    rate("cubes", 500, lambda i: fits.getdata(folder / "cubes" / f"{i}.fits"))

    def hdus(i):
        with fits.open(folder / "hdus" / f"{i}.fits") as file:
            return np.stack([hdu.data for hdu in file[1:]])

    rate("an HDU a band", 500, hdus)
    rate("a file a band", 500, lambda i: np.stack([fits.getdata(folder / "files" / f"{i}_{b}.fits") for b in BANDS]))


if __name__ == "__main__":
    {"make": make, "measure": measure}[sys.argv[1]](pathlib.Path(sys.argv[2]))
