"""Makes fits/ and cutouts/: small files as astropy and numpy write them, and in files.json what they read from them.

    python files.py        (Python 3.11; numpy==2.4.6 astropy==8.0.2)

fits/      counts.fits.gz: int16 with BSCALE, BZERO and BLANK; bands.fits: a float32 HDU a band; wide.fits: float64; rice.fits.fz: float32, quantised
           and compressed with RICE_1 in tiles of rows
cutouts/   train_lenses/ and train_nonlenses/, each with three .npy of (3, 24, 24) float32, every band scaled to [0, 1]: a galaxy of each its own
           colour and size, with noise; the lenses' galaxies are brighter
"""
import json
import pathlib
import warnings

import numpy as np
from astropy.io import fits

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
warnings.simplefilter("ignore")


def galaxy(height, width, peak, radius):
    row, column = np.mgrid[:height, :width].astype(np.float64)
    distance = np.hypot(row - (height - 1) / 2, column - (width - 1) / 2)
    return peak * np.exp(-distance / radius) + random.normal(0, 1, (height, width))


def read(path):
    with fits.open(path) as file:
        planes = [np.asarray(hdu.data, dtype=np.float64) for hdu in file if hdu.is_image and hdu.data is not None]
    planes = np.array(planes).astype(np.float32)  # lensfind's pixels
    return {"shape": list(planes.shape), "pixels": [float(plane[10, 20]) for plane in planes],
            "sums": [float(np.nansum(plane, dtype=np.float64)) for plane in planes], "missing": int(np.isnan(planes).sum())}


def write_fits():
    folder = HERE / "fits"
    folder.mkdir(exist_ok=True)
    counts = fits.PrimaryHDU(np.round(galaxy(24, 32, 900, 4) * 8).astype(np.int16))
    counts.data[3, 5] = -32768
    counts.header.update(BLANK=-32768, BSCALE=0.125, BZERO=100.0)
    counts.writeto(folder / "counts.fits.gz", overwrite=True)
    # BSCALE and BZERO were put into the header of raw integers: astropy applies them when it reads.
    bands = [fits.ImageHDU(galaxy(24, 32, peak, 5).astype(np.float32), name=name) for name, peak in (("G", 30), ("R", 60), ("I", 90))]
    fits.HDUList([fits.PrimaryHDU(), *bands]).writeto(folder / "bands.fits", overwrite=True)
    fits.PrimaryHDU(galaxy(24, 32, 50, 6)).writeto(folder / "wide.fits", overwrite=True)
    rice = fits.CompImageHDU(galaxy(24, 32, 50, 6).astype(np.float32), compression_type="RICE_1", quantize_level=16)
    fits.HDUList([fits.PrimaryHDU(), rice]).writeto(folder / "rice.fits.fz", overwrite=True)
    return {path.name: read(path) for path in sorted(folder.iterdir())}


def write_cutouts():
    images = []
    for name, peak in (("train_lenses", 60), ("train_nonlenses", 15)):
        (HERE / "cutouts" / name).mkdir(parents=True, exist_ok=True)
        for k in range(1, 4):
            colour, radius = random.uniform(0.5, 1.5, 3), random.uniform(2, 4)
            image = np.array([galaxy(24, 24, peak * c, radius) for c in colour]).astype(np.float32)
            image -= image.min((1, 2), keepdims=True)
            image /= image.max((1, 2), keepdims=True)
            np.save(HERE / "cutouts" / name / f"{k}.npy", image)
            images.append(np.load(HERE / "cutouts" / name / f"{k}.npy").astype(np.float64))
    stack = np.array(images)
    return {"mean": stack.mean((0, 2, 3)).tolist(), "std": stack.std((0, 2, 3)).tolist()}


if __name__ == "__main__":
    (HERE / "files.json").write_text(json.dumps({"fits": write_fits(), "cutouts": write_cutouts()}, indent=1) + "\n")
