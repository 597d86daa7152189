#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace lensfind::inspect {

/// Brings each column of (n, width) to mean 0 and standard deviation 1; columns that do not vary become 0.
void standardise(std::span<float> features, std::size_t width);

/// The `count` of the `candidates` (rows of `features`) that are most unlike what is known, the most unlike first: each is the one farthest
/// (Euclid) from its nearest among the `known` and those chosen before it, so that they differ from each other too (greedy k-centre; Sener
/// & Savarese 2018, "Active learning for convolutional neural networks: a core-set approach"). Where nothing is known the first is the one
/// farthest from the mean. Fewer where there are fewer.
std::vector<std::size_t> farthest_first(std::span<const float> features, std::size_t width, std::span<const std::size_t> known,
                                        std::span<const std::size_t> candidates, std::size_t count);

}  // namespace lensfind::inspect
