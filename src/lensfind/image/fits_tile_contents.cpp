#include "lensfind/image/fits_tile_contents.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/unpack_budget.h"

namespace lensfind::image {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const char* kind = "gzipped") {
  throw Error{fmt::format("{}: a {} tile of its compressed image is damaged", path.string(), kind),
              "the file is cut short or damaged; copy or make it again"};
}

/// A column of descriptors, each the length and the place of one tile in the heap.
struct TileColumn {
  std::size_t offset = 0;  ///< in a row
  bool wide = false;       ///< format Q, of 64 bits; else P, of 32
  bool rice = false;       ///< its tiles are RICE; else gzip
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

/// The columns whose tiles are looked at: RICE and gzip; those of PLIO are not.
std::vector<TileColumn> checked_columns(const FitsCards& cards) {
  const std::string method = cards.text("ZCMPTYPE").value_or("");
  const bool all_gzip = method.starts_with("GZIP"), rice = method.starts_with("RICE");
  std::vector<TileColumn> columns;
  std::size_t offset = 0;
  const int fields = static_cast<int>(std::clamp(cards.number("TFIELDS").value_or(0), 0., 999.));
  for (int field = 1; field <= fields; ++field) {
    const std::string form = cards.text(fmt::format("TFORM{}", field)).value_or("");
    const std::string name = cards.text(fmt::format("TTYPE{}", field)).value_or("");
    const bool is_rice = rice && name == "COMPRESSED_DATA";
    const bool checked = is_rice || name == "GZIP_COMPRESSED_DATA" || (all_gzip && name == "COMPRESSED_DATA");
    const bool wide = form.find('Q') != std::string::npos;
    if (checked && (wide || form.find('P') != std::string::npos)) columns.push_back({offset, wide, is_rice});
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

/// How RICE tiles are packed (FITS 4.0, section 10.4.1).
struct RiceForm {
  std::uint64_t block = 32, bytes = 4;
};

RiceForm rice_form(const FitsCards& cards) {
  RiceForm form;
  for (int i = 1; i <= 9; ++i) {
    const std::string name = cards.text(fmt::format("ZNAME{}", i)).value_or("");
    const double value = cards.number(fmt::format("ZVAL{}", i)).value_or(0);
    if (name == "BLOCKSIZE" && value >= 1) form.block = static_cast<std::uint64_t>(value);
    if (name == "BYTEPIX" && value >= 1) form.bytes = static_cast<std::uint64_t>(value);
  }
  return form;
}

/// How an image is parted into tiles, axis by axis.
struct TileGrid {
  struct Axis {
    std::uint64_t length = 1, side = 1;  ///< of the image and of a tile that is whole
  };
  std::vector<Axis> axes;

  /// Of the tile of this number; those at the image's edges are smaller. 0 beyond the last.
  [[nodiscard]] std::uint64_t pixels(std::uint64_t tile) const {
    std::uint64_t pixels = 1;
    for (const auto& [length, side] : axes) {
      const std::uint64_t count = (length + side - 1) / side;
      pixels *= std::min(side, length - tile % count * side);
      tile /= count;
    }
    return tile == 0 ? pixels : 0;
  }
};

TileGrid tile_grid(const FitsCards& cards, const std::filesystem::path& path) {
  TileGrid grid;
  const int axes = static_cast<int>(std::clamp(cards.number("ZNAXIS").value_or(0), 0., 6.));
  for (int axis = 1; axis <= axes; ++axis) {
    const double length = cards.number(fmt::format("ZNAXIS{}", axis)).value_or(0);
    const double side = cards.number(fmt::format("ZTILE{}", axis)).value_or(axis == 1 ? length : 1);
    if (!(length >= 1 && side >= 1 && length < 1e12)) refuse(path, "RICE");
    grid.axes.push_back({static_cast<std::uint64_t>(length), static_cast<std::uint64_t>(std::min(side, length))});
  }
  return grid;
}

/// The bits of a tile, one after the other.
class Bits {
 public:
  explicit Bits(std::span<const unsigned char> bytes) : bytes_{bytes} {}

  void pass(std::uint64_t bits) { at_ += bits; }
  [[nodiscard]] bool beyond() const { return at_ > 8 * bytes_.size(); }
  /// Up to 32 bits as a number.
  unsigned take(unsigned bits) {
    const auto value = static_cast<unsigned>(next() >> (64 - bits));
    pass(bits);
    return value;
  }
  /// Passes over noughts and the one behind them.
  void pass_noughts() {
    while (!beyond()) {
      const auto noughts = static_cast<unsigned>(std::countl_zero(next()));
      if (noughts < sure_bits) return pass(noughts + 1);
      pass(sure_bits);
    }
  }

 private:
  static constexpr unsigned sure_bits = 56;  ///< of next(), wherever in a byte it begins

  /// The next bits from the highest on; noughts behind the end.
  [[nodiscard]] std::uint64_t next() const {
    const std::size_t byte = std::min<std::size_t>(at_ / 8, bytes_.size());
    const auto there = bytes_.subspan(byte, std::min<std::size_t>(8, bytes_.size() - byte));
    if (there.empty()) return 0;
    return big_endian(there) << 8 * (8 - there.size()) << at_ % 8;
  }

  std::span<const unsigned char> bytes_;
  std::uint64_t at_ = 0;
};

/// Whether a tile of so many pixels ends within its bytes: CFITSIO 4.2 reads on where it does not (FITS 4.0, section 10.4.1).
bool ends_as_rice(std::span<const unsigned char> packed, std::uint64_t pixels, const RiceForm& form) {
  const unsigned code_bits = form.bytes == 1 ? 3 : form.bytes == 2 ? 4 : 5;
  const unsigned plain_code = form.bytes == 1 ? 6 : form.bytes == 2 ? 14 : 25;
  const std::uint64_t value_bits = form.bytes == 1 || form.bytes == 2 ? 8 * form.bytes : 32;
  Bits bits{packed};
  bits.pass(value_bits);  // the first pixel's value
  for (std::uint64_t done = 0; done < pixels && !bits.beyond();) {
    const std::uint64_t in_block = std::min(form.block, pixels - done);
    done += in_block;
    const unsigned code = bits.take(code_bits);
    if (code == 0) continue;  // all differences are nought
    const unsigned low_bits = code - 1;
    if (low_bits == plain_code) {
      bits.pass(in_block * value_bits);
      continue;
    }
    for (std::uint64_t i = 0; i < in_block && !bits.beyond(); ++i) {
      bits.pass_noughts();
      bits.pass(low_bits);
    }
  }
  return !bits.beyond();
}

}  // namespace

void check_tile_contents(gzFile file, const FitsCards& cards, const std::filesystem::path& path) {
  const std::vector<TileColumn> columns = checked_columns(cards);
  if (columns.empty()) return;
  const auto size = [&](const char* keyword) {
    const double value = cards.number(keyword).value_or(0);
    if (!(value >= 0 && value < 1e12)) refuse(path);
    return static_cast<std::size_t>(value);
  };
  const std::size_t width = size("NAXIS1"), rows = size("NAXIS2");
  if (width > 0 && rows > (std::size_t{1} << 40U) / width) refuse(path);
  const std::size_t heap = cards.text("THEAP") ? size("THEAP") : width * rows;
  for (const auto& [offset, wide, rice] : columns)
    if (offset + (wide ? 16 : 8) > width) refuse(path, rice ? "RICE" : "gzipped");
  UnpackBudget budget{path.string(), "unpack it with funpack"};
  budget.take(width * rows + size("PCOUNT"));
  const std::vector<unsigned char> data = read_up_to(file, budget.taken());
  const RiceForm form = rice_form(cards);
  const bool any_rice = std::ranges::any_of(columns, &TileColumn::rice);
  const TileGrid grid = any_rice ? tile_grid(cards, path) : TileGrid{};
  for (std::size_t row = 0; row < rows; ++row) {
    for (const auto& [offset, wide, rice] : columns) {
      const std::size_t half = wide ? 8 : 4, at = row * width + offset;
      if (at + 2 * half > data.size()) refuse(path);
      const std::uint64_t length = big_endian(std::span{data}.subspan(at, half));
      if (length == 0) continue;  // the tile is in another column
      const std::uint64_t place = big_endian(std::span{data}.subspan(at + half, half));
      if (heap > data.size() || place > data.size() - heap || length > data.size() - heap - place) refuse(path);
      const std::span<const unsigned char> tile = std::span{data}.subspan(heap + place, length);
      if (rice) {
        if (!ends_as_rice(tile, grid.pixels(row), form)) refuse(path, "RICE");
      } else if (!ends_as_gzip(tile)) {
        refuse(path);
      }
    }
  }
}

}  // namespace lensfind::image
