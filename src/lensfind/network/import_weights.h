#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lensfind/network/graph.h"
#include "lensfind/network/weights.h"

namespace lensfind::network {

/// Name of the layer that ends in the outputs: "fc", "classifier", "head.fc".
std::string head_name(const Graph& graph);

/// A first convolution's weights (outputs, 3, height, width) for another number of bands, as timm's adapt_input_conv has it. One band gets
/// the sum of the three. More or fewer get the three by turns, times 3 / bands.
Array adapt_first_convolution(const Array& three_bands, std::int64_t bands);

/// A convolution's weights (outputs, bands, height, width) with the bands in the opposite order.
Array with_bands_reversed(const Array& convolution);

/// Weights that fit a graph, and how they came to fit.
struct ImportedWeights {
  Weights weights;                 ///< fit the graph
  std::vector<std::string> notes;  ///< what was changed, a sentence each
};

/// Weights under the graph's names. Wrappers' names are dropped (without_wrappers), efficientnet_pytorch's become timm's. Where the network
/// is one part of what a file holds, as beside a loss with weights of its own, that part is taken, and a note says what was left. Throws
/// Error where several parts have all names of the graph. Names that do not fit stay as they are.
ImportedWeights with_names_of(const Graph& graph, Weights weights, const std::string& origin);

/// Fits weights that timm, torchvision or PyTorch Lightning wrote to a graph. Names are found as above. A first convolution for 3 bands is
/// adapted. Where the head has ImageNet's 1000 outputs, so that the three are red, green and blue, they go to the bands from the last (the
/// reddest, as in g, r, i) to the first; without a head, or with another of more than two outputs, a note says that their order is not
/// known. A head of another size, or none, is drawn anew with `seed` (with `keep_head`: Error). Anything
/// else that does not fit throws as check_weights does. `origin` names the file.
ImportedWeights import_weights(const Graph& graph, Weights weights, const std::string& origin, bool keep_head, std::uint64_t seed);

}  // namespace lensfind::network
