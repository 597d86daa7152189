#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/model/model.h"
#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"
#include "lensfind/train/prepare.h"

namespace lensfind::train {

/// The file or model folder that the recipe begins with; empty: none. A word alone may be the name of an installed model.
std::filesystem::path beginning_of(const TrainOptions& options);

/// The model whose weights the run begins with, where these are told the image quality: of its folder, or of the file of weights in it.
std::optional<model::Model> told_before(const Prepared& run);

/// Throws Error where the recipe's network is not the one that was pretrained; warns where the bands have other names.
void check_pretrained(Prepared& run);

/// Throws Error where the weights that the run begins with are told the quality and the recipe's network is not, or that of other bands.
void check_condition(const Prepared& run);

/// The weights that the run begins with: those that the recipe names, or untrained ones. `warnings` gets what the user should be told.
/// Throws Error for files that are not there, and weights of another network.
network::Weights first_weights(const Prepared& run, const network::Graph& graph, std::vector<std::string>& warnings);

}  // namespace lensfind::train
