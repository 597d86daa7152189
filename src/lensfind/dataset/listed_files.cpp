#include "lensfind/dataset/listed_files.h"

#include <utility>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/image/fits.h"
#include "lensfind/image/npy.h"

namespace lensfind {
namespace {

namespace fs = std::filesystem;

std::string id_of(const std::string& name) { return name.substr(0, name.size() - cutouts::cutout_suffix(name).size()); }

/// The images of a 4-D array; nothing where the file is a cutout or cannot be read.
std::optional<cutouts::StackSource> stack_of(const fs::path& path, const std::vector<std::string>& bands,
                                             const std::shared_ptr<cutouts::NpzStacks>& npz_stacks) {
  try {
    if (path.extension() == ".npz") {
      cutouts::StackSource stack = cutouts::npz_source(path, bands, npz_stacks);
      return stack.stack ? std::optional{std::move(stack)} : std::nullopt;
    }
    if (!is_fits_name(path) && is_npy_stack(path)) return cutouts::stack_source(path);
  } catch (const Error&) {
    return {};
  }
  return {};
}

}  // namespace

bool is_cutout_name(const fs::path& path) { return path.extension() == ".npy" || path.extension() == ".npz" || is_fits_name(path); }

FileLister::FileLister(fs::path root, std::vector<std::string> bands)
    : root_{std::move(root)}, bands_{std::move(bands)}, pattern_{bands_} {}

std::optional<ListedSample> FileLister::cutout(const fs::path& path, Label label) const {
  return cutout(path, path.lexically_relative(root_).generic_string(), label);
}

std::optional<ListedSample> FileLister::cutout(const fs::path& path, const std::string& name, Label label) const {
  if (const auto object = pattern_.object_of(root_, name)) {
    if (!object->is_first(path)) return {};
    const auto source = cutouts::band_files_source(object->paths, cutouts::PixelRules{}.mask_planes);
    return ListedSample{{.id = object->id, .path = path, .label = label, .group = object->id}, {path, source, 0}, object->name};
  }
  const std::string id = id_of(name);
  ListedSample listed{{.id = id, .path = path, .label = label, .group = id}, {path, nullptr, -1}, name};
  if (path.extension() == ".npz") listed.source.source = cutouts::npz_cutout_source(path, bands_);
  return listed;
}

void FileLister::add(const fs::path& path, std::vector<ListedSample>& samples) const {
  if (const auto stack = stack_of(path, bands_, npz_stacks_)) {
    const std::string name = path.lexically_relative(root_).generic_string();
    for (std::int64_t i = 0; i < stack->count; ++i) samples.push_back(image(path, stack->source, i, name, Label::unknown));
  } else if (auto listed = cutout(path, Label::unknown)) {
    samples.push_back(std::move(*listed));
  }
}

ListedSample FileLister::image(const fs::path& path, const std::shared_ptr<const cutouts::Source>& stack, std::int64_t index,
                               const std::string& name, Label label) const {
  const std::string id = fmt::format("{}#{}", name, index);
  return {{.id = id, .path = path, .index = index, .label = label, .group = id}, {path, stack, index}, id};
}

}  // namespace lensfind
