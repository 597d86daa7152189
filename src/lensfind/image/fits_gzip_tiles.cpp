#include "lensfind/image/fits_gzip_tiles.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"

namespace lensfind {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw Error{path.string() + ": a gzipped tile of its compressed image is damaged",
              "the file is cut short or damaged; copy or make it again"};
}

/// A column of descriptors, each the length and the place of one tile in the heap.
struct TileColumn {
  std::size_t offset = 0;  ///< in a row
  bool wide = false;       ///< format Q, of 64 bits; else P, of 32
};

/// Bytes of a binary table's column by its TFORM (FITS 4.0, table 18).
std::size_t width_of(const std::string& form) {
  std::size_t count = 0, at = 0;
  for (; at < form.size() && std::isdigit(static_cast<unsigned char>(form[at])) != 0 && at < 9; ++at)
    count = 10 * count + static_cast<std::size_t>(form[at] - '0');
  if (at == 0) count = 1;
  switch (at < form.size() ? form[at] : '?') {
    case 'X':
      return (count + 7) / 8;
    case 'I':
      return 2 * count;
    case 'J':
    case 'E':
      return 4 * count;
    case 'K':
    case 'D':
    case 'C':
    case 'P':
      return 8 * count;
    case 'M':
    case 'Q':
      return 16 * count;
    default:
      return count;
  }
}

std::vector<TileColumn> gzipped_columns(const FitsCards& cards) {
  const bool all_gzip = cards.text("ZCMPTYPE").value_or("").starts_with("GZIP");
  std::vector<TileColumn> columns;
  std::size_t offset = 0;
  const int fields = static_cast<int>(std::clamp(cards.number("TFIELDS").value_or(0), 0., 999.));
  for (int field = 1; field <= fields; ++field) {
    const std::string form = cards.text(fmt::format("TFORM{}", field)).value_or("");
    const std::string name = cards.text(fmt::format("TTYPE{}", field)).value_or("");
    const bool gzipped = name == "GZIP_COMPRESSED_DATA" || (all_gzip && name == "COMPRESSED_DATA");
    const bool wide = form.find('Q') != std::string::npos;
    if (gzipped && (wide || form.find('P') != std::string::npos)) columns.push_back({offset, wide});
    offset += width_of(form);
  }
  return columns;
}

/// What is there of the next `size` bytes.
std::vector<unsigned char> read_up_to(gzFile file, std::size_t size) {
  constexpr std::size_t step = std::size_t{1} << 20;
  std::vector<unsigned char> bytes;
  while (bytes.size() < size) {
    const std::size_t begin = bytes.size(), wanted = std::min(step, size - begin);
    bytes.resize(begin + wanted);
    const int got = gzread(file, bytes.data() + begin, static_cast<unsigned>(wanted));
    bytes.resize(begin + static_cast<std::size_t>(std::max(got, 0)));
    if (got < static_cast<int>(wanted)) break;
  }
  return bytes;
}

std::uint64_t big_endian(std::span<const unsigned char> bytes) {
  std::uint64_t value = 0;
  for (const unsigned char byte : bytes) value = value << 8 | byte;
  return value;
}

bool ends_as_gzip(std::span<const unsigned char> packed) {
  constexpr int gzip_only = 15 + 16;  // as CFITSIO asks zlib for it
  z_stream stream{};
  if (inflateInit2(&stream, gzip_only) != Z_OK) return false;
  std::array<unsigned char, 1 << 16> scratch;
  stream.next_in = const_cast<unsigned char*>(packed.data());  // zlib only reads there
  stream.avail_in = static_cast<uInt>(packed.size());
  int status = Z_OK;
  while (status == Z_OK) {
    stream.next_out = scratch.data();
    stream.avail_out = static_cast<uInt>(scratch.size());
    status = inflate(&stream, Z_NO_FLUSH);
  }
  inflateEnd(&stream);
  return status == Z_STREAM_END;
}

}  // namespace

void check_gzip_tiles(gzFile file, const FitsCards& cards, const std::filesystem::path& path) {
  const std::vector<TileColumn> columns = gzipped_columns(cards);
  if (columns.empty()) return;
  const auto size = [&](const char* keyword) {
    const double value = cards.number(keyword).value_or(0);
    if (!(value >= 0 && value < 1e12)) refuse(path);
    return static_cast<std::size_t>(value);
  };
  const std::size_t width = size("NAXIS1"), rows = size("NAXIS2");
  if (width > 0 && rows > (std::size_t{1} << 40U) / width) refuse(path);
  const std::size_t heap = cards.text("THEAP") ? size("THEAP") : width * rows;
  const std::vector<unsigned char> data = read_up_to(file, width * rows + size("PCOUNT"));
  for (std::size_t row = 0; row < rows; ++row) {
    for (const auto& [offset, wide] : columns) {
      const std::size_t half = wide ? 8 : 4, at = row * width + offset;
      if (at + 2 * half > data.size()) refuse(path);
      const std::uint64_t length = big_endian(std::span{data}.subspan(at, half));
      if (length == 0) continue;  // the tile is in another column
      const std::uint64_t place = big_endian(std::span{data}.subspan(at + half, half));
      if (heap > data.size() || place > data.size() - heap || length > data.size() - heap - place) refuse(path);
      if (!ends_as_gzip(std::span{data}.subspan(heap + place, length))) refuse(path);
    }
  }
}

}  // namespace lensfind
