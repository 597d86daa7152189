#include "lensfind/image/fits_planes.h"

#include <algorithm>
#include <array>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_checks.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t most_values = std::uint64_t{1} << 28;

/// The current HDU's EXTNAME, or nothing.
std::string extension_name(fitsfile* file) {
  char name[FLEN_VALUE] = "";
  int status = 0;
  fits_read_key_str(file, "EXTNAME", name, nullptr, &status);
  if (status != 0) fits_clear_errmsg();
  return name;
}

/// In capitals.
std::string upper(std::string name) {
  std::ranges::transform(name, name.begin(),
                         [](char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter; });
  return name;
}

/// The size of the current HDU's image; nothing where it is something else.
ImageShape shape_or_none(fitsfile* file, const fs::path& path) {
  try {
    return shape_of_hdu(file, path);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace

bool is_companion(const std::string& name) {
  constexpr std::array words{"MASK", "VAR", "WEIGHT", "WHT", "WT", "ERR", "INVVAR", "IVAR", "PSF"};
  return std::ranges::any_of(words, [capitals = upper(name)](const char* word) { return capitals.find(word) != std::string::npos; });
}

ImageShape shape_of_hdu(fitsfile* file, const fs::path& path) {
  int status = 0;
  int type = 0;
  int dimensions = 0;
  std::array<long, 3> sizes{1, 1, 1};
  fits_get_hdu_type(file, &type, &status);
  check_fits(status, path.string());
  if (type != IMAGE_HDU) return {};
  fits_get_img_dim(file, &dimensions, &status);
  if (status == 0 && dimensions >= 2 && dimensions <= 3) fits_get_img_size(file, dimensions, sizes.data(), &status);
  check_fits(status, path.string());
  if (dimensions == 0) return {};
  const auto [width, height, bands] = sizes;
  if (dimensions < 2 || dimensions > 3 || width < 1 || height < 1 || bands < 1 || width > most_fits_side || height > most_fits_side ||
      bands > most_fits_bands) {
    throw Error{fmt::format("{}: an HDU of {} dimensions ({} x {} x {}) is no cutout", path.string(), dimensions, width, height, bands),
                "a cutout is 2-D, or a cube (bands, height, width)"};
  }
  const std::uint64_t values = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(bands);
  if (values > most_values || values / most_compression > fs::file_size(path)) {
    throw Error{fmt::format("{}: the header promises {} x {} x {} pixels, the file holds {} bytes", path.string(), width, height, bands,
                            fs::file_size(path)),
                "the file is cut short or damaged; copy or make it again"};
  }
  return {static_cast<int>(bands), static_cast<int>(height), static_cast<int>(width)};
}

void read_hdu(fitsfile* file, int hdu, std::span<float> into, const fs::path& path) {
  int status = 0, any_blank = 0;
  float blank = std::numeric_limits<float>::quiet_NaN();
  fits_movabs_hdu(file, hdu, nullptr, &status);
  fits_read_img(file, TFLOAT, 1, static_cast<LONGLONG>(into.size()), &blank, into.data(), &any_blank, &status);
  check_fits(status, path.string());
}

std::unique_lock<std::mutex> turn_at_cfitsio() {
  static std::mutex mutex;
  return fits_is_reentrant() != 0 ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex};
}

void check_fits(int status, const std::string& about) {
  if (status == 0) return;
  char text[FLEN_STATUS] = "";
  fits_get_errstatus(status, text);
  fits_clear_errmsg();
  throw Error{fmt::format("{}: {} (CFITSIO {})", about, text, status), "is it a whole FITS file? Look at it with `fitsverify` or astropy"};
}

FitsFile open_fits(const fs::path& path) {
  if (!fs::is_regular_file(path)) throw Error{path.string() + ": there is no such file", "check the path"};
  check_before_cfitsio(path);
  fitsfile* file = nullptr;
  int status = 0;
  // The disk variant takes the name as it is: CFITSIO's own would read brackets, pipes and addresses in it.
  fits_open_diskfile(&file, path.c_str(), READONLY, &status);
  FitsFile owner{file};
  check_fits(status, path.string());
  return owner;
}

Planes find_planes(fitsfile* file, const fs::path& path) {
  int count = 0;
  int status = 0;
  fits_get_num_hdus(file, &count, &status);
  check_fits(status, path.string());
  Planes planes;
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file, hdu, nullptr, &status);
    check_fits(status, path.string());
    if (planes.hdus.empty()) {
      // A first HDU is pixels whatever its name; only those behind it can be its companions.
      const ImageShape shape = shape_of_hdu(file, path);
      if (shape.values() == 0) continue;
      planes = {{hdu}, {0}, shape};
      continue;
    }
    const ImageShape one{1, planes.shape.height, planes.shape.width};
    const std::string name = extension_name(file);
    if (is_companion(name)) {
      if (upper(name).find("MASK") != std::string::npos && planes.masks.back() == 0 && shape_or_none(file, path) == one)
        planes.masks.back() = hdu;
    } else if (planes.shape.bands == static_cast<int>(planes.hdus.size()) && shape_or_none(file, path) == one) {
      planes.hdus.push_back(hdu);
      planes.masks.push_back(0);
      ++planes.shape.bands;
    }
  }
  if (planes.hdus.empty()) throw Error{path.string() + ": holds no image", "give a FITS file with pixels"};
  if (planes.shape.bands > most_fits_bands)
    throw Error{fmt::format("{}: holds {} images", path.string(), planes.shape.bands), "a cutout has at most 64 bands"};
  return planes;
}

}  // namespace lensfind
