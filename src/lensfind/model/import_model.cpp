#include "lensfind/model/import_model.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/output_folder.h"
#include "lensfind/model/seen.h"
#include "lensfind/network/import_weights.h"
#include "lensfind/network/networks.h"
#include "lensfind/network/weight_file.h"

namespace lensfind::model {
namespace {

/// A head of one or two outputs stays as it is; any other gives way to one of two.
int outputs_of(const network::Graph& two_outputs, const network::Weights& weights) {
  const auto head = weights.find(network::head_name(two_outputs) + ".weight");
  return head != weights.end() && !head->second.shape.empty() && head->second.shape[0] == 1 ? 1 : 2;
}

Output output_of(const ImportOptions& options) {
  return {.path = options.out, .kind = FolderKind::model, .command = "import", .overwrite = options.overwrite, .inputs = {options.weights}};
}

}  // namespace

Model import_model(const ImportOptions& options, Progress& progress) {
  const std::string origin = options.weights.string();
  AtomicFolder folder{output_of(options)};
  const auto say = [&](const std::vector<std::string>& notes) {
    for (const std::string& note : notes) progress.warn(note);
  };
  network::StoredWeights stored = network::read_weight_file(options.weights);
  say(stored.notes);
  Model model;
  model.graph = network::build_network(options.network, options.bands, options.size, 2);
  network::ImportedWeights named = network::with_names_of(model.graph, std::move(stored.weights), origin);
  say(named.notes);
  if (outputs_of(model.graph, named.weights) == 1) model.graph = network::build_network(options.network, options.bands, options.size, 1);
  network::ImportedWeights imported =
      network::import_weights(model.graph, std::move(named.weights), origin, options.keep_head, options.seed);
  say(imported.notes);
  model.weights = std::move(imported.weights);
  model.band_names = options.band_names;
  for (int band = 1; options.band_names.empty() && band <= options.bands; ++band) model.band_names.push_back(fmt::format("band{}", band));
  model.preprocessing = options.preprocessing;
  model.pixel_scale_arcsec = options.pixel_scale_arcsec;
  model.zero_point = options.zero_point;
  network::check_preprocessing(model.preprocessing, options.bands, "import");
  model.provenance.set("imported_from", options.weights.string());
  // Weights that this program trained have a record beside them of what they saw.
  if (const SeenCutouts seen = read_seen(options.weights); !seen.empty()) write_seen(folder.path(), seen);
  save_model(model, folder.path());
  if (options.check) options.check(folder.path());
  folder.commit();
  return model;
}

}  // namespace lensfind::model
