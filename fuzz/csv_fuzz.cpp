#include <cstdint>
#include <string>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"

namespace {

/// A field that was written reads back letter by letter.
void check_field(const std::string& field) {
  if (field.find('\0') != std::string::npos) return;
  const std::string name = lensfind::csv_field("x");
  lensfind::CsvReader back{name + ",y\n" + lensfind::csv_field(field) + ",1\n", "back"};
  if (!back.next() || back[0] != field || back[1] != "1") __builtin_trap();
}

}  // namespace

/// Whatever bytes come, a table of text gives rows with a field a column, or throws Error.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    lensfind::CsvReader table{std::string{reinterpret_cast<const char*>(data), size}, "fuzz"};
    if (!table.units().empty() && table.units().size() != table.columns().size()) __builtin_trap();
    for (int row = 0; row < 100 && table.next(); ++row) {
      if (table.fields().size() != table.columns().size()) __builtin_trap();
      if (row < 3)
        for (const std::string_view field : table.fields()) check_field(std::string{field});
    }
  } catch (const lensfind::Error& error) {
    if (error.hint().empty()) __builtin_trap();
  }
  return 0;
}
