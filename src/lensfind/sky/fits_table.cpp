#include <algorithm>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits_planes.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

class FitsTable final : public TableReader {
 public:
  explicit FitsTable(const fs::path& path) : path_{path} {
    const auto turn = turn_at_cfitsio();
    file_ = open_fits(path);
    find_table();
    int count = 0;
    int status = 0;
    fits_get_num_cols(file_.get(), &count, &status);
    fits_get_num_rowsll(file_.get(), &rows_, &status);
    check_fits(status, path.string());
    for (int column = 1; column <= count; ++column) add_column(column);
  }
  const std::vector<std::string>& columns() const override { return names_; }
  bool next(std::vector<std::string>& fields) override {
    if (row_ == rows_) return false;
    if (row_ == block_begin_ + static_cast<LONGLONG>(block_size_)) read_block();
    fields.clear();
    for (const auto& values : block_) fields.push_back(values[static_cast<std::size_t>(row_ - block_begin_)]);
    ++row_;
    return true;
  }

 private:
  enum class Kind { text, whole, unsigned_whole, single_real, real, logical };
  struct Column {
    int number;
    Kind kind;
    long width;  ///< letters of a text
  };
  static constexpr LONGLONG most_rows = 4096;  // that are held at once

  void find_table() {
    int count = 0;
    int status = 0;
    fits_get_num_hdus(file_.get(), &count, &status);
    for (int hdu = 1; hdu <= count && status == 0; ++hdu) {
      int type = IMAGE_HDU;
      fits_movabs_hdu(file_.get(), hdu, &type, &status);
      if (status == 0 && type != IMAGE_HDU && fits_is_compressed_image(file_.get(), &status) == 0) return;
    }
    check_fits(status, path_.string());
    throw Error{path_.string() + ": holds no table", "give a table as CSV, as a FITS table or as Parquet"};
  }

  void add_column(int number) {
    int type = 0;
    int status = 0;
    long repeat = 0;
    long width = 0;
    fits_get_eqcoltype(file_.get(), number, &type, &repeat, &width, &status);
    char name[FLEN_VALUE] = "";
    std::string key = fmt::format("TTYPE{}", number);
    fits_read_key_str(file_.get(), key.c_str(), name, nullptr, &status);
    check_fits(status, fmt::format("{}: column {}", path_.string(), number));
    if (type < 0 || (type != TSTRING && repeat != 1) || (type == TSTRING && repeat > width)) return;  // several values a row
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
        return;  // bits and complex numbers
    }
    // A text's letters are the repeats of a binary table and the width of an ASCII one.
    columns_.push_back({number, kind, kind == Kind::text ? std::max(repeat, width) : 0});
    names_.emplace_back(name);
  }

  template <typename Number>
  std::vector<std::string> read_numbers(const Column& column, int type, std::size_t count) {
    std::vector<Number> numbers(count);
    std::vector<char> missing(count);
    int any_missing = 0;  // CFITSIO writes to it unasked
    int status = 0;
    fits_read_colnull(file_.get(), type, column.number, row_ + 1, 1, static_cast<LONGLONG>(count), numbers.data(), missing.data(),
                      &any_missing, &status);
    check_fits(status, fmt::format("{}: column {}", path_.string(), column.number));
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
    check_fits(status, fmt::format("{}: column {}", path_.string(), column.number));
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
    const auto turn = turn_at_cfitsio();
    block_begin_ = row_;
    block_size_ = static_cast<std::size_t>(std::min(most_rows, rows_ - row_));
    block_.clear();
    for (const Column& column : columns_) block_.push_back(read_column(column, block_size_));
  }

  fs::path path_;
  FitsFile file_;
  std::vector<Column> columns_;
  std::vector<std::string> names_;
  LONGLONG rows_ = 0, row_ = 0, block_begin_ = 0;
  std::size_t block_size_ = 0;
  std::vector<std::vector<std::string>> block_;  ///< a list a column
};

}  // namespace

std::unique_ptr<TableReader> open_fits_table(const fs::path& path) { return std::make_unique<FitsTable>(path); }

}  // namespace lensfind::sky
