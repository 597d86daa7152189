#include "lensfind/sky/catalogue.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/sky/fits_file.h"

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
  if (!a || !d || !std::isfinite(*a) || std::abs(*d) > 90 || std::abs(*a) > 360) return {};
  return Position{*a < 0 ? *a + 360 : *a, *d};
}

}  // namespace

/// The rows of a file as text.
class Catalogue::Rows {
 public:
  virtual ~Rows() = default;
  [[nodiscard]] virtual const std::vector<std::string>& columns() const = 0;
  /// Fills `fields` with the next row; false at the end.
  virtual bool next(std::vector<std::string>& fields) = 0;
};

class Catalogue::CsvRows final : public Rows {
 public:
  explicit CsvRows(const fs::path& path) : table_{path} {}
  const std::vector<std::string>& columns() const override { return table_.columns(); }
  bool next(std::vector<std::string>& fields) override {
    if (!table_.next()) return false;
    fields.clear();
    for (std::size_t i = 0; i < table_.columns().size(); ++i) fields.emplace_back(table_[i]);
    return true;
  }

 private:
  CsvReader table_;
};

class Catalogue::FitsRows final : public Rows {
 public:
  explicit FitsRows(const fs::path& path) : path_{path} {
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
    throw Error{path_.string() + ": holds no table", "give a catalogue as CSV or as a FITS table"};
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
    if (type < 0 || (type != TSTRING && repeat != 1)) return;
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
    columns_.push_back({number, kind, kind == Kind::text ? repeat : 0});
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

Catalogue::Catalogue(const fs::path& path) {
  if (is_fits_name(path)) {
    rows_ = std::make_unique<FitsRows>(path);
  } else {
    rows_ = std::make_unique<CsvRows>(path);
  }
  const std::vector<std::string>& columns = rows_->columns();
  const auto ra = find_column(columns, {"ra", "raj2000", "alpha_j2000", "ra_deg", "ra_j2000"});
  const auto dec = find_column(columns, {"dec", "dej2000", "delta_j2000", "dec_deg", "dec_j2000"});
  if (!ra || !dec) {
    throw Error{fmt::format("{}: has no columns ra and dec (it has {})", path.string(), fmt::join(columns, ", ")),
                "name the positions ra and dec, in degrees"};
  }
  ra_ = *ra;
  dec_ = *dec;
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
  object.position = position_of(fields[ra_], fields[dec_]);
  for (const std::size_t i : passed_) object.values.push_back(fields[i]);
  ++number_;
  return object;
}

}  // namespace lensfind::sky
