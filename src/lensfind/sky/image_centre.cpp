#include "lensfind/sky/image_centre.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <string_view>

#include "lensfind/base/error.h"
#include "lensfind/base/open_file.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/fits_cards.h"
#include "lensfind/sky/frame.h"
#include "lensfind/sky/wcs.h"

namespace lensfind::sky {
namespace {

constexpr std::size_t max_fits_header_bytes = 10 * image::fits_block_size;
constexpr double degree = std::numbers::pi / 180;

/// The header of a file's first image: of its first HDU, or of the second where the first holds no data.
struct FirstHeader {
  std::string cards;  ///< before END; empty where it is none, is packed as a whole or is longer than usual
  bool of_first_hdu = true;
  std::uint64_t file_bytes = 0;  ///< of the whole file
};

/// Cards from `begin` to END; nothing where this does not come.
std::optional<std::string> cards_from(const std::string& text, std::size_t begin) {
  for (std::size_t at = begin; at + image::fits_card_size <= text.size(); at += image::fits_card_size) {
    if (text.compare(at, 8, "END     ") == 0) return text.substr(begin, at - begin);
  }
  return {};
}

FirstHeader first_header(const std::filesystem::path& path) {
  const OpenFile file{path};
  std::string text(std::min<std::uint64_t>(file.size(), max_fits_header_bytes), '\0');
  file.read(0, std::as_writable_bytes(std::span{text}));
  if (!text.starts_with("SIMPLE  =")) return {};
  const std::optional<std::string> first = cards_from(text, 0);
  if (!first) return {};
  if (image::FitsCards{*first}.number("NAXIS") == 0) {
    const std::size_t behind = (first->size() / image::fits_block_size + 1) * image::fits_block_size;
    const std::optional<std::string> second = cards_from(text, behind);
    const std::optional<std::string> kind = second ? image::FitsCards{*second}.text("XTENSION") : std::nullopt;
    if (kind && (kind->starts_with("IMAGE") || image::FitsCards{*second}.text("ZIMAGE") == "T")) return {*second, false, file.size()};
  }
  return {*first, true, file.size()};
}

/// Whether nothing comes behind the image of this header.
bool is_only_image(const image::FitsCards& cards, const FirstHeader& header) {
  const auto number = [&](const std::string& keyword) { return cards.number(keyword).value_or(0); };
  const double axes = number("NAXIS");
  if (!(axes >= 1 && axes <= 3)) return false;
  double bytes = std::abs(number("BITPIX")) / 8;
  for (int axis = 1; axis <= static_cast<int>(axes); ++axis) bytes *= number("NAXIS" + std::to_string(axis));
  const auto blocks = [](double size) { return std::ceil(size / image::fits_block_size) * image::fits_block_size; };
  return blocks(static_cast<double>(header.cards.size() + image::fits_card_size)) + blocks(bytes) >= static_cast<double>(header.file_bytes);
}

/// Whether the header has what the tangential projection alone does not tell: distortions, turned poles, other ways to give the matrix.
bool is_plain(std::string_view header) {
  constexpr std::array others{"PV1_", "PV2_",    "A_ORDER", "B_ORDER", "CPDIS", "CQDIS", "D2IMDIS", "DP1",
                              "DQ1",  "LONPOLE", "CROTA1",  "CROTA2",  "WAT",   "PC001", "PC002",   "CUNIT"};
  for (std::size_t at = 0; at < header.size(); at += image::fits_card_size) {
    const std::string_view card = header.substr(at, image::fits_card_size);
    if (card.starts_with("CUNIT") && card.find("'deg") != std::string_view::npos) continue;
    if (std::ranges::any_of(others, [&](const char* other) { return card.starts_with(other); })) return false;
  }
  return true;
}

/// Degrees of the projected plane a pixel step is, [axis][pixel]; nothing where the header has none.
std::optional<std::array<std::array<double, 2>, 2>> matrix_of(const image::FitsCards& cards) {
  const auto number = [&](const char* keyword, double otherwise) { return cards.number(keyword).value_or(otherwise); };
  if (cards.text("CD1_1") || cards.text("CD2_2"))
    return {{{{number("CD1_1", 0), number("CD1_2", 0)}, {number("CD2_1", 0), number("CD2_2", 0)}}}};
  const auto x = cards.number("CDELT1"), y = cards.number("CDELT2");
  if (!x || !y) return {};
  return {{{{*x * number("PC1_1", 1), *x * number("PC1_2", 0)}, {*y * number("PC2_1", 0), *y * number("PC2_2", 1)}}}};
}

/// The middle of an image whose header has nothing but a tangential projection (Calabretta & Greisen 2002, section 5.1.3); nothing for all
/// others. CFITSIO and WCSLIB take longer over a header than reading a cutout takes.
std::optional<Position> centre_of_plain(const image::FitsCards& cards, const std::string& origin) {
  if (cards.number("WCSAXES").value_or(2) != 2 || cards.text("CTYPE3")) return {};
  if (cards.text("CTYPE1") != "RA---TAN" || cards.text("CTYPE2") != "DEC--TAN") return {};
  const bool tiled = cards.text("ZIMAGE") == "T";
  const auto width = cards.number(tiled ? "ZNAXIS1" : "NAXIS1"), height = cards.number(tiled ? "ZNAXIS2" : "NAXIS2");
  const auto at_x = cards.number("CRPIX1"), at_y = cards.number("CRPIX2"), ra = cards.number("CRVAL1"), dec = cards.number("CRVAL2");
  const auto matrix = matrix_of(cards);
  if (!width || !height || !at_x || !at_y || !ra || !dec || !matrix || !(std::abs(*dec) < 90)) return {};
  const auto& [along, up] = *matrix;
  if (along[0] * up[1] == along[1] * up[0]) throw Error{origin + ": the matrix of its coordinates is singular", "correct CD in its header"};
  const double x = (*width + 1) / 2 - *at_x, y = (*height + 1) / 2 - *at_y;
  const double xi = (along[0] * x + along[1] * y) * degree, eta = (up[0] * x + up[1] * y) * degree;
  const double cosine = std::cos(*dec * degree), sine = std::sin(*dec * degree);
  const double towards = cosine - eta * sine;
  const double turned = std::fmod(*ra + std::atan2(xi, towards) / degree, 360);
  const Position there{turned < 0 ? turned + 360 : turned, std::atan2(sine + eta * cosine, std::hypot(xi, towards)) / degree};
  // Their names before 2002, which WCSLIB knows too.
  const auto system = cards.text("RADESYS") ? cards.text("RADESYS") : cards.text("RADECSYS");
  const auto equinox = cards.number("EQUINOX") ? cards.number("EQUINOX") : cards.number("EPOCH");
  const Frame frame = frame_of_header("RA", system.value_or(""), equinox, cards.number("MJD-OBS"), origin);
  return frame.is_icrs() ? there : frame.to_icrs(there);
}

std::optional<Position> centre_by_wcs(const std::filesystem::path& path) {
  const image::ImageShape shape = image::read_fits_shape(path);
  return Wcs{path}.position({(shape.width - 1) / 2., (shape.height - 1) / 2.});
}

}  // namespace

std::optional<Position> centre_of_image(const std::filesystem::path& fits) {
  try {
    const FirstHeader header = first_header(fits);
    const image::FitsCards cards{header.cards};
    if (header.of_first_hdu && !cards.text("CTYPE1") && is_only_image(cards, header)) return {};
    std::optional<Position> centre;
    if (!header.cards.empty() && is_plain(header.cards)) centre = centre_of_plain(cards, fits.string());
    return centre ? centre : centre_by_wcs(fits);
  } catch (const Error&) {
    return {};
  }
}

}  // namespace lensfind::sky
