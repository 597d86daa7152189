#include "lensfind/cutouts/band_files.h"

#include <string_view>

#include <fmt/format.h>

#include "lensfind/base/error.h"
#include "lensfind/cutouts/file_kind.h"

namespace lensfind::cutouts {
namespace {

namespace fs = std::filesystem;

std::string with(std::string text, std::string_view part, const std::string& value) {
  return text.replace(text.find(part), part.size(), value);
}

}  // namespace

bool BandFiles::is_first(const fs::path& path) const {
  const fs::path normal = path.lexically_normal();
  std::error_code unknown;
  for (const fs::path& band : paths) {
    if (band.lexically_normal() == normal) return true;
    if (fs::exists(band, unknown)) return false;
  }
  return true;
}

BandPattern::BandPattern(std::vector<std::string> bands, std::string pattern) : bands_{std::move(bands)}, pattern_{std::move(pattern)} {
  if (pattern_.empty()) return;
  for (const char* part : {"{id}", "{band}"}) {
    const auto found = pattern_.find(part);
    if (found == std::string::npos || pattern_.find(part, found + 1) != std::string::npos)
      throw Error{fmt::format("the pattern '{}' does not hold {} once", pattern_, part), "write it as {band}/cutout-{id}.fits"};
  }
  if (bands_.size() < 2) throw Error{"a pattern needs the names of at least two bands", "name each with --band, in the model's order"};
}

std::optional<BandFiles> BandPattern::object_of(const fs::path& root, const std::string& name) const {
  if (!joins_files() || kind_by_name(name) != FileKind::fits) return {};
  const std::string pattern = pattern_.empty() ? "{id}_{band}" + std::string{cutout_suffix(name)} : pattern_;
  for (const std::string& band : bands_) {
    const std::string named = with(pattern, "{band}", band);
    const auto at = named.find("{id}");
    const std::size_t behind = named.size() - at - 4;
    if (name.size() <= at + behind || !name.starts_with(named.substr(0, at)) || !name.ends_with(named.substr(at + 4))) continue;
    const std::string id = name.substr(at, name.size() - at - behind);
    BandFiles object{id, with(with(pattern, "{band}", "*"), "{id}", id), {}};
    for (const std::string& other : bands_) object.paths.push_back(root / with(with(pattern, "{band}", other), "{id}", id));
    return object;
  }
  return {};
}

}  // namespace lensfind::cutouts
