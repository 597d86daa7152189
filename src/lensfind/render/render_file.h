#pragma once

#include <filesystem>
#include <vector>

#include "lensfind/image/image.h"
#include "lensfind/render/scene_json.h"

namespace lensfind::render {

/// One scene without noise, (1, size, size), row 0 at the bottom, to 1e-5 of its brightest pixel.
image::Image render_case(const SceneCase& scene);

/// Renders the scene or the list of scenes of a JSON file (the schema of lenstronomy-made reference cases, docs/scene.md), noiseless, one
/// band each. One case: `out` is a .npy ((size, size) float32, row 0 at the bottom), .fits or .png file. A list: `out` is a folder with
/// NAME.npy each. A PSF array's path is relative to the JSON file. Returns the files written. Throws Error where `out` exists (without
/// `overwrite`), for an unknown model or key value, and for a file that is no scene.
std::vector<std::filesystem::path> render_scenes(const std::filesystem::path& scene_json, const std::filesystem::path& out,
                                                 bool overwrite = false);

}  // namespace lensfind::render
