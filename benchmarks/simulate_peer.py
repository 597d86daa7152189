"""The scene of simulate.cpp with lenstronomy 1.14.2, supersampling 3, as its documentation renders mock images."""
import time

import numpy as np
from lenstronomy.Data.imaging_data import ImageData
from lenstronomy.Data.psf import PSF
from lenstronomy.ImSim.image_model import ImageModel
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LightModel.light_model import LightModel
import lenstronomy.Util.param_util as param

SCALE, SIZE = .168, 64


def ellipticity(q, phi):
    return dict(zip(("e1", "e2"), param.phi_q2_ellipticity(phi, q)))


def sersic(amp, radius, n, q, phi, x=0., y=0.):
    return [dict(amp=amp, R_sersic=radius, n_sersic=n, center_x=x, center_y=y, **ellipticity(q, phi))]


lens = [dict(theta_E=1.4, center_x=0., center_y=0., **ellipticity(.7, .4)), dict(gamma1=.03, gamma2=.02, ra_0=0., dec_0=0.)]


def moffat(fwhm, beta=3, pixels=25):
    alpha = fwhm / 2 / np.sqrt(2 ** (1 / beta) - 1) / SCALE
    y, x = np.mgrid[:pixels, :pixels] - pixels // 2
    kernel = (1 + (x ** 2 + y ** 2) / alpha ** 2) ** -beta
    return kernel / kernel.sum()


def models(make_psf):
    out = []
    for fwhm in (.79, .75, .61):
        half = SIZE / 2 - .5
        data = ImageData(image_data=np.zeros((SIZE, SIZE)), ra_at_xy_0=-half * SCALE, dec_at_xy_0=-half * SCALE, transform_pix2angle=np.eye(2) * SCALE)
        out.append(ImageModel(data, make_psf(fwhm), lens_model_class=LensModel(["SIE", "SHEAR"]), source_model_class=LightModel(["SERSIC_ELLIPSE"]),
                              lens_light_model_class=LightModel(["SERSIC_ELLIPSE"]), kwargs_numerics=dict(supersampling_factor=3)))
    return out


def measure(name, make_psf):
    bands, random, best = models(make_psf), np.random.default_rng(1), 1e9
    for _ in range(3):
        start = time.process_time()
        for _ in range(10):
            for model, source, light in zip(bands, (12., 15., 18.), (4., 12., 20.)):
                image = model.image(lens, sersic(source, .2, 1., .7, 1., .15, .1), sersic(light, .9, 4., .75, .4))
                image = image + random.normal(0, .05, image.shape) + random.poisson(np.maximum(image, 0) * 2000) / 2000 - image
        best = min(best, (time.process_time() - start) / 10)
    print(f"lenstronomy {name:<13} {1e3 * best:.3f} ms a cutout", flush=True)


measure("gaussian", lambda fwhm: PSF(psf_type="GAUSSIAN", fwhm=fwhm, pixel_size=SCALE))
measure("moffat 25x25", lambda fwhm: PSF(psf_type="PIXEL", kernel_point_source=moffat(fwhm)))
