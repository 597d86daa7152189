#include "lensfind/model/shared_objects.h"

#include <set>

#include "lensfind/base/csv.h"
#include "lensfind/model/model.h"

namespace lensfind::model {
namespace {

namespace fs = std::filesystem;

using Names = std::set<std::string, std::less<>>;

/// Names of objects in the rows that `counts` takes, but those that are ids.
template <typename Counts>
Names objects_of(const fs::path& table, const Counts& counts) {
  CsvReader rows{table};
  const auto id = rows.find("id"), group = rows.find("group");
  Names objects, ids;
  while (id && group && rows.next()) {
    ids.emplace(rows[*id]);
    if (!rows[*group].empty() && counts(rows)) objects.emplace(rows[*group]);
  }
  for (const std::string& name : ids) objects.erase(name);
  return objects;
}

Names objects_of_model(const fs::path& model) {
  const fs::path folder = model.filename() == "model.onnx" ? model.parent_path() : model;
  if (fs::is_regular_file(folder / "split.csv")) {
    return objects_of(folder / "split.csv", [](const CsvReader& row) { return !row[row.column("side")].empty(); });
  }
  Names all;
  if (!is_model_folder(folder)) return all;
  for (const fs::path& member : load_model(folder).members) all.merge(objects_of_model(member));
  return all;
}

SharedObjects shared(const dataset::Dataset& data, Names objects) {
  for (const dataset::Sample& sample : data.samples) objects.erase(sample.id);
  SharedObjects out;
  for (const dataset::Sample& sample : data.samples) {
    if (!objects.contains(sample.group)) continue;
    if (out.cutouts++ == 0) out.first = sample.group;
  }
  return out;
}

}  // namespace

SharedObjects shared_with_model(const dataset::Dataset& data, const fs::path& model) { return shared(data, objects_of_model(model)); }

SharedObjects shared_with_other_split(const dataset::Dataset& data) {
  const fs::path truth = data.root / "truth.csv";
  if (data.split == dataset::Split::all || !fs::is_regular_file(truth)) return {};
  const std::string own = name_of(data.split);
  return shared(data, objects_of(truth, [&](const CsvReader& row) {
                  const auto split = row.find("split");
                  return split && !row[*split].empty() && row[*split] != own;
                }));
}

}  // namespace lensfind::model
