#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/model/model.h"

namespace lensfind::cli {

int export_command(const std::vector<std::string>& words) {
  std::filesystem::path folder, out;
  bool overwrite = false;
  CommonArguments common;
  Arguments arguments{"export", "A model's ONNX file alone: raw pixels (n, bands, h, w) in, logits (n, outputs) out, the batch size free."};
  arguments.positional(folder, "MODEL", "a model folder");
  arguments.option(out, "--out", "FILE", "the .onnx file to write", true);
  arguments.flag(overwrite, "--overwrite", "replace FILE");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const model::Model model = model::load_model(folder);
  model::refuse_cascade(model, "export", folder);
  if (!overwrite) require_absent(out);
  write_file(out, read_text(folder / "model.onnx"));
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, {} logits a cutout", out.string(), model.graph.name, model.graph.bands,
                          model.graph.size, model.graph.size, model.graph.outputs));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
