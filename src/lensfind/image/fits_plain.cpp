#include "lensfind/image/fits_plain.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/image/fits_facts.h"
#include "lensfind/image/fits_keywords.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/image/plane_names.h"
#include "lensfind/image/vectorised.h"

namespace lensfind::image {
namespace {

constexpr std::size_t max_header_bytes = 16 * fits_block_size;  // of a cutout that is read in place

std::size_t whole_blocks(std::size_t bytes) { return (bytes + fits_block_size - 1) / fits_block_size * fits_block_size; }

/// An HDU whose pixels are big-endian float32.
struct PlainHdu {
  FitsCards cards;
  ImageShape shape;              ///< no bands where it has no pixels
  std::size_t header_bytes = 0;  ///< with its padding; then come the pixels
  std::size_t bytes = 0;         ///< of all with its padding
};

/// The cards at the start of `bytes` before END; nothing where there are none or letters that no header may have.
std::optional<std::string_view> header_at(std::string_view bytes) {
  for (std::size_t at = 0; at + fits_card_size <= bytes.size(); at += fits_card_size) {
    const std::string_view card = bytes.substr(at, fits_card_size);
    if (!std::ranges::all_of(card, [](char letter) { return letter >= ' ' && letter <= '~'; })) return {};
    if (card.starts_with("END     "))
      return card.find_first_not_of(' ', 3) == std::string_view::npos ? std::optional{bytes.substr(0, at)} : std::nullopt;
  }
  return {};
}

/// A whole number from 0 to `most`, written with nothing but digits.
std::optional<int> whole_number(const FitsCards& cards, std::string_view keyword, int max) {
  const std::string text = cards.text(keyword).value_or("");
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || text[0] == '-' || error != std::errc{} || end != text.data() + text.size() || value > max) return {};
  return value;
}

bool begins_with(std::string_view header, std::span<const std::string_view> keywords) {
  return std::ranges::all_of(keywords, [&](std::string_view keyword) {
    const std::string_view card = header.substr(0, fits_card_size);
    header.remove_prefix(card.size());
    return card.size() == fits_card_size && card.starts_with(keyword) && card.find_first_not_of(' ', keyword.size()) == 8 &&
           card.substr(8).starts_with("= ");
  });
}

/// Whether the first cards are those that the standard demands in this place (FITS 4.0, table 7 and section 7.1).
bool has_standard_order(std::string_view header, bool first, int dimensions) {
  std::vector<std::string_view> keywords{first ? "SIMPLE" : "XTENSION", "BITPIX", "NAXIS"};
  for (const char* axis : {"NAXIS1", "NAXIS2", "NAXIS3"}) {
    if (dimensions-- > 0) keywords.emplace_back(axis);
  }
  if (!first) keywords.insert(keywords.end(), {"PCOUNT", "GCOUNT"});
  return begins_with(header, keywords);
}

bool is_plain_image(const FitsCards& cards, bool first) {
  if (first ? cards.text("SIMPLE") != "T" : cards.text("XTENSION") != "IMAGE") return false;
  if (first ? cards.text("PCOUNT") || cards.text("GCOUNT") : cards.text("PCOUNT") != "0" || cards.text("GCOUNT") != "1") return false;
  for (const char* keyword : {"BSCALE", "BZERO", "BLANK", "GROUPS", "ZIMAGE", keywords::asinh_softening, keywords::asinh_offset}) {
    if (cards.text(keyword)) return false;
  }
  return true;
}

/// Whether BITPIX is one of those that the standard knows (FITS 4.0, table 8).
bool has_legal_bits(const FitsCards& cards) {
  constexpr std::array legal{"8", "16", "32", "64", "-32", "-64"};
  return std::ranges::find(legal, cards.text("BITPIX").value_or("")) != legal.end();
}

/// The HDU of which `start` holds the header at least, where `left` bytes are left of the file; nothing where it is not plain.
std::optional<PlainHdu> hdu_at(std::span<const std::byte> start, std::size_t left, bool first) {
  const auto header = header_at({reinterpret_cast<const char*>(start.data()), start.size()});
  if (!header) return {};
  const std::size_t header_bytes = whole_blocks(header->size() + fits_card_size);
  PlainHdu hdu{FitsCards{*header}, {}, header_bytes, header_bytes};
  const auto dimensions = whole_number(hdu.cards, "NAXIS", 3);
  if (!dimensions || !has_standard_order(*header, first, *dimensions) || !is_plain_image(hdu.cards, first)) return {};
  if (*dimensions == 0 && first && hdu.bytes <= left && has_legal_bits(hdu.cards)) return hdu;
  if (*dimensions < 2) return {};
  const auto width = whole_number(hdu.cards, "NAXIS1", max_fits_side);
  const auto height = whole_number(hdu.cards, "NAXIS2", max_fits_side);
  const auto bands = *dimensions == 3 ? whole_number(hdu.cards, "NAXIS3", max_fits_bands) : 1;
  if (hdu.cards.text("BITPIX") != "-32" || !width || !height || !bands) return {};
  hdu.shape = {*bands, *height, *width};
  const std::size_t size = hdu.shape.values() * sizeof(float);
  if (size == 0 || header_bytes > left || whole_blocks(size) > left - header_bytes) return {};
  hdu.bytes += whole_blocks(size);
  return hdu;
}

/// All HDUs of a file; nothing where not all of it is plain.
std::optional<std::vector<PlainHdu>> hdus_of(std::span<const std::byte> bytes) {
  std::vector<PlainHdu> hdus;
  while (!bytes.empty()) {
    std::optional<PlainHdu> hdu = hdu_at(bytes, bytes.size(), hdus.empty());
    if (!hdu) return {};
    bytes = bytes.subspan(hdu->bytes);
    hdus.push_back(std::move(*hdu));
  }
  return hdus;
}

/// Turns big-endian float32 into this machine's order, as CFITSIO gives it: what is not finite is a blank pixel, zeros of either sign and
/// numbers too small for a full mantissa are 0. Returns whether none is blank.
bool convert_pixels(std::span<float> pixels) {
  constexpr auto blank = std::bit_cast<std::uint32_t>(std::numeric_limits<float>::quiet_NaN());
  std::uint32_t any_blank = 0;
  vectorised([&] {
    std::uint32_t any = 0;
    for (float& pixel : pixels) {
      auto word = std::bit_cast<std::uint32_t>(pixel);
      if constexpr (std::endian::native == std::endian::little) word = __builtin_bswap32(word);
      const std::uint32_t exponent = word & 0x7f800000U;
      word = exponent == 0 ? 0 : word;
      word = exponent == 0x7f800000U ? blank : word;
      any |= exponent == 0x7f800000U ? 1U : 0U;
      pixel = std::bit_cast<float>(word);
    }
    any_blank = any;
  });
  return any_blank == 0;
}

bool is_science(const PlainHdu& plane) { return plane_name(plane.cards.text("EXTNAME").value_or("")) == PlaneName::science; }

/// The one HDU that is the cutout, or those of one band each, as find_planes() chooses among plain ones; nothing where it may choose
/// otherwise.
bool make_a_cutout(std::span<const PlainHdu> planes) {
  if (planes.empty() || planes.size() > static_cast<std::size_t>(max_fits_bands)) return false;
  const ImageShape& shape = planes.front().shape;
  if (planes.size() > 1 && shape.bands > 1) return false;
  return std::ranges::all_of(planes, [&](const PlainHdu& plane) { return plane.shape == shape && is_science(plane); });
}

void add_facts(PixelFacts& facts, const FitsCards& first, const PlainHdu& plane) {
  if (plane.shape.bands == 1) {
    add_band_facts(facts, first, plane.cards);
  } else {
    set_cube_facts(facts, plane.cards, plane.shape.bands);
  }
}

/// `bytes` are the file's.
std::optional<FitsCutout> cutout_of(std::span<const PlainHdu> hdus, std::span<const std::byte> bytes) {
  static const FitsCards none;
  const bool first_is_empty = !hdus.empty() && hdus.front().shape.values() == 0;
  const FitsCards& first = first_is_empty ? hdus.front().cards : none;
  const std::span<const PlainHdu> planes = hdus.subspan(first_is_empty ? 1 : 0);
  if (!make_a_cutout(planes)) return {};
  ImageShape shape = planes.front().shape;
  shape.bands *= static_cast<int>(planes.size());
  FitsCutout cutout{Image{shape}, {}};
  const std::size_t values = planes.front().shape.values();
  if (first_is_empty) bytes = bytes.subspan(hdus.front().bytes);
  for (std::size_t i = 0; i < planes.size(); ++i) {
    const std::span<float> pixels = cutout.image.values().subspan(i * values, values);
    std::memcpy(pixels.data(), bytes.data() + planes[i].header_bytes, pixels.size_bytes());
    convert_pixels(pixels);
    add_facts(cutout.facts, first, planes[i]);
    bytes = bytes.subspan(planes[i].bytes);
  }
  return cutout;
}

/// This thread's, of at least `size` bytes.
std::span<std::byte> buffer_of(std::size_t size) {
  thread_local std::vector<std::byte> buffer;
  buffer.resize(std::max(buffer.size(), size));
  return std::span{buffer}.first(size);
}

}  // namespace

std::optional<FitsCutout> read_plain_fits(const std::filesystem::path& path) {
  std::span<std::byte> bytes;
  try {
    const OpenFile file{path};
    if (file.size() > max_plain_bytes || file.size() % fits_block_size != 0) return {};
    bytes = buffer_of(file.size());
    file.read(0, bytes);
  } catch (const Error&) {
    return {};
  }
  const auto hdus = hdus_of(bytes);
  return hdus ? cutout_of(*hdus, bytes) : std::nullopt;
}

std::optional<PlainFacts> read_plain_fits(const std::filesystem::path& path, MutableImageView out) {
  const std::size_t pixel_bytes = whole_blocks(out.values().size_bytes());
  std::span<std::byte> header;
  try {
    const OpenFile file{path};
    if (file.size() <= pixel_bytes || file.size() > pixel_bytes + max_header_bytes) return {};
    header = buffer_of(file.size() - pixel_bytes);
    file.read_start(header, std::as_writable_bytes(out.values()));
  } catch (const Error&) {
    return {};
  }
  const auto hdu = hdu_at(header, header.size() + pixel_bytes, true);
  if (!hdu || hdu->shape != out.shape || hdu->header_bytes != header.size() || !is_science(*hdu)) return {};
  PlainFacts cutout;
  add_facts(cutout.facts, {}, *hdu);
  cutout.finite = convert_pixels(out.values());
  return cutout;
}

}  // namespace lensfind::image
