#include "lensfind/dataset/checks.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "lensfind/dataset/duplicates.h"
#include "lensfind/dataset/header_facts.h"
#include "lensfind/dataset/reading.h"

namespace lensfind::dataset {
namespace {

Copies describe(const std::vector<std::int64_t>& set, const std::vector<ListedSample>& samples, const std::vector<Reading>& readings) {
  Copies copies;
  std::set<Split> splits;
  std::set<Label> labels;
  for (const std::int64_t index : set) {
    const auto i = static_cast<std::size_t>(index);
    copies.ids.push_back(samples[i].sample.id);
    copies.turned = copies.turned || !(readings[i].pixels == readings[static_cast<std::size_t>(set[0])].pixels);
    splits.insert(samples[i].sample.split);
    labels.insert(samples[i].sample.label);
  }
  copies.in_both_splits = splits.contains(Split::train) && splits.contains(Split::test);
  copies.labels_differ = labels.contains(Label::lens) && labels.contains(Label::non_lens);
  return copies;
}

std::vector<std::string> groups_in_both_splits(const std::vector<ListedSample>& samples) {
  std::map<std::string, std::set<Split>> splits;
  for (const ListedSample& listed : samples) splits[listed.sample.group].insert(listed.sample.split);
  std::vector<std::string> both;
  for (const auto& [group, in] : splits) {
    if (in.contains(Split::train) && in.contains(Split::test)) both.push_back(group);
  }
  return both;
}

void sort_in(const ListedSample& listed, const Reading& reading, CheckReport& report) {
  ++report.cutouts;
  ++(listed.sample.label == Label::lens ? report.lenses : listed.sample.label == Label::non_lens ? report.nonlenses : report.unlabelled);
  if (!reading.problem.empty()) {
    report.unreadable.push_back({listed.name, reading.problem});
  } else if (reading.finding.fault == cutouts::Fault::not_finite) {
    report.not_finite.push_back({listed.name, reading.finding.text});
  } else if (reading.finding.fault == cutouts::Fault::constant_band) {
    report.constant.push_back({listed.name, reading.finding.text});
  } else if (reading.finding.fault == cutouts::Fault::broken_band) {
    report.broken.push_back({listed.name, reading.finding.text});
  }
}

Value list(const std::vector<Rejected>& inputs) {
  Value out{Value::Array{}};
  for (const Rejected& one : inputs) out.push_back(empty_object().set("input", one.input).set("reason", one.reason));
  return out;
}

Value list(const std::vector<std::string>& names) {
  Value out{Value::Array{}};
  for (const std::string& name : names) out.push_back(name);
  return out;
}

constexpr std::size_t named = 3;  // how many of a finding a summary names

std::string line(const std::string& what, const std::vector<std::string>& names) {
  if (names.empty()) return fmt::format("{}: none\n", what);
  std::string text = fmt::format("{}: {}", what, names.size());
  for (std::size_t i = 0; i < std::min(named, names.size()); ++i) text += fmt::format("{}{}", i == 0 ? " (" : "; ", names[i]);
  return text + (names.size() > named ? "; ...)\n" : ")\n");
}

std::string line(const std::string& what, const std::vector<Rejected>& inputs) {
  std::vector<std::string> names;
  for (const Rejected& one : inputs) names.push_back(one.input + ": " + one.reason);
  return line(what, names);
}

template <typename Holds>
std::string copies_line(const std::string& what, const std::vector<Copies>& copies, Holds holds) {
  std::vector<std::string> names;
  for (const Copies& set : copies) {
    if (holds(set)) names.push_back(fmt::format("{}", fmt::join(set.ids, " = ")));
  }
  return line(what, names);
}

}  // namespace

bool CheckReport::clean() const {
  return unreadable.empty() && not_finite.empty() && constant.empty() && broken.empty() && copies.empty() && objects_in_both_splits.empty();
}

CheckReport check_dataset(const std::filesystem::path& path, const LoadOptions& options, Progress& progress, const StopFlag& stop) {
  const Listing listing = list_samples(path, Split::all, options.bands);
  const cutouts::PixelRules rules = rules_of(listing, options.bands);
  CheckReport report{
      .root = listing.root, .shape = common_shape(listing.samples, rules, options.wanted, options.threads), .notes = listing.notes};
  const std::vector<Reading> readings = read_samples(listing.samples, rules, report.shape, nullptr, options.threads, progress, stop);
  for (std::size_t i = 0; i < readings.size(); ++i) sort_in(listing.samples[i], readings[i], report);
  std::vector<Hash128> hashes;
  for (const Reading& reading : readings) hashes.push_back(reading.any_rotation);
  for (const std::vector<std::int64_t>& set : exact_duplicates(hashes)) {
    if (!readings[static_cast<std::size_t>(set[0])].problem.empty()) continue;
    report.copies.push_back(describe(set, listing.samples, readings));
  }
  report.objects_in_both_splits = groups_in_both_splits(listing.samples);
  return report;
}

Value to_value(const CheckReport& report) {
  Value copies{Value::Array{}};
  for (const Copies& set : report.copies) {
    copies.push_back(empty_object()
                         .set("ids", list(set.ids))
                         .set("turned", set.turned)
                         .set("in_both_parts", set.in_both_splits)
                         .set("labels_differ", set.labels_differ));
  }
  return empty_object()
      .set("clean", report.clean())
      .set("shape", Value::Array{report.shape.bands, report.shape.height, report.shape.width})
      .set("cutouts", report.cutouts)
      .set("lenses", report.lenses)
      .set("nonlenses", report.nonlenses)
      .set("unlabelled", report.unlabelled)
      .set("unreadable", list(report.unreadable))
      .set("not_finite", list(report.not_finite))
      .set("constant_band", list(report.constant))
      .set("broken_band", list(report.broken))
      .set("copies", copies)
      .set("objects_in_both_parts", list(report.objects_in_both_splits));
}

std::string summary(const CheckReport& report) {
  std::string text = fmt::format("{}: {} cutouts ({} lenses, {} non-lenses, {} unlabelled), bands, height, width {} x {} x {}\n",
                                 report.root.string(), report.cutouts, report.lenses, report.nonlenses, report.unlabelled,
                                 report.shape.bands, report.shape.height, report.shape.width);
  for (const std::string& note : report.notes) text += note + "\n";
  text += line("unreadable or of another shape", report.unreadable);
  text += line("not finite", report.not_finite);
  text += line("constant band", report.constant);
  text += line("broken band (only 0, 0.5 and 1)", report.broken);
  text += copies_line("sets of exact copies", report.copies, [](const Copies& set) { return !set.turned; });
  text += copies_line("sets of flipped or turned copies", report.copies, [](const Copies& set) { return set.turned; });
  text += copies_line("copies in both the train and the test split", report.copies, [](const Copies& set) { return set.in_both_splits; });
  text += copies_line("copies with different labels", report.copies, [](const Copies& set) { return set.labels_differ; });
  text += line("objects in both the train and the test split", report.objects_in_both_splits);
  return text;
}

}  // namespace lensfind::dataset
