#pragma once

#include <optional>

#include "lensfind/inject/host_cutouts.h"
#include "lensfind/inject/hosts.h"
#include "lensfind/inject/paint_grid.h"
#include "lensfind/population/galaxy_sample.h"
#include "lensfind/render/render.h"

namespace lensfind::inject {

/// Paints lensed sources on real cutouts of galaxies. The galaxy's velocity dispersion is drawn from those that its magnitude and redshift
/// allow (its redshift too where it is not known). Its mass is shaped as its light. The source is seen through its PSF. Only the arcs' own
/// photons add noise, because the sky's is there already. Missing pixels have no part in measurements, and get the median of their band at
/// the end, as `score` gives it to them. On a grid of Einstein radius and S/N the cell says both: the galaxy has the mass that the radius
/// takes, and the source is as bright as the S/N takes. Paints from any thread.
class Painter {
 public:
  /// Throws Error as HostFolder, and as PaintGrid.
  Painter(const simulate::PaintOptions& options, const simulate::Survey& survey);

  /// HostFolder::leave_out_unfit(). To be called before the first cutout is made.
  void leave_out_unfit(int side) { hosts_.leave_out_unfit(side); }
  /// From now on each split and class has cutouts of its own. Until then every cutout serves all. Throws Error as HostDivision.
  void divide(const HostNeeds& needs, std::uint64_t seed);
  [[nodiscard]] const HostDivision* division() const { return division_ ? &*division_ : nullptr; }
  [[nodiscard]] const HostFolder& hosts() const { return hosts_; }

  /// Lens `number` is painted on cutout `number` of its split's, modulo their count, or on the next one that can be a lens that the survey
  /// keeps. A non-lens is the cutout as it is. Throws Error where no cutout can be a lens.
  [[nodiscard]] simulate::SimulatedCutout make(const simulate::CutoutRequest& request, render::Renderer& renderer) const;

 private:
  struct Deflector;
  struct Candidate;

  [[nodiscard]] Deflector look_at(const HostCutout& host) const;
  [[nodiscard]] std::vector<population::EarlyType> galaxies_like(const HostCutout& host, const Deflector& deflector,
                                                                 RandomStream& random) const;
  [[nodiscard]] std::optional<Candidate> draw(const population::EarlyType& galaxy, const Deflector& deflector,
                                              const std::optional<PaintCell>& cell, RandomStream& random) const;
  [[nodiscard]] bool is_brought_to(const PaintCell& cell, const HostCutout& host, Candidate& candidate, std::vector<render::Plane>& arcs,
                                   render::Renderer& renderer, simulate::ArcsTruth& truth, RandomStream& random) const;
  [[nodiscard]] bool keeps(const HostCutout& host, const Candidate& candidate, const std::vector<render::Plane>& arcs,
                           render::Renderer& renderer, simulate::ArcsTruth& truth) const;
  /// Writes down deflector and source of a lens that was painted.
  void note(const Candidate& candidate, const Deflector& deflector, simulate::Truth& truth) const;
  [[nodiscard]] std::optional<simulate::SimulatedCutout> paint(const HostCutout& host, const std::optional<PaintCell>& cell,
                                                               render::Renderer& renderer, RandomStream& random) const;
  [[nodiscard]] std::int64_t host_index(const simulate::CutoutRequest& request, std::int64_t step) const;
  [[nodiscard]] std::int64_t host_count(const simulate::CutoutRequest& request) const;

  HostFolder hosts_;
  std::optional<PaintGrid> grid_;
  std::optional<HostDivision> division_;
  simulate::Survey survey_;
  population::GalaxySample galaxies_;
};

}  // namespace lensfind::inject
