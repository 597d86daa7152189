#pragma once

#include <filesystem>
#include <string>

#include "lensfind/base/value.h"
#include "lensfind/render/psf.h"
#include "lensfind/render/scene.h"

namespace lensfind::render {

/// A scene of one band that a JSON file describes, with what is needed to render it.
struct SceneCase {
  std::string name;
  int size = 64;
  double pixel_scale_arcsec = 0.2;
  Psf psf;
  Scene scene;
};

/// Reads one case: name, num_pix, pixel_scale, psf {type: gaussian, fwhm | type: pixel, kernel: FILE.npy | type: none}, lens (SIE, EPL:
/// theta_E, q, phi or e1, e2, center_x, center_y, gamma; SHEAR: gamma1, gamma2), lens_light and source (SERSIC: total_flux, R_eff, n, q,
/// phi or e1, e2, center_x, center_y; IMAGE: file, pixel_scale, total_flux, phi, center_x, center_y). Other keys are ignored. `folder`:
/// what paths are relative to; `origin` stands before errors.
SceneCase read_scene_case(const Value& value, const std::filesystem::path& folder, const std::string& origin);

}  // namespace lensfind::render
