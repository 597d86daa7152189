#include "lensfind/sky/catalogue.h"

#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

}  // namespace

Catalogue::Catalogue(const fs::path& path, const ColumnNames& names) {
  rows_ = open_table(path, [&](const ColumnHeads& heads) { return PositionColumns::are_in(heads, names); });
  position_.emplace(rows_->heads(), path, names, notes_);
  id_ = find_id_column(rows_->columns(), names.id, path, notes_);
  if (!id_)
    notes_.push_back(
        fmt::format("{}: no column of ids is known: objects are numbered from 0 by their rows (--id-column names one)", path.string()));
  has_first_ = rows_->next(first_);
  if (has_first_) {
    const std::vector<std::string_view> fields{first_.begin(), first_.end()};
    adds_position_ = !position_->are_plain(fields);
  }
  const std::vector<std::string>& columns = rows_->columns();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string name = lower_case(columns[i]);
    if (name == "id" && id_ == i) continue;
    const bool renamed = adds_position_ && (name == "ra" || name == "dec");
    columns_.push_back(renamed ? "catalogue_" + columns[i] : columns[i]);
    passed_.push_back(i);
  }
  if (!adds_position_) return;
  columns_.emplace_back("ra");
  columns_.emplace_back("dec");
}

Catalogue::~Catalogue() = default;
Catalogue::Catalogue(Catalogue&&) noexcept = default;
Catalogue& Catalogue::operator=(Catalogue&&) noexcept = default;

std::optional<CatalogueObject> Catalogue::next() {
  std::vector<std::string> fields;
  if (has_first_) {
    fields = std::move(first_);
    has_first_ = false;
  } else if (!rows_->next(fields)) {
    return {};
  }
  CatalogueObject object;
  object.id = id_ ? fields[*id_] : fmt::format("{}", number_);
  object.position = position_->of(fields);
  for (const std::size_t i : passed_) object.values.push_back(fields[i]);
  if (adds_position_) {
    object.values.push_back(object.position ? fmt::format("{}", object.position->ra_deg) : "");
    object.values.push_back(object.position ? fmt::format("{}", object.position->dec_deg) : "");
  }
  ++number_;
  return object;
}

std::vector<std::string> Catalogue::notes() const {
  std::vector<std::string> all = notes_;
  for (std::string& note : rows_->notes()) all.push_back(std::move(note));
  return all;
}

}  // namespace lensfind::sky
