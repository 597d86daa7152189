#pragma once

#include <vector>

#include "lensfind/base/random.h"
#include "lensfind/render/render.h"
#include "lensfind/simulate/noise.h"
#include "lensfind/simulate/survey.h"

namespace lensfind::simulate {

/// What one cutout was taken under, a value a band.
struct Conditions {
  std::vector<double> seeing_fwhm_arcsec;
  std::vector<render::Psf> psfs;
  std::vector<Noise> noise;
};

/// A band's PSF for the renderer, at a given seeing; of psf_files the images, whatever the seeing, for pixels' means.
render::Psf rendered_psf(const Survey& survey, std::size_t band, double fwhm_arcsec);

/// The survey's conditions with the scatter of its seeing.
Conditions draw_conditions(const Survey& survey, RandomStream& random);
/// Lets a rendering be wrong by what noise hides: light under a hundredth of its rms is left out, and sampling is
/// so fine that pixels err by less than a tenth of it, however bright the scene's brightest is.
void hide_below_noise(const std::vector<Noise>& noise, render::RenderOptions& options);
/// How a scene of this survey is rendered.
render::RenderOptions render_options(const Survey& survey, const Conditions& conditions, int size);

/// The greatest S/N that a set of pixels reaches, pixels taken in the order of their own S/N (Collett 2015); noise of the background and of
/// `all` light.
/// Only pixels count in which the signal is at least `contrast` times the other light.
double best_signal_to_noise(const render::Plane& signal, const render::Plane& all, const Noise& noise, double contrast = 0);

/// Lensed flux over source flux as rendered on a field that holds all of it.
double rendered_magnification(const render::Plane& arcs, double source_flux);

}  // namespace lensfind::simulate
