#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/image/plane_names.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

/// An image HDU with pixels.
struct Plane {
  int hdu = 0;
  std::string name;  ///< its EXTNAME, may be empty
  PlaneName kind = PlaneName::science;
  bool whole_numbers = false;  ///< neither real numbers nor such as BSCALE makes of integers

  [[nodiscard]] std::string label() const { return name.empty() ? fmt::format("HDU {}", hdu) : name; }
};

std::string extension_name(fitsfile* file) {
  char name[FLEN_VALUE] = "";
  int status = 0;
  fits_read_key_str(file, "EXTNAME", name, nullptr, &status);
  if (status != 0) fits_clear_errmsg();
  return name;
}

/// The images of a file; what else it holds is no matter here.
std::vector<Plane> planes_of(fitsfile* file, const fs::path& path) {
  int count = 0;
  int status = 0;
  fits_get_num_hdus(file, &count, &status);
  check_fits(status, path.string());
  std::vector<Plane> planes;
  for (int hdu = 1; hdu <= count; ++hdu) {
    int type = 0;
    int dimensions = 0;
    int bits = 0;
    fits_movabs_hdu(file, hdu, &type, &status);
    if (status == 0 && type == IMAGE_HDU) fits_get_img_dim(file, &dimensions, &status);
    if (dimensions > 0) fits_get_img_equivtype(file, &bits, &status);
    check_fits(status, path.string());
    if (type != IMAGE_HDU || dimensions == 0) continue;
    Plane plane{.hdu = hdu, .name = extension_name(file), .whole_numbers = bits > 0};
    plane.kind = plane_name(plane.name);
    planes.push_back(std::move(plane));
  }
  return planes;
}

/// Which of a file's images are science. Throws Error where none is known as such.
std::vector<Plane> science_of(const std::vector<Plane>& planes, const fs::path& path) {
  if (planes.empty()) throw Error{path.string() + ": holds no image", "give a FITS file with pixels"};
  std::vector<Plane> science;
  std::ranges::copy_if(planes, std::back_inserter(science), [](const Plane& plane) { return plane.kind == PlaneName::science; });
  // Flags are integers beside the real numbers that they are about.
  if (std::ranges::any_of(science, [](const Plane& plane) { return !plane.whole_numbers; }))
    std::erase_if(science, [](const Plane& plane) { return plane.whole_numbers; });
  if (!science.empty()) return science;
  if (planes.size() == 1 && planes[0].kind == PlaneName::unknown) return planes;
  std::vector<std::string> names;
  for (const Plane& plane : planes) names.push_back(plane.label());
  throw Error{fmt::format("{}: none of its images is known as science ({})", path.string(), fmt::join(names, ", ")),
              "name the science images SCI, IMAGE or by their band in EXTNAME"};
}

/// The size of an HDU's image; nothing where it is no band.
ImageShape shape_or_none(fitsfile* file, int hdu, const fs::path& path) {
  int status = 0;
  fits_movabs_hdu(file, hdu, nullptr, &status);
  check_fits(status, path.string());
  try {
    return shape_of_hdu(file, path);
  } catch (const Error&) {
    return {};
  }
}

/// The mask behind each band: the first one before the next band.
void find_masks(Planes& planes, const std::vector<Plane>& all, fitsfile* file, const fs::path& path) {
  const ImageShape one{1, planes.shape.height, planes.shape.width};
  planes.masks.assign(planes.hdus.size(), 0);
  for (const Plane& plane : all) {
    if (plane.kind != PlaneName::mask) continue;
    const auto behind = std::ranges::upper_bound(planes.hdus, plane.hdu) - planes.hdus.begin();
    if (behind == 0) continue;
    int& mask = planes.masks[static_cast<std::size_t>(behind) - 1];
    if (mask == 0 && shape_or_none(file, plane.hdu, path) == one) mask = plane.hdu;
  }
}

}  // namespace

Planes find_planes(fitsfile* file, const fs::path& path) {
  const std::vector<Plane> all = planes_of(file, path);
  const std::vector<Plane> science = science_of(all, path);
  int status = 0;
  fits_movabs_hdu(file, science[0].hdu, nullptr, &status);
  check_fits(status, path.string());
  Planes planes{.hdus = {science[0].hdu}, .shape = shape_of_hdu(file, path)};
  const ImageShape one{1, planes.shape.height, planes.shape.width};
  for (std::size_t i = 1; i < science.size() && planes.shape.bands == static_cast<int>(planes.hdus.size()); ++i) {
    if (shape_or_none(file, science[i].hdu, path) != one) continue;
    planes.hdus.push_back(science[i].hdu);
    ++planes.shape.bands;
  }
  if (planes.shape.bands > max_fits_bands)
    throw Error{fmt::format("{}: holds {} images", path.string(), planes.shape.bands), "a cutout has at most 64 bands"};
  find_masks(planes, all, file, path);
  for (const Plane& plane : all) {
    if (std::ranges::find(planes.hdus, plane.hdu) == planes.hdus.end()) planes.left_out.push_back(plane.label());
  }
  return planes;
}

}  // namespace lensfind::image
