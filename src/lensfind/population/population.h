#pragma once

#include <string>
#include <vector>

#include "lensfind/base/enum_names.h"
#include "lensfind/base/fields.h"

namespace lensfind::population {

/// Where Einstein radii come from: the galaxies' velocity dispersions, or uniform between two limits (for balanced training).
enum class EinsteinRadiusLaw { velocity_dispersion, uniform };
constexpr auto enum_names(EinsteinRadiusLaw) {
  return names_of<EinsteinRadiusLaw>(
      {{EinsteinRadiusLaw::velocity_dispersion, "velocity_dispersion"}, {EinsteinRadiusLaw::uniform, "uniform"}});
}

/// How bright non-lenses are: as the deflectors of the lenses that the survey keeps, so that brightness tells nothing, or as many of each
/// magnitude as there are galaxies.
enum class NonlensMagnitudes { lenses, counts };
constexpr auto enum_names(NonlensMagnitudes) {
  return names_of<NonlensMagnitudes>({{NonlensMagnitudes::lenses, "lenses"}, {NonlensMagnitudes::counts, "counts"}});
}

/// Fraction of one kind among the non-lenses.
struct KindFraction {
  std::string kind;
  double fraction = 0;

  static void describe(auto& field) {
    field(&KindFraction::kind, "kind", any(), "a kind of galaxy or confuser");
    field(&KindFraction::fraction, "fraction", between(0, 1000000), "relative number", "share");
  }
};

/// The laws and tables from which deflectors, sources, plain galaxies and neighbours are drawn, and what is kept as a lens. Every default
/// names its source.
struct Population {
  EinsteinRadiusLaw einstein_radius_law = EinsteinRadiusLaw::velocity_dispersion;
  double theta_e_min_arcsec = 0.5, theta_e_max_arcsec = 3;
  double hubble_km_s_mpc = 70, omega_matter = 0.3;

  double sigma_density_mpc3 = 0.00274;
  double sigma_star_km_s = 161, sigma_power = 2.32, sigma_cutoff_power = 2.67, sigma_min_km_s = 100, sigma_max_km_s = 400;
  double lens_z_min = 0.05, lens_z_max = 2.0;
  double axis_ratio_scatter = 0.378, axis_ratio_scatter_slope = -0.000572, axis_ratio_min = 0.2;
  double light_mass_angle_deg = 10, light_mass_axis_ratio = 0.1;
  double slope_mean = 2, slope_scatter = 0.1, shear_scatter = 0.05;

  double sigma_8 = 0.81, group_abundance = 1, group_sigma_min_km_s = 350, group_sigma_max_km_s = 1000;
  double group_core_kpc = 30, group_core_scatter_dex = 0.15, group_ellipticity_max = 0.15;
  double group_galaxy_sigma_km_s = 280, group_galaxy_sigma_scatter_km_s = 35, group_galaxy_size = 1.8;
  double member_abundance = 1;

  double lens_disk_fraction = 0.2, lens_dust_fraction = 0.03, lens_colour_gradient = -0.07;
  double lens_sersic_index = 4, lens_sersic_index_scatter = 0.8;
  double lens_magnitude = -22.0, lens_magnitude_slope = -9.8, lens_magnitude_scatter = 0.5;
  double lens_size_kpc = 3.8, lens_size_sigma_power = 1.29, lens_size_magnitude_slope = -0.35, lens_size_z_power = -0.6;
  double lens_size_scatter_dex = 0.11;
  double lens_colour_scatter = 0.05, lens_colour_offset = 0.1;
  double lens_i_brightest = 15, lens_i_faintest = 22.5, nonlens_i_faintest = 22.5, field_i_faintest = 24.5;
  NonlensMagnitudes nonlens_magnitudes = NonlensMagnitudes::lenses;
  double nonlens_as_far = 0.7, confuser_hardness = 0.5;

  double source_i_brightest = 21, source_i_faintest = 27.5;
  double source_count_amplitude = 46, source_count_slope = 0.31;
  double source_z0_slope = 0.05, source_z0 = -0.886;
  double source_z_max = 5;
  double source_size_kpc = 8.9, source_size_z_power = -0.75, source_size_mass_power = 0.22, source_size_scatter_dex = 0.17;
  double source_sersic_min = 0.5, source_sersic_max = 2;
  double source_axis_ratio_scatter = 0.3;
  double source_colour_scatter = 0.1;
  std::vector<double> source_type_fractions = {50, 30, 20};
  double source_clumpy_fraction = 0.5, source_knot_flux = 0.05;
  int source_knots_max = 6;
  double source_knot_colour = 0.2, source_knot_colour_scatter = 0.15, source_pair_fraction = 0.03;
  double lensed_quasar_fraction = 0;

  double kept_snr = 20, kept_magnification = 3, kept_contrast = 0, kept_resolution = 1;

  std::vector<KindFraction> nonlens_kinds = {{"elliptical", 28}, {"lenticular", 16}, {"disk", 16},   {"edge_on", 4},    {"spiral", 12},
                                             {"clumpy", 2},      {"ring", 3},        {"merger", 5},  {"companions", 4}, {"tangential", 4},
                                             {"satellites", 3},  {"stars", 2},       {"artefact", 1}};
  double star_density_arcmin2 = 3;
  double neighbour_i_brightest = 17;

  std::vector<double> early_z = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0};
  std::vector<double> early_g_r = {0.98, 1.27, 1.52, 1.68, 1.63, 1.60, 1.74, 1.97, 2.32, 2.15, 1.91, 1.19, 0.82};
  std::vector<double> early_r_i = {0.48, 0.53, 0.63, 0.74, 0.95, 1.18, 1.32, 1.33, 1.21, 1.20, 1.34, 1.78, 0.90};
  std::vector<double> early_i_z = {0.29, 0.31, 0.28, 0.34, 0.40, 0.44, 0.46, 0.63, 0.85, 0.91, 0.72, 0.81, 1.40};
  std::vector<double> early_z_y = {0.37, 0.34, 0.32, 0.29, 0.30, 0.37, 0.45, 0.47, 0.52, 0.65, 1.20, 1.34, 1.36};
  std::vector<double> early_y_j = {0.27, 0.35, 0.39, 0.40, 0.39, 0.37, 0.35, 0.35, 0.41, 0.45, 0.60, 0.84, 1.41};
  std::vector<double> early_j_h = {0.22, 0.24, 0.25, 0.28, 0.33, 0.36, 0.39, 0.41, 0.40, 0.39, 0.45, 0.56, 0.79};
  std::vector<double> early_m_star_i = {16.18, 17.80, 18.77, 19.52, 20.10, 20.60, 21.06, 21.53, 22.00, 22.39, 23.00, 23.75, 25.35};
  std::vector<double> late_z = {0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4};
  std::vector<double> starburst_g_r = {0.16, 0.19, 0.45, 0.59, 0.59, 0.60, 0.11, 0.07, 0.10, 0.21, 0.51, 1.14, 1.69};
  std::vector<double> starburst_r_i = {0.19, 0.29, 0.22, 0.00, 0.23, 0.32, 0.39, 0.08, 0.04, 0.08, 0.07, 0.09, 0.48};
  std::vector<double> starburst_i_z = {0.10, 0.00, -0.06, 0.36, 0.13, -0.01, 0.35, 0.22, 0.07, 0.02, 0.07, 0.05, 0.08};
  std::vector<double> starburst_z_y = {0.19, 0.24, 0.29, 0.04, 0.08, 0.23, 0.22, 0.39, 0.23, 0.13, 0.18, 0.18, 0.06};
  std::vector<double> starburst_y_j = {-0.02, -0.01, 0.04, 0.16, 0.26, 0.17, 0.24, 0.33, 0.50, 0.36, 0.21, 0.18, 0.22};
  std::vector<double> starburst_j_h = {0.06, 0.06, 0.05, 0.00, 0.01, 0.08, 0.20, 0.28, 0.26, 0.43, 0.55, 0.38, 0.27};
  std::vector<double> irregular_g_r = {0.20, 0.25, 0.44, 0.59, 0.67, 0.72, 0.17, 0.14, 0.29, 0.46, 0.71, 1.19, 1.61};
  std::vector<double> irregular_r_i = {0.18, 0.17, 0.13, 0.10, 0.23, 0.31, 0.51, 0.11, 0.08, 0.15, 0.25, 0.32, 0.63};
  std::vector<double> irregular_i_z = {0.09, 0.10, 0.12, 0.14, 0.09, 0.04, 0.39, 0.36, 0.11, 0.07, 0.10, 0.18, 0.24};
  std::vector<double> irregular_z_y = {0.16, 0.15, 0.14, 0.15, 0.17, 0.21, 0.19, 0.50, 0.42, 0.14, 0.08, 0.08, 0.14};
  std::vector<double> irregular_y_j = {0.07, 0.12, 0.17, 0.17, 0.16, 0.29, 0.17, 0.27, 0.55, 0.59, 0.35, 0.15, 0.10};
  std::vector<double> irregular_j_h = {-0.05, -0.08, -0.07, 0.03, 0.13, 0.11, 0.32, 0.21, 0.17, 0.44, 0.66, 0.62, 0.43};
  std::vector<double> scd_g_r = {0.45, 0.49, 0.65, 0.79, 0.91, 1.03, 0.49, 0.19, 0.42, 0.66, 0.83, 1.27, 1.68};
  std::vector<double> scd_r_i = {0.23, 0.26, 0.29, 0.32, 0.37, 0.46, 0.69, 0.38, 0.11, 0.18, 0.40, 0.46, 0.71};
  std::vector<double> scd_i_z = {0.07, 0.10, 0.15, 0.20, 0.22, 0.21, 0.63, 0.56, 0.35, 0.13, 0.10, 0.27, 0.40};
  std::vector<double> scd_z_y = {0.14, 0.12, 0.10, 0.14, 0.19, 0.20, 0.31, 0.74, 0.63, 0.42, 0.21, 0.09, 0.15};
  std::vector<double> scd_y_j = {0.17, 0.19, 0.20, 0.16, 0.13, 0.21, 0.26, 0.43, 0.82, 0.86, 0.66, 0.44, 0.25};
  std::vector<double> scd_j_h = {-0.02, 0.03, 0.12, 0.17, 0.20, 0.15, 0.25, 0.29, 0.38, 0.68, 0.95, 0.93, 0.77};

  static void describe(auto& field) {
    field(&Population::einstein_radius_law, "einstein_radius_law", any(),
          "Einstein radii from the galaxies' velocity dispersions, or uniform between the two limits (for balanced training)");
    field(&Population::theta_e_min_arcsec, "theta_e_min_arcsec", between(0.01, 60).in("arcsec"), "least Einstein radius of the uniform law",
          "theta_e_least_arcsec");
    field(&Population::theta_e_max_arcsec, "theta_e_max_arcsec", between(0.01, 60).in("arcsec"),
          "greatest Einstein radius of the uniform law", "theta_e_most_arcsec");
    field(&Population::hubble_km_s_mpc, "hubble_km_s_mpc", between(10, 200).in("km/s/Mpc"),
          "Hubble constant of the flat LambdaCDM cosmology");
    field(&Population::omega_matter, "omega_matter", between(0.01, 1), "matter density; the rest is a cosmological constant");
    field(&Population::sigma_density_mpc3, "sigma_density_mpc3", between(0, 1).in("/Mpc3"),
          "comoving number of galaxies in the velocity dispersion function, Choi et al. 2007: 8.0e-3 h^3");
    field(&Population::sigma_star_km_s, "sigma_star_km_s", between(10, 2000).in("km/s"), "velocity dispersion function, Choi et al. 2007");
    field(&Population::sigma_power, "sigma_power", between(-5, 20), "alpha of the velocity dispersion function, Choi et al. 2007");
    field(&Population::sigma_cutoff_power, "sigma_cutoff_power", between(0.1, 20),
          "beta of the velocity dispersion function, Choi et al. 2007");
    field(&Population::sigma_min_km_s, "sigma_min_km_s", between(10, 2000).in("km/s"),
          "least velocity dispersion, as LensPop (Collett 2015)", "sigma_least_km_s");
    field(&Population::sigma_max_km_s, "sigma_max_km_s", between(10, 2000).in("km/s"),
          "greatest velocity dispersion; the law has hardly any beyond", "sigma_most_km_s");
    field(&Population::lens_z_min, "lens_z_min", between(0.001, 10), "least redshift of a deflector", "lens_z_least");
    field(&Population::lens_z_max, "lens_z_max", between(0.001, 10),
          "greatest redshift of a deflector, as LensPop (Collett 2015); the colour table ends there", "lens_z_most");
    field(&Population::axis_ratio_scatter, "axis_ratio_scatter", between(0, 1),
          "axis ratio = 1 - Rayleigh(this + slope x sigma), LensPop (Collett 2015)");
    field(&Population::axis_ratio_scatter_slope, "axis_ratio_scatter_slope", between(-0.01, 0.01).in("s/km"), "see axis_ratio_scatter");
    field(&Population::axis_ratio_min, "axis_ratio_min", between(0.05, 0.95), "least axis ratio of a deflector, LensPop (Collett 2015)",
          "axis_ratio_least");
    field(&Population::light_mass_angle_deg, "light_mass_angle_deg", between(0, 180).in("deg"),
          "scatter between the position angles of light and mass");
    field(&Population::light_mass_axis_ratio, "light_mass_axis_ratio", between(0, 1), "scatter between the axis ratios of light and mass");
    field(&Population::slope_mean, "slope_mean", between(1.2, 2.8),
          "mean slope of the mass density; 2 is isothermal (Auger et al. 2010: 2.08)");
    field(&Population::slope_scatter, "slope_scatter", between(0, 1), "scatter of the slope; 0 makes every deflector isothermal");
    field(&Population::shear_scatter, "shear_scatter", between(0, 0.5), "scatter of each component of the external shear");
    field(&Population::sigma_8, "sigma_8", between(0.3, 1.5),
          "rms of the density in spheres of 8 Mpc/h, for the number of groups (Tinker et al. 2008); Planck Collaboration 2020");
    field(&Population::group_abundance, "group_abundance", between(0, 1000),
          "groups and clusters among the deflectors, over the number of their halos; 0: none");
    field(&Population::group_sigma_min_km_s, "group_sigma_min_km_s", between(200, 2000).in("km/s"),
          "least velocity dispersion of a group's halo; those below are galaxies' own (Evrard et al. 2008 relate it to the mass)");
    field(&Population::group_sigma_max_km_s, "group_sigma_max_km_s", between(200, 2000).in("km/s"),
          "greatest velocity dispersion of a halo");
    field(&Population::group_core_kpc, "group_core_kpc", between(0.1, 1000).in("kpc"),
          "core of a group's halo; with the brightest galaxy's own mass, lenses of 500 km/s have 3 to 4 arcsec as in Limousin et al. 2009");
    field(&Population::group_core_scatter_dex, "group_core_scatter_dex", between(0, 1).in("dex"), "its scatter");
    field(&Population::group_ellipticity_max, "group_ellipticity_max", between(0, 0.3),
          "the ellipticity of a halo's potential is uniform up to this");
    field(&Population::group_galaxy_sigma_km_s, "group_galaxy_sigma_km_s", between(50, 600).in("km/s"),
          "velocity dispersion of a group's brightest galaxy, which hardly depends on the group's (von der Linden et al. 2007)");
    field(&Population::group_galaxy_sigma_scatter_km_s, "group_galaxy_sigma_scatter_km_s", between(0, 200).in("km/s"), "its scatter");
    field(&Population::group_galaxy_size, "group_galaxy_size", between(0.2, 10),
          "a group's brightest galaxy is larger than others of its dispersion by this (von der Linden et al. 2007; Bernardi et al. 2007)");
    field(
        &Population::member_abundance, "member_abundance", between(0, 1000),
        "red galaxies around deflectors and other targets, over those that clusters of their dispersion have (Rykoff et al. 2012; Simet et "
        "al. 2017); 0: none");
    field(&Population::lens_disk_fraction, "lens_disk_fraction", between(0, 1),
          "fraction of the deflectors with a bulge and a disk seen from any side, edge-on too; a fifth of lenses are no pure ellipticals "
          "(Auger et al. 2009)");
    field(&Population::lens_dust_fraction, "lens_dust_fraction", between(0, 1),
          "fraction of the deflectors with a dust lane; 4% of early types nearby (Kaviraj et al. 2012)");
    field(&Population::lens_colour_gradient, "lens_colour_gradient", between(-0.3, 0).in("mag/dex"),
          "change of a deflector's g-r with log10 of the radius, Wu et al. 2005 and La Barbera & de Carvalho 2009: -0.07");
    field(&Population::lens_sersic_index, "lens_sersic_index", between(0.5, 8), "mean Sersic index of a deflector's light");
    field(&Population::lens_sersic_index_scatter, "lens_sersic_index_scatter", between(0, 8), "its scatter");
    field(&Population::lens_magnitude, "lens_magnitude", between(-30, -10).in("mag"),
          "M_r at 200 km/s and z = 0: at 280 km/s and z = 0.45 i is that of LensPop (Collett 2015, after Hyde & Bernardi 2009)");
    field(&Population::lens_magnitude_slope, "lens_magnitude_slope", between(-20, 20).in("mag/dex"),
          "change of M_r with log10 sigma: L ~ sigma^3.9, Bernardi et al. 2003");
    field(&Population::lens_magnitude_scatter, "lens_magnitude_scatter", between(0, 5).in("mag"),
          "scatter of M_r at given sigma, Bernardi et al. 2003");
    field(&Population::lens_size_kpc, "lens_size_kpc", between(0.01, 1000).in("kpc"), "R_e at 200 km/s and z = 0, Bernardi et al. 2003");
    field(&Population::lens_size_sigma_power, "lens_size_sigma_power", between(-10, 10),
          "power of sigma in R_e, Bernardi et al. 2003; Hyde & Bernardi 2009 has the same at 250 km/s");
    field(&Population::lens_size_magnitude_slope, "lens_size_magnitude_slope", between(-2, 2).in("dex/mag"),
          "change of log10 R_e with M_r at given sigma: of two galaxies the brighter is the larger, Bernardi et al. 2003");
    field(&Population::lens_size_z_power, "lens_size_z_power", between(-5, 5),
          "power of 1 + z in R_e at given sigma, so that sizes at z = 0.45 are those of LensPop (Collett 2015)");
    field(&Population::lens_size_scatter_dex, "lens_size_scatter_dex", between(0, 1).in("dex"),
          "scatter of the size at given sigma and M_r");
    field(&Population::lens_colour_scatter, "lens_colour_scatter", between(0, 2).in("mag"), "scatter of each early-type colour");
    field(&Population::lens_colour_offset, "lens_colour_offset", between(0, 2).in("mag"),
          "an offset common to an image's colours is uniform within so much");
    field(&Population::lens_i_brightest, "lens_i_brightest", between(-100, 100).in("mag"), "targets brighter in i are not selected");
    field(&Population::lens_i_faintest, "lens_i_faintest", between(-100, 100).in("mag"), "targets fainter in i are not selected");
    field(
        &Population::nonlens_i_faintest, "nonlens_i_faintest", between(-100, 100).in("mag"),
        "with nonlens_magnitudes = counts: lenticular and disk galaxies among the non-lenses are selected down to this, the other kinds to "
        "the brighter of this and lens_i_faintest");
    field(&Population::field_i_faintest, "field_i_faintest", between(-100, 100).in("mag"),
          "the kind `field` of the non-lenses, whatever stands at a place of the sky, goes down to this");
    field(&Population::nonlens_magnitudes, "nonlens_magnitudes", any(),
          "non-lenses, but for the kind `field`, are as bright as the deflectors of the lenses that are kept, so that brightness tells "
          "nothing, or as galaxies are counted");
    field(&Population::nonlens_as_far, "nonlens_as_far", between(0, 1),
          "fraction of the star-forming non-lenses that stand at the redshift of a deflector, with nonlens_magnitudes = lenses; the "
          "redshifts of the others are those of galaxies of their magnitude");
    field(&Population::confuser_hardness, "confuser_hardness", between(0, 1),
          "how much look-alikes are like lenses: blue companions stand along the circle and rings are thin in so many of them");
    field(&Population::source_i_brightest, "source_i_brightest", between(5, 35).in("mag"), "brightest source in i, unlensed");
    field(&Population::source_i_faintest, "source_i_faintest", between(5, 35).in("mag"), "faintest source in i, unlensed");
    field(&Population::source_count_amplitude, "source_count_amplitude", between(0, 10000).in("/arcmin2"),
          "N(<i) = this x 10^(slope (i - 25)), LSST Science Book (2009)");
    field(&Population::source_count_slope, "source_count_slope", between(0.01, 1), "see source_count_amplitude");
    field(&Population::source_z0_slope, "source_z0_slope", between(-1, 1),
          "galaxies brighter than i have n(z) ~ z^2 exp(-z/z0), z0 = slope x i + source_z0, and sources of one magnitude the derivative of "
          "N(<i) n(z); LSST Science Book (2009) has 0.0417 and -0.744, the defaults are farther so that lenses' sources are as far as "
          "those of "
          "LensPop (Collett 2015)");
    field(&Population::source_z0, "source_z0", between(-20, 20), "see source_z0_slope");
    field(&Population::source_z_max, "source_z_max", between(0.1, 20), "greatest redshift of a source", "source_z_most");
    field(&Population::source_size_kpc, "source_size_kpc", between(0.01, 1000).in("kpc"),
          "R_e of a late type of 5e10 solar masses at z = 0, van der Wel et al. 2014");
    field(&Population::source_size_z_power, "source_size_z_power", between(-5, 5), "power of 1 + z, van der Wel et al. 2014");
    field(&Population::source_size_mass_power, "source_size_mass_power", between(-2, 2), "power of the mass, van der Wel et al. 2014");
    field(&Population::source_size_scatter_dex, "source_size_scatter_dex", between(0, 1).in("dex"), "scatter, van der Wel et al. 2014");
    field(&Population::source_sersic_min, "source_sersic_min", between(0.3, 8), "least Sersic index of a source", "source_sersic_least");
    field(&Population::source_sersic_max, "source_sersic_max", between(0.3, 8), "greatest Sersic index of a source", "source_sersic_most");
    field(&Population::source_axis_ratio_scatter, "source_axis_ratio_scatter", between(0, 1),
          "axis ratio = 1 - Rayleigh(this), LensPop (Collett 2015)");
    field(&Population::source_colour_scatter, "source_colour_scatter", between(0, 2).in("mag"), "scatter of each source colour");
    field(&Population::source_type_fractions, "source_type_fractions", between(0, 1000000),
          "relative numbers of starburst, irregular and Scd spectra among sources", "source_type_shares");
    field(&Population::source_clumpy_fraction, "source_clumpy_fraction", between(0, 1),
          "fraction of the sources with knots on their body; off-centre clumps are in 15 to 60% of star-forming galaxies (Guo et al. 2015)",
          "source_clumpy_share");
    field(&Population::source_knots_max, "source_knots_max", between(0, 20), "a clumpy source has 1 to so many knots", "source_knots_most");
    field(&Population::source_knot_flux, "source_knot_flux", between(0, 0.15), "mean fraction of a source's flux in one knot");
    field(&Population::source_knot_colour, "source_knot_colour", between(-1, 2).in("mag"),
          "knots are bluer in g-r than their source by so much, as young stars are (Guo et al. 2012)");
    field(&Population::source_knot_colour_scatter, "source_knot_colour_scatter", between(0, 1).in("mag"), "its scatter from knot to knot");
    field(
        &Population::source_pair_fraction, "source_pair_fraction", between(0, 1),
        "fraction of the lenses with a second source behind them, at a redshift of its own; of lenses in deep images about one in 40 to 80 "
        "(Gavazzi et al. 2008)");
    field(&Population::lensed_quasar_fraction, "lensed_quasar_fraction", between(0, 1),
          "fraction of the lenses whose source is a quasar in its host galaxy; its light does not vary here");
    field(&Population::kept_snr, "kept_snr", between(0, 1000000),
          "a lens is kept where the arcs' S/N in the best band exceeds this, Collett 2015");
    field(&Population::kept_magnification, "kept_magnification", between(0, 1000),
          "a lens is kept where the magnification exceeds this, Collett 2015");
    field(&Population::kept_contrast, "kept_contrast", between(0, 1000),
          "pixels count for kept_snr where the arcs are at least this many times as bright as the deflector; 0: all pixels, as Collett "
          "2015. Lenses that people found in images have arcs that stand out");
    field(&Population::kept_resolution, "kept_resolution", between(0, 1000),
          "a lens is kept where theta_E^2 > R_s^2 + (this x seeing / 2)^2; 1: Collett 2015");
    field(&Population::nonlens_kinds, "nonlens_kinds", any(),
          "relative numbers of the kinds of non-lenses: galaxies by themselves (elliptical as the lenses' own, early_type, lenticular, "
          "disk, edge_on, "
          "spiral, clumpy, ring), confusers (merger, companions, tangential, satellites, stars, artefact) and field (any galaxy or star)");
    field(&Population::star_density_arcmin2, "star_density_arcmin2", between(0, 10000).in("/arcmin2"), "stars among the neighbours");
    field(&Population::neighbour_i_brightest, "neighbour_i_brightest", between(-100, 100).in("mag"), "brightest neighbour in i");
    field(
        &Population::early_z, "early_z", between(0.001, 20),
        "redshifts of the early-type tables (Rykoff et al. 2014; Bruzual & Charlot 2003; beyond 1 the elliptical of Coleman et al. 1980 as "
        "Benitez et al. 2004 have it, and M* brightens by a magnitude a unit of z)");
    field(&Population::early_g_r, "early_g_r", between(-10, 10).in("mag"), "observed g-r of early types");
    field(&Population::early_r_i, "early_r_i", between(-10, 10).in("mag"), "observed r-i of early types");
    field(&Population::early_i_z, "early_i_z", between(-10, 10).in("mag"), "observed i-z of early types");
    field(&Population::early_z_y, "early_z_y", between(-10, 10).in("mag"),
          "observed z-Y of early types; Y, J and H are those of Euclid's NISP (Schirmer et al. 2022), spectra of Bruzual & Charlot 2003, "
          "one burst at z = 3");
    field(&Population::early_y_j, "early_y_j", between(-10, 10).in("mag"), "observed Y-J of early types");
    field(&Population::early_j_h, "early_j_h", between(-10, 10).in("mag"), "observed J-H of early types");
    field(&Population::early_m_star_i, "early_m_star_i", between(0, 40).in("mag"), "i magnitude of an L* early type");
    field(&Population::late_z, "late_z", between(0.001, 20),
          "redshifts of the late-type tables (Kinney et al. 1996 and Coleman et al. 1980 templates, Madau 1995 absorption; below 0.5 as "
          "Benitez "
          "et al. 2004 have them)");
    field(&Population::starburst_g_r, "starburst_g_r", between(-10, 10).in("mag"), "observed g-r of starbursts");
    field(&Population::starburst_r_i, "starburst_r_i", between(-10, 10).in("mag"), "observed r-i of starbursts");
    field(&Population::starburst_i_z, "starburst_i_z", between(-10, 10).in("mag"), "observed i-z of starbursts");
    field(&Population::starburst_z_y, "starburst_z_y", between(-10, 10).in("mag"),
          "observed z-Y of starbursts; mean of SB2 and SB3 of Kinney et al. 1996");
    field(&Population::starburst_y_j, "starburst_y_j", between(-10, 10).in("mag"), "observed Y-J of starbursts");
    field(&Population::starburst_j_h, "starburst_j_h", between(-10, 10).in("mag"), "observed J-H of starbursts");
    field(&Population::irregular_g_r, "irregular_g_r", between(-10, 10).in("mag"), "observed g-r of irregulars");
    field(&Population::irregular_r_i, "irregular_r_i", between(-10, 10).in("mag"), "observed r-i of irregulars");
    field(&Population::irregular_i_z, "irregular_i_z", between(-10, 10).in("mag"), "observed i-z of irregulars");
    field(&Population::irregular_z_y, "irregular_z_y", between(-10, 10).in("mag"),
          "observed z-Y of irregulars; Coleman et al. 1980, into the infrared as in Hyperz (Bolzonella et al. 2000)");
    field(&Population::irregular_y_j, "irregular_y_j", between(-10, 10).in("mag"), "observed Y-J of irregulars");
    field(&Population::irregular_j_h, "irregular_j_h", between(-10, 10).in("mag"), "observed J-H of irregulars");
    field(&Population::scd_g_r, "scd_g_r", between(-10, 10).in("mag"), "observed g-r of Scd galaxies");
    field(&Population::scd_r_i, "scd_r_i", between(-10, 10).in("mag"), "observed r-i of Scd galaxies");
    field(&Population::scd_i_z, "scd_i_z", between(-10, 10).in("mag"), "observed i-z of Scd galaxies");
    field(&Population::scd_z_y, "scd_z_y", between(-10, 10).in("mag"), "observed z-Y of Scd galaxies; as the irregulars'");
    field(&Population::scd_y_j, "scd_y_j", between(-10, 10).in("mag"), "observed Y-J of Scd galaxies");
    field(&Population::scd_j_h, "scd_j_h", between(-10, 10).in("mag"), "observed J-H of Scd galaxies");
  }
};

/// Throws Error where limits stand in the wrong order, tables differ in length, or nothing can be drawn between limits.
void check_population(const Population& population, const std::string& origin);

}  // namespace lensfind::population
