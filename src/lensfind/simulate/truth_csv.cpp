#include "lensfind/simulate/truth_csv.h"

#include <fmt/format.h>

#include "lensfind/base/csv.h"

namespace lensfind::simulate {
namespace {

std::string text(const std::optional<double>& value) { return value ? fmt::format("{:.7g}", *value) : std::string{}; }
std::string text(const std::vector<double>& values, std::size_t band) {
  return band < values.size() ? fmt::format("{:.7g}", values[band]) : std::string{};
}

}  // namespace

std::string truth_header(const std::vector<std::string>& bands) {
  std::string out =
      "id,split,label,kind,group,seed,index,z_lens,z_source,sigma_v,theta_e_arcsec,axis_ratio,angle_rad,shear1,shear2,source_x_arcsec,"
      "source_y_arcsec";
  for (const std::string& band : bands) out += fmt::format(",lens_mag_{0},source_mag_{0},magnification_{0},arc_snr_{0}", band);
  out += ",slope,effective_radius_arcsec,source_radius_arcsec,neighbours,rotated_rad,broken_band,artefact";
  for (const std::string& band : bands) out += fmt::format(",background_rms_{}", band);
  out +=
      ",source_image,lens_x_arcsec,lens_y_arcsec,lens_sersic_index,lens_light_axis_ratio,lens_light_angle_rad,source_sersic_index,"
      "source_axis_ratio,source_angle_rad,source_knots";
  for (const std::string& band : bands) out += fmt::format(",seeing_fwhm_arcsec_{0},gain_{0}", band);
  out += ",group_sigma_v,galaxy_theta_e_arcsec,halo_theta_e_arcsec,halo_core_arcsec,halo_ellipticity,quasar_i,z_source_2,members";
  return out + "\n";
}

std::string truth_row(const TruthKey& key, const Truth& t, std::size_t bands) {
  std::string out = fmt::format("{},{},{},{},{},{},{}", key.id, key.split == Split::train ? "train" : "test", t.lens ? 1 : 0, t.kind,
                                t.group.empty() ? key.id : csv_field(t.group), key.seed, key.index);
  for (const auto* value : {&t.z_lens, &t.z_source, &t.sigma_v, &t.theta_e_arcsec, &t.axis_ratio, &t.angle_rad, &t.shear1, &t.shear2,
                            &t.source_x_arcsec, &t.source_y_arcsec}) {
    out += "," + text(*value);
  }
  for (std::size_t b = 0; b < bands; ++b) {
    for (const auto* values : {&t.lens_mag, &t.source_mag, &t.magnification, &t.arc_snr}) out += "," + text(*values, b);
  }
  out += fmt::format(",{},{},{},{},{:.7g},{},{}", text(t.slope), text(t.effective_radius_arcsec), text(t.source_radius_arcsec),
                     t.neighbours, t.rotated_rad, t.broken_band < 0 ? std::string{} : std::to_string(t.broken_band), t.artefact);
  for (std::size_t b = 0; b < bands; ++b) out += "," + text(t.background_rms, b);
  out += "," + csv_field(t.source_image);
  for (const auto* value : {&t.lens_x_arcsec, &t.lens_y_arcsec, &t.lens_sersic_index, &t.lens_light_axis_ratio, &t.lens_light_angle_rad,
                            &t.source_sersic_index, &t.source_axis_ratio, &t.source_angle_rad}) {
    out += "," + text(*value);
  }
  out += "," + (t.source_knots ? std::to_string(*t.source_knots) : std::string{});
  for (std::size_t b = 0; b < bands; ++b) out += "," + text(t.seeing_fwhm_arcsec, b) + "," + text(t.gain, b);
  for (const auto* value : {&t.group_sigma_v, &t.galaxy_theta_e_arcsec, &t.halo_theta_e_arcsec, &t.halo_core_arcsec, &t.halo_ellipticity,
                            &t.quasar_i, &t.z_source_2}) {
    out += "," + text(*value);
  }
  out += fmt::format(",{}", t.members);
  return out + "\n";
}

}  // namespace lensfind::simulate
