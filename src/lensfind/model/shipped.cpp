#include "lensfind/model/shipped.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind::model {
namespace {

namespace fs = std::filesystem;

constexpr auto card_file = "card.toml";

std::int64_t parameters_of(const Model& model) {
  std::int64_t count = 0;
  for (const auto& [name, array] : model.weights) count += static_cast<std::int64_t>(array.values.size());
  return count;
}

std::string figure_text(const CardFigure& figure) {
  std::string text = fmt::format("  {}, {}: {} lenses, {} non-lenses\n    AUC {:.3f} ({:.3f}-{:.3f})", figure.images, figure.data,
                                 figure.lenses, figure.nonlenses, figure.auc, figure.auc_low, figure.auc_high);
  if (figure.tpr_1e3 >= 0)
    text += fmt::format(", true-positive rate at a false-positive rate of 1e-3: {:.3f} ({:.3f}-{:.3f})", figure.tpr_1e3, figure.tpr_1e3_low,
                        figure.tpr_1e3_high);
  if (!figure.note.empty()) text += "\n    " + figure.note;
  return text + "\n";
}

}  // namespace

ModelCard read_card(const fs::path& folder) {
  const fs::path path = folder / card_file;
  if (!fs::is_regular_file(path)) {
    throw Error{path.string() + ": is not there, so the model has no card", "what is known of it stands in its model.json"};
  }
  ModelCard card;
  read_fields(read_toml(path), card, path.string());
  return card;
}

void write_card(const ModelCard& card, const fs::path& folder) { write_file(folder / card_file, to_toml(write_fields(card))); }

std::string card_text(const std::string& name, const Model& model, const ModelCard& card) {
  std::string text = fmt::format("{}: {}\n\n", name, card.summary);
  const auto line = [&text](const char* what, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<12} {}\n", what, value);
  };
  line("survey", card.survey);
  line("bands", fmt::format("{}", fmt::join(model.band_names, ", ")));
  line("cutouts", fmt::format("{0} x {0} pixels{1}", model.graph.size,
                              model.pixel_scale_arcsec ? fmt::format(" of {:.3g} arcsec", *model.pixel_scale_arcsec) : ""));
  line("network", fmt::format("{}, {:.1f} million weights", model.graph.name, static_cast<double>(parameters_of(model)) / 1e6));
  line("trained on", card.trained_on);
  line("recipe", card.recipe);
  line("licence", card.licence);
  text += "\nHow good it was, with 95% intervals:\n";
  for (const CardFigure& figure : card.figures) text += figure_text(figure);
  if (!card.limits.empty()) text += "\nLimits:\n";
  for (const std::string& limit : card.limits) text += "  - " + limit + "\n";
  return text;
}

std::vector<ShippedModel> shipped_models(const std::vector<fs::path>& folders) {
  std::vector<ShippedModel> models;
  for (const fs::path& folder : folders) {
    std::error_code absent;
    for (const fs::directory_entry& entry : fs::directory_iterator{folder, absent}) {
      const std::string name = entry.path().filename().string();
      if (is_model_folder(entry.path()) && std::ranges::find(models, name, &ShippedModel::name) == models.end())
        models.push_back({name, entry.path()});
    }
  }
  std::ranges::sort(models, {}, &ShippedModel::name);
  return models;
}

fs::path find_model(const fs::path& path_or_name, const std::vector<fs::path>& folders) {
  std::error_code unreadable;
  const bool is_path =
      path_or_name.has_parent_path() || path_or_name.has_extension() || fs::exists(path_or_name / "model.json", unreadable);
  const bool is_there = fs::exists(path_or_name, unreadable);
  if (is_path && is_there) return path_or_name;
  const std::vector<ShippedModel> models = shipped_models(folders);
  const auto found = std::ranges::find(models, path_or_name.string(), &ShippedModel::name);
  if (found != models.end()) return found->folder;
  if (is_there) return path_or_name;
  std::vector<std::string> names;
  for (const ShippedModel& model : models) names.push_back(model.name);
  const std::string near = nearest_name(path_or_name.string(), names);
  const std::string installed =
      names.empty() ? std::string{"no models are installed"} : fmt::format("installed are {}", fmt::join(names, ", "));
  throw Error{fmt::format("{}: no such model", path_or_name.string()),
              near.empty() ? fmt::format("give a model folder, an .onnx file or an installed model's name; {}", installed)
                           : fmt::format("did you mean `{}`? (`lensfind models` lists what is installed)", near)};
}

}  // namespace lensfind::model
