#include "lensfind/image/npz.h"

#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/base/unpack_budget.h"
#include "lensfind/base/zip_archive.h"
#include "lensfind/image/npy.h"
#include "lensfind/image/npy_values.h"
#include "lensfind/image/npz_arrays.h"

namespace lensfind::image {
namespace {

UnpackBudget budget_of(const std::string& origin) { return {origin, "give smaller files, or an .npy stack, which is read image by image"}; }

/// Memory for cutouts, asked for before it is taken.
Image new_image(ImageShape shape, UnpackBudget& budget) {
  budget.take(shape.values(), sizeof(float));
  return Image{shape};
}

NpzCutouts cutouts_of_array(const NpzArray& array, const std::string& origin, UnpackBudget& budget) {
  const NpzOutline outline = outline_of(array, origin);
  const NpyHeader& header = array.header;
  budget.take(static_cast<std::uint64_t>(outline.count) * outline.shape.values(), sizeof(float));
  const UnpackedFile file = unpack(*array.file, fmt::format("{}: `{}`", origin, array.name), budget);
  const std::size_t value_bytes = header.value_bytes() / header.values();
  const ValueStrides strides = strides_of(header.fortran_order, outline.count, outline.shape);
  const std::size_t step = value_bytes * (header.fortran_order ? 1 : outline.shape.values());
  NpzCutouts cutouts{{}, outline.stack};
  for (std::size_t i = 0; i < static_cast<std::size_t>(outline.count); ++i) {
    Image& image = cutouts.images.emplace_back(outline.shape);
    convert_values(header.type, file.bytes.data() + header.data_offset + i * step, strides, outline.shape, image.values());
  }
  return cutouts;
}

NpzCutouts cutout_of_bands(const std::vector<NpzArray>& arrays, const std::string& origin, UnpackBudget& budget) {
  const ImageShape shape = shape_of_bands(arrays, origin);
  NpzCutouts cutouts;
  Image& image = cutouts.images.emplace_back(new_image(shape, budget));
  for (std::size_t b = 0; b < arrays.size(); ++b) {
    const NpzArray& array = arrays[b];
    const UnpackedFile file = unpack(*array.file, fmt::format("{}: `{}`", origin, array.name), budget);
    const ImageShape one{1, shape.height, shape.width};
    convert_values(array.header.type, file.bytes.data() + array.header.data_offset, strides_of(array.header.fortran_order, 1, one), one,
                   image.band(static_cast<int>(b)));
  }
  return cutouts;
}

NpzCutouts parse(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands, UnpackBudget& budget) {
  const std::map<std::string, ZipFile> files = read_zip(bytes, origin);
  const std::vector<NpzArray> arrays = choose_arrays(files, origin, bands);
  return is_in_bands(arrays) ? cutout_of_bands(arrays, origin, budget) : cutouts_of_array(arrays.front(), origin, budget);
}

std::vector<std::byte> read_file(const std::filesystem::path& path, UnpackBudget& budget) {
  const OpenFile file{path};
  budget.take(file.size());
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  return bytes;
}

}  // namespace

NpzCutouts parse_npz(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands) {
  UnpackBudget budget = budget_of(origin);
  return parse(bytes, origin, bands, budget);
}

NpzCutouts read_npz(const std::filesystem::path& path, const std::vector<std::string>& bands) {
  UnpackBudget budget = budget_of(path.string());
  return parse(read_file(path, budget), path.string(), bands, budget);
}

NpzOutline parse_npz_outline(std::span<const std::byte> bytes, const std::string& origin, const std::vector<std::string>& bands) {
  const std::map<std::string, ZipFile> files = read_zip(bytes, origin);
  const std::vector<NpzArray> arrays = choose_arrays(files, origin, bands);
  return is_in_bands(arrays) ? NpzOutline{shape_of_bands(arrays, origin), 1, false} : outline_of(arrays.front(), origin);
}

NpzOutline read_npz_outline(const std::filesystem::path& path, const std::vector<std::string>& bands) {
  UnpackBudget budget = budget_of(path.string());
  return parse_npz_outline(read_file(path, budget), path.string(), bands);
}

}  // namespace lensfind::image
