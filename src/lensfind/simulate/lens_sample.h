#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "lensfind/population/members.h"
#include "lensfind/simulate/lens_candidate.h"

namespace lensfind::simulate {

/// A lens that a survey would keep, with its light as the survey sees it without noise and without neighbours.
struct LensSystem {
  population::EarlyType deflector;
  population::LateType source;              ///< its light stands at its position behind the lens
  double theta_e_arcsec = 0;                ///< of all mass within it but satellites'
  population::Group group;                  ///< sigma_km_s is 0 where the deflector is a galaxy by itself
  std::vector<population::Member> members;  ///< red galaxies about the deflector
  render::ExternalShear shear;
  render::Scene scene;
  std::size_t own_lights = 0;                  ///< of the scene's unlensed light, the first so many are the deflector's
  render::Rendering rendering;                 ///< deflector, members and arcs
  std::vector<double> magnification, arc_snr;  ///< a band
  std::optional<double> quasar_i;              ///< magnitude, before lensing, of a quasar in the source
  std::vector<double> quasar_flux;             ///< a band, likewise; empty without one
  std::optional<double> second_z;              ///< redshift of a second source
  double tries = 0;                            ///< draws by the law that this one stands for
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
  /// Red galaxies about a target of the kind that deflectors have about them: in a group's halo of `group_sigma_km_s`, or with 0 in one of
  /// the target's own dispersion, with scatter.
  [[nodiscard]] std::vector<population::Member> members_about(const population::EarlyType& target, double group_sigma_km_s, int size,
                                                              RandomStream& random) const;
  [[nodiscard]] const CandidateLaw& candidates() const { return candidates_; }

  /// One as well, without its rendering, magnification and S/N: for whoever wants only the deflector.
  [[nodiscard]] LensSystem draw_unseen(render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                       RandomStream& random) const;

 private:
  [[nodiscard]] LensSystem draw(bool all_bands, render::Point centre, const Conditions& conditions, int size, render::Renderer& renderer,
                                RandomStream& random) const;
  [[nodiscard]] bool try_one(LensSystem& lens, LensCandidate& candidate, bool all_bands, render::Point centre, const Conditions& conditions,
                             int size, render::Renderer& renderer, RandomStream& random) const;
  void place_source(LensCandidate& candidate, const render::Mass& mass, render::Point centre, RandomStream& random) const;
  [[nodiscard]] bool may_be_kept(const LensCandidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                                 const Conditions& conditions) const;
  [[nodiscard]] bool has_images(const LensCandidate& candidate, const render::Mass& mass, render::Point centre, std::size_t band,
                                const Conditions& conditions) const;
  void surround(LensSystem& lens, render::Point centre, int size, RandomStream& random) const;
  void add_light(LensSystem& lens, bool quasar, render::Point centre, RandomStream& random) const;
  void add_second_source(LensSystem& lens, const LensCandidate& candidate, RandomStream& random) const;
  [[nodiscard]] double max_signal_to_noise(const LensCandidate& candidate, double magnification, std::size_t band,
                                           const Conditions& conditions) const;
  [[nodiscard]] std::size_t best_band(const LensCandidate& candidate, const Conditions& conditions) const;
  [[nodiscard]] bool shows(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size,
                           render::Renderer& renderer) const;
  [[nodiscard]] bool arcs_suffice(const LensSystem& lens, std::size_t band, const Conditions& conditions, const render::Plane& arcs) const;
  /// What is rendered of a lens: which of the PSFs is the best band's, and which band that is of all.
  struct Bands {
    const render::Scene& scene;
    std::span<const render::Psf> psfs;
    std::size_t best, best_of_all;
  };
  [[nodiscard]] std::optional<render::Rendering> rendered_if_kept(const LensSystem& lens, const Bands& in, const Conditions& conditions,
                                                                  const render::RenderOptions& options, render::Renderer& renderer) const;
  [[nodiscard]] bool promises(const LensSystem& lens, std::size_t band, const Conditions& conditions, int size) const;

  const population::GalaxySample& galaxies_;
  const Survey& survey_;
  CandidateLaw candidates_;
  population::MemberSample members_;
  double faintest_member_i_;
};

/// Half side of the square of source positions in Einstein radii: caustics and cuts lie inside.
constexpr double source_reach = 1.6;

/// Lensed flux over source flux a band, light beyond the cutout too: `arcs` are the scene's as the cutout shows them, and where it is too
/// narrow for all their light they are rendered again on a wider field. The source's effective radius is `radius_arcsec`; `point_flux` is
/// that of a point source among it before lensing, a band or empty.
std::vector<double> magnifications(const render::Scene& scene, double radius_arcsec, const std::vector<render::Plane>& arcs,
                                   double pixel_scale_arcsec, render::Renderer& renderer, const std::vector<double>& point_flux = {});
/// Flux of all sources of a scene before lensing.
double source_flux(const render::Scene& scene, std::size_t band);

}  // namespace lensfind::simulate
