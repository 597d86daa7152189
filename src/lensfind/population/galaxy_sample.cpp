#include "lensfind/population/galaxy_sample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::population {
namespace {

/// Draws before a law is said to hold nothing that is wanted.
constexpr int max_tries = 1'000'000;

/// The velocity dispersion function, (sigma / sigma*)^alpha exp(-(sigma / sigma*)^beta) / sigma (Choi et al. 2007).
double dispersion_function(const Population& p, double sigma) {
  const double ratio = sigma / p.sigma_star_km_s;
  return std::pow(ratio, p.sigma_power) * std::exp(-std::pow(ratio, p.sigma_cutoff_power)) / sigma;
}

/// Of early types of a dispersion, at z = 0.
double mean_absolute_r(const Population& p, double sigma_km_s) {
  return p.lens_magnitude + p.lens_magnitude_slope * std::log10(sigma_km_s / 200);
}

/// The distribution of the redshifts of one magnitude: of z^2 exp(-z / z0) and z^3 exp(-z / z0) in shares, of which the first is negative
/// where none is nearer than a limit.
struct RedshiftLaw {
  double z0, cubic_fraction, nearest;

  static constexpr double min_z0 = 0.09;

  /// d/di of N(<i) p(z | z0(i)) is p [k + z0' (z / z0^2 - 3 / z0)] with N ~ exp(k i) and p = z^2 exp(-z / z0) / (2 z0^3).
  RedshiftLaw(const Population& p, double i) : z0{std::max(p.source_z0_slope * i + p.source_z0, min_z0)} {
    const double k = p.source_count_slope * std::numbers::ln10, change = std::max(0.0, p.source_z0_slope);
    cubic_fraction = 3 * change / (z0 * k);
    nearest = change > 0 ? std::max(0.0, 3 * z0 - k * z0 * z0 / change) : 0;
  }

  /// To a factor.
  [[nodiscard]] double density(double z) const {
    return z * z * std::exp(-z / z0) * std::max(0.0, 1 - cubic_fraction + cubic_fraction * z / (3 * z0));
  }

  [[nodiscard]] double draw(RandomStream& random) const {
    // Of z^n exp(-z / z0): the sum of n + 1 exponentials, that is the logarithm of as many uniform numbers' product.
    for (;;) {
      const bool cubic = random.chance(std::min(1.0, cubic_fraction));
      double product = (1 - random.uniform()) * (1 - random.uniform()) * (1 - random.uniform());
      if (cubic) product *= 1 - random.uniform();
      const double z = -z0 * std::log(product);
      if (cubic_fraction <= 1 || random.chance(1 - nearest / z)) return z;
    }
  }
};

Colours early_colours(const Population& p, double z, RandomStream& random) {
  const double offset = random.uniform(-p.lens_colour_offset, p.lens_colour_offset);
  double off = 0;
  const auto colour = [&](const std::vector<double>& table) { return interpolate(p.early_z, table, z) + off; };
  const auto scattered = [&](const std::vector<double>& table) {
    off = offset + random.normal(0, p.lens_colour_scatter);
    return colour(table);
  };
  // What makes a galaxy redder than others in i-z makes it so beyond.
  return {scattered(p.early_g_r), scattered(p.early_r_i), scattered(p.early_i_z),
          colour(p.early_z_y),    colour(p.early_y_j),    colour(p.early_j_h)};
}

Colours late_colours(const Population& p, double z, RandomStream& random) {
  const std::size_t type = draw_index(p.source_type_fractions, random);
  double off = 0;
  const auto colour = [&](const std::vector<double>& table) { return interpolate(p.late_z, table, z) + off; };
  const auto scattered = [&](const std::vector<double>& table) {
    off = random.normal(0, p.source_colour_scatter);
    return colour(table);
  };
  if (type == 0) {
    return {scattered(p.starburst_g_r), scattered(p.starburst_r_i), scattered(p.starburst_i_z),
            colour(p.starburst_z_y),    colour(p.starburst_y_j),    colour(p.starburst_j_h)};
  }
  if (type == 1) {
    return {scattered(p.irregular_g_r), scattered(p.irregular_r_i), scattered(p.irregular_i_z),
            colour(p.irregular_z_y),    colour(p.irregular_y_j),    colour(p.irregular_j_h)};
  }
  return {scattered(p.scd_g_r), scattered(p.scd_r_i), scattered(p.scd_i_z), colour(p.scd_z_y), colour(p.scd_y_j), colour(p.scd_j_h)};
}

}  // namespace

Colours draw_star_colours(RandomStream& random) {
  const double g_r = std::clamp(random.chance(0.45) ? random.normal(0.5, 0.12) : random.normal(1.35, 0.12), 0.2, 1.6);
  const double r_i = g_r < 1.2 ? 0.4 * g_r - 0.03 : draw_truncated_normal(0.8, 0.4, 0.45, 2, random);
  const double i_z = r_i < 0.45 ? 0.69 * r_i - 0.054 : 0.57 * r_i;
  return {g_r, r_i, i_z, 0.3 * r_i, 0.3 * r_i, std::min(-0.15 + 0.5 * r_i, 0.15)};
}

double magnitude(const std::string& band, double i, const Colours& colours) {
  if (band == "i") return i;
  if (band == "r") return i + colours.r_i;
  if (band == "g") return i + colours.r_i + colours.g_r;
  if (band == "z") return i - colours.i_z;
  if (band == "Y") return i - colours.i_z - colours.z_y;
  if (band == "J") return i - colours.i_z - colours.z_y - colours.y_j;
  if (band == "H") return i - colours.i_z - colours.z_y - colours.y_j - colours.j_h;
  if (band == "VIS") {
    // Euclid's VIS spans r, i and z (550 to 900 nm); its flux is about a mean of theirs, weighted by the width of each within it.
    const double flux = 0.38 * std::pow(10, -0.4 * colours.r_i) + 0.40 + 0.22 * std::pow(10, 0.4 * colours.i_z);
    return i - 2.5 * std::log10(flux);
  }
  throw Error{fmt::format("no colours are known for the band {}", band), "known bands are g, r, i, z, VIS, Y, J and H"};
}

std::vector<double> fluxes(const std::vector<std::string>& bands, const std::vector<double>& zero_points, double i,
                           const Colours& colours) {
  std::vector<double> out;
  for (std::size_t b = 0; b < bands.size(); ++b) out.push_back(std::pow(10, -0.4 * (magnitude(bands[b], i, colours) - zero_points[b])));
  return out;
}

GalaxySample::GalaxySample(const Population& population)
    : population_{population},
      cosmology_{population.hubble_km_s_mpc, population.omega_matter},
      dispersion_{population.sigma_min_km_s, population.sigma_max_km_s,
                  [&](double sigma) { return dispersion_function(population, sigma); }},
      redshift_{population.lens_z_min, population.lens_z_max, [&](double z) { return cosmology_.relative_volume(z); }} {}

double GalaxySample::early_absolute_r(double sigma_km_s, RandomStream& random) const {
  return random.normal(mean_absolute_r(population_, sigma_km_s), population_.lens_magnitude_scatter);
}

double GalaxySample::mean_early_absolute_r(double sigma_km_s) const { return mean_absolute_r(population_, sigma_km_s); }

double GalaxySample::early_i(double absolute_r, double z) const {
  const Population& p = population_;
  // M* of the r band is -21.8.
  const double i = interpolate(p.early_z, p.early_m_star_i, z) + absolute_r + 21.8;
  return z < p.early_z.front() ? i + cosmology_.distance_modulus(z) - cosmology_.distance_modulus(p.early_z.front()) : i;
}

double GalaxySample::dispersion_of(double absolute_r) const {
  return 200 * std::pow(10, (absolute_r - population_.lens_magnitude) / population_.lens_magnitude_slope);
}

double GalaxySample::early_m_star_i(double z) const { return early_i(-21.8, z); }

EarlyType GalaxySample::early_type(double sigma_km_s, double z, RandomStream& random) const {
  return early_type(sigma_km_s, z, early_absolute_r(sigma_km_s, random), random);
}

EarlyType GalaxySample::early_type(double sigma_km_s, double z, double absolute_r, RandomStream& random) const {
  const Population& p = population_;
  EarlyType galaxy{.z = z, .sigma_km_s = sigma_km_s, .i = early_i(absolute_r, z), .absolute_r = absolute_r};
  galaxy.colours = early_colours(p, z, random);
  const double log_radius_kpc = std::log10(p.lens_size_kpc) + p.lens_size_sigma_power * std::log10(sigma_km_s / 200) +
                                p.lens_size_magnitude_slope * (absolute_r - mean_absolute_r(p, sigma_km_s)) +
                                p.lens_size_z_power * std::log10(1 + z) + random.normal(0, p.lens_size_scatter_dex);
  const double scale = p.axis_ratio_scatter + p.axis_ratio_scatter_slope * sigma_km_s;
  galaxy.mass.axis_ratio = draw_axis_ratio(std::max(scale, 0.01), p.axis_ratio_min, random);
  galaxy.mass.angle_rad = random.uniform(0, std::numbers::pi);
  galaxy.mass.slope = draw_truncated_normal(p.slope_mean, p.slope_scatter, 1.5, 2.5, random);
  galaxy.light.effective_radius_arcsec = std::pow(10, log_radius_kpc) * cosmology_.arcsec_of_kpc(z);
  galaxy.light.index = draw_truncated_normal(p.lens_sersic_index, p.lens_sersic_index_scatter, 1, 8, random);
  galaxy.light.axis_ratio = std::clamp(galaxy.mass.axis_ratio + random.normal(0, p.light_mass_axis_ratio), p.axis_ratio_min, 1.0);
  galaxy.light.angle_rad = galaxy.mass.angle_rad + random.normal(0, p.light_mass_angle_deg * std::numbers::pi / 180);
  return galaxy;
}

EarlyType GalaxySample::selected_early_type(double faintest, RandomStream& random) const {
  for (int tries = 0; tries < max_tries; ++tries) {
    const double sigma = dispersion_.draw(random), z = redshift_.draw(random), absolute_r = early_absolute_r(sigma, random),
                 i = early_i(absolute_r, z);
    if (i > population_.lens_i_brightest && i < faintest) return early_type(sigma, z, absolute_r, random);
  }
  throw Error{
      fmt::format("no early type of i between {} and {} comes about in {} draws", population_.lens_i_brightest, faintest, max_tries),
      "widen lens_i_brightest and lens_i_faintest, or the redshifts and velocity dispersions, with --set population.KEY=VALUE"};
}

std::optional<EarlyType> GalaxySample::early_type_like(const std::string& band, double magnitude_in_band, std::optional<double> z,
                                                       RandomStream& random) const {
  for (int tries = 0; tries < 20'000; ++tries) {
    const double sigma = dispersion_.draw(random), at = z ? *z : redshift_.draw(random);
    EarlyType galaxy = early_type(sigma, at, random);
    if (std::abs(magnitude(band, galaxy.i, galaxy.colours) - magnitude_in_band) < 0.2) return galaxy;
  }
  return std::nullopt;
}

namespace {

/// Of one magnitude; redshifts are `nearer` times what the law says.
struct ScaledRedshiftLaw {
  RedshiftLaw law;
  double nearer;
};

ScaledRedshiftLaw redshift_law(const Population& p, double i) {
  const double brightest = p.source_z0_slope > 0 ? (RedshiftLaw::min_z0 - p.source_z0) / p.source_z0_slope : i;
  return {RedshiftLaw{p, std::max(i, brightest)}, i < brightest ? std::pow(10, 0.2 * (i - brightest)) : 1};
}

}  // namespace

double GalaxySample::late_redshift_density(double i, double z) const {
  const auto [law, nearer] = redshift_law(population_, i);
  return z >= nearest_source && z <= population_.source_z_max ? law.density(z / nearer) : 0;
}

double GalaxySample::late_redshift(double i, RandomStream& random) const {
  const Population& p = population_;
  const auto [law, nearer] = redshift_law(p, i);
  for (int tries = 0; tries < max_tries; ++tries) {
    const double z = nearer * law.draw(random);
    if (z <= p.source_z_max && z >= nearest_source) return z;
  }
  throw Error{fmt::format("no source of i = {} has a redshift up to {} in {} draws", i, p.source_z_max, max_tries),
              "raise population.source_z_max, or look at source_z0 and source_z0_slope"};
}

LateType GalaxySample::late_type(double i, RandomStream& random) const { return late_type(i, late_redshift(i, random), random); }

LateType GalaxySample::late_type(double i, double z, RandomStream& random) const {
  const Population& p = population_;
  LateType galaxy{.z = z, .i = i};
  galaxy.colours = late_colours(p, galaxy.z, random);
  // Mass from light: 4e9 solar masses at M = -19.8, a constant ratio of mass to light (late types of z about 1 to 2).
  const double absolute = i - cosmology_.distance_modulus(galaxy.z) + 2.5 * std::log10(1 + galaxy.z);
  const double mass = 4e9 * std::pow(10, -0.4 * (absolute + 19.8));
  const double radius_kpc = p.source_size_kpc * std::pow(1 + galaxy.z, p.source_size_z_power) *
                            std::pow(mass / 5e10, p.source_size_mass_power) * std::pow(10, random.normal(0, p.source_size_scatter_dex));
  galaxy.light.axis_ratio = draw_axis_ratio(p.source_axis_ratio_scatter, 0.15, random);
  // The law's radius is the major axis'.
  galaxy.light.effective_radius_arcsec = radius_kpc * cosmology_.arcsec_of_kpc(galaxy.z) * std::sqrt(galaxy.light.axis_ratio);
  galaxy.light.index = random.uniform(p.source_sersic_min, p.source_sersic_max);
  galaxy.light.angle_rad = random.uniform(0, std::numbers::pi);
  return galaxy;
}

double GalaxySample::counted_magnitude(double brightest, double faintest, double slope, RandomStream& random) const {
  const double low = std::pow(10, slope * (brightest - faintest));
  return faintest + std::log10(low + random.uniform() * (1 - low)) / slope;
}

}  // namespace lensfind::population
