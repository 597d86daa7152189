#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/model/onnx_model.h"

namespace lensfind::cli {

int export_command(const std::vector<std::string>& words) {
  std::filesystem::path source, out;
  network::OnnxChoice choice;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"export", "A model's ONNX file alone: raw pixels (n, bands, h, w) in, logits (n, outputs) out, the batch size free."};
  arguments.positional(source, "MODEL", "a model folder, or anyone's .onnx file: its weights are put inside, its form is made as above");
  arguments.option(out, "--out", "FILE", "the .onnx file to write", true);
  declare_onnx_choice(arguments, choice);
  arguments.flag(overwrite, "--overwrite", "replace FILE");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const bool is_folder = std::filesystem::is_directory(source);
  const model::Model model = is_folder ? model::load_model(source) : model::model_from_onnx(source, choice);
  model::refuse_cascade(model, "export", source);
  require_output_file(out, overwrite, {source, source / "model.onnx", source / "model.json"});
  write_file(out, is_folder ? network::read_onnx(source / "model.onnx").bytes : model.onnx);
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, {} logits a cutout", out.string(), model.graph.name, model.graph.bands,
                          model.graph.size, model.graph.size, model.graph.outputs));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
