#include "lensfind/simulate/lens_candidate.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lensfind::simulate {
namespace {

bool is_radius_given(const Survey& survey) { return survey.population.einstein_radius_law == population::EinsteinRadiusLaw::uniform; }

double sharpest_of(const std::vector<double>& seeing_fwhm_arcsec) { return *std::ranges::min_element(seeing_fwhm_arcsec); }

/// Einstein radii of less are never resolved: see is_resolved.
double least_radius_arcsec(const population::Population& p, double seeing_fwhm_arcsec) {
  return p.kept_resolution * seeing_fwhm_arcsec / 2;
}

}  // namespace

std::vector<render::CoredHalo> LensCandidate::halos(render::Point centre) const {
  if (!in_group()) return {};
  return {{.strength_arcsec = radii.halo_arcsec,
           .core_arcsec = radii.core_arcsec,
           .ellipticity = group.ellipticity,
           .angle_rad = deflector.mass.angle_rad,
           .centre_arcsec = centre}};
}

bool is_resolved(const population::Population& population, double theta_e_arcsec, double source_radius_arcsec, double seeing_fwhm_arcsec) {
  const double blur = population.kept_resolution * seeing_fwhm_arcsec / 2;
  return theta_e_arcsec * theta_e_arcsec > source_radius_arcsec * source_radius_arcsec + blur * blur;
}

CandidateLaw::CandidateLaw(const population::GalaxySample& galaxies, const Survey& survey)
    : galaxies_{galaxies},
      survey_{survey},
      deflectors_{galaxies},
      targets_{galaxies, deflectors_},
      sources_{galaxies},
      pairs_{targets_, sources_,
             is_radius_given(survey) ? 0 : least_radius_arcsec(survey.population, sharpest_of(survey.seeing_fwhm_arcsec))},
      brightest_part_{std::pow(
          10, survey.population.source_count_slope * (survey.population.source_i_brightest - survey.population.source_i_faintest))} {}

double CandidateLaw::tries_deg2(double source_reach) const {
  const population::Population& p = survey_.population;
  if (p.einstein_radius_law == population::EinsteinRadiusLaw::uniform) return 0;
  const auto counted = [&](double i) { return p.source_count_amplitude * std::pow(10, p.source_count_slope * (i - 25)) / 3600; };
  const double sources_arcsec2 = counted(p.source_i_faintest) - counted(p.source_i_brightest);
  return (deflectors_.galaxy_weight() * targets_.fraction() + deflectors_.group_weight()) * 4 * source_reach * source_reach *
         sources_arcsec2;
}

double CandidateLaw::galaxy_weight(const PairCells::Level& level) const {
  return deflectors_.galaxy_weight() * targets_.fraction() * level.weight;
}

double CandidateLaw::group_weight() const { return deflectors_.group_weight() * sources_.greatest_weight(); }

/// The best band, which decides, is not known yet.
double CandidateLaw::least_radius(const Conditions& conditions) const {
  return least_radius_arcsec(survey_.population, sharpest_of(conditions.seeing_fwhm_arcsec));
}

double CandidateLaw::draws_a_try(const Conditions& conditions) const {
  if (is_radius_given(survey_)) return 1;
  return (deflectors_.galaxy_weight() * targets_.fraction() + deflectors_.group_weight()) /
         (galaxy_weight(pairs_.level_of(least_radius(conditions))) + group_weight());
}

bool CandidateLaw::is_target(double absolute_r, double z) const {
  const double i = galaxies_.early_i(absolute_r, z);
  return i > survey_.population.lens_i_brightest && i < survey_.population.lens_i_faintest;
}

bool CandidateLaw::draw_source(Drawn& drawn, LensCandidate& candidate, RandomStream& random) const {
  const population::Population& p = survey_.population;
  drawn.source_i = p.source_i_faintest + std::log10(brightest_part_ + random.uniform() * (1 - brightest_part_)) / p.source_count_slope;
  drawn.source_z = galaxies_.late_redshift(drawn.source_i, random);
  candidate.efficiency = galaxies_.cosmology().lensing_efficiency(drawn.z, drawn.source_z);
  return candidate.efficiency > 0;
}

bool CandidateLaw::draw_galaxy(Drawn& drawn, LensCandidate& candidate, const PairCells::Level& level, RandomStream& random) const {
  const auto [galaxy, source] = pairs_.draw(level, random);
  drawn = {galaxy.z, galaxy.sigma_km_s, galaxy.absolute_r, source.i, source.z};
  candidate.efficiency = galaxies_.cosmology().lensing_efficiency(drawn.z, drawn.source_z);
  // The area behind a lens goes as theta_E^2, that is as sigma^4 (D_ls / D_s)^2, of which the first factor was drawn, and most of the
  // second.
  const double part = candidate.efficiency / source.greatest_efficiency;
  if (!random.chance(part * part) || !is_target(drawn.absolute_r, drawn.z)) return false;
  candidate.theta_e_arcsec = population::einstein_radius_arcsec(drawn.sigma, candidate.efficiency);
  return true;
}

/// As often as there is area behind the group: (theta_E / the greatest)^2. Of that, what the dispersions and the source's cell leave comes
/// first; what then remains is asked for by one random number.
bool CandidateLaw::draw_group(Drawn& drawn, LensCandidate& candidate, double least_radius_arcsec, RandomStream& random) const {
  const population::DeflectorLaw::Place place = deflectors_.draw_group(random);
  drawn.z = place.z;
  const int row = sources_.row_of(drawn.z);
  const double all = sources_.weight(row, sources_.all_steps());
  if (!random.chance(all / sources_.greatest_weight())) return false;
  drawn.sigma = deflectors_.draw_group_galaxy_sigma(random);
  const double part = population::DeflectorLaw::greatest_part(place.sigma_km_s, drawn.sigma),
               greatest = part * deflectors_.greatest_group_radius(place.sigma_km_s);
  const int steps = sources_.steps_beyond(row, least_radius_arcsec / greatest);
  if (!random.chance(part * part * sources_.weight(row, steps) / all)) return false;
  drawn.absolute_r = galaxies_.early_absolute_r(drawn.sigma, random);
  if (!is_target(drawn.absolute_r, drawn.z)) return false;
  const SourceCells::Source source = sources_.draw(row, steps, random);
  drawn.source_i = source.i;
  drawn.source_z = source.z;
  candidate.efficiency = galaxies_.cosmology().lensing_efficiency(drawn.z, drawn.source_z);
  const double asked = std::sqrt(random.uniform()) * source.greatest_efficiency;
  if (candidate.efficiency <= asked) return false;
  candidate.group = deflectors_.group_of(place.sigma_km_s, drawn.sigma, random);
  candidate.radii = deflectors_.radii(candidate.group, drawn.z, candidate.efficiency);
  candidate.theta_e_arcsec = candidate.radii.theta_e_arcsec;
  return candidate.theta_e_arcsec > asked * greatest;
}

/// The dispersion follows from the Einstein radius and the distances. Distances that would need a rare dispersion are as rare, and where
/// galaxies of it are rarer than groups of the same Einstein radius it is mostly a group, whose halo follows.
bool CandidateLaw::draw_uniform(Drawn& drawn, LensCandidate& candidate, double theta_e, RandomStream& random) const {
  const population::Population& p = survey_.population;
  drawn.z = deflectors_.galaxy_redshift(random);
  if (!draw_source(drawn, candidate, random)) return false;
  candidate.theta_e_arcsec = theta_e;
  const double one = population::einstein_radius_arcsec(1, candidate.efficiency);
  const double radius = theta_e / candidate.efficiency;
  const population::DeflectorLaw::Numbers numbers = deflectors_.numbers(drawn.z, radius);
  const double all = numbers.galaxies + numbers.groups;
  if (!random.chance(all * radius / deflectors_.greatest_numbers_times_radius(theta_e))) return false;
  if (random.chance(numbers.groups / all)) {
    population::Group group = deflectors_.group_of(0, random);
    candidate.radii = deflectors_.radii(group, drawn.z, candidate.efficiency);
    const double halo = (theta_e - candidate.radii.galaxy_arcsec) * std::hypot(candidate.radii.core_arcsec, theta_e) / theta_e;
    if (halo <= 0) return false;
    group.sigma_km_s = std::sqrt(halo / one);
    if (group.sigma_km_s < p.group_sigma_min_km_s || group.sigma_km_s > p.group_sigma_max_km_s) return false;
    candidate.radii.halo_arcsec = halo;
    candidate.radii.theta_e_arcsec = theta_e;
    candidate.group = group;
    drawn.sigma = group.galaxy_sigma_km_s;
  } else {
    drawn.sigma = std::sqrt(theta_e / one);
    if (drawn.sigma < p.sigma_min_km_s || drawn.sigma > p.sigma_max_km_s) return false;
  }
  drawn.absolute_r = galaxies_.early_absolute_r(drawn.sigma, random);
  return is_target(drawn.absolute_r, drawn.z);
}

double CandidateLaw::draw_radius(RandomStream& random) const {
  return random.uniform(survey_.population.theta_e_min_arcsec, survey_.population.theta_e_max_arcsec);
}

bool CandidateLaw::draw(LensCandidate& candidate, const Conditions& conditions, double theta_e_arcsec, RandomStream& random) const {
  const population::Population& p = survey_.population;
  candidate.group = {};
  candidate.quasar = p.lensed_quasar_fraction > 0 && random.chance(p.lensed_quasar_fraction);
  Drawn drawn{};
  if (is_radius_given(survey_)) {
    if (!draw_uniform(drawn, candidate, theta_e_arcsec, random)) return false;
  } else {
    const double least = least_radius(conditions), groups = group_weight();
    const PairCells::Level& level = pairs_.level_of(least);
    const bool in_group = groups > 0 && random.chance(groups / (groups + galaxy_weight(level)));
    if (!(in_group ? draw_group(drawn, candidate, least, random) : draw_galaxy(drawn, candidate, level, random))) return false;
  }
  const double sharpest = sharpest_of(conditions.seeing_fwhm_arcsec);
  if (!is_resolved(p, candidate.theta_e_arcsec, 0, sharpest)) return false;
  candidate.source = galaxies_.late_type(drawn.source_i, drawn.source_z, random);
  if (!is_resolved(p, candidate.theta_e_arcsec, candidate.source.light.effective_radius_arcsec, sharpest)) return false;
  candidate.deflector = galaxies_.early_type(drawn.sigma, drawn.z, drawn.absolute_r, random);
  candidate.deflector.mass.theta_e_arcsec = candidate.in_group() ? candidate.radii.galaxy_arcsec : candidate.theta_e_arcsec;
  if (candidate.in_group()) candidate.deflector.light.effective_radius_arcsec *= p.group_galaxy_size;
  return true;
}

}  // namespace lensfind::simulate
