#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 2880;                                         // bytes that FITS counts in
constexpr std::int64_t missing = std::numeric_limits<std::int64_t>::min();  // TNULL of whole numbers

std::string card(const std::string& key, const std::string& value, const std::string& comment = {}) {
  std::string text = fmt::format("{:<8}= {:>20}", key, value);
  if (!comment.empty()) text += " / " + comment;
  text.resize(80, ' ');
  return text;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char letter : text) {
    if (letter == '\'') out += '\'';
    out += letter;
  }
  out.resize(std::max<std::size_t>(out.size(), 9), ' ');
  return out + "'";
}

/// The text in cards of its own, each but the last ending in & (FITS standard 4.0, section 4.2.1.2).
std::string long_text_cards(const std::string& key, const std::string& text) {
  constexpr std::size_t max = 67;  // letters between the quotes, the & aside
  std::string cards, piece;
  const auto end_card = [&](bool last) {
    std::string line = (cards.empty() ? fmt::format("{:<8}= ", key) : "CONTINUE  ") + "'" + piece + (last ? "'" : "&'");
    line.resize(80, ' ');
    cards += line;
    piece.clear();
  };
  for (const char letter : text) {
    const std::string written = letter == '\'' ? "''" : std::string{letter};
    if (piece.size() + written.size() > max) end_card(false);
    piece += written;
  }
  end_card(true);
  return cards;
}

std::string cards_of(const TableFact& fact) {
  if (!fact.value.is_string()) {
    std::string number = to_json(fact.value, -1);
    std::ranges::replace(number, 'e', 'E');  // as FITS writes exponents
    return card(fact.key, number, fact.comment);
  }
  return long_text_cards(fact.key, fact.value.as_string());
}

std::size_t bytes_of(const TableColumn& column) {
  if (column.kind == ColumnKind::text) return std::max<std::size_t>(column.width, 1);
  return column.kind == ColumnKind::single_real ? 4 : 8;
}

std::string form_of(const TableColumn& column) {
  switch (column.kind) {
    case ColumnKind::text:
      return fmt::format("{}A", bytes_of(column));
    case ColumnKind::single_real:
      return "E";
    case ColumnKind::real:
      return "D";
    case ColumnKind::whole:
    case ColumnKind::unsigned_whole:
      break;
  }
  return "K";
}

/// The number with its most significant byte first.
template <typename Number>
void append_number(std::string& row, Number number) {
  static_assert(std::endian::native == std::endian::little);
  const auto* bytes = reinterpret_cast<const char*>(&number);
  for (std::size_t i = sizeof number; i > 0; --i) row += bytes[i - 1];
}

/// A binary table behind an empty primary HDU (FITS standard 4.0, section 7.3). Its size is known beforehand, so that rows go straight to
/// the file.
class FitsTableWriter final : public TableWriter {
 public:
  FitsTableWriter(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows, const std::vector<TableFact>& facts)
      : path_{path}, columns_{std::move(columns)}, promised_{rows}, file_{path, Durability::survives_power_loss} {
    for (const TableColumn& column : columns_) row_bytes_ += bytes_of(column);
    write_block(card("SIMPLE", "T") + card("BITPIX", "8") + card("NAXIS", "0") + card("EXTEND", "T"), true);
    std::string header = table_header();
    for (const TableFact& fact : facts) header += cards_of(fact);
    write_block(std::move(header), true);
  }

  void add(std::span<const std::string> fields) override {
    row_.clear();
    for (std::size_t i = 0; i < columns_.size(); ++i) append(columns_[i], fields[i]);
    file_.write(row_);
    ++written_;
  }
  void commit() override {
    if (written_ != promised_)
      throw Error{fmt::format("{}: {} rows were written, {} promised", path_.string(), written_, promised_),
                  "begin again with --overwrite"};
    const std::size_t rest = static_cast<std::size_t>(written_) * row_bytes_ % block;
    if (rest != 0) file_.write(std::string(block - rest, '\0'));
    file_.commit();
  }

 private:
  void write_block(std::string cards, bool end) {
    if (end) cards += fmt::format("{:<80}", "END");
    cards.resize((cards.size() + block - 1) / block * block, ' ');
    file_.write(cards);
  }

  [[nodiscard]] std::string table_header() const {
    std::string header = card("XTENSION", "'BINTABLE'") + card("BITPIX", "8") + card("NAXIS", "2") +
                         card("NAXIS1", fmt::format("{}", row_bytes_), "bytes of a row") +
                         card("NAXIS2", fmt::format("{}", promised_), "rows") + card("PCOUNT", "0") + card("GCOUNT", "1") +
                         card("TFIELDS", fmt::format("{}", columns_.size()));
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto key = [&](const char* name) { return fmt::format("{}{}", name, i + 1); };
      header += card(key("TTYPE"), quoted(columns_[i].name));
      header += card(key("TFORM"), quoted(form_of(columns_[i])));
      if (!columns_[i].unit.empty()) header += card(key("TUNIT"), quoted(columns_[i].unit));
      if (columns_[i].kind == ColumnKind::unsigned_whole) header += card(key("TZERO"), "9223372036854775808", "without sign");
      if (columns_[i].kind == ColumnKind::whole && columns_[i].has_gaps)
        header += card(key("TNULL"), fmt::format("{}", missing), "no value");
    }
    return header;
  }

  void append(const TableColumn& column, const std::string& text) {
    switch (column.kind) {
      case ColumnKind::text:
        row_ += text;
        row_.append(bytes_of(column) - text.size(), '\0');
        return;
      case ColumnKind::whole:
        append_number(row_, text.empty() ? missing : parse_integer(text).value());
        return;
      case ColumnKind::unsigned_whole:
        append_number(row_, std::stoull(text) ^ (std::uint64_t{1} << 63));
        return;
      case ColumnKind::single_real:
        append_number(row_, static_cast<float>(parse_number(text).value_or(std::nan(""))));
        return;
      case ColumnKind::real:
        append_number(row_, parse_number(text).value_or(std::nan("")));
        return;
    }
  }

  fs::path path_;
  std::vector<TableColumn> columns_;
  std::int64_t promised_ = 0, written_ = 0;
  std::size_t row_bytes_ = 0;
  std::string row_;
  AtomicFile file_;
};

}  // namespace

std::unique_ptr<TableWriter> create_fits_table(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                               const std::vector<TableFact>& facts) {
  const std::string name = path.filename().string();
  if (path.extension() == ".gz" || path.extension() == ".fz")
    throw Error{name + ": tables are written uncompressed", "let the name end in .fits; gzip it afterwards"};
  if (columns.size() > 999)
    throw Error{fmt::format("{}: a FITS table holds 999 columns, not {}", name, columns.size()), "write .csv or .parquet"};
  for (const TableColumn& column : columns) {
    if (quoted(column.name).size() > 70)
      throw Error{fmt::format("{}: the column name `{}` is too long for FITS", name, column.name), "rename it, or write .csv or .parquet"};
  }
  return std::make_unique<FitsTableWriter>(path, std::move(columns), rows, facts);
}

}  // namespace lensfind::sky
