#include <algorithm>
#include <bit>
#include <cstdint>

#include "fuzz/memory_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_plain.h"
#include "lensfind/image/fits_planes.h"

/// CFITSIO forgets a tile that it cannot unpack.
extern "C" const char* __lsan_default_suppressions() { return "leak:imcomp_decompress_tile"; }

namespace {

using lensfind::image::FitsCutout;

std::uint32_t bits_of(float value) { return std::bit_cast<std::uint32_t>(value); }

/// What is read without CFITSIO is what CFITSIO reads.
void check_same(const FitsCutout& plain, const FitsCutout& other) {
  const auto& [filters, zero_points, pixel_scale_arcsec, scale_fault, left_out] = other.facts;
  if (plain.image.shape() != other.image.shape() || !std::ranges::equal(plain.image.values(), other.image.values(), {}, bits_of, bits_of) ||
      plain.facts.filters != filters || plain.facts.zero_points != zero_points || plain.facts.pixel_scale_arcsec != pixel_scale_arcsec ||
      plain.facts.scale_fault != scale_fault || plain.facts.left_out != left_out)
    __builtin_trap();
}

/// Nor does it matter whether it is read to a place that is there.
void check_in_place(const std::filesystem::path& path, const FitsCutout& plain) {
  FitsCutout cutout{lensfind::image::Image{plain.image.shape()}, {}};
  auto read = lensfind::image::read_plain_fits(path, cutout.image.view());
  if (!read) return;
  cutout.facts = std::move(read->facts);
  check_same(cutout, plain);
}

}  // namespace

/// Whatever bytes come, read_fits_cutout gives an image with a fact a band or throws Error, and header cards are read without harm.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const lensfind::image::FitsCards cards{{reinterpret_cast<const char*>(data), size}};
  (void)lensfind::image::zero_point(cards);
  (void)lensfind::image::pixel_scale(cards);
  const MemoryFile file{data, size, ".fits"};
  const auto plain = lensfind::image::read_plain_fits(file.path());
  if (plain) check_in_place(file.path(), *plain);
  try {
    const FitsCutout cutout = lensfind::image::read_with_cfitsio(file.path(), {"BAD"});
    if (plain) check_same(*plain, cutout);
    const auto bands = static_cast<std::size_t>(cutout.image.shape().bands);
    if (cutout.facts.filters.size() != bands || cutout.facts.zero_points.size() != bands) __builtin_trap();
  } catch (const lensfind::Error& error) {
    if (plain || error.hint().empty()) __builtin_trap();
  }
  return 0;
}
