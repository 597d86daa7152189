#pragma once

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// The network with feature-wise linear modulation (FiLM, Perez et al. 2018) by the image quality: behind the last layer of each stage,
/// where the whole network has one image and the next layer makes it smaller, channel c becomes scale_c x + shift_c. Scale and shift are
/// linear in the standardised quality (2 x bands: seeing and noise of each band; quality.h) and begin as 1 and 0, so that training begins
/// with the network as it was. Parameters: film.K.scale and film.K.shift (weight, bias), stages counted from 0.
/// Throws Error for a network whose layers are equivariant to turns and flips: modulating each channel by itself would undo that.
Graph with_film(const Graph& graph);

/// Whether it is such a network.
bool has_film(const Graph& graph);

}  // namespace lensfind::network
