#include "lensfind/inspect/agreement.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>

namespace lensfind::inspect {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::vector<double> domain_of(const Ballots& ballots) {
  std::set<double> sorted;
  for (const double value : ballots.values)
    if (!std::isnan(value)) sorted.insert(value);
  return {sorted.begin(), sorted.end()};
}

std::size_t place(const std::vector<double>& domain, double value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(domain, value) - domain.begin());
}

/// How often each value of the domain was given to an object.
std::vector<double> counts_of(const Ballots& ballots, std::size_t object, const std::vector<double>& domain) {
  std::vector<double> counts(domain.size());
  for (const double value : ballots.of_object(object)) ++counts[place(domain, value)];
  return counts;
}

double sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

/// The square of the difference of two values of the domain; `fraction` counts the pairable values of each.
double squared_difference(std::size_t a, std::size_t b, const std::vector<double>& domain, std::span<const double> fraction,
                          Measurement measurement) {
  if (a == b) return 0;
  if (measurement == Measurement::nominal) return 1;
  if (measurement == Measurement::interval) return (domain[a] - domain[b]) * (domain[a] - domain[b]);
  double between = 0;
  for (std::size_t g = std::min(a, b); g <= std::max(a, b); ++g) between += fraction[g];
  between -= (fraction[a] + fraction[b]) / 2;
  return between * between;
}

}  // namespace

std::vector<double> Ballots::of_object(std::size_t object) const {
  std::vector<double> out;
  for (std::size_t grader = 0; grader < graders.size(); ++grader)
    if (const double value = at(grader, object); !std::isnan(value)) out.push_back(value);
  return out;
}

Ballots ballots_of(std::span<const Grade> standing, const Scheme& scheme, std::span<const std::string> objects) {
  Ballots ballots;
  std::unordered_map<std::string, std::size_t> object_place, grader_place;
  const auto place_in = [](auto& places, std::vector<std::string>& names, const std::string& name) {
    const auto [entry, is_new] = places.emplace(name, names.size());
    if (is_new) names.push_back(name);
    return entry->second;
  };
  for (const std::string& object : objects) place_in(object_place, ballots.objects, object);
  struct Vote {
    std::size_t grader, object;
    double value;
  };
  std::vector<Vote> votes;
  for (const Grade& grade : standing) {
    if (grade.presentation != 0 || grade.scheme != scheme.name) continue;
    const GradeLevel* level = scheme.find(grade.grade);
    if (!level) continue;
    const std::size_t grader = place_in(grader_place, ballots.graders, grade.grader);
    votes.push_back({grader, place_in(object_place, ballots.objects, grade.object), level->value});
  }
  ballots.values.assign(ballots.graders.size() * ballots.objects.size(), undefined);
  for (const Vote& vote : votes) ballots.values[vote.grader * ballots.objects.size() + vote.object] = vote.value;
  return ballots;
}

double krippendorff_alpha(const Ballots& ballots, Measurement measurement) {
  const std::vector<double> domain = domain_of(ballots);
  const std::size_t size = domain.size();
  std::vector<double> coincidences(size * size), fraction(size);
  for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
    const std::vector<double> counts = counts_of(ballots, object, domain);
    const double values = sum(counts);
    if (values < 2) continue;
    for (std::size_t a = 0; a < size; ++a)
      for (std::size_t b = 0; b < size; ++b) coincidences[a * size + b] += counts[a] * (counts[b] - (a == b)) / (values - 1);
    for (std::size_t a = 0; a < size; ++a) fraction[a] += counts[a];
  }
  const double all = sum(fraction);
  double observed = 0, expected = 0;
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) {
      const double difference = squared_difference(a, b, domain, fraction, measurement);
      observed += coincidences[a * size + b] * difference;
      expected += fraction[a] * (fraction[b] - (a == b)) * difference;
    }
  }
  return expected > 0 ? 1 - (all - 1) * observed / expected : undefined;
}

double cohen_kappa(const Ballots& ballots, std::size_t first, std::size_t second, bool quadratic) {
  const std::vector<double> domain = domain_of(ballots);
  const std::size_t size = domain.size();
  std::vector<double> table(size * size), of_first(size), of_second(size);
  double shared = 0;
  for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
    const double a = ballots.at(first, object), b = ballots.at(second, object);
    if (std::isnan(a) || std::isnan(b)) continue;
    ++shared;
    ++table[place(domain, a) * size + place(domain, b)];
    ++of_first[place(domain, a)];
    ++of_second[place(domain, b)];
  }
  double observed = 0, expected = 0;
  for (std::size_t a = 0; a < size; ++a) {
    for (std::size_t b = 0; b < size; ++b) {
      const double steps = static_cast<double>(a) - static_cast<double>(b);
      const double weight = quadratic ? steps * steps : a != b ? 1 : 0;
      observed += weight * table[a * size + b];
      expected += weight * of_first[a] * of_second[b] / shared;
    }
  }
  return shared > 0 && expected > 0 ? 1 - observed / expected : undefined;
}

double fleiss_kappa(const Ballots& ballots) {
  const std::vector<double> domain = domain_of(ballots);
  std::vector<double> fraction(domain.size());
  double agreement = 0, objects = 0;
  for (std::size_t object = 0; object < ballots.objects.size(); ++object) {
    const std::vector<double> counts = counts_of(ballots, object, domain);
    const double values = sum(counts);
    if (values < 2) continue;
    double pairs = 0;
    for (std::size_t k = 0; k < counts.size(); ++k) {
      pairs += counts[k] * (counts[k] - 1);
      fraction[k] += counts[k];
    }
    agreement += pairs / (values * (values - 1));
    ++objects;
  }
  const double all = sum(fraction);
  double by_chance = 0;
  for (const double count : fraction) by_chance += count / all * (count / all);
  return objects > 0 && by_chance < 1 ? (agreement / objects - by_chance) / (1 - by_chance) : undefined;
}

}  // namespace lensfind::inspect
