#include "lensfind/sky/votable_content.h"

#include <utility>

#include <fmt/format.h>

#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

constexpr std::size_t max_columns = 100000;

std::string value_of(const Attributes& of, const char* name) {
  const auto found = of.find(name);
  return found == of.end() ? std::string{} : found->second;
}

}  // namespace

ColumnHead VotableContent::head_of(const VotableField& field) const {
  ColumnHead head{.name = field.name, .unit = field.unit, .ucd = field.ucd};
  auto system = systems_.find(field.ref);
  const bool position = field.ucd.starts_with("pos.") || field.ucd.starts_with("POS_");
  if (system == systems_.end() && field.ref.empty() && position && systems_.size() == 1) system = systems_.begin();
  if (system == systems_.end()) return head;
  head.system = system->second.name;
  head.equinox = system->second.equinox;
  return head;
}

void VotableContent::begin(std::string_view element, const Attributes& of) {
  if (done_) return;
  if (element == "COOSYS") {
    systems_[value_of(of, "ID")] = {value_of(of, "system"), value_of(of, "equinox")};
  } else if (element == "TABLE") {
    in_table_ = true;
    fields_.clear();
    table_name_ = value_of(of, "name");
  } else if (element == "FIELD" && in_table_ && !chosen_) {
    if (fields_.size() >= max_columns) refuse("has more than 100,000 columns", "is it a table of objects?");
    VotableField field{value_of(of, "name"),
                       value_of(of, "unit"),
                       value_of(of, "ucd"),
                       value_of(of, "ref"),
                       value_of(of, "datatype"),
                       value_of(of, "arraysize"),
                       ""};
    if (field.name.empty()) field.name = value_of(of, "ID");
    if (field.name.empty()) field.name = fmt::format("column_{}", fields_.size() + 1);
    fields_.push_back(std::move(field));
    in_field_ = true;
  } else if (element == "VALUES" && in_field_) {
    fields_.back().null = value_of(of, "null");
  } else if (element == "DATA" && in_table_) {
    begin_data();
  } else if (!chosen_) {
    return;
  } else if (element == "TR") {
    row_.clear();
    row_bytes_ = 0;
  } else if (element == "TD") {
    if (row_.size() == fields_.size()) refuse("a row has more cells than the table has fields", "is it a whole VOTable?");
    if (value_of(of, "encoding") == "base64")
      refuse("its cells are base64", "save it with plain cells, for instance with TOPCAT or astropy");
    in_cell_ = true;
    cell_.clear();
  } else if (element == "BINARY" || element == "BINARY2") {
    binary_.emplace(fields_, element == "BINARY2", origin_);
  } else if (element == "FITS") {
    refuse("its data are a FITS file inside", "save it as a FITS table, or as a VOTable with TABLEDATA or BINARY2");
  } else if (element == "STREAM" && binary_) {
    begin_stream(of);
  }
}

void VotableContent::begin_data() {
  ++tables_;
  ColumnHeads heads;
  for (const VotableField& field : fields_)
    if (field.is_single()) heads.push_back(head_of(field));
  chosen_ = !wanted_ || wanted_(heads);
}

void VotableContent::begin_stream(const Attributes& of) {
  if (!value_of(of, "href").empty())
    refuse("its data lie in another file", "save it with its data inside, for instance with TOPCAT or astropy");
  const std::string encoding = value_of(of, "encoding");
  if (encoding != "base64")
    refuse(fmt::format("its stream has the encoding `{}`", encoding), "save it with base64, as TOPCAT and astropy do");
  in_stream_ = true;
}

void VotableContent::end(std::string_view element) {
  if (element == "FIELD") in_field_ = false;
  if (element == "STREAM") in_stream_ = false;
  if (element == "TD" && in_cell_) {
    row_.push_back(fields_[row_.size()].value_of_text(cell_));
    in_cell_ = false;
  }
  if (element == "TR" && chosen_ && !done_) {
    row_.resize(fields_.size());
    rows_.push_back(std::move(row_));
    row_.clear();
  }
  if (element == "TABLE") {
    in_table_ = false;
    done_ = chosen_;
  }
}

void VotableContent::text(std::string_view more) {
  if (in_stream_) binary_->add(more);
  if (!in_cell_) return;
  row_bytes_ += more.size();
  if (row_bytes_ > max_row_bytes) refuse("a row of its table has more than 64 MiB", "is it a whole VOTable?");
  cell_ += more;
}

std::optional<std::vector<std::string>> VotableContent::take_row() {
  if (binary_) {
    auto row = binary_->next();
    if (!row && done_ && binary_->has_rest()) refuse("its stream ends amid a row", "copy or save it again");
    return row;
  }
  if (rows_.empty()) return {};
  std::vector<std::string> row = std::move(rows_.front());
  rows_.pop_front();
  return row;
}

}  // namespace lensfind::sky
