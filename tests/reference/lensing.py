"""Makes lensing/*.json and lensing/images: what lenstronomy 1.14.2 computes for deflectors, Sersic profiles, scenes and noise.

    python lensing.py        (Python 3.11; lenstronomy==1.14.2 numpy scipy, and galsim==2.8.5 for a second opinion; about two minutes)

Angles are arcsec, position angles radians counter-clockwise from +x, of the major axis; q = minor / major. Pixel (row j, column i) of N x N has
its centre at ((i - (N - 1) / 2) s, (j - (N - 1) / 2) s), row 0 lowest, with s the pixel scale.

deflections.json   deflection, convergence and det A at 20 positions of each deflector. SIE and EPL: convergence (3 - gamma) / 2 *
                   (theta_E / sqrt(q u^2 + v^2 / q))^(gamma - 1); SHEAR about the origin. lenstronomy's SIE has a core of 1e-10 arcsec.
point_images.json  images of point sources with their signed magnifications, sorted by atan2(y, x)
sersic.json        brightness of profiles of flux 1. R_eff holds half the light (exact b_n) within the ellipse of mean radius sqrt(a b).
                   lenstronomy's b_n is 1.9992 n - 0.3271: it is given R_eff (b_lenstronomy / b_n)^n, which is the same profile.
images/            scenes without noise, float32, flux a pixel: brightness and ray shooting of lenstronomy at the centres of 15 x 15 cells a
                   pixel, cells split 3 x 3 until their mean changes by less than 2e-6 of the peak; 12 pixels more on each side, so
                   that light from outside comes in through the PSF. PSF "gaussian": applied to the cells, then pixels are formed. "pixel": the image
                   of pixels is convolved with the array, out(j, i) = sum k(m, n) in(j - m + h, i - n + h), h = (size - 1) / 2.
noise.json         background rms and 5 sigma depth (of the pixels' weighted sum under the PSF) of lenstronomy's SingleBand
"""
import json
import math
import pathlib

import numpy as np
from lenstronomy.LensModel.lens_model import LensModel
from lenstronomy.LensModel.Solver.lens_equation_solver import LensEquationSolver
from lenstronomy.LightModel.light_model import LightModel
from lenstronomy.SimulationAPI.observation_api import SingleBand
from scipy import ndimage, signal, special

HERE = pathlib.Path(__file__).parent / "lensing"
SIZE, PAD, CELLS = 48, 12, 15


def ellipticity(q, phi):
    return (1 - q) / (1 + q) * math.cos(2 * phi), (1 - q) / (1 + q) * math.sin(2 * phi)


def mass(model, theta_e=1.0, q=1.0, phi=0.0, gamma=2.0, x=0.0, y=0.0):
    entry = {"model": model, "theta_E": theta_e, "q": q, "phi": phi, "center_x": x, "center_y": y}
    return entry | {"gamma": gamma} if model == "EPL" else entry


def shear(gamma1, gamma2):
    return {"model": "SHEAR", "gamma1": gamma1, "gamma2": gamma2}


def unit_flux(radius, n, b):
    """Flux of exp(-b ((r / radius)^(1 / n) - 1))."""
    return 2 * math.pi * n * radius**2 * math.exp(b) * b ** (-2 * n) * math.gamma(2 * n)


def sersic(flux, radius, n, q=1.0, phi=0.0, x=0.0, y=0.0):
    b = float(special.gammaincinv(2 * n, 0.5))
    return {"model": "SERSIC", "total_flux": flux, "R_eff": radius, "n": n, "q": q, "phi": phi, "center_x": x, "center_y": y, "b_n": b,
            "I_eff": flux / unit_flux(radius, n, b)}


def lens_model(entries):
    arguments = []
    for entry in entries:
        if entry["model"] == "SHEAR":
            arguments.append({"gamma1": entry["gamma1"], "gamma2": entry["gamma2"], "ra_0": 0, "dec_0": 0})
            continue
        e1, e2 = ellipticity(entry["q"], entry["phi"])
        arguments.append({key: entry[key] for key in ("theta_E", "center_x", "center_y", "gamma") if key in entry} | {"e1": e1, "e2": e2})
    return LensModel([entry["model"] for entry in entries]), arguments


def light_model(entries):
    arguments = []
    for entry in entries:
        e1, e2 = ellipticity(entry["q"], entry["phi"])
        b = 1.9992 * entry["n"] - 0.3271
        radius = entry["R_eff"] * (b / entry["b_n"]) ** entry["n"]
        arguments.append({"amp": entry["total_flux"] / unit_flux(radius, entry["n"], b), "R_sersic": radius, "n_sersic": entry["n"], "e1": e1,
                          "e2": e2, "center_x": entry["center_x"], "center_y": entry["center_y"]})
    return LightModel(["SERSIC_ELLIPSE"] * len(entries)), arguments


def numbers(array):
    return [float(value) for value in np.asarray(array)]


def deflections(name, entries, random, x=0.0, y=0.0):
    radius = np.concatenate([[1e-3, 1e-2, 15], 10 ** random.uniform(-1.2, 0.8, 17)])
    angle = random.uniform(0, 2 * math.pi, radius.size)
    x, y = x + radius * np.cos(angle), y + radius * np.sin(angle)
    model, arguments = lens_model(entries)
    alpha_x, alpha_y = model.alpha(x, y, arguments)
    xx, xy, _, yy = model.hessian(x, y, arguments)
    kappa, gamma1, gamma2 = (xx + yy) / 2 + 0 * x, (xx - yy) / 2, xy
    return {"name": name, "lens": entries, "x": numbers(x), "y": numbers(y), "alpha_x": numbers(alpha_x), "alpha_y": numbers(alpha_y),
            "kappa": numbers(kappa), "det_A": numbers((1 - kappa) ** 2 - gamma1**2 - gamma2**2)}


def point_images(name, entries, source_x, source_y):
    model, arguments = lens_model(entries)
    x, y = LensEquationSolver(model).image_position_from_source(source_x, source_y, arguments, min_distance=0.01, search_window=8,
                                                                precision_limit=1e-13, num_iter_max=400)
    magnification = model.magnification(x, y, arguments)
    kept = np.abs(magnification) > 1e-4  # an isothermal lens has no central image
    order = np.argsort(np.arctan2(y, x)[kept])
    x, y, magnification = (values[kept][order] for values in (x, y, magnification))
    return {"name": name, "lens": entries, "source_x": source_x, "source_y": source_y, "n_images": len(x), "x": numbers(x), "y": numbers(y),
            "magnification": numbers(magnification), "total_abs_magnification": float(np.abs(magnification).sum())}


def brightness_table(profile, random):
    radius = profile["R_eff"] * np.concatenate([[0.01, 0.05], np.linspace(0.1, 3, 12), np.geomspace(3.5, 12, 6)])
    angle = random.uniform(0, 2 * math.pi, radius.size)
    x, y = profile["center_x"] + radius * np.cos(angle), profile["center_y"] + radius * np.sin(angle)
    model, arguments = light_model([profile])
    return {"sersic": profile, "x": numbers(x), "y": numbers(y), "I": numbers(model.surface_brightness(x, y, arguments))}


def brightness(scene):
    light, source, lens = light_model(scene["lens_light"]), light_model(scene["source"]), lens_model(scene["lens"])

    def at(x, y):
        total = np.zeros(x.size)
        for first in range(0, x.size, 400000):
            part = slice(first, first + 400000)
            if scene["lens_light"]:
                total[part] += light[0].surface_brightness(x[part], y[part], light[1])
            if scene["source"]:
                total[part] += source[0].surface_brightness(*lens[0].ray_shooting(x[part], y[part], lens[1]), source[1])
        return total

    return at


def refined(at, x, y, width, values, tolerance, depth, cell):
    """Mean brightness of the squares of this width around (x, y): split 3 x 3 until that changes little."""
    if depth == 0 or x.size == 0:
        return values
    step_x, step_y = (steps.ravel() for steps in np.meshgrid(*[np.array([-1, 0, 1]) * width / 3] * 2))
    inner_x, inner_y = x[:, None] + step_x, y[:, None] + step_y
    inner = at(inner_x.ravel(), inner_y.ravel()).reshape(-1, 9)
    means = inner.mean(1)
    rough = np.flatnonzero(np.abs(means - values) * (width / cell) ** 2 > tolerance)
    means[rough] = refined(at, inner_x[rough].ravel(), inner_y[rough].ravel(), width / 3, inner[rough].ravel(), tolerance, depth - 1,
                           cell).reshape(-1, 9).mean(1)
    return means


def pixels(cells, count):
    side = cells.shape[0] // count
    return cells.reshape(side, count, side, count).mean((1, 3))


def image(scene, count):
    side, cell, at = (SIZE + 2 * PAD) * count, scene["pixel_scale"] / count, brightness(scene)
    x, y = np.meshgrid(*[(np.arange(side) - (side - 1) / 2) * cell] * 2)
    values = at(x.ravel(), y.ravel()).reshape(side, side)
    tolerance = 2e-6 * pixels(values, count).max()
    curved = np.abs(ndimage.laplace(values, mode="nearest")) / 24 > tolerance
    rough = np.flatnonzero(ndimage.binary_dilation(curved, iterations=2).ravel())
    values.ravel()[rough] = refined(at, x.ravel()[rough], y.ravel()[rough], cell, values.ravel()[rough], tolerance, 9, cell)
    if scene["psf"]["type"] == "gaussian":
        values = ndimage.gaussian_filter(values, scene["psf"]["fwhm"] / (2 * math.sqrt(2 * math.log(2))) / cell, mode="constant", truncate=7)
    out = pixels(values, count) * scene["pixel_scale"] ** 2
    if scene["psf"]["type"] == "pixel":
        out = signal.fftconvolve(out, np.load(HERE / "images" / scene["psf"]["kernel"]), mode="same")
    return out[PAD:-PAD, PAD:-PAD]


def lopsided_psf(pixel_scale, fwhm, size=31, fine=11):
    """An elliptical Moffat profile with a fainter one beside it, so that a correlation in place of a convolution shows."""
    grid = (np.arange(size * fine) - (size * fine - 1) / 2) * pixel_scale / fine
    x, y = np.meshgrid(grid, grid)
    core = fwhm / (2 * math.sqrt(2 ** (1 / 3.5) - 1))
    u, v = x * math.cos(0.7) + y * math.sin(0.7), y * math.cos(0.7) - x * math.sin(0.7)
    profile = 0.8 * (1 + (0.85 * u**2 + v**2 / 0.85) / core**2) ** -3.5
    profile += 0.2 * (1 + ((x - 1.5 * pixel_scale) ** 2 + (y - 0.7 * pixel_scale) ** 2) / core**2) ** -3.5
    kernel = pixels(profile, fine)
    return kernel / kernel.sum()


def galsim_difference(scene, ours):
    """Greatest difference over the peak from GalSim's image, for scenes of unlensed light behind a Gaussian; None without GalSim."""
    try:
        import galsim
    except ImportError:
        return None
    accurate = galsim.GSParams(folding_threshold=1e-4, maximum_fft_size=16384, kvalue_accuracy=1e-6, maxk_threshold=1e-4)
    lights = [galsim.Sersic(s["n"], half_light_radius=s["R_eff"], flux=s["total_flux"], gsparams=accurate)
              .shear(q=s["q"], beta=s["phi"] * galsim.radians).shift(s["center_x"], s["center_y"]) for s in scene["lens_light"]]
    seen = galsim.Convolve(galsim.Add(lights), galsim.Gaussian(fwhm=scene["psf"]["fwhm"]), gsparams=accurate)
    drawn = seen.drawImage(galsim.ImageD(SIZE, SIZE, scale=scene["pixel_scale"])).array
    return float(np.abs(drawn - ours).max() / ours.max())


def noise(name, pixel_scale, zero_point, exposure_time, exposures, sky, read_noise, gain, seeing):
    band = SingleBand(pixel_scale=pixel_scale, exposure_time=exposure_time, magnitude_zero_point=zero_point, read_noise=read_noise, ccd_gain=gain,
                      sky_brightness=sky, seeing=seeing, num_exposures=exposures, psf_type="GAUSSIAN", data_count_unit="e-")
    rms, sigma = float(band.background_noise), seeing / (2 * math.sqrt(2 * math.log(2)))
    k = np.arange(-60, 61)
    profile = np.diff(special.erf((np.append(k, 61) - 0.5) * pixel_scale / sigma / math.sqrt(2))) / 2
    effective_pixels = 1 / float(np.sum(profile**2)) ** 2
    return {"name": name, "pixel_scale": pixel_scale, "zero_point": zero_point, "exposure_time": exposure_time, "num_exposures": exposures,
            "sky_brightness": sky, "read_noise": read_noise, "gain": gain, "seeing": seeing,
            "sky_e_per_s_per_pixel": float(band.sky_brightness) * pixel_scale**2, "background_rms_e_per_s": rms,
            "depth_5sigma_psf": zero_point - 2.5 * math.log10(5 * rms * math.sqrt(effective_pixels)),
            "poisson_example": {"flux_e_per_s": 10 * rms, "total_rms_e_per_s": float(band.estimate_noise(np.array([10 * rms]))[0])}}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, separators=(",", ":")).replace('{"name"', '\n{"name"').replace('{"sersic"', '\n{"sersic"') + "\n")


def scenes():
    gaussian = {"type": "gaussian", "fwhm": 0.65}
    return [
        ("light", 0.168, gaussian, [], [sersic(400, 0.8, 4, 0.7, 0.5, 0.04, -0.03)], []),
        ("quad", 0.168, gaussian, [mass("SIE", 1.3, 0.72, 0.5), shear(0.04, -0.02)], [sersic(120, 0.7, 4, 0.8, 0.5)],
         [sersic(10, 0.1, 1, 0.7, 1.2, 0.04, 0.05)]),
        ("ring", 0.2, {"type": "gaussian", "fwhm": 0.8}, [mass("SIE", 1.5, 0.9, -0.4)], [sersic(90, 0.9, 3, 0.85, -0.4)],
         [sersic(18, 0.25, 1.5, 0.8, 0.3, 0.02, -0.01)]),
        ("no_psf", 0.168, {"type": "none"}, [mass("SIE", 1.2, 0.78, 1.0), shear(-0.03, 0.02)], [sersic(80, 0.9, 1, 0.6, 1.0)],
         [sersic(12, 0.2, 1, 0.8, 0.1, 0.09, -0.04)]),
        ("lopsided", 0.2, {"type": "pixel", "kernel": "lopsided_psf.npy"}, [mass("EPL", 1.1, 0.75, 0.8, 2.15, 0.05, -0.04)],
         [sersic(70, 0.7, 2.5, 0.75, 0.8, 0.05, -0.04)], [sersic(12, 0.2, 2, 0.65, 1.1, -0.3, 0.25)]),
        ("sharp_source", 0.263, {"type": "gaussian", "fwhm": 1.0}, [mass("EPL", 1.8, 0.8, 0.6, 1.85)], [], [sersic(20, 0.3, 4, 0.8, 0, 0.1, 0.07)]),
    ]


def main():
    random = np.random.default_rng(7)
    write("deflections.json", [
        deflections("sie_round", [mass("SIE", 1.1, 0.9999)], random),
        deflections("sie", [mass("SIE", 1.2, 0.65, 0.8)], random),
        deflections("sie_flat", [mass("SIE", 1.4, 0.3, -0.4)], random),
        deflections("sie_off_centre", [mass("SIE", 0.8, 0.7, 1.2, x=0.2, y=-0.15)], random, 0.2, -0.15),
        deflections("epl_1.7", [mass("EPL", 1.2, 0.75, 0.3, 1.7)], random),
        deflections("epl_flat", [mass("EPL", 1.3, 0.3, 1.1, 1.9)], random),
        deflections("epl_2.3", [mass("EPL", 1.5, 0.8, -1.0, 2.3, -0.1, 0.1)], random, -0.1, 0.1),
        deflections("shear", [shear(0.06, -0.02)], random),
        deflections("epl_shear", [mass("EPL", 1.3, 0.65, -0.2, 2.15), shear(0.07, 0.03)], random),
        deflections("two_sie_shear", [mass("SIE", 1.1, 0.8, 0.1), mass("SIE", 0.4, 0.9, 1.2, x=1.8, y=0.9), shear(0.02, -0.04)], random)])
    write("point_images.json", [
        point_images("double", [mass("SIE", 1.2, 0.8, 0.3)], 0.4, 0.15),
        point_images("quad", [mass("SIE", 1.3, 0.7, 0.4)], 0.06, 0.02),
        point_images("quad_shear", [mass("SIE", 1.4, 0.75, 1.0), shear(0.05, 0.03)], -0.05, 0.05),
        point_images("epl_quad", [mass("EPL", 1.5, 0.65, -0.9, 2.2)], 0.07, -0.03),
        point_images("epl_double", [mass("EPL", 1.2, 0.9, 0.8, 2.1), shear(0.02, 0.02)], -0.35, 0.3),
        point_images("off_centre", [mass("SIE", 0.95, 0.7, 1.4, x=0.12, y=-0.08)], 0.15, -0.05)])
    write("sersic.json", {"cases": [brightness_table(sersic(1, radius, n, q, phi, x, y), random) for n in (0.5, 1.0, 2.0, 4.0, 6.0)
                                    for radius, q, phi, x, y in ((0.6, 0.7, 0.5, 0.0, 0.0), (1.4, 0.35, -1.1, 0.1, -0.2))]})
    write("noise.json", [noise("hsc_like_i", 0.168, 27.9, 200, 6, 19.8, 4.5, 3, 0.6), noise("des_like_r", 0.263, 26.1, 90, 10, 20.9, 7, 4, 0.95),
                         noise("lsst_like_short", 0.2, 28.3, 15, 2, 20.5, 10, 2.3, 0.7)])
    np.save(HERE / "images" / "lopsided_psf.npy", lopsided_psf(0.2, 0.75))
    cases = []
    for name, pixel_scale, psf, lens, light, source in scenes():
        scene = {"name": name, "pixel_scale": pixel_scale, "num_pix": SIZE, "psf": psf, "lens": lens, "lens_light": light, "source": source}
        fine = image(scene, CELLS)
        scene["change_from_9_cells"] = float(np.abs(fine - image(scene, 9)).max() / fine.max())
        if not source:
            scene["change_from_galsim"] = galsim_difference(scene, fine)
        np.save(HERE / "images" / f"{name}.npy", fine.astype(np.float32))
        print(name, scene["change_from_9_cells"], scene.get("change_from_galsim"), flush=True)
        cases.append(scene)
    write("images/cases.json", cases)


if __name__ == "__main__":
    main()
