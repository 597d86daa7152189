#pragma once

#include "lensfind/simulate/simulate.h"

namespace lensfind::inject {

/// simulate::simulate_set() with lensed sources painted on the real cutouts that `options.paint` names, in place of wholly simulated ones.
/// Each split and class has cutouts of its own. Throws Error as simulate_set, and where there are too few real cutouts.
simulate::SimulateSummary paint_set(const simulate::SimulateOptions& options, Progress& progress = no_progress(),
                                    const StopFlag& stop = never_stop());

}  // namespace lensfind::inject
