#pragma once

#include <string>

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// A picture of a network (SVG, self-contained), from top to bottom. Each block is a box with its layers, the shape it leaves, its
/// parameters and its fraction of the multiply-adds. An arc stands beside a block that adds its input to its output.
std::string draw_svg(const Graph& graph);

}  // namespace lensfind::network
