#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"

/// What is known of a simulated cutout. The names described here are the columns of truth.csv (truth_csv.h). A list has a value for each
/// band. Absent values and empty lists do not apply: a plain galaxy has no source. Lengths are from the cutout's middle, angles from +x
/// towards +y, radii product-averaged, magnitudes AB.
namespace lensfind::simulate {

enum class Split { train, test };
constexpr auto enum_names(Split) { return names_of<Split>({{Split::train, "train"}, {Split::test, "test"}}); }

/// Which image of a set it is.
struct TruthKey {
  std::string id;
  Split split = Split::train;
  std::uint64_t seed = 0;
  std::int64_t index = 0;

  static void describe(auto& field) {
    field(&TruthKey::id, "id", any(), "name of the cutout in its set");
    field(&TruthKey::split, "split", any(), "`train` or `test`");
    field(&TruthKey::seed, "seed", any(), "of the set's random numbers");
    field(&TruthKey::index, "index", any(), "number in the set, from 0: lenses and non-lenses of train, then of test");
  }
};

/// The deflector, or of a non-lens the galaxy in the middle.
struct DeflectorTruth {
  std::optional<double> z, sigma_v, theta_e_arcsec, axis_ratio, angle_rad, slope, shear1, shear2;
  std::vector<double> mag;
  std::optional<double> x_arcsec, y_arcsec, effective_radius_arcsec, sersic_index, light_axis_ratio, light_angle_rad;

  static void describe(auto& field) {
    using D = DeflectorTruth;
    field(&D::z, "z_lens", any(), "redshift of the deflector or plain galaxy");
    field(&D::sigma_v, "sigma_v", any().in("km/s"), "its velocity dispersion");
    field(&D::theta_e_arcsec, "theta_e_arcsec", any().in("arcsec"), "Einstein radius of all mass but satellites'");
    field(&D::axis_ratio, "axis_ratio", any(), "axis ratio of the mass; of a plain galaxy, of its light");
    field(&D::angle_rad, "angle_rad", any().in("rad"), "direction of its major axis");
    field(&D::slope, "slope", any(), "logarithmic slope of the mass density in three dimensions");
    field(&D::shear1, "shear1", any(), "external shear along x");
    field(&D::shear2, "shear2", any(), "external shear along the diagonal");
    field(&D::mag, "lens_mag", any().in("mag"), "magnitude of the deflector or plain galaxy");
    field(&D::x_arcsec, "lens_x_arcsec", any().in("arcsec"), "place of the deflector or plain galaxy");
    field(&D::y_arcsec, "lens_y_arcsec", any().in("arcsec"), "place of the deflector or plain galaxy");
    field(&D::effective_radius_arcsec, "effective_radius_arcsec", any().in("arcsec"), "half-light radius of its light");
    field(&D::sersic_index, "lens_sersic_index", any(), "Sersic index of its light");
    field(&D::light_axis_ratio, "lens_light_axis_ratio", any(), "axis ratio of its light");
    field(&D::light_angle_rad, "lens_light_angle_rad", any().in("rad"), "direction of its light's major axis");
  }
};

/// The source before lensing.
struct SourceTruth {
  std::optional<double> z, x_arcsec, y_arcsec;
  std::vector<double> mag;
  std::optional<double> radius_arcsec, sersic_index, axis_ratio, angle_rad;
  std::optional<std::int64_t> knots;
  std::string image;
  std::optional<double> quasar_i, second_z;

  static void describe(auto& field) {
    using S = SourceTruth;
    field(&S::z, "z_source", any(), "redshift of the source");
    field(&S::x_arcsec, "source_x_arcsec", any().in("arcsec"), "place of the source");
    field(&S::y_arcsec, "source_y_arcsec", any().in("arcsec"), "place of the source");
    field(&S::mag, "source_mag", any().in("mag"), "magnitude of the source before lensing");
    field(&S::radius_arcsec, "source_radius_arcsec", any().in("arcsec"), "half-light radius of the source's body");
    field(&S::sersic_index, "source_sersic_index", any(), "Sersic index of its body");
    field(&S::axis_ratio, "source_axis_ratio", any(), "axis ratio of its body");
    field(&S::angle_rad, "source_angle_rad", any().in("rad"), "direction of its body's major axis");
    field(&S::knots, "source_knots", any(), "how many knots lie on its body");
    field(&S::image, "source_image", any(), "file name of the picture that the source is");
    field(&S::quasar_i, "quasar_i", any().in("mag"), "i magnitude of a quasar in the source, before lensing");
    field(&S::second_z, "z_source_2", any(), "redshift of a second source");
  }
};

/// The lensed images of the source.
struct ArcsTruth {
  std::vector<double> magnification, snr;

  static void describe(auto& field) {
    field(&ArcsTruth::magnification, "magnification", any(), "lensed flux over source flux, light beyond the cutout too");
    field(&ArcsTruth::snr, "arc_snr", any(), "best cumulative S/N of the arcs over pixels ordered by S/N (Collett 2015)");
  }
};

/// The group whose brightest galaxy the target is.
struct GroupTruth {
  std::optional<double> sigma_v, galaxy_theta_e_arcsec, halo_theta_e_arcsec, halo_core_arcsec, halo_ellipticity;
  int members = 0;

  static void describe(auto& field) {
    using G = GroupTruth;
    field(&G::sigma_v, "group_sigma_v", any().in("km/s"), "velocity dispersion of the group whose brightest galaxy the target is");
    field(&G::galaxy_theta_e_arcsec, "galaxy_theta_e_arcsec", any().in("arcsec"),
          "of a group: Einstein radius of the galaxy alone, as an isothermal sphere");
    field(&G::halo_theta_e_arcsec, "halo_theta_e_arcsec", any().in("arcsec"), "of a group: that of the halo alone");
    field(&G::halo_core_arcsec, "halo_core_arcsec", any().in("arcsec"), "of a group: core radius of the halo");
    field(&G::halo_ellipticity, "halo_ellipticity", any(), "of a group: ellipticity of the halo's potential, along the galaxy's mass");
    field(&G::members, "members", any(), "red galaxies of the target's group about it");
  }
};

/// What the cutout was observed with.
struct ConditionsTruth {
  std::vector<double> background_rms, seeing_fwhm_arcsec, gain;

  static void describe(auto& field) {
    using C = ConditionsTruth;
    field(&C::background_rms, "background_rms", any().in("flux"), "rms of the background in the survey's flux unit, before scaling");
    field(&C::seeing_fwhm_arcsec, "seeing_fwhm_arcsec", any().in("arcsec"), "FWHM of the point-spread function");
    field(&C::gain, "gain", any().in("e-/flux"), "electrons for one unit of flux");
  }
};

/// What was done to the finished cutout.
struct ProcessingTruth {
  double rotated_rad = 0;
  std::optional<int> broken_band;
  std::string artefact;

  static void describe(auto& field) {
    using P = ProcessingTruth;
    field(&P::rotated_rad, "rotated_rad", any().in("rad"), "angle by which the finished image was turned");
    field(&P::broken_band, "broken_band", any(), "number of the band, from 0, of which only three values were left");
    field(&P::artefact, "artefact", any(), "faults that were put in, with a + between", "blemish");
  }
};

/// Everything known of one cutout.
struct Truth {
  bool lens = false;
  std::string kind, group;
  DeflectorTruth deflector;
  SourceTruth source;
  ArcsTruth arcs;
  GroupTruth environment;
  int neighbours = 0;
  ConditionsTruth conditions;
  ProcessingTruth processing;

  static void describe(auto& field) {
    field(&Truth::lens, "label", any(), "1: a lens, 0: none");
    field(&Truth::kind, "kind", any(), "`lens`, `elliptical`, `spiral`, `ring` ...; with `--paint` `painted` or `real`");
    field(&Truth::group, "group", any(), "the sky object; with `--paint` the real galaxy, else the cutout itself");
    field(&Truth::deflector, "deflector", any(), "the deflector or plain galaxy");
    field(&Truth::source, "source", any(), "the source before lensing");
    field(&Truth::arcs, "arcs", any(), "the lensed images");
    field(&Truth::environment, "environment", any(), "the target's group");
    field(&Truth::neighbours, "neighbours", any(), "how many unrelated galaxies and stars lie within the cutout");
    field(&Truth::conditions, "conditions", any(), "what it was observed with");
    field(&Truth::processing, "processing", any(), "what was done to the finished cutout");
  }
};

}  // namespace lensfind::simulate
