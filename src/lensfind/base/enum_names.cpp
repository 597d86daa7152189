#include "lensfind/base/enum_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace lensfind::base {

void refuse_name(const std::string& text, const std::vector<std::string>& names) {
  const std::string near = nearest_name(text, names);
  throw Error{fmt::format("`{}` is none of {}", text, fmt::join(names, " | ")),
              near.empty() ? "take one of these" : fmt::format("did you mean `{}`?", near)};
}

}  // namespace lensfind::base
