#include "lensfind/image/npy.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/npy_values.h"

namespace lensfind::image {
namespace {

constexpr std::size_t first_bytes = std::size_t{1} << 16;  // a whole (3, 64, 64) cutout with its header: one read
constexpr std::uint64_t max_values = std::uint64_t{1} << 28;
constexpr std::uint64_t usual_header_bytes = 1024;  // and less; numpy's take 128

/// The start of a file, in a buffer that each thread has once.
std::span<const std::byte> read_start(const OpenFile& file) {
  thread_local std::vector<std::byte> buffer(first_bytes);
  const std::span<std::byte> start{buffer.data(), static_cast<std::size_t>(std::min<std::uint64_t>(file.size(), first_bytes))};
  file.read(0, start);
  return start;
}

std::string joined(const std::vector<std::int64_t>& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

void convert_cutout(const NpyHeader& header, std::span<const std::byte> values, ImageShape shape, std::span<float> out) {
  if (is_native_float32(header.type) && !header.fortran_order) {
    std::memcpy(out.data(), values.data(), out.size_bytes());
  } else {
    convert_values(header.type, values.data(), strides_of(header.fortran_order, 1, shape), shape, out);
  }
}

/// Reads header and pixels at once, each to its place, where the file is so long that it holds the cutout wanted as native float32; false,
/// with anything in `out`, where its header says something else.
bool read_behind_header(const OpenFile& file, const std::filesystem::path& path, MutableImageView out) {
  const std::span<std::byte> pixels = std::as_writable_bytes(out.values());
  std::array<std::byte, usual_header_bytes> start;
  if (file.size() <= pixels.size() || file.size() - pixels.size() > start.size()) return false;
  const auto before = std::span{start}.first(file.size() - pixels.size());
  file.read_start(before, pixels);
  try {
    const NpyHeader header = parse_npy_header(before, file.size(), path.string());
    return header.data_offset == before.size() && is_native_float32(header.type) && !header.fortran_order &&
           npy_cutout_shape(header, path.string()) == out.shape;
  } catch (const Error&) {
    return false;  // the header may be longer
  }
}

/// The pixels of a cutout file, of which `start` is read already.
void read_cutout(const OpenFile& file, std::span<const std::byte> start, const NpyHeader& header, MutableImageView out) {
  if (file.size() <= start.size()) {
    convert_cutout(header, start.subspan(header.data_offset), out.shape, out.values());
  } else if (is_native_float32(header.type) && !header.fortran_order) {
    file.read(header.data_offset, std::as_writable_bytes(out.values()));
  } else {
    std::vector<std::byte> values(header.value_bytes());
    file.read(header.data_offset, values);
    convert_cutout(header, values, out.shape, out.values());
  }
}

}  // namespace

ImageShape npy_image_shape(const NpyHeader& header, std::size_t dimensions, const std::string& origin) {
  const auto& sizes = header.shape;
  std::uint64_t values = 1;
  for (std::size_t i = sizes.size() - dimensions; i < sizes.size(); ++i) {
    if (sizes[i] == 0) throw Error{fmt::format("{}: an array of {} holds no pixels", origin, joined(sizes)), "write the cutout again"};
    if (static_cast<std::uint64_t>(sizes[i]) > max_values / values) {
      throw Error{fmt::format("{}: an array of {} is too large for a cutout", origin, joined(sizes)),
                  "cut the objects out first, e.g. to (bands, 64, 64)"};
    }
    values *= static_cast<std::uint64_t>(sizes[i]);
  }
  const auto from_end = [&](std::size_t i) { return static_cast<int>(sizes[sizes.size() - i]); };
  return {dimensions == 2 ? 1 : from_end(3), from_end(2), from_end(1)};
}

ImageShape npy_cutout_shape(const NpyHeader& header, const std::string& origin) {
  const std::size_t dimensions = header.shape.size();
  if (dimensions == 4 && header.shape[0] == 1) return npy_image_shape(header, 3, origin);
  if (dimensions == 4) {
    throw Error{fmt::format("{}: is a stack of {}, not one cutout", origin, joined(header.shape)),
                "give the stack itself as the input, or save the cutouts one by one"};
  }
  if (dimensions != 2 && dimensions != 3) {
    throw Error{fmt::format("{}: an array of {} is no cutout", origin, joined(header.shape)),
                "a cutout is (bands, height, width) or (height, width)"};
  }
  return npy_image_shape(header, dimensions, origin);
}

NpyHeader read_npy_header(const OpenFile& file, const std::filesystem::path& path) {
  return parse_npy_header(read_start(file), file.size(), path.string());
}

NpyHeader read_npy_header(const std::filesystem::path& path) { return read_npy_header(OpenFile{path}, path); }

Image parse_npy(std::span<const std::byte> bytes, const std::string& origin) {
  const NpyHeader header = parse_npy_header(bytes, bytes.size(), origin);
  Image image{npy_cutout_shape(header, origin)};
  convert_cutout(header, bytes.subspan(header.data_offset), image.shape(), image.values());
  return image;
}

Image read_npy(const std::filesystem::path& path) {
  const OpenFile file{path};
  const std::span<const std::byte> start = read_start(file);
  const NpyHeader header = parse_npy_header(start, file.size(), path.string());
  Image image{npy_cutout_shape(header, path.string())};
  read_cutout(file, start, header, image.view());
  return image;
}

bool read_npy(const std::filesystem::path& path, MutableImageView out) {
  const OpenFile file{path};
  if (read_behind_header(file, path, out)) return true;
  const std::span<const std::byte> start = read_start(file);
  const NpyHeader header = parse_npy_header(start, file.size(), path.string());
  if (npy_cutout_shape(header, path.string()) != out.shape) return false;
  read_cutout(file, start, header, out);
  return true;
}

bool is_npy_stack(const std::filesystem::path& path) { return read_npy_header(path).shape.size() == 4; }

void write_npy(const std::filesystem::path& path, ImageView image) {
  const std::vector<std::int64_t> shape{image.shape.bands, image.shape.height, image.shape.width};
  AtomicFile file{path};
  file.write(npy_header_text(shape));
  file.write(std::as_bytes(image.values()));
  file.commit();
}

}  // namespace lensfind::image
