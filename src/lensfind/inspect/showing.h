#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "lensfind/base/fields.h"
#include "lensfind/inspect/candidate_list.h"

namespace lensfind::inspect {

/// One picture that a grader is to grade.
struct Showing {
  std::size_t object = 0;  ///< in the list of objects
  int presentation = 0;    ///< 1: the blinded repeat
};

/// How objects come before a grader.
struct ShowingOptions {
  bool blind = true;     ///< each grader in a random order of their own, with repeats; else the best score first, without
  double repeats = .05;  ///< fraction of the objects that are shown twice, unsaid
  std::uint64_t seed = 0;

  static void describe(auto& field) {
    field(&ShowingOptions::repeats, "repeats", Range{.min = 0, .max = 1, .below_max = true}.taking("FRACTION"),
          "fraction of the pictures that come twice, unsaid, to measure consistency");
  }
};

/// A number in [0, 1) that depends on a text and a seed alone.
double chance_of(const std::string& text, std::uint64_t seed);

/// The order of one grader, on blind pages without what is for others (Listed::for_grader). It depends on the options, the grader's name
/// and the objects' ids alone, so that it is the same after a restart. A repeat comes 20 pictures or more behind the first showing, in
/// lists of up to 40 at the end.
std::vector<Showing> showing_order(std::span<const Listed> objects, const std::string& grader, const ShowingOptions& options);

/// Text that changes where an order does: what a page says of picture 17 must not be taken for another object's.
std::string order_name(std::span<const Listed> objects, std::span<const Showing> order, const std::string& grader);

/// Of controls so many that they are `fraction` of all objects shown, in their order; all where there are fewer. Each has the same chance
/// to be taken. They are drawn evenly over class, Einstein radius and S/N, so that no part of a grid goes short.
std::vector<GradedObject> choose_controls(std::vector<GradedObject> controls, std::size_t candidates, double fraction, std::uint64_t seed);

}  // namespace lensfind::inspect
