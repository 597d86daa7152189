#include "lensfind/train/first_weights.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/model/shipped.h"
#include "lensfind/network/import_weights.h"
#include "lensfind/network/initialise.h"
#include "lensfind/network/weight_file.h"

namespace lensfind::train {
namespace {

constexpr auto weights_of_model = "model.safetensors";

/// The weights' file at `beginning`; empty where that is.
std::filesystem::path file_of_weights(const std::filesystem::path& beginning) {
  if (!model::is_model_folder(beginning)) return beginning;
  const std::filesystem::path path = beginning / weights_of_model;
  if (std::filesystem::exists(path)) return path;
  throw Error{beginning.string() + ": holds no weights of one network, as an ensemble or an imported ONNX file",
              "begin with the folder of one trained network: a member of the ensemble"};
}

/// What FiLM begins with, where the weights come from a network without it.
void add_untrained_film(const network::Graph& graph, std::uint64_t seed, network::Weights& weights) {
  for (auto& [name, array] : network::initialise(graph, seed))
    if (name.starts_with("film.")) weights.emplace(name, std::move(array));
}

/// What `pretrain` left, and an untrained last layer.
network::Weights with_untrained_head(const Prepared& run, const network::Graph& graph, std::uint64_t seed,
                                     std::vector<std::string>& warnings) {
  network::Weights weights = run.pretrained->encoder;
  const std::string head = network::head_name(graph) + ".";
  for (auto& [name, array] : network::initialise(graph, seed))
    if (name.starts_with(head)) weights.emplace(name, std::move(array));
  add_untrained_film(graph, seed, weights);
  network::ImportedWeights imported = network::import_weights(graph, std::move(weights), run.beginning.string(), false, seed);
  warnings.insert(warnings.end(), imported.notes.begin(), imported.notes.end());
  return std::move(imported.weights);
}

}  // namespace

std::filesystem::path beginning_of(const TrainOptions& options) {
  const std::filesystem::path path = options.recipe.initial_weights;
  if (is_pretraining_folder(path)) return path;
  if (path.empty() || path.has_parent_path() || path.has_extension()) return path;
  return model::find_model(path, options.model_folders);
}

std::optional<model::Model> told_before(const Prepared& run) {
  if (run.pretrained || run.beginning.empty()) return {};
  const bool is_file = run.beginning.filename() == weights_of_model;
  const std::filesystem::path folder = is_file ? std::filesystem::absolute(run.beginning).parent_path() : run.beginning;
  if (!model::is_model_folder(folder)) return {};
  model::Model before = model::load_model(folder);
  return before.preprocessing.quality ? std::optional{std::move(before)} : std::nullopt;
}

void check_pretrained(Prepared& run) {
  const Pretrained& before = *run.pretrained;
  if (before.network != run.recipe.network)
    throw Error{fmt::format("{}: {} was pretrained, and the recipe says {}", run.beginning.string(), before.network, run.recipe.network),
                fmt::format("give --set network={}", before.network)};
  if (before.bands != run.band_names)
    run.warnings.push_back(fmt::format("{} was pretrained on {}, and these cutouts have {}", run.beginning.string(),
                                       fmt::join(before.bands, ", "), fmt::join(run.band_names, ", ")));
}

void check_condition(const Prepared& run) {
  const std::optional<model::Model> before = told_before(run);
  if (!before) return;
  if (run.recipe.condition == Condition::none)
    throw Error{run.beginning.string() + ": its network is told the image quality, and the recipe says condition = \"none\"",
                "give --set condition=quality"};
  if (before->band_names != run.band_names)
    throw Error{fmt::format("{}: its network is told the image quality of {}, and these cutouts have {}", run.beginning.string(),
                            fmt::join(before->band_names, ", "), fmt::join(run.band_names, ", ")),
                "give cutouts of the same bands in the same order, or begin with weights that were not told it"};
}

network::Weights first_weights(const Prepared& run, const network::Graph& graph, std::vector<std::string>& warnings) {
  const auto seed = static_cast<std::uint64_t>(run.recipe.seed);
  if (run.beginning.empty()) return network::initialise(graph, seed);
  if (run.pretrained) return with_untrained_head(run, graph, seed, warnings);
  const std::filesystem::path path = file_of_weights(run.beginning);
  network::StoredWeights stored = network::read_weight_file(path);
  warnings.insert(warnings.end(), stored.notes.begin(), stored.notes.end());
  add_untrained_film(graph, seed, stored.weights);
  network::ImportedWeights imported = network::import_weights(graph, std::move(stored.weights), path.string(), false, seed);
  warnings.insert(warnings.end(), imported.notes.begin(), imported.notes.end());
  return std::move(imported.weights);
}

}  // namespace lensfind::train
