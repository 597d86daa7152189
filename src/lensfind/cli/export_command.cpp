#include <fmt/format.h>

#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/workflows/model_files.h"

namespace lensfind::cli {

int export_command(const std::vector<std::string>& words) {
  workflows::ExportOptions options;
  CommonArguments common;
  Arguments arguments{"export",
                      "A model's ONNX file alone: raw pixels (n, bands, h, w) in, logits (n, outputs) out, the batch size free. Or, with "
                      "--packed, the model as it ships."};
  arguments.model(
      options.model,
      "a model folder, an installed model's name, or anyone's .onnx file: its weights are put inside, its form is made as above");
  arguments.fields(options);
  arguments.require({"--out"});
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const model::Model model = workflows::export_model(options, console.progress());
  const std::string what = options.packed ? "weights of 16 bits" : fmt::format("{} logits a cutout", model.graph.outputs);
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, {}", options.out.string(), model.graph.name, model.graph.bands, model.graph.size,
                          model.graph.size, what));
  console.result(empty_object().set("out", options.out.string()));
  return 0;
}

}  // namespace lensfind::cli
