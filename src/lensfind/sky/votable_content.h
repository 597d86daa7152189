#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lensfind/base/error.h"
#include "lensfind/sky/table.h"
#include "lensfind/sky/votable_field.h"

namespace lensfind::sky {

/// Attributes of an XML element.
using Attributes = std::map<std::string, std::string>;

/// What a VOTable's elements say, as they come from the parser: fields, then the rows of the table that is chosen.
class VotableContent {
 public:
  /// Takes the first table that passes `wanted`. `origin` names the file in errors.
  VotableContent(std::string origin, TableTest wanted) : origin_{std::move(origin)}, wanted_{std::move(wanted)} {}

  void begin(std::string_view element, const Attributes& of);
  void end(std::string_view element);
  void text(std::string_view more);

  [[nodiscard]] bool is_chosen() const { return chosen_; }
  [[nodiscard]] bool is_done() const { return done_; }
  [[nodiscard]] int tables() const { return tables_; }
  [[nodiscard]] const std::string& table_name() const { return table_name_; }
  [[nodiscard]] const std::vector<VotableField>& fields() const { return fields_; }
  [[nodiscard]] ColumnHead head_of(const VotableField& field) const;
  /// The next row that is complete. Throws Error where the table has ended within a row.
  std::optional<std::vector<std::string>> take_row();

 private:
  struct System {
    std::string name, equinox;
  };
  void begin_data();
  void begin_stream(const Attributes& of);
  [[noreturn]] void refuse(const std::string& what, const std::string& hint) const { throw Error{origin_ + ": " + what, hint}; }

  std::string origin_;
  TableTest wanted_;
  std::map<std::string, System> systems_;
  std::vector<VotableField> fields_;
  int tables_ = 0;
  std::string table_name_;
  bool in_table_ = false, chosen_ = false, done_ = false, in_cell_ = false, in_stream_ = false, in_field_ = false;
  std::string cell_;
  std::size_t row_bytes_ = 0;
  std::vector<std::string> row_;
  std::deque<std::vector<std::string>> rows_;
  std::optional<VotableBinary> binary_;
};

}  // namespace lensfind::sky
