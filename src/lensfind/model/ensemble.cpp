#include "lensfind/model/ensemble.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lensfind/base/error.h"
#include "lensfind/evaluate/log_odds.h"

namespace lensfind::model {
namespace {

std::vector<Model> load_members(const std::vector<std::filesystem::path>& folders) {
  if (folders.size() < 2) throw Error{fmt::format("{} members are no ensemble", folders.size()), "name two or more model folders"};
  std::vector<Model> members;
  for (const std::filesystem::path& folder : folders) {
    members.push_back(load_model(folder));
    refuse_cascade(members.back(), "ensemble", folder);
    if (!members.back().has_network()) {
      throw Error{fmt::format("{}: `{}` cannot be a member", folder.string(), members.back().graph.name),
                  "name the folders of trained or imported networks"};
    }
    if (members.back().band_names != members.front().band_names) {
      throw Error{fmt::format("{}: bands {}, the first member has {}", folder.string(), fmt::join(members.back().band_names, ","),
                              fmt::join(members.front().band_names, ",")),
                  "the members of an ensemble must take the same bands in the same order"};
    }
  }
  return members;
}

void require_calibrated(const std::vector<Model>& members, const std::vector<std::filesystem::path>& folders, const char* wanted) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i].calibration) {
      throw Error{fmt::format("{}: is not calibrated, so it has no {} to take the mean of", folders[i].string(), wanted),
                  "run `lensfind calibrate` on it, name labelled cutouts with --data, or combine by logit"};
    }
  }
}

/// The members' own calibrations; probabilities are compared at the prevalence of the first one's.
FittedCombination from_members(const std::vector<Model>& members, const std::vector<std::filesystem::path>& folders,
                               network::Combine combine) {
  if (combine == network::Combine::stacked)
    throw Error{"an ensemble's weights are fitted on labelled cutouts", "name some that no member saw, or combine otherwise"};
  const bool by_probability = combine == network::Combine::probability;
  require_calibrated(members, folders, by_probability ? "probability" : "log likelihood ratio");
  const evaluate::Calibration& first = *members.front().calibration;
  FittedCombination combination;
  for (const Model& member : members) {
    combination.slopes.push_back(member.calibration->slope);
    combination.intercepts.push_back(member.calibration->intercept + (by_probability ? evaluate::log_odds(first.prevalence) : 0));
  }
  combination.calibration = first;
  combination.calibration.slope = 1;
  combination.calibration.intercept = -evaluate::log_odds(first.prevalence);
  combination.calibration.fitted_on = "the members' own calibrations (first: " + first.fitted_on + ")";
  return combination;
}

/// The zero point of the flux in which members that are told the image quality know the noise; none where there are none, or none is
/// recorded. Throws Error where theirs differ: one cutout has one noise.
std::optional<double> unit_of_noise(const std::vector<Model>& members, const std::vector<std::filesystem::path>& folders) {
  const Model* first = nullptr;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i].preprocessing.quality) continue;
    if (first == nullptr) first = &members[i];
    if (members[i].zero_point == first->zero_point) continue;
    const auto text = [](const Model& member) { return member.zero_point ? fmt::format("{}", *member.zero_point) : "not recorded"; };
    throw Error{fmt::format("{}: is told the noise in flux whose zero point is {}, another member in flux whose zero point is {}",
                            folders[i].string(), text(members[i]), text(*first)),
                "networks that are told the image quality form an ensemble where they were trained on cutouts of one unit of flux"};
  }
  return first == nullptr ? std::nullopt : first->zero_point;
}

std::vector<network::EnsembleMember> parts_of(const std::vector<Model>& members, const FittedCombination& combination) {
  std::vector<network::EnsembleMember> parts;
  for (std::size_t i = 0; i < members.size(); ++i) {
    network::EnsembleMember part{members[i].graph, members[i].weights, members[i].preprocessing};
    part.average_symmetries = members[i].average_symmetries;
    if (!combination.slopes.empty()) {
      part.slope = combination.slopes.at(i);
      part.intercept = combination.intercepts.at(i);
    }
    parts.push_back(part);
  }
  return parts;
}

}  // namespace

Model make_ensemble(const std::vector<std::filesystem::path>& folders, network::Combine combine,
                    const std::optional<FittedCombination>& fitted) {
  const std::vector<Model> members = load_members(folders);
  FittedCombination combination;
  if (fitted) {
    combination = *fitted;
  } else if (combine != network::Combine::logit) {
    combination = from_members(members, folders, combine);
  }
  Model ensemble;
  ensemble.graph = {.name = "ensemble", .bands = members.front().graph.bands, .size = members.front().graph.size, .outputs = 1};
  ensemble.band_names = members.front().band_names;
  ensemble.combine = combine;
  ensemble.survey_prevalence = members.front().survey_prevalence;
  ensemble.zero_point = unit_of_noise(members, folders);
  // What one member was trained on does not speak for the others.
  const auto as_first = [&](const Model& member) { return member.training_images == members.front().training_images; };
  if (std::ranges::all_of(members, as_first)) ensemble.training_images = members.front().training_images;
  if (fitted || combine == network::Combine::probability) ensemble.calibration = combination.calibration;
  Value provenances{Value::Array{}};
  for (std::size_t i = 0; i < members.size(); ++i) {
    ensemble.members.push_back(std::filesystem::absolute(folders[i]).lexically_normal());
    Value of_member = empty_object();
    provenances.push_back(of_member.set("network", members[i].graph.name).set("provenance", members[i].provenance));
  }
  // A later check that a set was never seen must find what any member saw.
  ensemble.provenance.set("members", std::move(provenances));
  ensemble.onnx = network::ensemble_to_onnx(
      parts_of(members, combination), combine,
      {{"lensfind.network", "ensemble"}, {"lensfind.bands", fmt::format("{}", fmt::join(ensemble.band_names, ","))}});
  return ensemble;
}

}  // namespace lensfind::model
