"""Magnitudes and sizes of galaxies without scatter, by astropy: the numbers of galaxy_sample_test.cpp.

    python3 -m venv venv && venv/bin/pip install astropy scipy && venv/bin/python tests/reference/galaxies.py
"""
from math import log10

from astropy.cosmology import FlatLambdaCDM

cosmology = FlatLambdaCDM(H0=70, Om0=0.3)


def arcsec(kpc, z):
    return kpc * cosmology.arcsec_per_kpc_proper(z).value


def early(sigma, z, m_star):
    """The means of docs/surveys.md: M_r of L ~ sigma^3.9 and R_e (Bernardi et al. 2003); m_star: i magnitude of L*, from its table."""
    absolute_r = -22.0 - 9.8 * log10(sigma / 200)
    return m_star + absolute_r + 21.8, arcsec(3.8 * (sigma / 200) ** 1.29 * (1 + z) ** -0.6, z)


def late(i, z):
    """van der Wel et al. (2014); mass from light with the ratio of 4e9 solar masses at M = -19.8."""
    absolute = i - cosmology.distmod(z).value + 2.5 * log10(1 + z)
    mass = 4e9 * 10 ** (-0.4 * (absolute + 19.8))
    return arcsec(8.9 * (1 + z) ** -0.75 * (mass / 5e10) ** 0.22, z)


for sigma, z, m_star in ((250, 0.5, 20.10), (150, 0.2, 17.80)):
    print(f"early type, {sigma} km/s, z = {z}: i = {early(sigma, z, m_star)[0]:.6f}, R_e = {early(sigma, z, m_star)[1]:.6f} arcsec")
for i, z in ((24, 1), (22, 2)):
    print(f"late type, i = {i}, z = {z}: R_e = {late(i, z):.6f} arcsec along the major axis")
