#include "lensfind/sky/columns.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/csv.h"
#include "lensfind/base/error.h"
#include "lensfind/base/letter_case.h"
#include "lensfind/sky/position_pairs.h"

namespace lensfind::sky {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_columns_in_error = 30;  // columns that an error lists

/// Names of ids in use, bare, the surest first: Gaia, SDSS, DES, LSST, HSC, PS1, Euclid, DESI, Legacy Surveys, 2MASS, WISE, SIMBAD, NED,
/// VizieR, SExtractor, Galaxy Zoo, and tables of cutouts.
constexpr std::array id_names{
    "id",          "objectid", "objid",    "sourceid",   "coaddobjectid", "coaddobjectsid", "targetid",   "diaobjectid", "specobjid",
    "photoobjid",  "cataid",   "catid",    "detectid",   "lensid",        "galaxyid",       "galid",      "candidateid", "candid",
    "cutoutid",    "imageid",  "sampleid", "lsid",       "idstr",         "mainid",         "srcid",      "uid",         "uniqueid",
    "number",      "name",     "objname",  "objectname", "sourcename",    "targetname",     "lensname",   "systemname",  "galaxyname",
    "designation", "iauname",  "2mass",    "2massid",    "2massname",     "allwise",        "identifier", "object",      "cutout",
    "filename",    "file",     "image",    "path",       "recno",         "index"};

std::vector<std::string> names_of(const ColumnHeads& heads) {
  std::vector<std::string> names;
  for (const ColumnHead& head : heads) names.push_back(head.name);
  return names;
}

std::string some_of(const std::vector<std::string>& columns) {
  if (columns.size() <= max_columns_in_error) return fmt::format("{}", fmt::join(columns, ", "));
  return fmt::format("{} and {} more", fmt::join(columns.begin(), columns.begin() + max_columns_in_error, ", "),
                     columns.size() - max_columns_in_error);
}

std::vector<PositionPair> find_pairs(const ColumnHeads& heads) {
  std::vector<PositionPair> found = pairs_by_name(names_of(heads));
  return found.empty() ? pairs_by_meaning(heads) : found;
}

[[noreturn]] void refuse_positions(const std::vector<std::string>& columns, const fs::path& table) {
  throw Error{fmt::format("{}: has no columns ra and dec (it has {})", table.string(), some_of(columns)),
              "name the columns of the positions with --ra-column and --dec-column"};
}

/// "J2000", "B1950" or "1975.0" as a year.
std::optional<double> equinox_of(std::string_view text, const fs::path& table) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  if (text.empty()) return {};
  const bool lettered = std::string_view{"JBjb"}.find(text.front()) != std::string_view::npos;
  const auto year = parse_number(text.substr(lettered ? 1 : 0));
  if (!year || !(*year > 1500 && *year < 2500))
    throw Error{fmt::format("{}: the equinox `{}` is not known", table.string(), text), "give positions in ICRS or of equinox J2000"};
  return year;
}

/// As FITS headers and VOTable's COOSYS name systems: "FK5", "eq_FK5", "galactic", "ecl_FK5".
Frame frame_named(const std::string& system, std::optional<double> equinox, const fs::path& table) {
  const std::string name = lower_case(system.substr(0, system.find_last_not_of(' ') + 1));
  if (name == "galactic" || name == "galactic_ii" || name == "gal") return Frame::galactic();
  if (name == "supergalactic" || name == "super_galactic") return Frame::supergalactic();
  if (name == "ecl_fk5" || name == "ecliptic") return Frame::ecliptic(equinox.value_or(2000));
  if (name == "barycentric" || name == "gcrs") return {};
  return frame_of_header("RA", name.starts_with("eq_") ? name.substr(3) : name, equinox, {}, table.string());
}

Frame frame_of(const ColumnHead& head, NamedSystem by_name, const fs::path& table) {
  switch (by_name) {
    case NamedSystem::b1950:
      return Frame::fk4();
    case NamedSystem::galactic:
      return Frame::galactic();
    case NamedSystem::ecliptic:
      return Frame::ecliptic();
    case NamedSystem::stated:
      break;
  }
  return frame_named(head.system, equinox_of(head.equinox, table), table);
}

/// Whether the frame is another than ICRS and its near twin FK5.
bool is_far_from_icrs(const Frame& frame) {
  const Position place{10, 20};
  return separation_arcsec(frame.to_icrs(place), place) > 1;
}

AngleUnit unit_of(const ColumnHead& head, bool is_right_ascension, const fs::path& table) {
  try {
    return angle_unit(head.unit, is_right_ascension);
  } catch (const Error& error) {
    throw Error{fmt::format("{}: column {}: {}", table.string(), head.name, error.what()), error.hint()};
  }
}

}  // namespace

std::string bare_name(std::string_view name) {
  std::string out;
  for (const char letter : name) {
    if (std::string_view{"_-. "}.find(letter) != std::string_view::npos) continue;
    out += letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter + 32) : letter;
  }
  return out;
}

ColumnNames names_in(const std::vector<std::string>& columns, const ColumnNames& names) {
  const auto there = [&](const std::string& name) {
    return std::ranges::any_of(columns, [&](const std::string& column) { return lower_case(column) == lower_case(name); }) ? name
                                                                                                                           : std::string{};
  };
  return {there(names.id), there(names.ra), there(names.dec)};
}

std::size_t column_named(const std::vector<std::string>& columns, const std::string& name, const fs::path& table) {
  auto found = std::ranges::find(columns, name);
  if (found == columns.end()) found = std::ranges::find(columns, lower_case(name), lower_case);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  const std::string near = nearest_name(name, columns);
  throw Error{fmt::format("{}: no column `{}`", table.string(), name),
              near.empty() ? "it has " + some_of(columns) : fmt::format("did you mean `{}`? It has {}", near, some_of(columns))};
}

bool is_id_name(std::string_view column) {
  const std::string name = bare_name(column);
  if (std::ranges::find(id_names, name) != id_names.end()) return true;
  return column.ends_with("_id") || column.ends_with("Id") || column.ends_with("ID") || column.starts_with("id_") || name.ends_with("name");
}

std::optional<std::size_t> find_id_column(const std::vector<std::string>& columns, const std::string& given, const fs::path& table,
                                          std::vector<std::string>& notes) {
  if (!given.empty()) return column_named(columns, given, table);
  std::vector<std::string> bare_names;
  for (const std::string& column : columns) bare_names.push_back(bare_name(column));
  std::vector<std::size_t> found;
  for (const char* name : id_names)
    if (const auto column = find_bare(bare_names, name)) found.push_back(*column);
  if (found.empty()) return {};
  const std::string& taken = columns[found.front()];
  if (found.size() > 1) {
    std::vector<std::string> others;
    for (std::size_t i = 1; i < found.size(); ++i) others.push_back(columns[found[i]]);
    notes.push_back(fmt::format("{}: ids are those of the column {} (there {} also {}; --id-column names another)", table.string(), taken,
                                others.size() == 1 ? "is" : "are", fmt::join(others, ", ")));
  } else if (bare_names[found.front()] != "id") {
    notes.push_back(fmt::format("{}: ids are those of the column {}", table.string(), taken));
  }
  return found.front();
}

PositionColumns::PositionColumns(const ColumnHeads& heads, const fs::path& table, const ColumnNames& given,
                                 std::vector<std::string>& notes) {
  const std::vector<std::string> columns = names_of(heads);
  NamedSystem system = NamedSystem::stated;
  if (given.ra.empty() != given.dec.empty())
    throw Error{"positions have two columns, and one is named", "give --ra-column and --dec-column"};
  if (!given.ra.empty()) {
    ra_ = column_named(columns, given.ra, table);
    dec_ = column_named(columns, given.dec, table);
  } else {
    const std::vector<PositionPair> pairs = find_pairs(heads);
    if (pairs.empty()) refuse_positions(columns, table);
    ra_ = pairs.front().ra;
    dec_ = pairs.front().dec;
    system = pairs.front().system;
    usual_ = system == NamedSystem::stated && !pairs_by_name(columns).empty();
    std::vector<std::string> others;
    for (std::size_t i = 1; i < pairs.size(); ++i)
      if (pairs[i].system == NamedSystem::stated) others.push_back(columns[pairs[i].ra] + ", " + columns[pairs[i].dec]);
    if (!others.empty())
      notes.push_back(
          fmt::format("{}: positions are those of the columns {} and {} (there are also {}; --ra-column and --dec-column name others)",
                      table.string(), columns[ra_], columns[dec_], fmt::join(others, "; ")));
  }
  frame_ = frame_of(heads[ra_], system, table);
  ra_unit_ = unit_of(heads[ra_], true, table);
  dec_unit_ = unit_of(heads[dec_], false, table);
  if (is_far_from_icrs(frame_))
    notes.push_back(fmt::format("{}: {} and {} are turned into ICRS", table.string(), columns[ra_], columns[dec_]));
}

bool PositionColumns::are_in(const ColumnHeads& heads, const ColumnNames& given) {
  const std::vector<std::string> columns = names_of(heads);
  if (given.ra.empty() || given.dec.empty()) return !find_pairs(heads).empty();
  const auto is_there = [&](const std::string& name) {
    return std::ranges::any_of(columns, [&](const std::string& column) { return bare_name(column) == bare_name(name); });
  };
  return is_there(given.ra) && is_there(given.dec);
}

std::optional<Position> PositionColumns::position(std::string_view ra, std::string_view dec) const {
  const auto a = parse_angle(ra, ra_unit_);
  const auto d = parse_angle(dec, dec_unit_);
  // Written so that NaN is none; beyond are the numbers by which tables mean "none", as -999.
  if (!a || !d || !(std::abs(*d) <= 90 * (1 + 1e-12)) || !(*a >= -360 && *a <= 720)) return {};
  double turned = std::fmod(*a, 360);
  if (turned < 0) turned += 360;
  if (turned >= 360) turned = 0;  // of what is too little below 0 to be told from it
  return frame_.to_icrs({turned == 0 ? 0 : turned, std::clamp(*d, -90.0, 90.0)});
}

std::optional<Position> PositionColumns::of(std::span<const std::string_view> fields) const { return position(fields[ra_], fields[dec_]); }
std::optional<Position> PositionColumns::of(std::span<const std::string> fields) const { return position(fields[ra_], fields[dec_]); }

bool PositionColumns::are_plain(std::span<const std::string_view> fields) const {
  const auto is_number = [](std::string_view text) { return text.empty() || parse_number(text).has_value(); };
  return usual_ && frame_.is_icrs() && ra_unit_.plain() && dec_unit_.plain() && is_number(fields[ra_]) && is_number(fields[dec_]);
}

}  // namespace lensfind::sky
