#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include <arrow/api.h>
#include <arrow/io/api.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>
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
  ParquetTableWriter(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows, const std::vector<TableFact>& facts)
      : path_{path}, columns_{std::move(columns)}, promised_{rows}, stream_{std::make_shared<AtomicStream>(path)} {
    arrow::FieldVector fields;
    for (const TableColumn& column : columns_) {
      fields.push_back(arrow::field(column.name, type_of(column.kind)));
      builders_.push_back(value_of(arrow::MakeBuilder(type_of(column.kind)), path_));
    }
    schema_ = arrow::schema(fields);
    const auto properties = parquet::WriterProperties::Builder().compression(parquet::Compression::ZSTD)->build();
    writer_ = value_of(parquet::arrow::FileWriter::Open(*schema_, arrow::default_memory_pool(), stream_, properties), path_);
    std::vector<std::string> keys, values;
    for (const TableFact& fact : facts) {
      keys.push_back(fact.key);
      values.push_back(fact.value.is_string() ? fact.value.as_string() : to_json(fact.value, -1));
    }
    if (!facts.empty()) check(writer_->AddKeyValueMetadata(arrow::key_value_metadata(keys, values)), path_);
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
  const auto number = static_cast<const Array&>(array).Value(row);
  if constexpr (std::is_floating_point_v<std::remove_cv_t<decltype(number)>>)
    if (std::isnan(number)) return {};
  return fmt::format("{}", number);
}

/// Bytes that are letters as they are, without the padding of fixed widths; others in hexadecimal.
std::string bytes_text(std::string_view bytes) {
  const std::string_view letters = bytes.substr(0, bytes.find_last_not_of('\0') + 1);
  const bool readable = std::ranges::all_of(letters, [](char letter) { return static_cast<unsigned char>(letter) >= 0x20; });
  if (readable && arrow::util::ValidateUTF8(letters)) return std::string{letters};
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

template <typename Array>
std::string view_text(const arrow::Array& array, std::int64_t row) {
  return bytes_text(static_cast<const Array&>(array).GetView(row));
}

/// The value as text; nothing for types that are no single number or text.
std::optional<std::string> text_of(const arrow::Array& array, std::int64_t row) {
  using arrow::Type;
  if (array.IsNull(row)) return std::string{};
  switch (array.type_id()) {
    case Type::INT8:
      return fmt::format("{}", static_cast<int>(static_cast<const arrow::Int8Array&>(array).Value(row)));
    case Type::UINT8:
      return fmt::format("{}", static_cast<int>(static_cast<const arrow::UInt8Array&>(array).Value(row)));
    case Type::INT16:
      return number_text<arrow::Int16Array>(array, row);
    case Type::UINT16:
      return number_text<arrow::UInt16Array>(array, row);
    case Type::INT32:
      return number_text<arrow::Int32Array>(array, row);
    case Type::UINT32:
      return number_text<arrow::UInt32Array>(array, row);
    case Type::INT64:
      return number_text<arrow::Int64Array>(array, row);
    case Type::UINT64:
      return number_text<arrow::UInt64Array>(array, row);
    case Type::FLOAT:
      return number_text<arrow::FloatArray>(array, row);
    case Type::DOUBLE:
      return number_text<arrow::DoubleArray>(array, row);
    case Type::HALF_FLOAT:
      return fmt::format("{}", arrow::util::Float16::FromBits(static_cast<const arrow::HalfFloatArray&>(array).Value(row)).ToFloat());
    case Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row) ? "1" : "0";
    case Type::STRING:
      return std::string{static_cast<const arrow::StringArray&>(array).GetView(row)};
    case Type::LARGE_STRING:
      return std::string{static_cast<const arrow::LargeStringArray&>(array).GetView(row)};
    case Type::STRING_VIEW:
      return std::string{static_cast<const arrow::StringViewArray&>(array).GetView(row)};
    case Type::BINARY:
      return view_text<arrow::BinaryArray>(array, row);
    case Type::LARGE_BINARY:
      return view_text<arrow::LargeBinaryArray>(array, row);
    case Type::BINARY_VIEW:
      return view_text<arrow::BinaryViewArray>(array, row);
    case Type::FIXED_SIZE_BINARY:
      return view_text<arrow::FixedSizeBinaryArray>(array, row);
    case Type::DECIMAL128:
      return static_cast<const arrow::Decimal128Array&>(array).FormatValue(row);
    case Type::DECIMAL256:
      return static_cast<const arrow::Decimal256Array&>(array).FormatValue(row);
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP:
      return array.GetScalar(row).ValueOrDie()->ToString();
    case Type::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
      return text_of(*coded.dictionary(), coded.GetValueIndex(row));
    }
    default:
      return std::nullopt;
  }
}

bool is_single_value(const arrow::DataType& type) {
  using arrow::Type;
  switch (type.id()) {
    case Type::HALF_FLOAT:
    case Type::FLOAT:
    case Type::DOUBLE:
    case Type::BOOL:
    case Type::STRING:
    case Type::LARGE_STRING:
    case Type::STRING_VIEW:
    case Type::BINARY:
    case Type::LARGE_BINARY:
    case Type::BINARY_VIEW:
    case Type::FIXED_SIZE_BINARY:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP:
      return true;
    case Type::DICTIONARY:
      return is_single_value(*static_cast<const arrow::DictionaryType&>(type).value_type());
    default:
      return arrow::is_integer(type.id());
  }
}

std::string metadata_of(const std::shared_ptr<const arrow::KeyValueMetadata>& metadata, const std::string& key) {
  return metadata && metadata->Contains(key) ? metadata->Get(key).ValueOrDie() : std::string{};
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
  bool next(std::vector<std::string_view>& fields) override {
    while (!batch_ || row_ == batch_->num_rows()) {
      row_ = 0;
      check(batches_->ReadNext(&batch_), path_);
      if (!batch_) return false;
    }
    values_.clear();
    for (const Place& place : kept_) values_.push_back(value_at(place));
    fields.assign(values_.begin(), values_.end());
    ++row_;
    ++number_;
    return true;
  }
  std::string where() const override { return fmt::format("{}, row {}", path_.string(), number_); }
  std::optional<std::string> fact(const std::string& key) const override {
    const auto metadata = batches_->schema()->metadata();
    return metadata && metadata->Contains(key) ? std::optional{metadata->Get(key).ValueOrDie()} : std::nullopt;
  }

 private:
  /// A column, and the members of structs that lead to its values.
  using Place = std::vector<int>;

  void open() {
    parquet::arrow::FileReaderBuilder builder;
    check(builder.OpenFile(path_.string()), path_);
    reader_ = value_of(builder.Build(), path_);
    reader_->set_batch_size(group_rows);
    batches_ = value_of(reader_->GetRecordBatchReader(), path_);
    const auto schema = batches_->schema();
    units_ = yaml_units(metadata_of(schema->metadata(), "table_meta_yaml"));  // astropy's
    std::vector<std::string> left_out;
    for (int i = 0; i < schema->num_fields(); ++i) take_field(*schema->field(i), schema->field(i)->name(), {i}, left_out);
    if (!left_out.empty()) add_note(path_.string() + ": " + left_out_note(left_out));
  }

  /// A column of single values, or each such member of a struct as NAME.MEMBER.
  void take_field(const arrow::Field& field, const std::string& name, const Place& place, std::vector<std::string>& left_out) {
    if (is_single_value(*field.type())) {
      std::string unit = metadata_of(field.metadata(), "unit");  // LSST's
      if (const auto found = units_.find(name); unit.empty() && found != units_.end()) unit = found->second;
      kept_.push_back(place);
      add_column({.name = name, .unit = std::move(unit)});
    } else if (field.type()->id() == arrow::Type::STRUCT) {
      for (int i = 0; i < field.type()->num_fields(); ++i) {
        Place inner = place;
        inner.push_back(i);
        take_field(*field.type()->field(i), name + "." + field.type()->field(i)->name(), inner, left_out);
      }
    } else {
      left_out.push_back(name);
    }
  }

  [[nodiscard]] std::string value_at(const Place& place) const {
    std::shared_ptr<arrow::Array> array = batch_->column(place[0]);
    for (std::size_t i = 1; i < place.size(); ++i) {
      if (array->IsNull(row_)) return {};
      array = static_cast<const arrow::StructArray&>(*array).field(place[i]);
    }
    return text_of(*array, row_).value_or("");
  }

  fs::path path_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  std::int64_t row_ = 0, number_ = 0;
  std::map<std::string, std::string> units_;
  std::vector<Place> kept_;  ///< columns of one value a row
  std::vector<std::string> values_;
};

}  // namespace

bool has_parquet() { return true; }

std::unique_ptr<TableReader> open_parquet_table(const fs::path& path) { return std::make_unique<ParquetTable>(path); }

std::unique_ptr<TableWriter> create_parquet_table(const fs::path& path, std::vector<TableColumn> columns, std::int64_t rows,
                                                  const std::vector<TableFact>& facts) {
  return std::make_unique<ParquetTableWriter>(path, std::move(columns), rows, facts);
}

}  // namespace lensfind::sky
