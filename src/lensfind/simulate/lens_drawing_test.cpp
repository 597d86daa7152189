#include <algorithm>
#include <cmath>
#include <filesystem>

#include <gtest/gtest.h>

#include "lensfind/render/point_images.h"
#include "lensfind/simulate/early_lights.h"
#include "lensfind/simulate/lens_sample.h"
#include "lensfind/simulate/source_lights.h"
#include "lensfind/testing/kolmogorov.h"

namespace lensfind::simulate {
namespace {

constexpr int frame = 64;

/// A survey that keeps one draw in some hundred, so that a drawing without any short cut is not too long. Its conditions do not scatter.
Survey generous() {
  return find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                     {"population.source_i_faintest=25", "population.kept_snr=12", "seeing_scatter=0", "depth_scatter_mag=0",
                      "population.source_pair_fraction=0"});
}

/// What is compared of lenses.
struct Kept {
  std::vector<double> theta_e, z, source_z, sigma, source_i, magnification, snr, group_sigma;
  double tries = 0;
};

/// What a lens is kept for, in the band in which its source stands out most.
struct Look {
  std::size_t band = 0;
  double magnification = 0, snr = 0;
};

std::size_t band_of(const population::LateType& source, const Survey& survey, const Conditions& conditions) {
  const std::vector<double> flux = fluxes(survey.bands, survey.output_zero_point, source.i, source.colours);
  std::size_t best = 0;
  const auto above = [&](std::size_t b) { return flux[b] / (conditions.noise[b].background_rms * conditions.seeing_fwhm_arcsec[b]); };
  for (std::size_t b = 1; b < flux.size(); ++b) best = above(b) > above(best) ? b : best;
  return best;
}

void note(const LensSystem& lens, const Look& look, Kept& kept) {
  kept.theta_e.push_back(lens.theta_e_arcsec);
  kept.z.push_back(lens.deflector.z);
  kept.source_z.push_back(lens.source.z);
  kept.sigma.push_back(lens.deflector.sigma_km_s);
  kept.source_i.push_back(lens.source.i);
  kept.magnification.push_back(look.magnification);
  kept.snr.push_back(look.snr);
  kept.group_sigma.push_back(lens.group.sigma_km_s);
}

/// Draws as the laws say it and renders whatever has several images: nothing is refused by a bound, a table or a quick look.
class PlainDrawing {
 public:
  explicit PlainDrawing(const Survey& survey) : survey_{survey} {}

  void draw(const Conditions& conditions, render::Renderer& renderer, RandomStream& random, Kept& kept) const {
    LensSystem lens;
    Look look;
    do {
      ++kept.tries;
      lens = {};
    } while (!try_one(lens, look, conditions, renderer, random));
    note(lens, look, kept);
  }

  /// Places of sources in the squares behind all deflectors, each as large as the greatest Einstein radius makes it.
  [[nodiscard]] double tries_deg2() const {
    const population::Population& p = survey_.population;
    const auto counted = [&](double i) { return p.source_count_amplitude * std::pow(10, p.source_count_slope * (i - 25)) / 3600; };
    return (law_.galaxy_weight() + law_.group_weight()) * std::pow(2 * source_reach, 2) *
           (counted(p.source_i_faintest) - counted(p.source_i_brightest));
  }

 private:
  /// Its chance to be taken is its Einstein radius over the greatest of its kind, squared.
  bool draw_deflector(LensSystem& lens, double& efficiency, population::GroupRadii& radii, RandomStream& random) const {
    const population::Population& p = survey_.population;
    const bool in_group = random.chance(law_.group_weight() / (law_.group_weight() + law_.galaxy_weight()));
    double sigma = 0, z = 0, greatest = 0;
    if (in_group) {
      const population::DeflectorLaw::Place place = law_.draw_group(random);
      lens.group = law_.group_of(place.sigma_km_s, random);
      z = place.z;
      sigma = lens.group.galaxy_sigma_km_s;
      greatest = law_.greatest_group_radius(place.sigma_km_s);
    } else {
      z = law_.galaxy_redshift(random);
      sigma = law_.galaxy_dispersion(random);
      greatest = law_.greatest_galaxy_radius(sigma);
    }
    lens.deflector = galaxies_.early_type(sigma, z, random);
    if (in_group) lens.deflector.light.effective_radius_arcsec *= p.group_galaxy_size;
    lens.source =
        galaxies_.late_type(galaxies_.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random), random);
    efficiency = galaxies_.cosmology().lensing_efficiency(z, lens.source.z);
    if (lens.deflector.i <= p.lens_i_brightest || lens.deflector.i >= p.lens_i_faintest || efficiency <= 0) return false;
    if (in_group) radii = law_.radii(lens.group, z, efficiency);
    lens.theta_e_arcsec = in_group ? radii.theta_e_arcsec : population::einstein_radius_arcsec(sigma, efficiency);
    lens.deflector.mass.theta_e_arcsec = in_group ? radii.galaxy_arcsec : lens.theta_e_arcsec;
    return random.chance(std::pow(lens.theta_e_arcsec / greatest, 2));
  }

  bool try_one(LensSystem& lens, Look& look, const Conditions& conditions, render::Renderer& renderer, RandomStream& random) const {
    const population::Population& p = survey_.population;
    double efficiency = 0;
    population::GroupRadii radii;
    if (!draw_deflector(lens, efficiency, radii, random)) return false;
    look.band = band_of(lens.source, survey_, conditions);
    const double seeing = conditions.seeing_fwhm_arcsec[look.band], radius = lens.source.light.effective_radius_arcsec;
    if (!is_resolved(p, lens.theta_e_arcsec, radius, seeing)) return false;
    const double reach = source_reach * lens.theta_e_arcsec;
    lens.source.light.centre_arcsec = {random.uniform(-reach, reach), random.uniform(-reach, reach)};
    lens.scene.mass = {{lens.deflector.mass}, {random.normal(0, p.shear_scatter), random.normal(0, p.shear_scatter)}, {}};
    if (lens.group.sigma_km_s > 0)
      lens.scene.mass.halos = {{radii.halo_arcsec, radii.core_arcsec, lens.group.ellipticity, lens.deflector.mass.angle_rad, {}}};
    lens.members = lenses_.members_about(lens.deflector, lens.group.sigma_km_s, frame, random);
    for (const population::Member& member : lens.members) {
      render::PowerLawEllipsoid mass = member.galaxy.mass;
      mass.theta_e_arcsec = population::einstein_radius_arcsec(member.galaxy.sigma_km_s, efficiency);
      mass.slope = 2;
      mass.centre_arcsec = member.offset_arcsec;
      if (mass.theta_e_arcsec > 0.02) lens.scene.mass.ellipsoids.push_back(mass);
    }
    if (!render::PointImageFinder{lens.scene.mass, {}, 3.5 * lens.theta_e_arcsec}.find(lens.source.light.centre_arcsec).multiple)
      return false;
    lens.scene.unlensed = early_lights(lens.deflector, {}, survey_, random);
    for (render::Light& light : member_lights(lens.members, {}, survey_)) lens.scene.unlensed.push_back(std::move(light));
    lens.scene.sources = source_lights(lens.source, survey_, random);
    const render::Rendering seen = renderer.render(lens.scene, conditions.psfs, render_options(survey_, conditions, frame));
    const double in_frame = rendered_magnification(seen.arcs[look.band], source_flux(lens.scene, look.band));
    look.snr = best_signal_to_noise(seen.arcs[look.band], seen.image[look.band], conditions.noise[look.band]);
    if (in_frame <= p.kept_magnification || in_frame * radius <= seeing || look.snr <= p.kept_snr) return false;
    // All of the arcs' light, on a field that is three times as wide.
    lens.scene.unlensed.clear();
    const std::vector<render::Psf> none(survey_.bands.size(), render::NoPsf{});
    const render::Rendering wide = renderer.render(lens.scene, none, {.size = 3 * frame, .pixel_scale_arcsec = survey_.pixel_scale_arcsec});
    look.magnification = rendered_magnification(wide.arcs[look.band], source_flux(lens.scene, look.band));
    return true;
  }

  const Survey& survey_;
  population::GalaxySample galaxies_{survey_.population};
  population::DeflectorLaw law_{galaxies_};
  LensSample lenses_{galaxies_, survey_};  // only for its members
};

/// Of two samples: sqrt(n m / (n + m)) times the greatest distance of their distributions (Smirnov), beyond 1.95 in one pair of a thousand.
double smirnov_statistic(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto n = static_cast<double>(a.size()), m = static_cast<double>(b.size());
  double greatest = 0;
  for (const std::vector<double>* of : {&a, &b}) {
    for (const double x : *of) {
      const auto below = [x](const std::vector<double>& sample) {
        return static_cast<double>(std::upper_bound(sample.begin(), sample.end(), x) - sample.begin()) / static_cast<double>(sample.size());
      };
      greatest = std::max(greatest, std::abs(below(a) - below(b)));
    }
  }
  return std::sqrt(n * m / (n + m)) * greatest;
}

/// What both keep is alike, and so is their number a square degree. Where sources have a second one beside them, which has no part in what
/// is kept, their magnification and S/N are of both and not compared.
void expect_alike(const Survey& survey, std::uint64_t seed) {
  const population::GalaxySample galaxies{survey.population};
  const LensSample lenses{galaxies, survey};
  const PlainDrawing plain_drawing{survey};
  RandomStream random{seed, Purpose::test};
  const Conditions conditions = draw_conditions(survey, random);
  render::Renderer renderer;
  Kept fast, plain;
  for (int k = 0; k < 700; ++k) {
    const LensSystem lens = lenses.draw({}, conditions, frame, renderer, random);
    const std::size_t band = band_of(lens.source, survey, conditions);
    note(lens, {band, lens.magnification[band], lens.arc_snr[band]}, fast);
    fast.tries += lens.tries;
  }
  for (int k = 0; k < 500; ++k) plain_drawing.draw(conditions, renderer, random, plain);
  for (const auto of : {&Kept::theta_e, &Kept::z, &Kept::source_z, &Kept::sigma, &Kept::source_i, &Kept::group_sigma})
    EXPECT_LT(smirnov_statistic(fast.*of, plain.*of), test::kolmogorov_limit);
  if (survey.population.source_pair_fraction == 0) {
    for (const auto of : {&Kept::magnification, &Kept::snr}) EXPECT_LT(smirnov_statistic(fast.*of, plain.*of), test::kolmogorov_limit);
  }
  // A square degree.
  const double fast_rate = lenses.candidates().tries_deg2(source_reach) * 700 / fast.tries,
               plain_rate = plain_drawing.tries_deg2() * 500 / plain.tries;
  EXPECT_NEAR(fast_rate / plain_rate, 1, 3.5 * std::sqrt(1.0 / 700 + 1.0 / 500));
}

// What refuses candidates early changes neither which lenses are kept nor how many there are.
TEST(LensDrawing, KeepsWhatADrawingWithoutShortCutsKeeps) { expect_alike(generous(), 16); }

// Pixels of .262 arcsec are twice as wide as many a source, the seeing is not the survey's, and half of the sources are two.
TEST(LensDrawing, KeepsItBehindWidePixelsUnderAnotherSeeing) {
  expect_alike(find_survey("legacy", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"},
                           {"population.source_i_faintest=24.5", "population.kept_snr=6", "seeing_scatter=0.2", "depth_scatter_mag=0",
                            "population.source_pair_fraction=0.5"}),
               17);
}

/// Groups that are kept: Einstein radii, and how many there are a square degree.
struct Groups {
  std::vector<double> theta_e;
  double rate_deg2 = 0;
};

constexpr std::size_t group_number = 20'000;

Groups groups_of_candidates(const population::GalaxySample& galaxies, const Survey& survey, const Conditions& conditions,
                            RandomStream& random) {
  const CandidateLaw law{galaxies, survey};
  Groups out;
  double draws = 0;
  LensCandidate candidate;
  while (out.theta_e.size() < group_number) {
    ++draws;
    if (law.draw(candidate, conditions, 0, random) && candidate.in_group()) out.theta_e.push_back(candidate.theta_e_arcsec);
  }
  out.rate_deg2 = law.tries_deg2(source_reach) * static_cast<double>(group_number) / (draws * law.draws_a_try(conditions));
  return out;
}

/// By the laws alone: a group is taken as often as its Einstein radius over the greatest of its kind, squared.
Groups groups_of_law(const population::GalaxySample& galaxies, const Survey& survey, double seeing, RandomStream& random) {
  const population::Population& p = survey.population;
  const population::DeflectorLaw law{galaxies};
  Groups out;
  double draws = 0;
  while (out.theta_e.size() < group_number) {
    ++draws;
    const population::DeflectorLaw::Place place = law.draw_group(random);
    const population::Group group = law.group_of(place.sigma_km_s, random);
    const population::EarlyType galaxy = galaxies.early_type(group.galaxy_sigma_km_s, place.z, random);
    if (galaxy.i <= p.lens_i_brightest || galaxy.i >= p.lens_i_faintest) continue;
    const population::LateType source =
        galaxies.late_type(galaxies.counted_magnitude(p.source_i_brightest, p.source_i_faintest, p.source_count_slope, random), random);
    const double efficiency = galaxies.cosmology().lensing_efficiency(place.z, source.z);
    if (efficiency <= 0) continue;
    const double theta_e = law.radii(group, place.z, efficiency).theta_e_arcsec;
    if (!random.chance(std::pow(theta_e / law.greatest_group_radius(place.sigma_km_s), 2))) continue;
    if (is_resolved(p, theta_e, source.light.effective_radius_arcsec, seeing)) out.theta_e.push_back(theta_e);
  }
  const auto counted = [&](double i) { return p.source_count_amplitude * std::pow(10, p.source_count_slope * (i - 25)) / 3600; };
  out.rate_deg2 = law.group_weight() * std::pow(2 * source_reach, 2) * (counted(p.source_i_faintest) - counted(p.source_i_brightest)) *
                  static_cast<double>(group_number) / draws;
  return out;
}

// Nothing is rendered here: as many groups with their sources come from the cells as from the laws.
TEST(LensDrawing, GroupsAreThoseOfTheLaw) {
  const Survey survey =
      find_survey("hsc", {std::filesystem::path{LENSFIND_SOURCE_DIR} / "surveys"}, {"population.group_abundance=100", "seeing_scatter=0"});
  const population::GalaxySample galaxies{survey.population};
  RandomStream random{18, Purpose::test};
  const Conditions conditions = draw_conditions(survey, random);
  const Groups cells = groups_of_candidates(galaxies, survey, conditions, random),
               law = groups_of_law(galaxies, survey, *std::ranges::min_element(conditions.seeing_fwhm_arcsec), random);
  EXPECT_LT(smirnov_statistic(cells.theta_e, law.theta_e), test::kolmogorov_limit);
  EXPECT_NEAR(cells.rate_deg2 / law.rate_deg2, 1, 0.03);
}

}  // namespace
}  // namespace lensfind::simulate
