#pragma once

#include <vector>

#include "lensfind/population/galaxy_sample.h"
#include "lensfind/simulate/conditions.h"

namespace lensfind::simulate {

/// A lens that a survey would keep, with its light as the survey sees it without noise and without neighbours.
struct LensSystem {
  population::EarlyType deflector;
  population::LateType source;  ///< its light stands at its position behind the lens
  double theta_e_arcsec = 0;
  render::ExternalShear shear;
  render::Scene scene;
  render::Rendering rendering;                 ///< deflector and arcs
  std::vector<double> magnification, arc_snr;  ///< a band
};

/// Draws lenses from the deflectors' dispersion function and volume and the sources' counts, each weighted by the area of the sky behind it
/// in which a source has at least two images, and keeps what the survey would see as a lens (Collett 2015). Immutable; draws from any
/// thread.
class LensSample {
 public:
  LensSample(const population::GalaxySample& galaxies, const Survey& survey);

  /// `centre`: of the deflector. Throws Error where the survey keeps next to nothing.
  [[nodiscard]] LensSystem draw(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                RandomStream& random) const;
  /// One as well, without its rendering, magnification and S/N: for whoever wants only the deflector.
  [[nodiscard]] LensSystem draw_unseen(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                       RandomStream& random) const;

 private:
  struct Candidate {
    population::EarlyType deflector;
    population::LateType source;
    double theta_e_arcsec;
  };

  [[nodiscard]] LensSystem draw(bool all_bands, render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                RandomStream& random) const;
  [[nodiscard]] bool draw_pair(Candidate& candidate, const Conditions& conditions, RandomStream& random) const;
  [[nodiscard]] bool is_resolved(double theta_e_arcsec, double source_radius_arcsec, double seeing_fwhm_arcsec) const;
  [[nodiscard]] bool place_source(Candidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                                  const Conditions& conditions, RandomStream& random) const;
  [[nodiscard]] double max_signal_to_noise(const Candidate& candidate, double magnification, std::size_t band,
                                           const Conditions& conditions) const;
  [[nodiscard]] std::size_t best_band(const Candidate& candidate, const Conditions& conditions) const;
  [[nodiscard]] bool shows(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size,
                           render::Renderer& renderer) const;
  [[nodiscard]] bool promises(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size) const;

  const population::GalaxySample& galaxies_;
  const Survey& survey_;
  population::TabulatedDensity dispersion_, redshift_;
};

/// A source's components: one of the survey's pictures where it has any; else its body and, in a fraction of the sources, knots within it,
/// bluer than the body. Its flux is that of its magnitude.
std::vector<render::Light> source_lights(const population::LateType& source, const Survey& survey, RandomStream& random);
/// Lensed flux over source flux a band, light beyond the cutout too: `arcs` are the scene's as the cutout shows them, and where it is too
/// narrow for all their light they are rendered again on a wider field. The source's effective radius is `radius_arcsec`.
std::vector<double> magnifications(const render::Scene& scene, double radius_arcsec, const std::vector<render::Plane>& arcs,
                                   double pixel_scale_arcsec, render::Renderer& renderer);
/// Flux of all sources of a scene before lensing.
double source_flux(const render::Scene& scene, std::size_t band);

}  // namespace lensfind::simulate
