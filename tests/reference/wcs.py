"""Positions of pixels by astropy for src/lensfind/sky/sky_test.cpp, whose headers are these.   python wcs.py   (numpy astropy==8.0.2)"""
from astropy.io import fits
from astropy.wcs import WCS
from astropy.wcs.utils import pixel_to_skycoord

rotated = {"NAXIS": 2, "NAXIS1": 440, "NAXIS2": 440, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 215.5, "CRVAL2": 52.75, "CRPIX1": 210.5,
           "CRPIX2": 225.25, "CD1_1": -4.9e-5, "CD1_2": 1.6e-5, "CD2_1": 1.6e-5, "CD2_2": 4.9e-5}
# The old spelling of a PC matrix, and FK5 of 1950.
old = {"NAXIS": 2, "NAXIS1": 120, "NAXIS2": 120, "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN", "CRVAL1": 318.2, "CRVAL2": -1.3, "CRPIX1": 60.5,
       "CRPIX2": 61.0, "CDELT1": 6.94e-5, "CDELT2": 6.94e-5, "PC001001": -0.9961946980917455, "PC001002": 0.08715574274765817,
       "PC002001": 0.08715574274765817, "PC002002": 0.9961946980917455, "RADESYS": "FK5", "EQUINOX": 1950.0}
for name, cards, pixel in (("rotated", rotated, (100.25, 300.75)), ("old", old, (12.5, 101.75))):
    wcs = WCS(fits.Header(cards))
    position = pixel_to_skycoord(*pixel, wcs).icrs
    print(name, repr(float(position.ra.deg)), repr(float(position.dec.deg)), [float(v.to_value("arcsec")) for v in wcs.proj_plane_pixel_scales()])
