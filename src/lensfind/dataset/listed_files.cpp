#include "lensfind/dataset/listed_files.h"

#include <utility>

#include <fmt/format.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/cutouts/inputs.h"
#include "lensfind/cutouts/npz_sources.h"
#include "lensfind/cutouts/path_list.h"

namespace lensfind::dataset {
namespace {

namespace fs = std::filesystem;

/// `#i` behind the name of a stack, and that name; nothing where the text names a file itself.
std::optional<std::pair<std::string, std::int64_t>> image_of_stack(std::string_view text, const fs::path& root) {
  const std::size_t mark = text.rfind('#');
  if (mark == std::string_view::npos) return {};
  const std::optional<std::int64_t> index = parse_integer(text.substr(mark + 1));
  std::string name{text.substr(0, mark)};
  const cutouts::FileKind kind = cutouts::kind_by_name(name);
  std::error_code unknown;
  const bool is_stack = kind == cutouts::FileKind::npy || kind == cutouts::FileKind::npz;
  if (!index || !is_stack || fs::exists(root / fs::path{std::string{text}}, unknown)) return {};
  return std::pair{std::move(name), *index};
}

}  // namespace

FileLister::FileLister(fs::path root, std::vector<std::string> bands)
    : root_{std::move(root)}, bands_{std::move(bands)}, pattern_{bands_} {}

void FileLister::add(const fs::path& input, Label label, Split split, std::vector<ListedSample>& samples) {
  const fs::path inside = fs::is_directory(input) ? input.lexically_relative(root_) : fs::path{};
  const std::string before = inside.empty() || inside == "." ? std::string{} : (inside / "").generic_string();
  cutouts::InputStream stream{{.arguments = {input}, .bands = bands_}};
  while (std::optional<cutouts::Input> found = stream.next()) {
    const std::string id = before + found->id;
    Sample sample{.id = id, .path = found->path, .index = found->of_stack ? found->index : -1, .label = label, .group = id, .split = split};
    samples.push_back({std::move(sample), {found->path, std::move(found->source), found->index}, before + found->name});
  }
  passed_over_.add(stream.findings().passed_over, before);
}

void FileLister::add_row(std::string_view path, Label label, const std::string& group, std::vector<ListedSample>& samples) {
  const auto in_stack = image_of_stack(path, root_);
  const fs::path written{in_stack ? in_stack->first : std::string{path}};
  const fs::path place = (root_ / written).lexically_normal();
  const std::string below = place.lexically_relative(root_).generic_string();
  const std::string name = below.empty() || below.starts_with("..") ? written.generic_string() : below;
  if (in_stack) {
    samples.push_back(image(place, stack(place), in_stack->second, name, label));
  } else {
    const cutouts::ListedFile file = cutouts::object_of(cutouts::listed_file(root_ / name, name), pattern_);
    if (!file.bands.empty() && !cutouts::BandFiles{.paths = file.bands}.is_first(place)) return;
    auto source = file.bands.empty() ? cutouts::file_source(place, file.kind, bands_)
                                     : cutouts::band_files_source(file.bands, cutouts::PixelRules{}.mask_planes);
    samples.push_back({{.id = file.id, .path = place, .label = label, .group = file.id}, {place, std::move(source), 0}, file.name});
  }
  if (!group.empty()) samples.back().sample.group = group;
}

std::shared_ptr<const cutouts::Source> FileLister::stack(const fs::path& path) {
  std::shared_ptr<const cutouts::Source>& known = stacks_[path.string()];
  if (known == nullptr) {
    known = cutouts::kind_by_name(path.native()) == cutouts::FileKind::npz
                ? cutouts::npz_source(path, bands_, std::make_shared<cutouts::NpzStacks>()).source
                : cutouts::stack_source(path).source;
  }
  return known;
}

ListedSample FileLister::image(const fs::path& path, const std::shared_ptr<const cutouts::Source>& stack, std::int64_t index,
                               const std::string& name, Label label) {
  const std::string id = fmt::format("{}#{}", name, index);
  return {{.id = id, .path = path, .index = index, .label = label, .group = id}, {path, stack, index}, id};
}

}  // namespace lensfind::dataset
