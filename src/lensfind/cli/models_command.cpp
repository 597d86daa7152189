#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/cli/command.h"
#include "lensfind/cli/console.h"
#include "lensfind/model/shipped.h"

namespace lensfind::cli {
namespace {

/// The first figure on such images, as ".950 (.920-.975)"; "-" where there is none.
std::string auc_text(const model::ModelCard& card, const std::string& images) {
  for (const model::CardFigure& figure : card.figures) {
    if (figure.images == images) return fmt::format("{:.3f} ({:.3f}-{:.3f})", figure.auc, figure.auc_low, figure.auc_high);
  }
  return "-";
}

void list_models(Console& console, const std::vector<model::ShippedModel>& models) {
  Value list{Value::Array{}};
  console.say(fmt::format("{:<14} {:<10} {:<14} {:<15} {:<22} {:<22} {}", "name", "survey", "bands", "network", "AUC, simulated",
                          "AUC, real", "for"));
  for (const auto& [name, folder] : models) {
    const model::Model model = model::load_model(folder);
    const model::ModelCard card = model::read_card(folder);
    console.say(fmt::format("{:<14} {:<10} {:<14} {:<15} {:<22} {:<22} {}", name, card.survey,
                            fmt::format("{}", fmt::join(model.band_names, " ")), model.graph.name, auc_text(card, "simulated"),
                            auc_text(card, "real"), card.summary));
    Value bands{Value::Array{}};
    for (const std::string& band : model.band_names) bands.push_back(band);
    list.push_back(empty_object()
                       .set("name", name)
                       .set("folder", folder.string())
                       .set("bands", std::move(bands))
                       .set("size", model.graph.size)
                       .set("network", model.graph.name)
                       .set("pixel_scale_arcsec", model.pixel_scale_arcsec ? Value{*model.pixel_scale_arcsec} : Value{})
                       .set("card", write_fields(card)));
  }
  console.say(
      "\nA name stands wherever a model folder does: `lensfind score NAME cutouts/`. `lensfind models --card NAME` says more of one.");
  console.result(empty_object().set("models", std::move(list)));
}

}  // namespace

int models_command(const std::vector<std::string>& words) {
  std::string card;
  CommonArguments common;
  Arguments arguments{
      "models",
      "The models that are installed: for which survey, how good on simulated and, where there are any, on real cutouts. The figures "
      "hold for images like those that a model was trained on; `score` compares yours with them and says where they differ."};
  arguments.option(card, "--card", "NAME", "all that is known of one: data, recipe, figures with intervals, limits, licence");
  common.declare(arguments);
  arguments.footer(
      "Examples:\n"
      "  lensfind models\n"
      "  lensfind models --card hsc\n"
      "  lensfind score hsc cutouts/ --out scores.csv --top 40\n"
      "Models of your own, in folders as `export --packed` leaves them, are found in $LENSFIND_DATA/models.");
  arguments.parse(words);

  Console console{common};
  const std::vector<std::filesystem::path> folders = data_folders("models");
  if (card.empty()) {
    const std::vector<model::ShippedModel> models = model::shipped_models(folders);
    if (models.empty()) throw Error{"no models are installed", "set LENSFIND_DATA to a folder with models/NAME/model.json, or train one"};
    list_models(console, models);
    return 0;
  }
  const std::filesystem::path folder = model::find_model(card, folders);
  const model::ModelCard read = model::read_card(folder);
  console.say(model::card_text(folder.filename().string(), model::load_model(folder), read));
  console.result(write_fields(read));
  return 0;
}

}  // namespace lensfind::cli
