#include "lensfind/sky/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

/// The first of `names` that is among the columns, whatever its case.
std::optional<std::size_t> find_column(const std::vector<std::string>& columns, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    const auto found = std::ranges::find_if(columns, [&](const std::string& column) { return lower(column) == name; });
    if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  }
  return {};
}

std::optional<Position> position_of(const std::string& ra, const std::string& dec) {
  const auto a = parse_number(ra);
  const auto d = parse_number(dec);
  if (!a || !d || !(std::abs(*d) <= 90) || !(std::abs(*a) <= 360)) return {};  // written so that NaN is none
  const double turned = *a < 0 ? *a + 360 : *a;
  return Position{turned == 360 ? 0 : turned, *d};  // also of what is too little below 0 to be told from it
}

}  // namespace

PositionColumns::PositionColumns(const std::vector<std::string>& columns, const fs::path& table) {
  const auto ra = find_column(columns, {"ra", "raj2000", "alpha_j2000", "ra_deg", "ra_j2000"});
  const auto dec = find_column(columns, {"dec", "dej2000", "delta_j2000", "dec_deg", "dec_j2000"});
  if (!ra || !dec) {
    throw Error{fmt::format("{}: has no columns ra and dec (it has {})", table.string(), fmt::join(columns, ", ")),
                "name the positions ra and dec, in degrees"};
  }
  ra_ = *ra;
  dec_ = *dec;
}

std::optional<Position> PositionColumns::of(const std::vector<std::string>& fields) const { return position_of(fields[ra_], fields[dec_]); }

Catalogue::Catalogue(const fs::path& path) {
  rows_ = open_table(path);
  const std::vector<std::string>& columns = rows_->columns();
  position_.emplace(columns, path);
  id_ = find_column(columns, {"id", "object_id", "objid", "source_id", "coadd_object_id", "name"});
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (lower(columns[i]) == "id") continue;
    columns_.push_back(columns[i]);
    passed_.push_back(i);
  }
}

Catalogue::~Catalogue() = default;
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;

std::optional<CatalogueObject> Catalogue::next() {
  std::vector<std::string> fields;
  if (!rows_->next(fields)) return {};
  CatalogueObject object;
  object.id = id_ ? fields[*id_] : fmt::format("{}", number_);
  object.position = position_->of(fields);
  for (const std::size_t i : passed_) object.values.push_back(fields[i]);
  ++number_;
  return object;
}

}  // namespace lensfind::sky
