#include "lensfind/image/fits.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits_plain.h"
#include "lensfind/image/fits_planes.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

template <typename... Kinds>
struct Overloaded : Kinds... {
  using Kinds::operator()...;
};
// clang 14 does not deduce aggregates by itself.
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

void write_card(fitsfile* file, const FitsCard& card, int* status) {
  const char* key = card.keyword.c_str();
  const char* comment = card.comment.empty() ? nullptr : card.comment.c_str();
  std::visit(Overloaded{[&](bool value) { fits_update_key_log(file, key, value ? 1 : 0, comment, status); },
                        [&](std::int64_t value) { fits_update_key_lng(file, key, value, comment, status); },
                        [&](double value) { fits_update_key_dbl(file, key, value, -15, comment, status); },
                        [&](const std::string& value) { fits_update_key_longstr(file, key, value.c_str(), comment, status); }},
             card.value);
}

}  // namespace

std::string_view suffix_of(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);
  const auto dot = name.rfind('.');
  return dot == std::string_view::npos || dot == 0 ? std::string_view{} : name.substr(dot);
}

bool has_fits_suffix(std::string_view name) {
  const auto is = [](std::string_view suffix, std::string_view known) {
    return std::ranges::equal(suffix, known, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b; });
  };
  if (const auto last = suffix_of(name); is(last, ".gz") || is(last, ".fz")) name.remove_suffix(last.size());
  const auto suffix = suffix_of(name);
  return is(suffix, ".fits") || is(suffix, ".fit") || is(suffix, ".fts");
}

bool is_fits_name(const fs::path& path) { return has_fits_suffix(path.native()); }

Image read_fits(const fs::path& path) {
  if (std::optional<FitsCutout> plain = read_plain_fits(path)) return std::move(plain->image);
  const auto turn = lock_cfitsio();
  const FitsFile file = open_fits(path);
  const Planes planes = find_planes(file.get(), path);
  Image image{planes.shape};
  const std::size_t values = image.values().size() / planes.hdus.size();
  for (std::size_t i = 0; i < planes.hdus.size(); ++i)
    read_hdu(file.get(), planes.hdus[i], image.values().subspan(i * values, values), path);
  return image;
}

std::vector<Image> read_fits_images(const fs::path& path) {
  const auto turn = lock_cfitsio();
  const FitsFile file = open_fits(path);
  int count = 0, status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  check_fits(status, path.string());
  std::vector<Image> out;
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file.get(), hdu, nullptr, &status);
    check_fits(status, path.string());
    const ImageShape shape = shape_of_hdu(file.get(), path);
    if (shape.values() == 0) continue;
    read_hdu(file.get(), hdu, out.emplace_back(shape).values(), path);
  }
  if (out.empty()) throw Error{path.string() + ": holds no image", "give a FITS file with pixels"};
  return out;
}

std::optional<double> read_fits_number(const fs::path& path, const std::string& keyword) {
  const auto turn = lock_cfitsio();
  const FitsFile file = open_fits(path, FitsUse::headers);
  int count = 0, status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  check_fits(status, path.string());
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file.get(), hdu, nullptr, &status);
    check_fits(status, path.string());
    double value = 0;
    int missing = 0;
    if (fits_read_key_dbl(file.get(), keyword.c_str(), &value, nullptr, &missing) == 0) return value;
    fits_clear_errmsg();
  }
  return std::nullopt;
}

ImageShape read_fits_shape(const fs::path& path) {
  const auto turn = lock_cfitsio();
  const FitsFile file = open_fits(path, FitsUse::headers);
  return find_planes(file.get(), path).shape;
}

void write_fits(const fs::path& path, ImageView image, const std::vector<FitsCard>& cards) {
  const auto turn = lock_cfitsio();
  // Written in memory first, so that the file on disk appears whole or not at all.
  std::size_t size = 0;
  void* memory = nullptr;
  fitsfile* file = nullptr;
  int status = 0;
  fits_create_memfile(&file, &memory, &size, 2880, std::realloc, &status);
  // It moves as it grows, so it is freed by its last address, and after CFITSIO has let go of it.
  const auto free_memory = [](void** address) { std::free(*address); };
  const std::unique_ptr<void*, decltype(free_memory)> memory_owner{&memory};
  const FitsFile owner{file};
  check_fits(status, path.string());
  std::array<long, 3> sizes{image.shape.width, image.shape.height, image.shape.bands};
  fits_create_img(file, FLOAT_IMG, image.shape.bands == 1 ? 2 : 3, sizes.data(), &status);
  for (const FitsCard& card : cards) write_card(file, card, &status);
  // CFITSIO takes pixels that it does not change through a pointer without const.
  fits_write_img(file, TFLOAT, 1, static_cast<LONGLONG>(image.shape.values()), const_cast<float*>(image.data), &status);
  fits_flush_file(file, &status);
  LONGLONG end = 0;
  fits_get_hduaddrll(file, nullptr, nullptr, &end, &status);
  check_fits(status, path.string());
  write_file(path, std::string_view{static_cast<const char*>(memory), static_cast<std::size_t>(end)});
}

}  // namespace lensfind::image
