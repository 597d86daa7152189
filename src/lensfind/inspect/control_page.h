#pragma once

#include <filesystem>

#include "lensfind/inspect/control_grid.h"

namespace lensfind::inspect {

/// A page of what the controls say of the graders: completeness and false positives of each, how often they say the same again, and how
/// much of the control lenses they find over Einstein radius, signal-to-noise ratio of the arcs and source magnitude, and over the first
/// two at once in the cells of `edges`, with 95% intervals. One file that needs nothing beside it.
void write_control_page(const std::filesystem::path& html, const Merged& merged, const GridEdges& edges = {});

}  // namespace lensfind::inspect
