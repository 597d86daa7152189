#include "lensfind/image/plane_names.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "lensfind/image/fits_cards.h"

namespace lensfind::image {
namespace {

constexpr std::array science_words{"SCI",  "SCIENCE", "IMAGE",  "IMG",   "DATA",  "PRIMARY", "FLUX",
                                   "BAND", "CUTOUT",  "CALEXP", "COADD", "STACK", "BGSUB"};

/// Words that say where an image comes from and not what it is.
constexpr std::array neutral_words{
    "COMPRESSED", "FILTER",    "SUB",    "DES",    "DECAM",   "CTIO",    "HSC",    "SUBARU",   "LSST", "EUCLID", "NIR",    "NISP",
    "PS1",        "PS",        "SDSS",   "CFHT",   "CFHTLS",  "MEGACAM", "KIDS",   "OMEGACAM", "VST",  "VISTA",  "VIRCAM", "UKIDSS",
    "WFCAM",      "DECALS",    "BASS",   "MZLS",   "LS",      "HST",     "ACS",    "WFC",      "WFC3", "UVIS",   "IR",     "WFPC2",
    "JWST",       "NIRCAM",    "MIRI",   "NIRISS", "ROMAN",   "WFI",     "GALEX",  "EUC",      "MER",  "PAN",    "STARRS", "PANSTARRS",
    "LEGACY",     "MEGAPRIME", "MOSAIC", "TILE",   "CHANNEL", "WISE",    "UNWISE", "SPITZER",  "IRAC"};

constexpr std::array mask_words{"MASK", "MSK", "DQ", "FLAG", "FLG", "FLAGS", "QUALITY"};

constexpr std::array companion_words{"VAR",    "VARIANCE", "WEIGHT",  "WEIGHTS", "WGT",   "WHT", "WT",    "ERR",   "ERROR", "ERRORS",
                                     "INVVAR", "IVAR",     "PSF",     "RMS",     "SIGMA", "STD", "UNC",   "NOISE", "CON",   "CTX",
                                     "EXP",    "EXPMAP",   "EXPTIME", "DEPTH",   "BKG",   "SKY", "MODEL", "RESID", "CHI2",  "EXPOSURE"};

/// Words of letters and digits, in capitals.
std::vector<std::string> words_of(std::string_view name) {
  std::vector<std::string> words{""};
  for (const char letter : name) {
    const bool small = letter >= 'a' && letter <= 'z';
    if (small || (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9')) {
      words.back() += small ? static_cast<char>(letter - 'a' + 'A') : letter;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

/// "SCI2" is the second SCI.
std::string without_number(const std::string& word) { return word.substr(0, word.find_last_not_of("0123456789") + 1); }

template <std::size_t N>
bool is_one_of(const std::string& word, const std::array<const char*, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view known) { return word == known; });
}

bool is_science_word(const std::string& word) { return is_one_of(without_number(word), science_words) || !filter_name(word).empty(); }

bool is_neutral_word(const std::string& word) { return without_number(word).empty() || is_one_of(word, neutral_words); }

/// Also "SCIERR" and "HSCMASK".
template <std::size_t N>
bool ends_with_one_of(const std::string& word, const std::array<const char*, N>& words) {
  return std::ranges::any_of(words, [&](std::string_view known) { return word == known || (known.size() > 2 && word.ends_with(known)); });
}

}  // namespace

PlaneName plane_name(std::string_view extension_name) {
  const std::vector<std::string> words = words_of(extension_name);
  const bool known = std::ranges::all_of(words, [](const std::string& word) { return is_science_word(word) || is_neutral_word(word); });
  if (known && (words.empty() || std::ranges::any_of(words, is_science_word))) return PlaneName::science;
  const auto any = [&](const auto& list) {
    return std::ranges::any_of(words, [&](const std::string& word) { return ends_with_one_of(word, list); });
  };
  if (any(mask_words)) return PlaneName::mask;
  return any(companion_words) ? PlaneName::companion : PlaneName::unknown;
}

}  // namespace lensfind::image
