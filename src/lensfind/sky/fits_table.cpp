#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr long widest_text = long{1} << 20;  // bytes of a text that is an object's

/// A name or unit in the header of the current table; empty where there is none.
std::string text_of_key(fitsfile* file, const std::string& key) {
  char text[FLEN_VALUE] = "";
  int status = 0;
  fits_read_key_str(file, key.c_str(), text, nullptr, &status);
  return status == 0 ? text : "";
}

class FitsTable final : public TableReader {
 public:
  FitsTable(const fs::path& path, const TableTest& wanted) : path_{path} {
    const auto turn = image::lock_cfitsio();
    file_ = image::open_fits(path);
    find_table(wanted);
    int count = 0;
    int status = 0;
    fits_get_num_cols(file_.get(), &count, &status);
    fits_get_num_rowsll(file_.get(), &rows_, &status);
    image::check_fits(status, path.string());
    std::vector<std::string> left_out;
    const ColumnHeads heads = heads_here();
    for (int column = 1; column <= count; ++column) {
      const ColumnHead& head = heads[static_cast<std::size_t>(column) - 1];
      if (!take_column(column, head)) left_out.push_back(head.name);
    }
    if (!left_out.empty()) add_note(path.string() + ": " + left_out_note(left_out));
    std::size_t row_bytes = 1;
    for (const Column& column : taken_) row_bytes += column.kind == Kind::text ? static_cast<std::size_t>(column.width) : sizeof(double);
    if (row_bytes > max_row_bytes)
      throw Error{fmt::format("{}: a row of its table has {} MiB", path.string(), row_bytes >> 20), "is it a table of objects?"};
    max_rows_ = std::clamp<LONGLONG>(static_cast<LONGLONG>(max_row_bytes / 4 / row_bytes), 1, max_rows_);
  }
  bool next(std::vector<std::string_view>& fields) override {
    if (row_ == rows_) return false;
    if (row_ == block_begin_ + static_cast<LONGLONG>(block_size_)) read_block();
    fields.clear();
    for (const auto& values : block_) fields.push_back(values[static_cast<std::size_t>(row_ - block_begin_)]);
    ++row_;
    return true;
  }
  std::string where() const override { return fmt::format("{}, row {}", path_.string(), row_); }
  std::optional<std::string> fact(const std::string& key) const override {
    const auto turn = image::lock_cfitsio();
    char* text = nullptr;
    int status = 0;
    fits_read_key_longstr(file_.get(), key.c_str(), &text, nullptr, &status);
    if (status != 0) return {};
    std::string found{text};
    int freed = 0;
    fits_free_memory(text, &freed);
    return found;
  }

 private:
  enum class Kind { text, whole, unsigned_whole, single_real, real, logical };
  struct Column {
    int number;
    Kind kind;
    long width;  ///< letters of a text
  };

  /// Goes to an HDU; whether it is a table.
  bool go_to_table(int hdu) const {
    int type = IMAGE_HDU;
    int status = 0;
    fits_movabs_hdu(file_.get(), hdu, &type, &status);
    image::check_fits(status, path_.string());
    return type != IMAGE_HDU && fits_is_compressed_image(file_.get(), &status) == 0;
  }

  /// Goes to the first table that is wanted, else to the first.
  void find_table(const TableTest& wanted) {
    int count = 0;
    int status = 0;
    fits_get_num_hdus(file_.get(), &count, &status);
    image::check_fits(status, path_.string());
    std::vector<int> tables;
    int chosen = 0;
    for (int hdu = 1; hdu <= count; ++hdu) {
      if (!go_to_table(hdu)) continue;
      tables.push_back(hdu);
      if (chosen == 0 && wanted && wanted(heads_here())) chosen = hdu;
      if (!wanted || chosen != 0) break;
    }
    if (tables.empty()) throw Error{path_.string() + ": holds no table", "give a table as CSV, FITS, Parquet or VOTable"};
    if (chosen == 0) chosen = tables.front();
    go_to_table(chosen);
    if (chosen == tables.front()) return;
    const std::string name = text_of_key(file_.get(), "EXTNAME");
    add_note(fmt::format("{}: the table is HDU {}{}", path_.string(), chosen, name.empty() ? "" : " (" + name + ")"));
  }

  /// What the current table's header says of its columns.
  [[nodiscard]] ColumnHeads heads_here() const {
    int count = 0;
    int status = 0;
    fits_get_num_cols(file_.get(), &count, &status);
    image::check_fits(status, path_.string());
    std::string system = text_of_key(file_.get(), "RADESYS");
    if (system.empty()) system = text_of_key(file_.get(), "RADECSYS");
    const std::string equinox = text_of_key(file_.get(), "EQUINOX");
    ColumnHeads heads;
    for (int column = 1; column <= count; ++column) {
      std::string name = text_of_key(file_.get(), fmt::format("TTYPE{}", column));
      if (name.empty()) name = fmt::format("column_{}", column);
      heads.push_back({name, text_of_key(file_.get(), fmt::format("TUNIT{}", column)), system, equinox,
                       text_of_key(file_.get(), fmt::format("TUCD{}", column))});
    }
    return heads;
  }

  /// False where the column holds several values a row, or such as are no single number or text.
  bool take_column(int number, const ColumnHead& head) {
    int type = 0;
    int status = 0;
    long repeat = 0;
    long width = 0;
    fits_get_eqcoltype(file_.get(), number, &type, &repeat, &width, &status);
    image::check_fits(status, fmt::format("{}: column {}", path_.string(), number));
    if (type < 0 || (type != TSTRING && repeat != 1) || (type == TSTRING && repeat > width)) return false;
    Kind kind = Kind::real;
    switch (type) {
      case TSTRING:
        kind = Kind::text;
        break;
      case TLOGICAL:
        kind = Kind::logical;
        break;
      case TFLOAT:
        kind = Kind::single_real;
        break;
      case TDOUBLE:
        kind = Kind::real;
        break;
      case TULONGLONG:
        kind = Kind::unsigned_whole;
        break;
      case TBYTE:
      case TSBYTE:
      case TSHORT:
      case TUSHORT:
      case TINT:
      case TUINT:
      case TLONG:
      case TULONG:
      case TLONGLONG:
        kind = Kind::whole;
        break;
      default:
        return false;  // bits and complex numbers
    }
    // A text's letters are the repeats of a binary table and the width of an ASCII one.
    const long letters = kind == Kind::text ? std::max(repeat, width) : 0;
    if (letters > widest_text) return false;
    taken_.push_back({number, kind, letters});
    add_column(head);
    return true;
  }

  template <typename Number>
  std::vector<std::string> read_numbers(const Column& column, int type, std::size_t count) {
    std::vector<Number> numbers(count);
    std::vector<char> missing(count);
    int any_missing = 0;  // CFITSIO writes to it unasked
    int status = 0;
    fits_read_colnull(file_.get(), type, column.number, row_ + 1, 1, static_cast<LONGLONG>(count), numbers.data(), missing.data(),
                      &any_missing, &status);
    image::check_fits(status, fmt::format("{}: column {}", path_.string(), column.number));
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) texts.push_back(missing[i] ? std::string{} : fmt::format("{}", numbers[i]));
    return texts;
  }

  std::vector<std::string> read_texts(const Column& column, std::size_t count) {
    const auto size = static_cast<std::size_t>(column.width) + 1;
    std::vector<char> letters(size * count);
    std::vector<char*> starts;
    for (std::size_t i = 0; i < count; ++i) starts.push_back(letters.data() + i * size);
    int any_missing = 0;
    int status = 0;
    char none[] = "";
    fits_read_col_str(file_.get(), column.number, row_ + 1, 1, static_cast<LONGLONG>(count), none, starts.data(), &any_missing, &status);
    image::check_fits(status, fmt::format("{}: column {}", path_.string(), column.number));
    std::vector<std::string> texts;
    for (const char* start : starts) {
      std::string text{start};
      text.erase(text.find_last_not_of(' ') + 1);
      texts.push_back(std::move(text));
    }
    return texts;
  }

  std::vector<std::string> read_column(const Column& column, std::size_t count) {
    switch (column.kind) {
      case Kind::text:
        return read_texts(column, count);
      case Kind::whole:
        return read_numbers<LONGLONG>(column, TLONGLONG, count);
      case Kind::unsigned_whole:
        return read_numbers<ULONGLONG>(column, TULONGLONG, count);
      case Kind::single_real:
        return read_numbers<float>(column, TFLOAT, count);
      case Kind::logical:
        return read_numbers<signed char>(column, TLOGICAL, count);
      case Kind::real:
        break;
    }
    return read_numbers<double>(column, TDOUBLE, count);
  }

  void read_block() {
    const auto turn = image::lock_cfitsio();
    block_begin_ = row_;
    block_size_ = static_cast<std::size_t>(std::min(max_rows_, rows_ - row_));
    block_.clear();
    for (const Column& column : taken_) block_.push_back(read_column(column, block_size_));
  }

  fs::path path_;
  image::FitsFile file_;
  std::vector<Column> taken_;
  LONGLONG max_rows_ = 4096;  ///< that are held at once
  LONGLONG rows_ = 0, row_ = 0, block_begin_ = 0;
  std::size_t block_size_ = 0;
  std::vector<std::vector<std::string>> block_;  ///< a list a column
};

}  // namespace

std::unique_ptr<TableReader> open_fits_table(const fs::path& path, const TableTest& wanted) {
  return std::make_unique<FitsTable>(path, wanted);
}

}  // namespace lensfind::sky
