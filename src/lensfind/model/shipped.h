#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/model/model.h"

namespace lensfind::model {

/// How good a model was on one set of cutouts: a line of its card. Intervals are of 95%, as `evaluate` gives them.
struct CardFigure {
  std::string data;                  ///< which cutouts, so that they can be found or made again
  std::string images = "simulated";  ///< or "real"
  int lenses = 0, nonlenses = 0;
  double auc = 0, auc_low = 0, auc_high = 0;
  double tpr_1e3 = -1, tpr_1e3_low = -1, tpr_1e3_high = -1;  ///< true-positive rate at a false-positive rate of 1e-3; below 0: not resolved
  std::string note;

  static void describe(auto& field) {
    field(&CardFigure::data, "data", any(), "which cutouts");
    field(&CardFigure::images, "images", choices({"simulated", "real"}), "simulated or real");
    field(&CardFigure::lenses, "lenses", at_least(0), "how many of them are lenses");
    field(&CardFigure::nonlenses, "nonlenses", at_least(0), "how many are not");
    field(&CardFigure::auc, "auc", between(0, 1), "area under the ROC curve");
    field(&CardFigure::auc_low, "auc_low", between(0, 1), "lower end of its 95% interval");
    field(&CardFigure::auc_high, "auc_high", between(0, 1), "upper end");
    field(&CardFigure::tpr_1e3, "tpr_1e3", between(-1, 1), "true-positive rate at a false-positive rate of 1e-3; -1: too few non-lenses");
    field(&CardFigure::tpr_1e3_low, "tpr_1e3_low", between(-1, 1), "lower end of its 95% interval");
    field(&CardFigure::tpr_1e3_high, "tpr_1e3_high", between(-1, 1), "upper end");
    field(&CardFigure::note, "note", any(), "what a reader should know of it");
  }
};

/// What a model that ships says of itself beside its model.json: card.toml in its folder.
struct ModelCard {
  std::string summary;     ///< one line
  std::string survey;      ///< whose images it is for: a name of `simulate --survey`
  std::string trained_on;  ///< which cutouts, how many
  std::string recipe;      ///< how
  std::vector<CardFigure> figures;
  std::vector<std::string> limits;  ///< where it does not hold, a sentence each
  std::string licence;

  static void describe(auto& field) {
    field(&ModelCard::summary, "summary", any(), "what it finds in what images, one line");
    field(&ModelCard::survey, "survey", any(), "whose images it is for");
    field(&ModelCard::trained_on, "trained_on", any(), "which cutouts, and how many");
    field(&ModelCard::recipe, "recipe", any(), "how it was trained");
    field(&ModelCard::figures, "figures", any(), "how good it was, on which cutouts");
    field(&ModelCard::limits, "limits", any(), "where it does not hold");
    field(&ModelCard::licence, "licence", any(), "of the weights");
  }
};

/// Reads card.toml of a model folder; throws Error where it is missing or damaged.
ModelCard read_card(const std::filesystem::path& folder);

/// Writes card.toml.
void write_card(const ModelCard& card, const std::filesystem::path& folder);

/// The card as text for a terminal.
std::string card_text(const std::string& name, const Model& model, const ModelCard& card);

/// A model that is found by its name.
struct ShippedModel {
  std::string name;
  std::filesystem::path folder;
};

/// The models in `folders`, by name; of two with one name that of the earlier folder.
std::vector<ShippedModel> shipped_models(const std::vector<std::filesystem::path>& folders);

/// What `path_or_name` means: a model folder or a path with folders or an extension, where there is such a one; else the model of that
/// name, whatever else of that name lies in the working folder, as a survey's images; else any file or folder. Throws Error where it is
/// none of these, with the nearest name.
std::filesystem::path find_model(const std::filesystem::path& path_or_name, const std::vector<std::filesystem::path>& folders);

}  // namespace lensfind::model
