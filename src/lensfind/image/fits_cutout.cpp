#include <cstdlib>
#include <limits>
#include <memory>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_keywords.h"
#include "lensfind/image/fits_plain.h"
#include "lensfind/image/fits_planes.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

void go_to(fitsfile* file, int hdu, const fs::path& path) {
  int status = 0;
  fits_movabs_hdu(file, hdu, nullptr, &status);
  check_fits(status, path.string());
}

/// The header of the current HDU; of a tile-compressed image that of the image.
FitsCards cards_of(fitsfile* file, const fs::path& path) {
  char* text = nullptr;
  int count = 0;
  int status = 0;
  fits_convert_hdr2str(file, 1, nullptr, 0, &text, &count, &status);
  const std::unique_ptr<char, decltype(&std::free)> owner{text, &std::free};
  check_fits(status, path.string());
  return FitsCards{text};
}

std::uint64_t bits_of(const FitsCards& mask, const std::vector<std::string>& planes) {
  std::uint64_t bits = 0;
  for (const std::string& plane : planes) {
    auto bit = mask.number(std::string{keywords::mask_plane} + plane);
    if (!bit) continue;
    if (*bit >= 0 && *bit < 63) bits |= std::uint64_t{1} << static_cast<int>(*bit);
  }
  return bits;
}

/// Makes the pixels of `band` NaN whose mask, in the HDU `mask`, has one of the planes.
void apply_mask(fitsfile* file, int mask, const std::vector<std::string>& planes, std::span<float> band, const fs::path& path) {
  go_to(file, mask, path);
  const std::uint64_t bits = bits_of(cards_of(file, path), planes);
  if (bits == 0) return;
  std::vector<LONGLONG> values(band.size());
  int any_blank = 0;
  int status = 0;
  fits_read_img(file, TLONGLONG, 1, static_cast<LONGLONG>(values.size()), nullptr, values.data(), &any_blank, &status);
  check_fits(status, path.string());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if ((static_cast<std::uint64_t>(values[i]) & bits) != 0) band[i] = std::numeric_limits<float>::quiet_NaN();
  }
}

}  // namespace

FitsCutout read_fits_cutout(const fs::path& path, const std::vector<std::string>& mask_planes) {
  if (std::optional<FitsCutout> plain = read_plain_fits(path)) return std::move(*plain);
  return read_with_cfitsio(path, mask_planes);
}

FitsCutout read_with_cfitsio(const fs::path& path, const std::vector<std::string>& mask_planes) {
  const auto turn = lock_cfitsio();
  const FitsFile file = open_fits(path);
  const Planes planes = find_planes(file.get(), path);
  FitsCutout cutout{Image{planes.shape}, {.left_out = planes.left_out}};
  FitsCards first;
  if (planes.hdus[0] != 1) {
    go_to(file.get(), 1, path);
    first = cards_of(file.get(), path);
  }
  const std::size_t values = cutout.image.values().size() / planes.hdus.size();
  for (std::size_t i = 0; i < planes.hdus.size(); ++i) {
    const std::span<float> pixels = cutout.image.values().subspan(i * values, values);
    go_to(file.get(), planes.hdus[i], path);
    const FitsCards cards = cards_of(file.get(), path);
    if (planes.hdus.size() == 1 && planes.shape.bands > 1) {
      set_cube_facts(cutout.facts, cards, planes.shape.bands);
    } else {
      add_band_facts(cutout.facts, first, cards);
    }
    read_hdu(file.get(), planes.hdus[i], pixels, path);
    const std::size_t band = planes.shape.pixels();
    for (std::size_t begin = 0; planes.masks[i] != 0 && begin < values; begin += band)
      apply_mask(file.get(), planes.masks[i], mask_planes, pixels.subspan(begin, band), path);
  }
  return cutout;
}

}  // namespace lensfind::image
