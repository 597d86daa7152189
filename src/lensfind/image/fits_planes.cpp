#include "lensfind/image/fits_planes.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/fits_checks.h"
#include "lensfind/image/fits_keywords.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t max_values = std::uint64_t{1} << 28;

/// A number in the header of the current HDU; nothing where there is none. Throws Error where the value is no number.
std::optional<double> number_here(fitsfile* file, const char* keyword, const fs::path& path) {
  double value = 0;
  int status = 0;
  fits_read_key_dbl(file, keyword, &value, nullptr, &status);
  if (status == KEY_NO_EXIST) {
    fits_clear_errmsg();
    return {};
  }
  check_fits(status, fmt::format("{}: {}", path.string(), keyword));
  return value;
}

/// Pan-STARRS' stacks hold asinh counts (Waters et al. 2020); others are left as they are.
void undo_asinh(fitsfile* file, std::span<float> pixels, const fs::path& path) {
  const auto softening = number_here(file, keywords::asinh_softening, path);
  const auto offset = number_here(file, keywords::asinh_offset, path);
  if (!softening && !offset) return;
  if (!softening || !(*softening > 0) || !std::isfinite(*softening) || !std::isfinite(offset.value_or(0))) {
    throw Error{fmt::format("{}: its asinh counts cannot be made linear ({} = {}, {} = {})", path.string(), keywords::asinh_softening,
                            softening.value_or(0), keywords::asinh_offset, offset.value_or(0)),
                "correct these two keywords, or take them out where the pixels are flux"};
  }
  const double width = 2.5 / std::numbers::ln10;
  for (float& pixel : pixels)
    pixel = static_cast<float>(offset.value_or(0) + 2 * *softening * std::sinh(static_cast<double>(pixel) / width));
}

}  // namespace

ImageShape shape_of_hdu(fitsfile* file, const fs::path& path) {
  int status = 0;
  int type = 0;
  int dimensions = 0;
  std::array<long, max_fits_axes> sizes{};
  sizes.fill(1);
  fits_get_hdu_type(file, &type, &status);
  check_fits(status, path.string());
  if (type != IMAGE_HDU) return {};
  fits_get_img_dim(file, &dimensions, &status);
  if (status == 0 && dimensions >= 1 && dimensions <= max_fits_axes) fits_get_img_size(file, dimensions, sizes.data(), &status);
  check_fits(status, path.string());
  if (dimensions == 0) return {};
  // Radio images and some cubes have axes of frequency and polarisation of one pixel each.
  const auto beyond = std::span{sizes}.subspan(2);
  const auto longer = std::ranges::find_if(beyond, [](long size) { return size != 1; });
  const long width = sizes[0], height = sizes[1], bands = longer == beyond.end() ? 1 : *longer;
  const bool one_cube = longer == beyond.end() || std::all_of(longer + 1, beyond.end(), [](long size) { return size == 1; });
  if (dimensions < 2 || dimensions > max_fits_axes || !one_cube || width < 1 || height < 1 || bands < 1 || width > max_fits_side ||
      height > max_fits_side || bands > max_fits_bands) {
    throw Error{fmt::format("{}: an HDU of {} dimensions ({}) is no cutout", path.string(), dimensions,
                            fmt::join(std::span{sizes}.first(static_cast<std::size_t>(std::clamp(dimensions, 1, max_fits_axes))), " x ")),
                "a cutout is 2-D, or a cube (bands, height, width)"};
  }
  const std::uint64_t values = static_cast<std::uint64_t>(width) * static_cast<std::uint64_t>(height) * static_cast<std::uint64_t>(bands);
  if (values > max_values || values / max_compression > fs::file_size(path)) {
    throw Error{fmt::format("{}: the header promises {} x {} x {} pixels, the file holds {} bytes", path.string(), width, height, bands,
                            fs::file_size(path)),
                "the file is cut short or damaged; copy or make it again"};
  }
  return {static_cast<int>(bands), static_cast<int>(height), static_cast<int>(width)};
}

void read_hdu(fitsfile* file, int hdu, std::span<float> into, const fs::path& path) {
  int status = 0, any_blank = 0;
  float blank = std::numeric_limits<float>::quiet_NaN();
  errno = 0;
  fits_movabs_hdu(file, hdu, nullptr, &status);
  fits_read_img(file, TFLOAT, 1, static_cast<LONGLONG>(into.size()), &blank, into.data(), &any_blank, &status);
  check_fits(status, path.string());
  undo_asinh(file, into, path);
}

std::unique_lock<std::mutex> lock_cfitsio() {
  static std::mutex mutex;
  return fits_is_reentrant() != 0 ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex};
}

void check_fits(int status, const std::string& about) {
  if (status == 0) return;
  const int error = errno;
  char text[FLEN_STATUS] = "";
  fits_get_errstatus(status, text);
  fits_clear_errmsg();
  if ((status == FILE_NOT_OPENED || status == READ_ERROR || status == SEEK_ERROR) && is_machine_fault(error))
    throw_file_error(about, error);
  throw Error{fmt::format("{}: {} (CFITSIO {})", about, text, status), "is it a whole FITS file? Look at it with `fitsverify` or astropy"};
}

FitsFile open_fits(const fs::path& path, FitsUse use) {
  if (!fs::is_regular_file(path)) throw Error{path.string() + ": there is no such file", "check the path"};
  check_before_cfitsio(path, use);
  fitsfile* file = nullptr;
  int status = 0;
  errno = 0;  // so that what the system says next is of this file
  // The disk variant takes the name as it is: CFITSIO's own would read brackets, pipes and addresses in it.
  fits_open_diskfile(&file, path.c_str(), READONLY, &status);
  FitsFile owner{file};
  check_fits(status, path.string());
  return owner;
}

}  // namespace lensfind::image
