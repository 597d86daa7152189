#include <nanobind/stl/filesystem.h>

#include "arrays.h"
#include "attended.h"
#include "lensfind/render/render_file.h"
#include "value_caster.h"

namespace lensfind::python {
namespace {

nb::ndarray<nb::numpy, float> render_scene(const Value& scene, const std::filesystem::path& folder, nb::handle listener) {
  const image::Image image =
      attended(listener, [&](Progress&, const StopFlag&) { return render::render_case(render::read_scene_case(scene, folder, "scene")); });
  const auto side = static_cast<std::size_t>(image.shape().height);
  return array_of(std::vector<float>{image.values().begin(), image.values().end()}, {side, side});
}

}  // namespace

void bind_scene(nb::module_& module) {
  module.def("render_scene", &render_scene, nb::arg("scene"), nb::arg("folder"), nb::arg("listener").none());
}

}  // namespace lensfind::python
