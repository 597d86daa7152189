#include "lensfind/simulate/nonlens_sample.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/simulate/nonlens_kinds.h"

namespace lensfind::simulate {
namespace {

std::vector<NonLensKind> all_kinds() {
  std::vector<NonLensKind> out{galaxy_kinds().begin(), galaxy_kinds().end()};
  out.insert(out.end(), structured_kinds().begin(), structured_kinds().end());
  out.insert(out.end(), confuser_kinds().begin(), confuser_kinds().end());
  return out;
}

}  // namespace

NonLensSample::NonLensSample(const population::GalaxySample& galaxies, const LensSample& lenses, const Survey& survey)
    : galaxies_{galaxies},
      lenses_{lenses},
      targets_{galaxies, lenses, survey},
      survey_{survey},
      kinds_{all_kinds()},
      fractions_(kinds_.size(), 0) {
  for (const population::KindFraction& wanted : survey.population.nonlens_kinds) {
    const auto found = std::find_if(kinds_.begin(), kinds_.end(), [&](const NonLensKind& kind) { return wanted.kind == kind.name; });
    if (found == kinds_.end()) {
      std::vector<std::string> names;
      for (const NonLensKind& kind : kinds_) names.emplace_back(kind.name);
      const std::string near = nearest_name(wanted.kind, names);
      throw Error{fmt::format("{}: no kind of non-lens is called {}", survey.name, wanted.kind),
                  near.empty() ? "the file's nonlens_kinds names the kinds" : fmt::format("did you mean {}?", near)};
    }
    fractions_[static_cast<std::size_t>(found - kinds_.begin())] += wanted.fraction;
  }
}

NonLensSample::~NonLensSample() = default;

NonLens NonLensSample::draw(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                            RandomStream& random) const {
  const NonLensKind& kind = kinds_[population::draw_index(fractions_, random)];
  NonLens out = kind.draw({galaxies_, lenses_, targets_, survey_, centre, conditions, size, renderer, random});
  out.kind = kind.name;
  for (std::size_t b = 0; b < survey_.bands.size(); ++b) {
    double flux = 0;
    for (const render::Light& light : out.lights) flux += light.flux[b];
    out.magnitudes.push_back(survey_.output_zero_point[b] - 2.5 * std::log10(flux));
  }
  return out;
}

}  // namespace lensfind::simulate
