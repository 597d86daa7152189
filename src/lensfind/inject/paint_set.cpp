#include "lensfind/inject/paint_set.h"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "lensfind/inject/paint.h"

namespace lensfind::inject {
namespace {

/// Few galaxies with many arcs are soon known by themselves.
void warn_of_few_hosts(const simulate::SimulateOptions& options, const HostDivision& division, Progress& progress) {
  constexpr std::int64_t many = 10;
  using simulate::Split;
  for (const auto& [split, lenses] : {std::pair{Split::train, options.lenses}, std::pair{Split::test, options.test_lenses}}) {
    const auto hosts = static_cast<std::int64_t>(division.of(split, true).size());
    if (lenses <= many * hosts) continue;
    progress.warn(
        fmt::format("the {} lenses to {} are painted on {} {}: a network may learn the galaxies, and figures count them as so many", lenses,
                    split == Split::train ? "train on" : "test with", hosts, hosts == 1 ? "galaxy" : "galaxies"));
  }
}

simulate::MakeCutout painted_cutouts(const simulate::SimulateOptions& options, Progress& progress) {
  auto painter = std::make_shared<Painter>(options.paint, options.survey);
  painter->leave_out_unfit(options.size);
  painter->divide({options.lenses, options.nonlenses, options.test_lenses, options.test_nonlenses}, options.seed);
  warn_of_few_hosts(options, *painter->division(), progress);
  return [painter](const simulate::CutoutRequest& request, render::Renderer& renderer) { return painter->make(request, renderer); };
}

}  // namespace

simulate::SimulateSummary paint_set(const simulate::SimulateOptions& options, Progress& progress, const StopFlag& stop) {
  return simulate::make_set(options, painted_cutouts, progress, stop);
}

}  // namespace lensfind::inject
