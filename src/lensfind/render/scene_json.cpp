#include "lensfind/render/scene_json.h"

#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/npy.h"

namespace lensfind::render {
namespace {

/// An object of the file with the words to name it in errors.
struct Entry {
  const Value& value;
  std::string origin;

  [[nodiscard]] double number(const char* key) const {
    const Value* found = value.find(key);
    if (!found) throw Error{fmt::format("{}: {} is missing", origin, key), "docs/scene.md lists what each model needs"};
    if (!found->is_number() || !std::isfinite(found->as_number()))
      throw Error{fmt::format("{}: {} is no number", origin, key), "give a finite number"};
    return found->as_number();
  }
  [[nodiscard]] double number(const char* key, double otherwise) const { return value.find(key) ? number(key) : otherwise; }
  [[nodiscard]] double number_between(const char* key, double min, double max) const {
    const double got = number(key);
    if (!(got > min) || got > max)
      throw Error{fmt::format("{}: {} = {} is out of range", origin, key, got), fmt::format("it must be over {} and at most {}", min, max)};
    return got;
  }
  [[nodiscard]] Point centre() const { return {number("center_x", 0), number("center_y", 0)}; }
};

struct Ellipse {
  double axis_ratio, angle_rad;
};

/// From q and phi where they are given, else from e1 and e2; round without either.
Ellipse read_ellipse(const Entry& entry) {
  if (entry.value.find("q")) return {entry.number_between("q", 0, 1), entry.number("phi", 0)};
  const double e1 = entry.number("e1", 0), e2 = entry.number("e2", 0), e = std::hypot(e1, e2);
  if (e >= 1) throw Error{fmt::format("{}: |e| = {} is out of range", entry.origin, e), "e1 and e2 make an ellipticity under 1"};
  return {(1 - e) / (1 + e), std::atan2(e2, e1) / 2};
}

void add_mass(const Entry& entry, Mass& mass) {
  const std::string& model = entry.value.at("model").as_string();
  if (model == "SHEAR") {
    mass.shear.gamma1 += entry.number("gamma1");
    mass.shear.gamma2 += entry.number("gamma2");
  } else if (model == "SIE" || model == "EPL") {
    const Ellipse ellipse = read_ellipse(entry);
    const double slope = model == "EPL" ? entry.number_between("gamma", 1.05, 2.95) : 2;
    mass.ellipsoids.push_back({entry.number_between("theta_E", 0, 1e4), ellipse.axis_ratio, ellipse.angle_rad, entry.centre(), slope});
  } else if (model == "NIE_POTENTIAL") {
    const double e1 = entry.number("e1", 0), e2 = entry.number("e2", 0), e = std::hypot(e1, e2);
    if (e > 0.5) throw Error{fmt::format("{}: |e| = {} is out of range", entry.origin, e), "a potential's ellipticity is 0.5 at most"};
    mass.halos.push_back(
        {entry.number_between("theta_E", 0, 1e4), entry.number_between("theta_c", 0, 1e4), e, std::atan2(e2, e1) / 2, entry.centre()});
  } else {
    throw Error{fmt::format("{}: unknown model {}", entry.origin, model), "known are SIE, EPL, NIE_POTENTIAL and SHEAR"};
  }
}

Light read_picture(const Entry& entry, const std::filesystem::path& folder) {
  auto image = std::make_shared<const SourceImage>(read_source_image(folder / entry.value.at("file").as_string()));
  const double radius = image->half_light_radius_pixels * entry.number_between("pixel_scale", 0, 1e3);
  return {{.effective_radius_arcsec = radius, .angle_rad = entry.number("phi", 0), .centre_arcsec = entry.centre()},
          {entry.number("total_flux")},
          std::move(image)};
}

Light read_light(const Entry& entry, const std::filesystem::path& folder) {
  const std::string& model = entry.value.at("model").as_string();
  if (model == "IMAGE") return read_picture(entry, folder);
  if (model != "SERSIC") throw Error{fmt::format("{}: unknown model {}", entry.origin, model), "known are SERSIC and IMAGE"};
  const Ellipse ellipse = read_ellipse(entry);
  const Sersic profile{entry.number_between("R_eff", 0, 1e4), entry.number_between("n", 0.19, 12), ellipse.axis_ratio, ellipse.angle_rad,
                       entry.centre()};
  return {profile, {entry.number("total_flux")}, nullptr};
}

Psf read_psf(const Entry& entry, const std::filesystem::path& folder) {
  const std::string& type = entry.value.at("type").as_string();
  if (type == "none") return NoPsf{};
  if (type == "gaussian") return GaussianPsf{entry.number_between("fwhm", 0, 1e3)};
  if (type != "pixel") throw Error{fmt::format("{}: unknown PSF {}", entry.origin, type), "known are none, gaussian and pixel"};
  const std::filesystem::path path = folder / entry.value.at("kernel").as_string();
  const image::Image image = image::read_npy(path);
  const image::ImageShape shape = image.shape();
  if (shape.bands != 1 || shape.height % 2 == 0 || shape.width % 2 == 0) {
    throw Error{fmt::format("{}: a PSF has an odd number of rows and of columns, not {} x {}", path.string(), shape.height, shape.width),
                "give a two-dimensional array with the star at its middle pixel"};
  }
  return factorised({shape.height, shape.width, {image.values().begin(), image.values().end()}, {}, {}});
}

/// The entries of a list that may be absent.
std::vector<Entry> entries(const Value& scene, const char* key, const std::string& origin) {
  std::vector<Entry> out;
  if (const Value* list = scene.find(key)) {
    for (const Value& value : list->as_array()) out.push_back({value, fmt::format("{}: {} {}", origin, key, out.size())});
  }
  return out;
}

}  // namespace

SceneCase read_scene_case(const Value& value, const std::filesystem::path& folder, const std::string& origin) {
  if (!value.is_object()) throw Error{fmt::format("{}: a scene is a table, not {}", origin, value.kind()), "docs/scene.md shows one"};
  SceneCase out;
  if (const Value* name = value.find("name")) out.name = name->as_string();
  const Entry self{value, out.name.empty() ? origin : origin + ": " + out.name};
  const double size = self.number("num_pix", 64);
  if (size < 4 || size > 8192 || size != std::floor(size))
    throw Error{fmt::format("{}: num_pix = {} is out of range", self.origin, size), "give a whole number of 4 to 8192"};
  out.size = static_cast<int>(size);
  out.pixel_scale_arcsec = self.number_between("pixel_scale", 0, 1e3);
  out.psf = read_psf({value.at("psf"), self.origin + ": psf"}, folder);
  for (const Entry& entry : entries(value, "lens", self.origin)) add_mass(entry, out.scene.mass);
  for (const Entry& entry : entries(value, "lens_light", self.origin)) out.scene.unlensed.push_back(read_light(entry, folder));
  for (const Entry& entry : entries(value, "source", self.origin)) out.scene.sources.push_back(read_light(entry, folder));
  return out;
}

}  // namespace lensfind::render
