#include "lensfind/render/render_file.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/naming.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/picture.h"
#include "lensfind/render/render.h"
#include "lensfind/render/scene_json.h"

namespace lensfind::render {
namespace {

/// Far below what any survey's noise could show, and still quick for a single scene.
constexpr double tolerance = 1e-5;

/// One band as (size, size), as the reference images are.
void write_plain_npy(const std::filesystem::path& path, const image::Image& image) {
  const std::int64_t shape[] = {image.shape().height, image.shape().width};
  AtomicFile file{path};
  file.write(image::npy_header_text(shape));
  file.write(std::as_bytes(image.values()));
  file.commit();
}

void write(const std::filesystem::path& path, const SceneCase& scene) {
  const std::string suffix = path.extension().string();
  if (suffix != ".npy" && suffix != ".fits" && suffix != ".png")
    throw Error{fmt::format("{}: cannot write images of this kind", path.string()), "name the file .npy, .fits or .png"};
  const image::Image image = render_case(scene);
  if (suffix == ".npy") write_plain_npy(path, image);
  if (suffix == ".fits") image::write_fits(path, image.view(), {{"PIXSCALE", scene.pixel_scale_arcsec, "arcsec"}});
  if (suffix == ".png") image::write_png(path, image::picture_of(image.view(), {.enlargement = 4}));
}

SceneCase read_case(const Value& value, const std::filesystem::path& scene_json) {
  return naming(scene_json.string(), [&] { return read_scene_case(value, scene_json.parent_path(), scene_json.string()); });
}

}  // namespace

image::Image render_case(const SceneCase& scene) {
  const Rendering rendering =
      render(scene.scene, {&scene.psf, 1}, {.size = scene.size, .pixel_scale_arcsec = scene.pixel_scale_arcsec, .tolerance = tolerance});
  image::Image out{image::ImageShape{1, scene.size, scene.size}};
  for (int row = 0; row < scene.size; ++row) {
    for (int column = 0; column < scene.size; ++column) out.at(0, row, column) = rendering.image[0].at(row, column);
  }
  return out;
}

std::vector<std::filesystem::path> render_scenes(const std::filesystem::path& scene_json, const std::filesystem::path& out,
                                                 bool overwrite) {
  const Value file = read_json(scene_json);
  if (!file.is_array()) {
    require_output_file(out, overwrite, {scene_json});
    write(out, read_case(file, scene_json));
    return {out};
  }
  if (!overwrite) require_absent(out);
  std::vector<SceneCase> scenes;
  for (const Value& value : file.as_array()) {
    scenes.push_back(read_case(value, scene_json));
    const std::string& name = scenes.back().name;
    if (name.empty() || name.find('/') != std::string::npos || name.starts_with('.')) {
      throw Error{fmt::format("{}: scene {} has the name \"{}\"", scene_json.string(), scenes.size() - 1, name),
                  "in a list each scene needs a name that can be a file's"};
    }
  }
  AtomicFolder folder{
      {.path = out, .kind = FolderKind::rendered_images, .command = "render", .overwrite = overwrite, .inputs = {scene_json}}};
  std::vector<std::filesystem::path> written;
  for (const SceneCase& scene : scenes) {
    write(folder.path() / (scene.name + ".npy"), scene);
    written.push_back(out / (scene.name + ".npy"));
  }
  folder.commit();
  return written;
}

}  // namespace lensfind::render
