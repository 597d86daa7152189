#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/render/render_file.h"

namespace lensfind::cli {

int render_command(const std::vector<std::string>& words) {
  std::filesystem::path scene, out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"render", "Renders a scene with given parameters, without noise: for checks against other codes, and for looking."};
  arguments.positional(scene, "SCENE", "JSON file with one scene or a list (docs/scene.md)");
  arguments.option(out, "--out", "OUT", "IMAGE.npy, .fits or .png; for a list: a folder that gets NAME.npy each", true);
  arguments.flag(overwrite, "--overwrite", "replace OUT");
  common.declare(arguments);
  arguments.parse(words);

  use_threads(common.threads);
  Console console{common};
  const std::vector<std::filesystem::path> files = render::render_scenes(scene, out, overwrite);
  console.say(fmt::format("{} {} rendered: {}", files.size(), files.size() == 1 ? "scene" : "scenes", out.string()));
  Value names{Value::Array{}};
  for (const auto& file : files) names.push_back(file.string());
  console.result(empty_object().set("files", names));
  return 0;
}

}  // namespace lensfind::cli
