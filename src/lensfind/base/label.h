#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "lensfind/base/namespace.h"

namespace lensfind::base {

/// What is known about a cutout. Lens = 1 and non-lens = 0 in files; unknown is empty there.
enum class Label : std::int8_t { non_lens = 0, lens = 1, unknown = -1 };

/// A label as people write it, in any case of letters. Lenses: 1, 1.0, true, yes, lens. Non-lenses: 0, 0.0, false, no, nonlens, "not a
/// lens", galaxy, star and others that name what is no lens. Unknown: empty, nan, null, unknown, ? and others. Nothing for any other text
/// (2, -1, maybe words): whoever wrote it must say which it means.
std::optional<Label> label_from_text(std::string_view text);

/// The hint of errors about labels.
inline constexpr const char* label_hint =
    "labels are 1 (lens), 0 (non-lens) or empty (unknown); also true and false, yes and no, lens and nonlens";

}  // namespace lensfind::base
