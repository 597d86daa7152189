#include "lensfind/base/label.h"

#include <algorithm>
#include <array>
#include <string>

#include "lensfind/base/csv.h"

namespace lensfind::base {
namespace {

/// In small letters, without blanks, _ and -.
std::string bare(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (std::string_view{" \t_-"}.find(letter) != std::string_view::npos) continue;
    out += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  }
  return out;
}

constexpr std::array<std::string_view, 16> lens_words{
    "true",     "t",   "yes",           "y",         "lens",   "lenses",       "lensed", "stronglens", "gravitationallens",
    "positive", "pos", "confirmedlens", "knownlens", "islens", "lensedgalaxy", "sl"};
constexpr std::array<std::string_view, 40> other_words{
    "false",     "f",      "no",          "n",          "nonlens", "nonlenses", "notlens",    "notalens", "nolens",        "unlensed",
    "negative",  "neg",    "galaxy",      "galaxies",   "spiral",  "ring",      "ringgalaxy", "merger",   "elliptical",    "lrg",
    "irregular", "star",   "stars",       "qso",        "quasar",  "agn",       "group",      "cluster",  "artefact",      "artifact",
    "other",     "others", "contaminant", "background", "bkg",     "random",    "nonlensed",  "mimic",    "falsepositive", "lenticular"};
constexpr std::array<std::string_view, 14> unknown_words{"",        "nan",       "null",       "none",      "na", "n/a",    "<na>",
                                                         "unknown", "uncertain", "unlabelled", "unlabeled", "?",  "masked", "missing"};

}  // namespace

std::optional<Label> label_from_text(std::string_view text) {
  if (text == "1") return Label::lens;
  if (text == "0") return Label::non_lens;
  const std::string word = bare(text);
  const auto is_in = [&](const auto& words) { return std::ranges::find(words, std::string_view{word}) != words.end(); };
  if (is_in(unknown_words)) return Label::unknown;  // "--" of astropy's masked values too
  if (is_in(lens_words)) return Label::lens;
  if (is_in(other_words)) return Label::non_lens;
  const auto number = parse_number(text);
  if (number == 1) return Label::lens;
  if (number == 0) return Label::non_lens;
  return std::nullopt;
}

}  // namespace lensfind::base
