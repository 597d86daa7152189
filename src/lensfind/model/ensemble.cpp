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

/// The calibrations of all members; the first one's prevalence is where their probabilities are compared.
void require_calibrated(const std::vector<Model>& members, const std::vector<std::filesystem::path>& folders) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!members[i].calibration) {
      throw Error{fmt::format("{}: is not calibrated, so it has no probability to take the mean of", folders[i].string()),
                  "run `lensfind calibrate` on it, or combine by logit"};
    }
  }
}

std::vector<network::EnsembleMember> parts_of(const std::vector<Model>& members, network::Combine combine) {
  std::vector<network::EnsembleMember> parts;
  for (const Model& member : members) {
    network::EnsembleMember part{member.graph, member.weights, member.preprocessing};
    part.average_symmetries = member.average_symmetries;
    if (combine == network::Combine::probability) {
      part.slope = member.calibration->slope;
      part.intercept = member.calibration->intercept + evaluate::log_odds(members.front().calibration->prevalence);
    }
    parts.push_back(part);
  }
  return parts;
}

evaluate::Calibration of_mean_probability(const evaluate::Calibration& first) {
  evaluate::Calibration calibration = first;
  calibration.slope = 1;
  calibration.intercept = -evaluate::log_odds(first.prevalence);
  calibration.fitted_on = "the members' own calibrations (first: " + first.fitted_on + ")";
  return calibration;
}

}  // namespace

Model make_ensemble(const std::vector<std::filesystem::path>& folders, network::Combine combine) {
  const std::vector<Model> members = load_members(folders);
  if (combine == network::Combine::probability) require_calibrated(members, folders);
  Model ensemble;
  ensemble.graph = {.name = "ensemble", .bands = members.front().graph.bands, .size = members.front().graph.size, .outputs = 1};
  ensemble.band_names = members.front().band_names;
  ensemble.combine = combine;
  ensemble.survey_prevalence = members.front().survey_prevalence;
  // What one member was trained on does not speak for the others.
  const auto as_first = [&](const Model& member) { return member.training_images == members.front().training_images; };
  if (std::ranges::all_of(members, as_first)) ensemble.training_images = members.front().training_images;
  if (combine == network::Combine::probability) ensemble.calibration = of_mean_probability(*members.front().calibration);
  Value provenances{Value::Array{}};
  for (std::size_t i = 0; i < members.size(); ++i) {
    ensemble.members.push_back(std::filesystem::absolute(folders[i]).lexically_normal());
    Value of_member = empty_object();
    provenances.push_back(of_member.set("network", members[i].graph.name).set("provenance", members[i].provenance));
  }
  // A later check that a set was never seen must find what any member saw.
  ensemble.provenance.set("members", std::move(provenances));
  ensemble.onnx = network::ensemble_to_onnx(
      parts_of(members, combine), combine,
      {{"lensfind.network", "ensemble"}, {"lensfind.bands", fmt::format("{}", fmt::join(ensemble.band_names, ","))}});
  return ensemble;
}

}  // namespace lensfind::model
