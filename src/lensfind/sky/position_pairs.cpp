#include "lensfind/sky/position_pairs.h"

#include <algorithm>
#include <tuple>

#include "lensfind/sky/columns.h"

namespace lensfind::sky {
namespace {

struct PositionNames {
  const char *longitude, *latitude;
  NamedSystem system = NamedSystem::stated;
};

constexpr NamedSystem b1950 = NamedSystem::b1950, galactic = NamedSystem::galactic, ecliptic = NamedSystem::ecliptic;

/// Names of positions in use, bare, the surest first.
constexpr PositionNames position_names[]{{"ra", "dec"},
                                         {"radeg", "decdeg"},
                                         {"raj2000", "dej2000"},
                                         {"raj2000", "decj2000"},
                                         {"raj2000deg", "decj2000deg"},
                                         {"raj2000deg", "dej2000deg"},
                                         {"ra2000", "dec2000"},
                                         {"ra", "decl"},
                                         {"rad", "decd"},
                                         {"raicrs", "deicrs"},
                                         {"raicrs", "decicrs"},
                                         {"alphaj2000", "deltaj2000"},
                                         {"alphawinj2000", "deltawinj2000"},
                                         {"alphapeakj2000", "deltapeakj2000"},
                                         {"alphasky", "deltasky"},
                                         {"alphawinsky", "deltawinsky"},
                                         {"coordra", "coorddec"},
                                         {"ramean", "decmean"},
                                         {"rastack", "decstack"},
                                         {"meanra", "meandec"},
                                         {"rightascension", "declination"},
                                         {"targetra", "targetdec"},
                                         {"raepoch2000", "decepoch2000"},
                                         {"plugra", "plugdec"},
                                         {"rag", "decg"},
                                         {"ragaia", "decgaia"},
                                         {"alpha", "delta"},
                                         {"raj2016", "dej2016"},
                                         {"ra(deg)", "dec(deg)"},
                                         {"ra[deg]", "dec[deg]"},
                                         {"ra(j2000)", "dec(j2000)"},
                                         {"ra1", "dec1"},
                                         {"rab1950", "deb1950", b1950},
                                         {"rab1950", "decb1950", b1950},
                                         {"glon", "glat", galactic},
                                         {"l", "b", galactic},
                                         {"gall", "galb", galactic},
                                         {"ldeg", "bdeg", galactic},
                                         {"elon", "elat", ecliptic},
                                         {"ecllon", "ecllat", ecliptic}};

/// What stands around "ra" and "dec" in names of errors, motions and others that are no positions.
bool is_measure(std::string_view rest) {
  for (const char* word : {"err", "sig", "ivar", "unc", "rms", "std", "cov", "pm", "var", "corr", "offset", "diff", "pix", "min", "max"})
    if (rest.find(word) != std::string_view::npos) return true;
  return false;
}

/// Pairs of any other names with the same rest: lens_ra and lens_dec, ra_x and dec_x.
std::vector<PositionPair> other_pairs(const std::vector<std::string>& columns, const std::vector<std::string>& bare_names) {
  std::vector<PositionPair> found;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const std::string& name = bare_names[i];
    std::string partner;
    if (name.ends_with("ra") && columns[i].size() > name.size() && !is_measure(name)) {
      partner = name.substr(0, name.size() - 2) + "dec";
    } else if (name.starts_with("ra") && columns[i].size() > 2 && columns[i][2] == '_' && !is_measure(name)) {
      partner = "dec" + name.substr(2);
    } else {
      continue;
    }
    if (const auto dec = find_bare(bare_names, partner)) found.push_back({i, *dec});
  }
  return found;
}

}  // namespace

std::optional<std::size_t> find_bare(const std::vector<std::string>& bare_names, std::string_view name) {
  const auto found = std::ranges::find(bare_names, name);
  if (found == bare_names.end()) return {};
  return static_cast<std::size_t>(found - bare_names.begin());
}

std::vector<PositionPair> pairs_by_name(const std::vector<std::string>& columns) {
  std::vector<std::string> bare_names;
  for (const std::string& column : columns) bare_names.push_back(bare_name(column));
  std::vector<PositionPair> found;
  for (const PositionNames& names : position_names) {
    const auto ra = find_bare(bare_names, names.longitude);
    const auto dec = find_bare(bare_names, names.latitude);
    const auto is_there = [&](const PositionPair& pair) { return pair.ra == *ra || pair.dec == *dec; };
    if (ra && dec && std::ranges::none_of(found, is_there)) found.push_back({*ra, *dec, names.system});
  }
  if (!found.empty()) return found;
  found = other_pairs(columns, bare_names);
  if (found.size() > 1) found.clear();
  return found;
}

std::vector<PositionPair> pairs_by_meaning(const ColumnHeads& heads) {
  const auto column = [&](std::string_view meaning) -> std::optional<std::size_t> {
    std::optional<std::size_t> any;
    for (std::size_t i = 0; i < heads.size(); ++i) {
      if (!heads[i].ucd.starts_with(meaning) || heads[i].ucd.find("stat.error") != std::string::npos) continue;
      if (heads[i].ucd.find("meta.main") != std::string::npos) return i;
      if (!any) any = i;
    }
    return any;
  };
  for (const auto& [longitude, latitude, system] : {std::tuple{"pos.eq.ra", "pos.eq.dec", NamedSystem::stated},
                                                    {"POS_EQ_RA_MAIN", "POS_EQ_DEC_MAIN", NamedSystem::stated},
                                                    {"pos.galactic.lon", "pos.galactic.lat", galactic}}) {
    const auto ra = column(longitude);
    const auto dec = column(latitude);
    if (ra && dec) return {{*ra, *dec, system}};
  }
  return {};
}

}  // namespace lensfind::sky
