#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/model/import_model.h"
#include "lensfind/score/scorer.h"

namespace lensfind::cli {

int import_command(const std::vector<std::string>& words) {
  model::ImportOptions options;
  CommonArguments common;
  Arguments arguments{
      "import", "Makes a model folder from weights that timm, torchvision or PyTorch Lightning wrote, as safetensors or with torch.save."};
  arguments.option(options.network, "--network", "NAME", "one of `lensfind networks`", true);
  arguments.option(options.weights, "--weights", "FILE",
                   "a .safetensors file, or a .pt, .pth or .ckpt of torch.save with a state dictionary", true);
  arguments.option(options.out, "--out", "MODEL", "model folder to make", true);
  arguments.option(options.bands, "--bands", "N", "bands of a cutout, 1 to 5; weights of 3 are carried to another number (default 3)");
  arguments.option(options.band_names, "--band", "NAME", "name of a band; give one for each, in order");
  arguments.option(options.size, "--size", "PIXELS", "side of a cutout (default 64)");
  arguments.fields(options.preprocessing);
  arguments.option(options.pixel_scale_arcsec, "--pixel-scale", "ARCSEC", "of the cutouts it was trained on: `score` brings others to it");
  arguments.option(options.zero_point, "--zero-point", "MAG", "AB magnitude of one unit of their flux: `score` brings other units to it");
  arguments.flag(options.keep_head, "--keep-head", "a head of another size is an error instead of being replaced, untrained");
  arguments.flag(options.overwrite, "--overwrite", "replace MODEL");
  common.declare(arguments, true);
  arguments.parse(words);
  if (options.pixel_scale_arcsec && !(*options.pixel_scale_arcsec > 0)) throw Usage{"--pixel-scale is above 0"};

  options.seed = common.seed_or_zero();
  options.check = score::check_model_runs;
  Console console{common};
  const model::Model model = model::import_model(options, console.progress());
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, {} parameters", options.out.string(), model.graph.name, model.graph.bands,
                          model.graph.size, model.graph.size, with_commas(model.graph.parameter_count())));
  console.result(model::to_json_value(model).set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
