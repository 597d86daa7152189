#include "lensfind/image/fits_checks.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <zlib.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/image/fits_tile_contents.h"

namespace lensfind::image {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_header_blocks = 10'000;
constexpr int max_compressed_axes = 6;  // MAX_COMPRESS_DIM of CFITSIO
constexpr double max_bytes = 1e15;      // beyond which a seek is not worth trying

constexpr const char* damaged = "the file is cut short or damaged; copy or make it again";

void check_ends(const fs::path& path) {
  const OpenFile file{path};
  const std::uint64_t size = file.size();
  std::array<char, 6> begin{};
  file.read(0, std::as_writable_bytes(std::span{begin}).first(std::min<std::uint64_t>(size, begin.size())));
  if (std::string_view{begin.data(), begin.size()} == "SIMPLE") return;
  if (begin[0] != '\x1f' || begin[1] != '\x8b')
    throw Error{path.string() + ": does not begin as FITS or gzip do", "is it a whole FITS file? Look at it with `fitsverify` or astropy"};
  std::array<unsigned char, 4> end{};
  if (size >= end.size()) file.read(size - end.size(), std::as_writable_bytes(std::span{end}));
  std::uint64_t unpacked = 0;
  for (std::size_t i = end.size(); i-- > 0;) unpacked = unpacked << 8 | end[i];
  if (unpacked / max_compression > size)
    throw Error{fmt::format("{}: its end promises {} bytes unpacked, the file holds {}", path.string(), unpacked, size), damaged};
}

struct CloseGzip {
  void operator()(gzFile_s* file) const { gzclose(file); }
};

/// Cards up to END; nothing where no header comes. Throws Error where one has no END: CFITSIO goes on without. zlib reads gzipped and plain
/// files alike.
std::string read_header(gzFile file, const fs::path& path) {
  std::string header;
  std::array<char, fits_block_size> block;
  for (std::size_t blocks = 0;
       blocks < max_header_blocks && gzread(file, block.data(), fits_block_size) == static_cast<int>(fits_block_size); ++blocks) {
    header.append(block.data(), fits_block_size);
    for (std::size_t card = header.size() - fits_block_size; card < header.size(); card += fits_card_size) {
      if (header.compare(card, 8, "END     ") == 0) return header.substr(0, card);
    }
  }
  if (header.starts_with("XTENSION") || header.starts_with("SIMPLE  ")) throw Error{path.string() + ": a header has no END", damaged};
  return {};
}

/// "NAXIS1", "ZNAXIS12": the length of an axis.
bool is_axis(std::string_view keyword) {
  if (keyword.starts_with('Z')) keyword.remove_prefix(1);
  return keyword.size() > 5 && keyword.starts_with("NAXIS") && keyword.find_first_not_of("0123456789", 5) == std::string_view::npos;
}

/// Bytes of an HDU behind its header with their padding (FITS 4.0, sections 4.4.1 and 7); they may be more than any file holds.
double data_size(const FitsCards& cards) {
  const double dimensions = cards.number("NAXIS").value_or(0);
  double values = dimensions < 1 ? 0 : 1;
  for (int axis = 1; axis <= dimensions; ++axis) values *= cards.number(fmt::format("NAXIS{}", axis)).value_or(0);
  const double bytes =
      std::abs(cards.number("BITPIX").value_or(8)) / 8 * cards.number("GCOUNT").value_or(1) * (cards.number("PCOUNT").value_or(0) + values);
  return std::ceil(bytes / fits_block_size) * fits_block_size;
}

/// What says how long an HDU is must be said once and plainly: CFITSIO takes the last of two cards where this file takes the first, and
/// writes beyond its memory by more axes than it has room for.
void check_axes(const std::string& header, const fs::path& path) {
  std::map<std::string, std::string, std::less<>> said;
  for_each_card(header, [&](std::string_view keyword, std::string_view value) {
    const bool axes = keyword == "NAXIS" || keyword == "ZNAXIS";
    const bool length = keyword == "BITPIX" || keyword == "PCOUNT" || keyword == "GCOUNT" || is_axis(keyword);
    if (!axes && !length) return;
    const auto refuse = [&](const char* why) {
      throw Error{fmt::format("{}: a header whose {} is {}{}", path.string(), keyword, value, why), damaged};
    };
    const auto number = parse_number(std::string{value});
    if (!number || *number != std::floor(*number)) refuse("");
    if (axes && !(*number >= 0 && *number <= (keyword == "NAXIS" ? max_fits_axes : max_compressed_axes))) refuse("");
    if (keyword != "BITPIX" && *number < 0) refuse("");
    const auto [known, first] = said.try_emplace(std::string{keyword}, value);
    if (!first && known->second != value) refuse(fmt::format(" and {}", known->second).c_str());
  });
}

void check_tiles(const FitsCards& cards, std::uint64_t file_size, const fs::path& path) {
  const auto refuse = [&](const std::string& keyword) {
    throw Error{fmt::format("{}: a tile-compressed image whose {} is {}", path.string(), keyword, *cards.text(keyword)), damaged};
  };
  const std::string method = cards.text("ZCMPTYPE").value_or("");
  if (method.starts_with("HCOMPRESS"))
    throw Error{path.string() + ": is compressed with HCOMPRESS", "unpack it with funpack, or compress it with fpack -r"};
  const double max = static_cast<double>(file_size) * static_cast<double>(max_compression);
  double tile = 1;
  for (int axis = 1; axis <= max_compressed_axes; ++axis) {
    const std::string keyword = fmt::format("ZTILE{}", axis);
    if (!cards.text(keyword)) continue;
    const double length = cards.number(keyword).value_or(0);
    tile *= length;
    if (!(length >= 1) || tile > max) refuse(keyword);
  }
  // The length of a block of RICE, whatever ZNAME1 says: FITS 4.0, section 10.4.1 allows two.
  const double block = cards.number("ZVAL1").value_or(0);
  if (method.starts_with("RICE") && cards.text("ZVAL1") && block != 16 && block != 32) refuse("ZVAL1");
  // An image has no parameters and is one group; CFITSIO fills as much memory as these say.
  if (cards.text("ZPCOUNT") && cards.number("ZPCOUNT") != 0) refuse("ZPCOUNT");
  if (cards.text("ZGCOUNT") && cards.number("ZGCOUNT") != 1) refuse("ZGCOUNT");
}

}  // namespace

void check_before_cfitsio(const fs::path& path, FitsUse use) {
  check_ends(path);
  const std::unique_ptr<gzFile_s, CloseGzip> file{gzopen(path.c_str(), "rb")};
  if (!file) return;
  for (;;) {
    const std::string header = read_header(file.get(), path);
    if (header.empty()) return;
    check_axes(header, path);
    const FitsCards cards{header};
    if (cards.text("GROUPS") == "T" && cards.number("NAXIS1") == 0)
      throw Error{path.string() + ": holds random groups", "give images, or a table"};
    if (cards.text("ZIMAGE")) check_tiles(cards, fs::file_size(path), path);
    const double size = data_size(cards);
    if (!(size >= 0 && size < max_bytes)) throw Error{fmt::format("{}: a header promises {:.3g} bytes", path.string(), size), damaged};
    const z_off_t begin = gztell(file.get());
    if (use == FitsUse::pixels && cards.text("ZIMAGE")) check_tile_contents(file.get(), cards, path);
    if (gzseek(file.get(), begin + static_cast<z_off_t>(size), SEEK_SET) < 0) return;
  }
}

}  // namespace lensfind::image
