#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/cli/onnx_arguments.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/shipped.h"
#include "lensfind/score/scorer.h"

namespace lensfind::cli {

namespace {

int export_packed(Console& console, const model::Model& model, Output output, const std::filesystem::path& card) {
  const std::filesystem::path out = output.path;
  AtomicFolder folder{std::move(output)};
  model::save_model(model::packed(model), folder.path());
  if (!card.empty()) {
    model::ModelCard said;
    read_fields(read_toml(card), said, card.string());
    model::write_card(said, folder.path());
  }
  score::check_model_runs(folder.path());
  folder.commit();
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, weights of 16 bits", out.string(), model.graph.name, model.graph.bands,
                          model.graph.size, model.graph.size));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

}  // namespace

int export_command(const std::vector<std::string>& words) {
  std::filesystem::path source, out;
  network::OnnxChoice choice;
  bool overwrite = false;
  CommonArguments common;
  std::filesystem::path card;
  bool packed = false;
  Arguments arguments{"export",
                      "A model's ONNX file alone: raw pixels (n, bands, h, w) in, logits (n, outputs) out, the batch size free. Or, with "
                      "--packed, the model "
                      "as it ships."};
  arguments.model(
      source, "a model folder, an installed model's name, or anyone's .onnx file: its weights are put inside, its form is made as above");
  arguments.option(out, "--out", "FILE", "the .onnx file to write; with --packed the folder", true);
  arguments.flag(packed, "--packed",
                 "a model folder of a quarter of the size: weights of 16 bits, the ONNX file made of them when it is needed");
  arguments.option(card, "--card", "CARD.toml", "with --packed: the card that `lensfind models` shows (docs/models.md)");
  declare_onnx_choice(arguments, choice);
  arguments.flag(overwrite, "--overwrite", "replace FILE");
  common.declare(arguments);
  arguments.parse(words);

  Console console{common};
  const bool is_folder = std::filesystem::is_directory(source);
  const model::Model model = is_folder ? model::load_model(source) : model::model_from_onnx(source, choice);
  model::refuse_cascade(model, "export", source);
  if (packed) return export_packed(console, model, {out, FolderKind::model, "export", overwrite, false, {source}}, card);
  require_output_file(out, overwrite, {source, source / "model.onnx", source / "model.json"});
  write_file(out, is_folder ? model::network_of_folder(source).bytes : model.onnx);
  console.say(fmt::format("{}: {}, {} bands, {}x{} pixels, {} logits a cutout", out.string(), model.graph.name, model.graph.bands,
                          model.graph.size, model.graph.size, model.graph.outputs));
  console.result(empty_object().set("out", out.string()));
  return 0;
}

}  // namespace lensfind::cli
