#pragma once

#include "lensfind/base/value.h"
#include "lensfind/render/scene_json.h"

namespace lensfind::render {

/// The masses of an entry of reference/lensing/deflections.json, through the reader that `render` uses.
inline Mass read_mass(const Value& entry) {
  Value scene = empty_object();
  scene.set("pixel_scale", 0.1).set("psf", empty_object().set("type", "none")).set("lens", entry.at("lens"));
  return read_scene_case(scene, {}, "deflections.json").scene.mass;
}

}  // namespace lensfind::render
