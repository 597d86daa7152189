#include "lensfind/workflows/model_files.h"

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/model/onnx_model.h"
#include "lensfind/model/shipped.h"
#include "lensfind/score/scorer.h"

namespace lensfind::workflows {
namespace {

void write_packed(const model::Model& model, const ExportOptions& options) {
  AtomicFolder folder{
      {.path = options.out, .kind = FolderKind::model, .command = "export", .overwrite = options.overwrite, .inputs = {options.model}}};
  model::save_model(model::packed(model), folder.path());
  if (!options.card.empty()) {
    model::ModelCard card;
    read_fields(read_toml(options.card), card, options.card.string());
    model::write_card(card, folder.path());
  }
  score::check_model_runs(folder.path());
  folder.commit();
}

}  // namespace

model::Model export_model(const ExportOptions& options) {
  const std::filesystem::path& source = options.model;
  const bool is_folder = std::filesystem::is_directory(source);
  model::Model model = is_folder ? model::load_model(source) : model::model_from_onnx(source, options.onnx);
  model::refuse_cascade(model, "export", source);
  if (options.packed) {
    write_packed(model, options);
    return model;
  }
  require_output_file(options.out, options.overwrite, {source, source / "model.onnx", source / "model.json"});
  // A folder's own file is another's work, perhaps: it is copied as it is, but where it lacks the mean.
  const bool as_it_is = is_folder && !model.average_symmetries;
  write_file(options.out, as_it_is ? model::network_of_folder(source).bytes : model::exported_onnx(model));
  return model;
}

}  // namespace lensfind::workflows
