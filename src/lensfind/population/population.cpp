#include "lensfind/population/population.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind::population {
namespace {

void check_order(double min, double max, const char* min_name, const char* max_name, const std::string& origin) {
  if (min < max) return;
  throw Error{fmt::format("{}: {} = {} is not below {} = {}", origin, min_name, min, max_name, max), "nothing lies between them"};
}

using Table = std::pair<const char*, const std::vector<double>*>;

void check_tables(const std::vector<double>& z, const char* z_name, const std::vector<Table>& tables, const std::string& origin) {
  if (z.size() < 2 || std::ranges::adjacent_find(z, std::greater_equal{}) != z.end())
    throw Error{fmt::format("{}: {} does not rise", origin, z_name), "give two or more redshifts, each greater than the one before"};
  for (const auto& [name, table] : tables) {
    if (table->size() == z.size()) continue;
    throw Error{fmt::format("{}: {} holds {} values for {} redshifts of {}", origin, name, table->size(), z.size(), z_name),
                "give one value for each redshift"};
  }
}

double sum(const std::vector<double>& values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

}  // namespace

void check_population(const Population& p, const std::string& origin) {
  if (p.einstein_radius_law == EinsteinRadiusLaw::uniform)
    check_order(p.theta_e_min_arcsec, p.theta_e_max_arcsec, "theta_e_min_arcsec", "theta_e_max_arcsec", origin);
  check_order(p.sigma_min_km_s, p.sigma_max_km_s, "sigma_min_km_s", "sigma_max_km_s", origin);
  check_order(p.group_sigma_min_km_s, p.group_sigma_max_km_s, "group_sigma_min_km_s", "group_sigma_max_km_s", origin);
  check_order(p.lens_z_min, p.lens_z_max, "lens_z_min", "lens_z_max", origin);
  check_order(p.lens_i_brightest, p.lens_i_faintest, "lens_i_brightest", "lens_i_faintest", origin);
  check_order(p.lens_i_brightest, p.nonlens_i_faintest, "lens_i_brightest", "nonlens_i_faintest", origin);
  check_order(p.source_i_brightest, p.source_i_faintest, "source_i_brightest", "source_i_faintest", origin);
  check_order(p.lens_z_min, p.source_z_max, "lens_z_min", "source_z_max", origin);
  if (p.source_sersic_min > p.source_sersic_max)
    throw Error{fmt::format("{}: source_sersic_min = {} is over source_sersic_max", origin, p.source_sersic_min), "change their places"};
  check_tables(p.early_z, "early_z",
               {{"early_g_r", &p.early_g_r},
                {"early_r_i", &p.early_r_i},
                {"early_i_z", &p.early_i_z},
                {"early_z_y", &p.early_z_y},
                {"early_y_j", &p.early_y_j},
                {"early_j_h", &p.early_j_h},
                {"early_m_star_i", &p.early_m_star_i}},
               origin);
  check_tables(p.late_z, "late_z",
               {{"starburst_g_r", &p.starburst_g_r},
                {"starburst_r_i", &p.starburst_r_i},
                {"starburst_i_z", &p.starburst_i_z},
                {"starburst_z_y", &p.starburst_z_y},
                {"starburst_y_j", &p.starburst_y_j},
                {"starburst_j_h", &p.starburst_j_h},
                {"irregular_g_r", &p.irregular_g_r},
                {"irregular_r_i", &p.irregular_r_i},
                {"irregular_i_z", &p.irregular_i_z},
                {"irregular_z_y", &p.irregular_z_y},
                {"irregular_y_j", &p.irregular_y_j},
                {"irregular_j_h", &p.irregular_j_h},
                {"scd_g_r", &p.scd_g_r},
                {"scd_r_i", &p.scd_r_i},
                {"scd_i_z", &p.scd_i_z},
                {"scd_z_y", &p.scd_z_y},
                {"scd_y_j", &p.scd_y_j},
                {"scd_j_h", &p.scd_j_h}},
               origin);
  if (p.source_type_fractions.size() != 3 || sum(p.source_type_fractions) <= 0) {
    throw Error{fmt::format("{}: source_type_fractions holds {} numbers whose sum is {}", origin, p.source_type_fractions.size(),
                            sum(p.source_type_fractions)),
                "give three, of starburst, irregular and Scd spectra, one at least over 0"};
  }
  double fractions = 0;
  for (const KindFraction& kind : p.nonlens_kinds) {
    fractions += kind.fraction;
    if (kind.kind == "field") check_order(p.neighbour_i_brightest, p.field_i_faintest, "neighbour_i_brightest", "field_i_faintest", origin);
  }
  if (fractions <= 0) throw Error{fmt::format("{}: nonlens_kinds has no kind with a fraction over 0", origin), "give at least one"};
}

}  // namespace lensfind::population
