#include "lensfind/image/fits_plain.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/image/open_file.h"
#include "lensfind/image/vectorised.h"

namespace lensfind {
namespace {

constexpr std::size_t block_size = 2880;  // FITS 4.0, section 3.1
constexpr std::size_t card_size = 80;

std::size_t whole_blocks(std::size_t bytes) { return (bytes + block_size - 1) / block_size * block_size; }

/// An HDU whose pixels are big-endian float32.
struct PlainHdu {
  FitsCards cards;
  ImageShape shape;  ///< no bands where it has no pixels
  std::span<const std::byte> pixels;
  std::size_t bytes = 0;  ///< of header and pixels with their padding
};

/// The cards at the start of `bytes` before END; nothing where there are none or letters that no header may have.
std::optional<std::string_view> header_at(std::string_view bytes) {
  for (std::size_t at = 0; at + card_size <= bytes.size(); at += card_size) {
    const std::string_view card = bytes.substr(at, card_size);
    if (!std::ranges::all_of(card, [](char letter) { return letter >= ' ' && letter <= '~'; })) return {};
    if (card.starts_with("END     "))
      return card.find_first_not_of(' ', 3) == std::string_view::npos ? std::optional{bytes.substr(0, at)} : std::nullopt;
  }
  return {};
}

/// A whole number from 0 to `most`, written with nothing but digits.
std::optional<int> whole_number(const FitsCards& cards, std::string_view keyword, int most) {
  const std::string text = cards.text(keyword).value_or("");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || error != std::errc{} || end != text.data() + text.size() || value > most) return {};
  return value;
}

bool begins_with(std::string_view header, std::span<const std::string_view> keywords) {
  return std::ranges::all_of(keywords, [&](std::string_view keyword) {
    const std::string_view card = header.substr(0, card_size);
    header.remove_prefix(card.size());
    return card.size() == card_size && card.starts_with(keyword) && card.find_first_not_of(' ', keyword.size()) == 8 &&
           card.substr(8).starts_with("= ");
  });
}

/// Whether the first cards are those that the standard demands in this place (FITS 4.0, table 7 and section 7.1).
bool has_standard_order(std::string_view header, bool first, int dimensions) {
  std::vector<std::string_view> keywords{first ? "SIMPLE" : "XTENSION", "BITPIX", "NAXIS"};
  for (const char* axis : {"NAXIS1", "NAXIS2", "NAXIS3"}) {
    if (dimensions-- > 0) keywords.push_back(axis);
  }
  if (!first) keywords.insert(keywords.end(), {"PCOUNT", "GCOUNT"});
  return begins_with(header, keywords);
}

bool is_plain_image(const FitsCards& cards, bool first) {
  if (first ? cards.text("SIMPLE") != "T" : cards.text("XTENSION") != "IMAGE") return false;
  if (first ? cards.text("PCOUNT") || cards.text("GCOUNT") : cards.text("PCOUNT") != "0" || cards.text("GCOUNT") != "1") return false;
  for (const char* keyword : {"BSCALE", "BZERO", "BLANK", "GROUPS", "ZIMAGE"}) {
    if (cards.text(keyword)) return false;
  }
  return true;
}

/// The HDU at the start of `bytes`; nothing where it is not plain.
std::optional<PlainHdu> hdu_at(std::span<const std::byte> bytes, bool first) {
  const auto header = header_at({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!header) return {};
  PlainHdu hdu{FitsCards{*header}, {}, {}, whole_blocks(header->size() + card_size)};
  const auto dimensions = whole_number(hdu.cards, "NAXIS", 3);
  if (!dimensions || !has_standard_order(*header, first, *dimensions) || !is_plain_image(hdu.cards, first)) return {};
  if (*dimensions == 0 && first && hdu.bytes <= bytes.size()) return hdu;
  const auto width = whole_number(hdu.cards, "NAXIS1", most_fits_side);
  const auto height = whole_number(hdu.cards, "NAXIS2", most_fits_side);
  const auto bands = *dimensions == 3 ? whole_number(hdu.cards, "NAXIS3", most_fits_bands) : 1;
  if (hdu.cards.text("BITPIX") != "-32" || !width || !height || !bands) return {};
  hdu.shape = {*bands, *height, *width};
  const std::size_t size = hdu.shape.values() * sizeof(float);
  if (size == 0 || hdu.bytes > bytes.size() || whole_blocks(size) > bytes.size() - hdu.bytes) return {};
  hdu.pixels = bytes.subspan(hdu.bytes, size);
  hdu.bytes += whole_blocks(size);
  return hdu;
}

/// All HDUs of a file; nothing where not all of it is plain.
std::optional<std::vector<PlainHdu>> hdus_of(std::span<const std::byte> bytes) {
  std::vector<PlainHdu> hdus;
  while (!bytes.empty()) {
    std::optional<PlainHdu> hdu = hdu_at(bytes, hdus.empty());
    if (!hdu) return {};
    bytes = bytes.subspan(hdu->bytes);
    hdus.push_back(std::move(*hdu));
  }
  return hdus;
}

/// Big-endian float32 in this machine's order, as CFITSIO gives it: what is not finite is a blank pixel, zeros of either sign and numbers
/// too small for a full mantissa are 0.
void convert_pixels(std::span<const std::byte> from, std::span<float> to) {
  constexpr auto blank = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN());
  vectorised([&] {
    for (std::size_t i = 0; i < to.size(); ++i) {
      std::uint32_t word;
      std::memcpy(&word, from.data() + i * sizeof(word), sizeof(word));
      if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap32(word);
      const std::uint32_t exponent = word & 0x7f800000U;
      word = exponent == 0 ? 0 : word;
      word = exponent == 0x7f800000U ? blank : word;
      to[i] = std::bit_cast<float>(word);
    }
  });
}

/// The one HDU that is the cutout, or those of one band each, as find_planes() chooses among plain ones; nothing where it may choose
/// otherwise.
bool make_a_cutout(std::span<const PlainHdu> planes) {
  if (planes.empty() || planes.size() > static_cast<std::size_t>(most_fits_bands)) return false;
  const ImageShape& shape = planes.front().shape;
  return planes.size() == 1 || (shape.bands == 1 && std::ranges::all_of(planes.subspan(1), [&](const PlainHdu& plane) {
                                  return plane.shape == shape && !is_companion(plane.cards.text("EXTNAME").value_or(""));
                                }));
}

std::optional<FitsCutout> cutout_of(std::span<const PlainHdu> hdus) {
  static const FitsCards none;
  const bool first_is_empty = !hdus.empty() && hdus.front().shape.values() == 0;
  const FitsCards& first = first_is_empty ? hdus.front().cards : none;
  const std::span<const PlainHdu> planes = hdus.subspan(first_is_empty ? 1 : 0);
  if (!make_a_cutout(planes)) return {};
  ImageShape shape = planes.front().shape;
  shape.bands *= static_cast<int>(planes.size());
  FitsCutout cutout{Image{shape}, {}};
  const std::size_t values = planes.front().shape.values();
  for (std::size_t i = 0; i < planes.size(); ++i) {
    convert_pixels(planes[i].pixels, cutout.image.values().subspan(i * values, values));
    if (planes[i].shape.bands == 1) add_band_facts(cutout.facts, first, planes[i].cards);
  }
  if (planes.front().shape.bands > 1) set_cube_facts(cutout.facts, planes.front().cards, shape.bands);
  return cutout;
}

}  // namespace

std::optional<FitsCutout> read_plain_fits(const std::filesystem::path& path) {
  thread_local std::vector<std::byte> buffer;
  std::span<const std::byte> bytes;
  try {
    const OpenFile file{path};
    if (file.size() > most_plain_bytes || file.size() % block_size != 0) return {};
    buffer.resize(std::max<std::size_t>(buffer.size(), file.size()));
    bytes = std::span{buffer}.first(file.size());
    file.read(0, std::span{buffer}.first(file.size()));
  } catch (const Error&) {
    return {};
  }
  const auto hdus = hdus_of(bytes);
  return hdus ? cutout_of(*hdus) : std::nullopt;
}

}  // namespace lensfind
