#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "lensfind/inspect/merge.h"
#include "lensfind/inspect/pictures.h"

namespace lensfind::inspect {

/// A page for the meeting in which graders talk about what they see differently. It shows at most `max` candidates, those of the largest
/// spread first, each with its picture where `draw` has one, every grade, kinds and notes. Throws Error where it cannot be written.
void write_disagreements(const std::filesystem::path& html, const Merged& merged,
                         const std::function<std::optional<Drawn>(const std::string& id)>& draw, std::size_t max = 200);

}  // namespace lensfind::inspect
