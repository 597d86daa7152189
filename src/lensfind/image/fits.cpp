#include "lensfind/image/fits.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <memory>
#include <mutex>

#include <fitsio.h>
#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

constexpr long most_bands = 64;
constexpr long most_side = 65536;
constexpr std::uint64_t most_values = std::uint64_t{1} << 28;
// Deflate shrinks by at most 1032 (zlib's documentation); a header that promises more than that from its file lies.
constexpr std::uint64_t most_compression = 1100;

/// CFITSIO built without --enable-reentrant may be used by one thread at a time.
std::unique_lock<std::mutex> turn_at_cfitsio() {
  static std::mutex mutex;
  return fits_is_reentrant() != 0 ? std::unique_lock<std::mutex>{} : std::unique_lock{mutex};
}

/// CFITSIO's words for a status, with what it was about.
void check(int status, const std::string& about) {
  if (status == 0) return;
  char text[FLEN_STATUS] = "";
  fits_get_errstatus(status, text);
  fits_clear_errmsg();
  throw Error{fmt::format("{}: {} (CFITSIO {})", about, text, status), "is it a whole FITS file? Look at it with `fitsverify` or astropy"};
}

struct CloseFits {
  void operator()(fitsfile* file) const {
    int status = 0;
    fits_close_file(file, &status);
  }
};
using FitsFile = std::unique_ptr<fitsfile, CloseFits>;

FitsFile open_fits(const fs::path& path) {
  if (!fs::is_regular_file(path)) throw Error{path.string() + ": there is no such file", "check the path"};
  fitsfile* file = nullptr;
  int status = 0;
  // The disk variant takes the name as it is: CFITSIO's own would read brackets, pipes and addresses in it.
  fits_open_diskfile(&file, path.c_str(), READONLY, &status);
  FitsFile owner{file};
  check(status, path.string());
  return owner;
}

/// Size of the image in the current HDU; no bands where it is a table or empty. 2-D images have one band.
ImageShape shape_of_hdu(fitsfile* file, const fs::path& path) {
  int status = 0;
  int type = 0;
  int dimensions = 0;
  std::array<long, 3> sizes{1, 1, 1};
  fits_get_hdu_type(file, &type, &status);
  check(status, path.string());
  if (type != IMAGE_HDU) return {};
  fits_get_img_dim(file, &dimensions, &status);
  if (status == 0 && dimensions >= 2 && dimensions <= 3) fits_get_img_size(file, dimensions, sizes.data(), &status);
  check(status, path.string());
  if (dimensions == 0) return {};
  const auto [width, height, bands] = sizes;
  if (dimensions < 2 || dimensions > 3 || width < 1 || height < 1 || bands < 1 || width > most_side || height > most_side ||
      bands > most_bands) {
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

/// Whether the current HDU says that it holds no brightness (the HSC pipeline's MASK and VARIANCE, others' weight and error planes).
bool is_companion(fitsfile* file) {
  char name[FLEN_VALUE] = "";
  int status = 0;
  fits_read_key_str(file, "EXTNAME", name, nullptr, &status);
  if (status != 0) fits_clear_errmsg();
  std::string upper{name};
  std::ranges::transform(upper, upper.begin(),
                         [](char letter) { return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter; });
  constexpr std::array words{"MASK", "VAR", "WEIGHT", "WHT", "WT", "ERR", "INVVAR", "IVAR", "PSF"};
  return std::ranges::any_of(words, [&](const char* word) { return upper.find(word) != std::string::npos; });
}

/// The HDUs (counted from 1) that make up the cutout, and its shape.
struct Planes {
  std::vector<int> hdus;
  ImageShape shape;
};

Planes find_planes(fitsfile* file, const fs::path& path) {
  int count = 0;
  int status = 0;
  fits_get_num_hdus(file, &count, &status);
  check(status, path.string());
  Planes planes;
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file, hdu, nullptr, &status);
    check(status, path.string());
    // A first HDU is pixels whatever its name; only those behind it can be its companions.
    if (!planes.hdus.empty() && is_companion(file)) continue;
    const ImageShape shape = planes.hdus.empty() ? shape_of_hdu(file, path) : ImageShape{};
    if (planes.hdus.empty()) {
      if (shape.values() == 0) continue;
      planes = {{hdu}, shape};
      if (shape.bands > 1) return planes;
      continue;
    }
    ImageShape next;
    try {
      next = shape_of_hdu(file, path);
    } catch (const Error&) {
      continue;  // not of the first one's size: something else
    }
    if (next == ImageShape{1, planes.shape.height, planes.shape.width}) {
      planes.hdus.push_back(hdu);
      ++planes.shape.bands;
    }
  }
  if (planes.hdus.empty()) throw Error{path.string() + ": holds no image", "give a FITS file with pixels"};
  if (planes.shape.bands > most_bands)
    throw Error{fmt::format("{}: holds {} images", path.string(), planes.shape.bands), "a cutout has at most 64 bands"};
  return planes;
}

/// Pixels of one HDU as float32, blank ones NaN.
void read_hdu(fitsfile* file, int hdu, std::span<float> into, const fs::path& path) {
  int status = 0, any_blank = 0;
  float blank = std::numeric_limits<float>::quiet_NaN();
  fits_movabs_hdu(file, hdu, nullptr, &status);
  fits_read_img(file, TFLOAT, 1, static_cast<LONGLONG>(into.size()), &blank, into.data(), &any_blank, &status);
  check(status, path.string());
}

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

bool is_fits_name(const fs::path& path) {
  fs::path name = path.filename();
  if (name.extension() == ".gz" || name.extension() == ".fz") name = name.stem();
  return name.extension() == ".fits" || name.extension() == ".fit" || name.extension() == ".fts";
}

Image read_fits(const fs::path& path) {
  const auto turn = turn_at_cfitsio();
  const FitsFile file = open_fits(path);
  const Planes planes = find_planes(file.get(), path);
  Image image{planes.shape};
  const std::size_t values = image.values().size() / planes.hdus.size();
  for (std::size_t i = 0; i < planes.hdus.size(); ++i)
    read_hdu(file.get(), planes.hdus[i], image.values().subspan(i * values, values), path);
  return image;
}

std::vector<Image> read_fits_images(const fs::path& path) {
  const auto turn = turn_at_cfitsio();
  const FitsFile file = open_fits(path);
  int count = 0, status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  check(status, path.string());
  std::vector<Image> out;
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file.get(), hdu, nullptr, &status);
    check(status, path.string());
    const ImageShape shape = shape_of_hdu(file.get(), path);
    if (shape.values() == 0) continue;
    read_hdu(file.get(), hdu, out.emplace_back(shape).values(), path);
  }
  if (out.empty()) throw Error{path.string() + ": holds no image", "give a FITS file with pixels"};
  return out;
}

std::optional<double> read_fits_number(const fs::path& path, const std::string& keyword) {
  const auto turn = turn_at_cfitsio();
  const FitsFile file = open_fits(path);
  int count = 0, status = 0;
  fits_get_num_hdus(file.get(), &count, &status);
  check(status, path.string());
  for (int hdu = 1; hdu <= count; ++hdu) {
    fits_movabs_hdu(file.get(), hdu, nullptr, &status);
    check(status, path.string());
    double value = 0;
    int missing = 0;
    if (fits_read_key_dbl(file.get(), keyword.c_str(), &value, nullptr, &missing) == 0) return value;
    fits_clear_errmsg();
  }
  return std::nullopt;
}

ImageShape read_fits_shape(const fs::path& path) {
  const auto turn = turn_at_cfitsio();
  const FitsFile file = open_fits(path);
  return find_planes(file.get(), path).shape;
}

void write_fits(const fs::path& path, ImageView image, const std::vector<FitsCard>& cards) {
  const auto turn = turn_at_cfitsio();
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
  check(status, path.string());
  std::array<long, 3> sizes{image.shape.width, image.shape.height, image.shape.bands};
  fits_create_img(file, FLOAT_IMG, image.shape.bands == 1 ? 2 : 3, sizes.data(), &status);
  for (const FitsCard& card : cards) write_card(file, card, &status);
  // CFITSIO takes pixels that it does not change through a pointer without const.
  fits_write_img(file, TFLOAT, 1, static_cast<LONGLONG>(image.shape.values()), const_cast<float*>(image.data), &status);
  fits_flush_file(file, &status);
  LONGLONG end = 0;
  fits_get_hduaddrll(file, nullptr, nullptr, &end, &status);
  check(status, path.string());
  write_file(path, std::string_view{static_cast<const char*>(memory), static_cast<std::size_t>(end)});
}

}  // namespace lensfind
