#include "lensfind/base/error.h"
#include "lensfind/sky/table_formats.h"

namespace lensfind::sky {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path) {
  throw Error{path.string() + ": this program was built without Parquet",
              "write .csv or .fits, or run LENSFIND_PARQUET=1 scripts/setup (it installs pyarrow into .venv) and build again"};
}

}  // namespace

bool has_parquet() { return false; }

std::unique_ptr<TableReader> open_parquet_table(const std::filesystem::path& path) { refuse(path); }

std::unique_ptr<TableWriter> create_parquet_table(const std::filesystem::path& path, std::vector<TableColumn>, std::int64_t,
                                                  const std::vector<TableFact>&) {
  refuse(path);
}

}  // namespace lensfind::sky
