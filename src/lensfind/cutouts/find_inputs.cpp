#include "lensfind/cutouts/find_inputs.h"

#include <optional>

namespace lensfind::cutouts {

void find_inputs(const InputOptions& options, std::unordered_map<std::string, std::size_t> wanted,
                 const std::function<bool(const Input& input, std::size_t place)>& visit) {
  InputStream stream{options};
  while (!wanted.empty()) {
    const std::optional<Input> input = stream.next();
    if (!input) return;
    const auto found = wanted.find(input->id);
    if (found != wanted.end() && visit(*input, found->second)) wanted.erase(found);
  }
}

}  // namespace lensfind::cutouts
