#include "lensfind/inspect/export.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "lensfind/base/atomic_file.h"
#include "lensfind/base/csv.h"
#include "lensfind/inspect/result_formats.h"

namespace lensfind::inspect {
namespace {

using Kind = ResultColumn::Kind;

std::string number(double value, int digits) { return std::isfinite(value) ? fmt::format("{:.{}f}", value, digits) : std::string{}; }
std::string significant(double value) { return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string{}; }

std::string label_name(Label label) { return label == Label::lens ? "lens" : label == Label::non_lens ? "nonlens" : ""; }

std::vector<ResultColumn> object_columns(const Merged& merged) {
  std::vector<ResultColumn> columns{
      {"id", Kind::text, "", "id in the tables that were graded", "meta.id;meta.main"},
      {"name", Kind::text, "", "IAU designation", "meta.id"},
      {"ra", Kind::real, "deg", "right ascension, ICRS", "pos.eq.ra;meta.main"},
      {"dec", Kind::real, "deg", "declination, ICRS", "pos.eq.dec;meta.main"},
      {"role", Kind::text, "", "candidate, or the kind of control", ""},
      {"grades", Kind::whole, "", "people who graded it", "meta.number"},
      {"mean", Kind::real, "", "mean value of the grades", "stat.mean"},
      {"spread", Kind::real, "", "standard deviation of the grades", "stat.stdev"},
      {"grade", Kind::text, "", "median grade", "meta.code.class"},
      {"kind", Kind::text, "", "kind said most often", "meta.code.class"},
      {"probability", Kind::real, "", "that it is a lens, by the graders weighed by their skill", "stat.probability"},
      {"probability_low", Kind::real, "", "low end of its 95% interval", "stat.probability;stat.min"},
      {"probability_high", Kind::real, "", "high end of its 95% interval", "stat.probability;stat.max"},
      {"settled", Kind::text, "", "lens or nonlens where the graders have decided", "meta.code.class"},
      {"logit", Kind::real, "", "score of the finder", ""},
      {"notes", Kind::text, "", "what graders noted", "meta.note"}};
  for (const GraderSummary& grader : merged.graders)
    columns.push_back({"grade_" + grader.grader, Kind::text, "", "grade by " + grader.grader, "meta.code.class"});
  return columns;
}

std::vector<std::string> object_row(const MergedObject& merged, const std::vector<GraderSummary>& graders) {
  const auto& position = merged.object.position;
  const auto probability = [&](double evaluate::Estimate::*end) { return merged.lens ? significant((*merged.lens).*end) : std::string{}; };
  std::vector<std::string> row{merged.object.id,
                               position ? iau_name(*position) : std::string{},
                               position ? number(position->ra_deg, 7) : std::string{},
                               position ? number(position->dec_deg, 7) : std::string{},
                               name_of(merged.object.role),
                               std::to_string(merged.grades),
                               significant(merged.mean),
                               significant(merged.spread),
                               merged.grade,
                               merged.kind,
                               probability(&evaluate::Estimate::value),
                               probability(&evaluate::Estimate::low),
                               probability(&evaluate::Estimate::high),
                               label_name(merged.settled),
                               significant(merged.object.logit),
                               merged.notes};
  for (const GraderSummary& grader : graders) {
    const auto found = std::ranges::find(merged.given, grader.grader, &std::pair<std::string, std::string>::first);
    row.push_back(found == merged.given.end() ? std::string{} : found->second);
  }
  return row;
}

void add_rate(std::vector<std::string>& row, const evaluate::Estimate& rate) {
  for (const double value : {rate.value, rate.low, rate.high}) row.push_back(significant(value));
}

}  // namespace

std::string iau_name(const sky::Position& position) {
  // A thousandth of an arcsec is nothing to a name, but float64 must not take 10:00:00 for 09:59:59.9999.
  constexpr double slack_arcsec = 1e-5;
  const auto tenths = static_cast<std::int64_t>(std::floor((position.ra_deg * 240 + slack_arcsec / 15) * 10)) % 864000;
  const auto seconds = static_cast<std::int64_t>(std::floor(std::abs(position.dec_deg) * 3600 + slack_arcsec));
  return fmt::format("J{:02}{:02}{:02}.{}{}{:02}{:02}{:02}", tenths / 36000, tenths / 600 % 60, tenths / 10 % 60, tenths % 10,
                     position.dec_deg < 0 ? '-' : '+', seconds / 3600, seconds / 60 % 60, seconds % 60);
}

ResultTable objects_table(const Merged& merged, bool with_controls) {
  ResultTable table{
      .name = "grades",
      .description = fmt::format("Grades of scheme {} ({}), merged by {}", merged.scheme.name, merged.scheme.title, name_of(merged.method)),
      .columns = object_columns(merged)};
  for (const MergedObject& object : merged.objects)
    if (with_controls || object.object.role == Role::candidate) table.rows.push_back(object_row(object, merged.graders));
  return table;
}

ResultTable graders_table(const Merged& merged) {
  ResultTable table{.name = "graders", .description = "What is known of the graders"};
  table.columns = {{"grader", Kind::text}, {"grades", Kind::whole}, {"mean", Kind::real}, {"median_seconds", Kind::real, "s"}};
  for (const char* rate : {"completeness", "false_positive_rate", "consistency"})
    for (const char* end : {"", "_low", "_high"}) table.columns.push_back({std::string{rate} + end, Kind::real});
  for (const char* count : {"lens_controls", "nonlens_controls", "repeats"}) table.columns.push_back({count, Kind::whole});
  for (const char* of : {"lenses_graded_", "nonlenses_graded_"})
    for (const GradeLevel& level : merged.scheme.grades) table.columns.push_back({of + level.grade, Kind::whole});
  const Levels levels{merged.scheme.values()};
  for (const GraderSummary& grader : merged.graders) {
    std::vector<std::string> row{grader.grader, std::to_string(grader.grades), significant(grader.mean),
                                 significant(grader.median_seconds)};
    for (const auto& rate : {grader.completeness, grader.false_positive_rate, grader.consistency}) add_rate(row, rate);
    for (const int count : {grader.lens_controls, grader.nonlens_controls, grader.repeats}) row.push_back(std::to_string(count));
    for (const auto& counts : {grader.skill.of_lenses, grader.skill.of_nonlenses})
      for (const GradeLevel& level : merged.scheme.grades) row.push_back(fmt::format("{:.0f}", counts[levels.of(level.value)]));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace lensfind::inspect
