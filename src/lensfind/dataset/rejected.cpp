#include "lensfind/dataset/rejected.h"

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"

namespace lensfind::dataset {

void write_rejected(const std::filesystem::path& path, const std::vector<Rejected>& rejected) {
  if (rejected.empty()) return;
  std::string text = "input,reason\n";
  for (const Rejected& row : rejected) text += csv_field(row.input) + "," + csv_field(row.reason) + "\n";
  write_file(path, text);
}

}  // namespace lensfind::dataset
