#include "lensfind/image/npz.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <zlib.h>

#include "lensfind/base/error.h"
#include "lensfind/base/value.h"
#include "lensfind/base/zip_archive.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/npy_values.h"

namespace lensfind {
namespace {

constexpr std::uint64_t most_values = std::uint64_t{1} << 27;
constexpr std::size_t most_bytes = std::size_t{1} << 30;

/// The bytes of an array, as an .npy file holds them.
struct Array {
  std::vector<std::byte> unpacked;  ///< empty where it was stored
  std::span<const std::byte> bytes;
};

std::vector<std::byte> inflated(const ZipFile& file, const std::string& origin) {
  // Deflate shrinks by at most 1032; a length beyond that is a lie, and is not allocated.
  if (file.length > most_bytes || file.length / 1100 > file.bytes.size())
    throw Error{fmt::format("{}: an array of {} bytes", origin, file.length), "unpack it into an .npy stack, which is read image by image"};
  std::vector<std::byte> out(file.length);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw Error{origin + ": cannot be unpacked", "is there memory left?"};
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(file.bytes.data()));  // zlib only reads there
  stream.avail_in = static_cast<uInt>(file.bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int status = inflate(&stream, Z_FINISH);
  const bool whole = status == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) throw Error{origin + ": its compressed bytes are damaged", "copy or make the file again"};
  return out;
}

Array array_of(const ZipFile& file, const std::string& origin) {
  if (!file.deflated) return {{}, file.bytes};
  Array array{inflated(file, origin), {}};
  array.bytes = array.unpacked;
  return array;
}

std::vector<Image> images_of_stack(const NpyHeader& header, std::span<const std::byte> bytes, const std::string& origin) {
  if (header.fortran_order) throw Error{origin + ": the stack is in Fortran order", "write it with numpy.ascontiguousarray"};
  if (header.values() == 0 || header.values() > most_values)
    throw Error{fmt::format("{}: a stack of {} values", origin, header.values()),
                "unpack it into an .npy stack, which is read image by image"};
  NpyHeader one = header;
  one.shape.erase(one.shape.begin());
  const ImageShape shape = npy_cutout_shape(one, origin);
  const std::size_t step = header.value_bytes() / static_cast<std::size_t>(header.shape[0]);
  std::vector<Image> images;
  for (std::size_t i = 0; i < static_cast<std::size_t>(header.shape[0]); ++i) {
    Image& image = images.emplace_back(shape);
    convert_values(header.type, bytes.data() + header.data_offset + i * step, {static_cast<std::int64_t>(shape.pixels()), shape.width, 1},
                   shape, image.values());
  }
  return images;
}

Image image_of_bands(const std::map<std::string, ZipFile>& files, const std::vector<std::string>& bands, const std::string& origin) {
  Image image;
  for (std::size_t b = 0; b < bands.size(); ++b) {
    const auto file = files.find(bands[b] + ".npy");
    if (file == files.end()) {
      std::vector<std::string> names;
      for (const auto& [name, held] : files) names.push_back(name);
      throw Error{fmt::format("{}: holds {} and no array `{}`", origin, fmt::join(names, ", "), bands[b]),
                  "give one array, or a 2-D array for each of the model's bands under its name"};
    }
    const Array array = array_of(file->second, origin);
    const Image band = parse_npy(array.bytes, origin);
    ImageShape shape = band.shape();
    if (shape.bands != 1) throw Error{fmt::format("{}: `{}` is no 2-D array", origin, bands[b]), "give a 2-D array a band"};
    shape.bands = static_cast<int>(bands.size());
    if (b == 0) image = Image{shape};
    if (shape != image.shape()) throw Error{origin + ": its bands differ in size", "bring them to one pixel grid"};
    std::ranges::copy(band.values(), image.band(static_cast<int>(b)).begin());
  }
  return image;
}

NpzCutouts one_cutout(Image image) {
  NpzCutouts cutouts;
  cutouts.images.push_back(std::move(image));
  return cutouts;
}

}  // namespace

NpzCutouts parse_npz(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands) {
  const std::map<std::string, ZipFile> files = read_zip(bytes, origin);
  if (files.empty()) throw Error{origin + ": holds no array", "write the cutout again"};
  if (files.size() > 1) {
    if (bands.empty()) throw Error{fmt::format("{}: holds {} arrays", origin, files.size()), "give one array a file, or name the bands"};
    return one_cutout(image_of_bands(files, bands, origin));
  }
  const Array array = array_of(files.begin()->second, origin);
  const NpyHeader header = parse_npy_header(array.bytes, array.bytes.size(), origin);
  if (header.shape.size() == 4) return {images_of_stack(header, array.bytes, origin), true};
  return one_cutout(parse_npy(array.bytes, origin));
}

NpzCutouts read_npz(const std::filesystem::path& path, const std::vector<std::string>& bands) {
  const std::string text = read_text(path);
  return parse_npz(std::as_bytes(std::span{text}), path.string(), bands);
}

}  // namespace lensfind
