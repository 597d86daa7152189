#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "lensfind/evaluate/evaluation.h"

/// Numbers as people read them.
namespace lensfind::report {

/// "19,455".
std::string count_text(std::int64_t count);

/// A number with `digits` significant digits and thousands separated: "0.0123", "12.3", "1,230". "-" where it is not finite.
std::string amount_text(double value, int digits = 3);

/// A figure between 0 and 1 with its interval, with as many decimals as the interval's width carries: "0.982 (0.974 to 0.987)".
std::string interval_text(const evaluate::Estimate& figure);

/// The value alone, with the decimals that interval_text gives it.
std::string value_text(const evaluate::Estimate& figure);

/// The interval alone: "0.974 to 0.987".
std::string range_text(const evaluate::Estimate& figure);

/// A figure of any size (candidates per million objects) with its interval: "1,230 (980 to 1,510)".
std::string amount_interval_text(const evaluate::Estimate& figure);

/// "95.4%", "0.08%".
std::string percent_text(double fraction);

/// A small rate in words: "1 in 1,000".
std::string one_in_text(double rate);

/// At most `max` letters of a UTF-8 text. A longer one loses its middle to an ellipsis.
std::string shortened(std::string_view text, std::size_t max);

}  // namespace lensfind::report
