#include "lensfind/model/history.h"

#include <limits>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace lensfind::model {
namespace {

constexpr const char* history_header =
    "epoch,train_loss,validation_loss,validation_auc,validation_average_precision,learning_rate,images,seconds";
constexpr const char* hint = "history.csv is what `lensfind train` writes";

double number(const CsvReader& table, std::size_t column) {
  if (table[column].empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::optional<double> value = parse_number(table[column]);
  if (!value) throw Error{fmt::format("{}: '{}' is no number", table.where(), table[column]), hint};
  return *value;
}

std::int64_t whole(const CsvReader& table, std::size_t column) {
  const std::optional<std::int64_t> value = parse_integer(table[column]);
  if (!value || *value < 0) throw Error{fmt::format("{}: '{}' is no whole number", table.where(), table[column]), hint};
  return *value;
}

}  // namespace

void write_history(const std::filesystem::path& path, const std::vector<EpochRecord>& history) {
  std::string text = std::string{history_header} + "\n";
  for (const EpochRecord& e : history) {
    text += fmt::format("{},{},{},{},{},{},{},{:.3f}\n", e.epoch, e.train_loss, e.validation_loss, e.validation_auc,
                        e.validation_average_precision, e.learning_rate, e.images, e.seconds);
  }
  write_file(path, text);
}

std::vector<EpochRecord> read_history(const std::filesystem::path& path) {
  CsvReader table{path};
  const std::size_t epoch = table.column("epoch"), train_loss = table.column("train_loss"),
                    validation_loss = table.column("validation_loss");
  const std::size_t auc = table.column("validation_auc"), average_precision = table.column("validation_average_precision");
  const std::size_t rate = table.column("learning_rate"), images = table.column("images"), seconds = table.column("seconds");
  std::vector<EpochRecord> rows;
  while (table.next()) {
    rows.push_back({.epoch = static_cast<int>(whole(table, epoch)),
                    .train_loss = number(table, train_loss),
                    .validation_loss = number(table, validation_loss),
                    .validation_auc = number(table, auc),
                    .validation_average_precision = number(table, average_precision),
                    .learning_rate = number(table, rate),
                    .images = whole(table, images),
                    .seconds = number(table, seconds)});
  }
  return rows;
}

}  // namespace lensfind::model
