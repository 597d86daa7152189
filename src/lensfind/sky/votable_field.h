#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace lensfind::sky {

/// A FIELD of a VOTable (IVOA Recommendation 1.5, section 4.1): what a cell of a column holds.
struct VotableField {
  std::string name, unit, ucd, ref;
  std::string datatype;
  std::string arraysize;  ///< empty: one value
  std::string null;       ///< the number that means "none" (VALUES' null); empty: there is none such

  /// Whether a cell is one number, one truth value or one text.
  [[nodiscard]] bool is_single() const;
  /// The value as tables have it: "" where it is null or no number, truth values as 1 and 0, hexadecimal numbers as decimal ones.
  [[nodiscard]] std::string value_of_text(std::string_view text) const;
};

/// Takes rows from the bytes of a BINARY or BINARY2 stream (section 5.3), as they come.
class VotableBinary {
 public:
  /// `with_nulls`: BINARY2, whose rows begin with a bit a column that says which are null. Throws Error for a datatype or arraysize that is
  /// not known. `origin` names the file.
  VotableBinary(std::vector<VotableField> fields, bool with_nulls, std::string origin);

  /// More of the stream, as base64.
  void add(std::string_view base64);
  /// The next row that is complete, one text a field ("" for fields of several values). Nothing where more bytes are needed. Throws Error
  /// for a row of more than 64 MiB.
  std::optional<std::vector<std::string>> next();
  /// Whether bytes of an unfinished row are left.
  [[nodiscard]] bool has_rest() const { return at_ < bytes_.size(); }

 private:
  struct Cell {
    std::size_t bits = 0;  ///< of one value
    std::size_t count = 1;
    bool variable = false;  ///< a count of four bytes stands before it
    char kind = 0;
  };
  static Cell cell_of(const VotableField& field, const std::string& origin);
  /// The cell at `at`, which is then moved behind it. Nothing where bytes are lacking.
  std::optional<std::span<const unsigned char>> take(const Cell& cell, std::size_t& at) const;
  static std::string text_of(const Cell& cell, const VotableField& field, std::span<const unsigned char> bytes);

  std::vector<VotableField> fields_;
  std::vector<Cell> cells_;
  bool with_nulls_;
  std::string origin_;
  std::string bytes_;
  std::size_t at_ = 0;
  unsigned pending_ = 0;  ///< bits of base64 that do not yet make a byte
  int pending_bits_ = 0;
};

}  // namespace lensfind::sky
