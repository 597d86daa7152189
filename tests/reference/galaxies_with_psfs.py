"""Makes des/galaxy and des/galaxyPSF: galaxies of DES as GalSim draws them, with their PSFs, for src/lensfind/inject/paint_test.cpp.

    python galaxies_with_psfs.py        (Python 3.11; galsim==2.8.5 astropy==8.0.2 numpy)

DES_<n>.fits: g, r, i, an HDU a band, 50 x 50 pixels of 0.263 arcsec, zero point 30: an elliptical of i = 18.5 to 19 with noise of the survey's depth.
DES_PSF<n>.fits: Moffat PSFs of 25 x 25 pixels in g, 23 x 23 in r and i, with the pixel in them, sum 1.
"""
import pathlib

import galsim
import numpy as np
from astropy.io import fits

HERE = pathlib.Path(__file__).parent / "des"
SCALE, BANDS = 0.263, "gri"
SEEING, COLOUR, SIDE, NOISE = (1.11, 0.95, 0.88), (2.6, 0.8, 0.0), (25, 23, 23), (2.2, 2.9, 4.6)

random = np.random.default_rng(5)
for folder in ("galaxy", "galaxyPSF"):
    (HERE / folder).mkdir(parents=True, exist_ok=True)
for number in (101, 102):
    i_magnitude, radius, q, angle = random.uniform(18.5, 19), random.uniform(0.8, 1.4), random.uniform(0.6, 0.95), random.uniform(0, np.pi)
    images, psfs = [], []
    for band, seeing, colour, side, noise in zip(BANDS, SEEING, COLOUR, SIDE, NOISE, strict=True):
        psf = galsim.Moffat(beta=3.5, fwhm=seeing)
        galaxy = galsim.Sersic(4, half_light_radius=radius, flux=10 ** (0.4 * (30 - i_magnitude - colour)), trunc=8 * radius)
        seen = galsim.Convolve(galaxy.shear(q=q, beta=angle * galsim.radians), psf)
        pixels = seen.drawImage(galsim.ImageF(50, 50, scale=SCALE)).array + random.normal(0, noise, (50, 50))
        kernel = psf.drawImage(galsim.ImageD(side, side, scale=SCALE)).array
        header = fits.Header({"BAND": band, "MAGZERO": 30.0, "EXPTIME": 900.0, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 50.0, "CRVAL2": -20.0,
                              "CRPIX1": 25.5, "CRPIX2": 25.5, "CD1_1": -SCALE / 3600, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": SCALE / 3600})
        images.append((fits.PrimaryHDU if not images else fits.ImageHDU)(pixels.astype(np.float32), header))
        psfs.append((fits.PrimaryHDU if not psfs else fits.ImageHDU)((kernel / kernel.sum()).astype(np.float32)))
    fits.HDUList(images).writeto(HERE / "galaxy" / f"DES_{number}.fits", overwrite=True)
    fits.HDUList(psfs).writeto(HERE / "galaxyPSF" / f"DES_PSF{number}.fits", overwrite=True)
