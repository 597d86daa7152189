#include "lensfind/workflows/model_files.h"

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/shipped.h"
#include "lensfind/score/int8_ranges.h"
#include "lensfind/score/scorer.h"

namespace lensfind::workflows {
namespace {

/// Ranges in int8 were measured with the weights before they were rounded to 16 bits, which moves them by less than they are uncertain.
std::optional<model::Int8Ranges> ranges_for(const model::Model& small, const model::Model& whole, const std::filesystem::path& origin) {
  const auto hash = [&](const model::Model& model) {
    return score::weights_hash({model::model_onnx(model), {model.graph.bands, model.graph.size, model.graph.outputs}, {}}, origin);
  };
  if (!whole.int8_ranges || whole.int8_ranges->weights != hash(whole)) return std::nullopt;
  model::Int8Ranges ranges = *whole.int8_ranges;
  ranges.weights = hash(small);
  return ranges;
}

void write_packed(const model::Model& model, const ExportOptions& options, Progress& progress) {
  AtomicFolder folder{
      {.path = options.out, .kind = FolderKind::model, .command = "export", .overwrite = options.overwrite, .inputs = {options.model}}};
  model::Model small = model::packed(model);
  small.int8_ranges = ranges_for(small, model, options.model);
  if (model.int8_ranges && !small.int8_ranges)
    progress.warn(fmt::format("{}: its ranges in int8 {} and are left out; `lensfind calibrate` measures them anew", options.model.string(),
                              model.int8_ranges->weights.empty() ? "do not say to which weights they belong" : "belong to other weights"));
  model::save_model(small, folder.path());
  if (!options.card.empty()) {
    model::ModelCard card;
    read_fields(read_toml(options.card), card, options.card.string());
    model::write_card(card, folder.path());
  }
  score::check_model_runs(folder.path());
  folder.commit();
}

}  // namespace

model::Model export_model(const ExportOptions& options, Progress& progress) {
  const std::filesystem::path& source = options.model;
  const bool is_folder = std::filesystem::is_directory(source);
  model::Model model = is_folder ? model::load_model(source) : model::model_from_onnx(source, options.onnx);
  model::refuse_cascade(model, "export", source);
  model.average_symmetries = model.average_symmetries || options.average_symmetries;
  if (options.packed) {
    write_packed(model, options, progress);
    return model;
  }
  require_output_file(options.out, options.overwrite, {source, source / "model.onnx", source / "model.json"});
  // A folder's own file is another's work, perhaps: it is copied as it is, but where it lacks the mean.
  const bool as_it_is = is_folder && !model.average_symmetries;
  write_file(options.out, as_it_is ? model::network_of_folder(source).bytes : model::exported_onnx(model));
  return model;
}

}  // namespace lensfind::workflows
