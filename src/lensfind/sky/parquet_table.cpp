#include <array>
#include <cmath>
#include <optional>

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t group_rows = 1 << 16;  // that are held at once

void check(const arrow::Status& status, const fs::path& path) {
  if (!status.ok())
    throw Error{fmt::format("{}: {}", path.string(), status.message()), "is it a whole Parquet file, and is the disk not full?"};
}

template <typename T>
T value_of(arrow::Result<T> result, const fs::path& path) {
  check(result.status(), path);
  return std::move(result).ValueUnsafe();
}

/// Lets Arrow write to a file that appears when it is whole.
class AtomicStream final : public arrow::io::OutputStream {
 public:
  explicit AtomicStream(const fs::path& path) : file_{path, Durability::survives_power_loss} {}
  arrow::Status Write(const void* data, std::int64_t bytes) override {
    try {
      file_.write(std::span{static_cast<const std::byte*>(data), static_cast<std::size_t>(bytes)});
    } catch (const Error& error) {
      return arrow::Status::IOError(error.what());
    }
    position_ += bytes;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
};

std::shared_ptr<arrow::DataType> type_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::whole:
      return arrow::int64();
    case ColumnKind::unsigned_whole:
      return arrow::uint64();
    case ColumnKind::single_real:
      return arrow::float32();
    case ColumnKind::real:
      return arrow::float64();
    case ColumnKind::text:
      break;
  }
  return arrow::utf8();
}

template <typename Builder>
Builder& as(arrow::ArrayBuilder& builder) {
  return static_cast<Builder&>(builder);
}

arrow::Status append(arrow::ArrayBuilder& builder, ColumnKind kind, const std::string& text) {
  if (kind == ColumnKind::text) return as<arrow::StringBuilder>(builder).Append(text);
  if (text.empty()) return builder.AppendNull();
  switch (kind) {
    case ColumnKind::whole:
      return as<arrow::Int64Builder>(builder).Append(parse_integer(text).value());
    case ColumnKind::unsigned_whole:
      return as<arrow::UInt64Builder>(builder).Append(std::stoull(text));
    case ColumnKind::single_real:
      return as<arrow::FloatBuilder>(builder).Append(static_cast<float>(parse_number(text).value()));
    default:
      return as<arrow::DoubleBuilder>(builder).Append(parse_number(text).value());
  }
}

class ParquetTableWriter final : public TableWriter {
 public:
  ParquetTableWriter(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows)
      : path_{path}, columns_{std::move(columns)}, promised_{rows}, stream_{std::make_shared<AtomicStream>(path)} {
    arrow::FieldVector fields;
    for (const TableColumn& column : columns_) {
      fields.push_back(arrow::field(column.name, type_of(column.kind)));
      builders_.push_back(value_of(arrow::MakeBuilder(type_of(column.kind)), path_));
    }
    schema_ = arrow::schema(fields);
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    writer_ = value_of(parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), stream_, properties), path_);
  }

  void add(std::span<const std::string> fields) override {
    for (std::size_t i = 0; i < builders_.size(); ++i) check(append(*builders_[i], columns_[i].kind, fields[i]), path_);
    if (++written_ % group_rows == 0) write_group();
  }
  void commit() override {
    if (written_ % group_rows != 0) write_group();
    if (written_ != promised_)
      throw Error{fmt::format("{}: {} rows were written, {} promised", path_.string(), written_, promised_),
                  "begin again with --overwrite"};
    check(writer_->Close(), path_);
    stream_->commit();
  }

 private:
  void write_group() {
    arrow::ArrayVector arrays;
    for (const auto& builder : builders_) arrays.push_back(value_of(builder->Finish(), path_));
    check(writer_->WriteTable(*arrow::Table::Make(schema_, arrays), group_rows), path_);
  }

  fs::path path_;
  std::vector<TableColumn> columns_;
  std::int64_t promised_ = 0, written_ = 0;
  std::shared_ptr<AtomicStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  std::vector<std::unique_ptr<arrow::ArrayBuilder>> builders_;
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
};

template <typename Array>
std::string number_text(const arrow::Array& array, std::int64_t row) {
  return fmt::format("{}", static_cast<const Array&>(array).Value(row));
}

/// The value as text; nothing for types that are no single number or text.
std::optional<std::string> text_of(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::string{};
  switch (array.type_id()) {
    case arrow::Type::FLOAT:
      return number_text<arrow::FloatArray>(array, row);
    case arrow::Type::DOUBLE:
      return number_text<arrow::DoubleArray>(array, row);
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetString(row);
    case arrow::Type::LARGE_STRING:
      return static_cast<const arrow::LargeStringArray&>(array).GetString(row);
    default:
      return arrow::is_integer(array.type_id()) || array.type_id() == arrow::Type::BOOL
                 ? std::optional{array.GetScalar(row).ValueOrDie()->ToString()}
                 : std::nullopt;
  }
}

bool is_single_value(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || type.id() == arrow::Type::FLOAT || type.id() == arrow::Type::DOUBLE ||
         type.id() == arrow::Type::BOOL || type.id() == arrow::Type::STRING || type.id() == arrow::Type::LARGE_STRING;
}

class ParquetTable final : public TableReader {
 public:
  explicit ParquetTable(const fs::path& path) : path_{path} {
    try {
      open();
    } catch (const parquet::ParquetException& error) {
      throw Error{fmt::format("{}: {}", path.string(), error.what()), "is it a whole Parquet file?"};
    }
  }
  const std::vector<std::string>& columns() const override { return names_; }
  bool next(std::vector<std::string>& fields) override {
    while (!batch_ || row_ == batch_->num_rows()) {
      row_ = 0;
      check(batches_->ReadNext(&batch_), path_);
      if (!batch_) return false;
    }
    fields.clear();
    for (const int column : kept_) fields.push_back(text_of(*batch_->column(column), row_).value_or(""));
    ++row_;
    return true;
  }

 private:
  void open() {
    parquet::arrow::FileReaderBuilder builder;
    check(builder.OpenFile(path_.string()), path_);
    reader_ = value_of(builder.Build(), path_);
    reader_->set_batch_size(group_rows);
    batches_ = value_of(reader_->GetRecordBatchReader(), path_);
    const auto schema = batches_->schema();
    for (int i = 0; i < schema->num_fields(); ++i) {
      if (!is_single_value(*schema->field(i)->type())) continue;
      kept_.push_back(i);
      names_.push_back(schema->field(i)->name());
    }
  }

  fs::path path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::int64_t row_ = 0;
  std::vector<int> kept_;  ///< columns of one value a row
  std::vector<std::string> names_;
};

}  // namespace

bool has_parquet() { return true; }

std::unique_ptr<TableReader> open_parquet_table(const fs::path& path) { return std::make_unique<ParquetTable>(path); }

std::unique_ptr<TableWriter> create_parquet_table(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows) {
  return std::make_unique<ParquetTableWriter>(path, std::move(columns), rows);
}

}  // namespace lensfind::sky
