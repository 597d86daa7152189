#pragma once

#include <cstdint>
#include <vector>

#include "lensfind/network/graph.h"

namespace lensfind::network {

/// The group D4, the eight symmetries of the square, numbered 0 to 7. Symmetry g turns by g % 4 quarter turns anticlockwise (with rows
/// going down, as numpy.rot90) and, where g >= 4, first flips left and right. Number 0 changes nothing.
int compose(int second, int first);  ///< the symmetry that does `first` and then `second`
int inverse(int symmetry);

/// Which stored number each number of a shared convolution's whole kernel is. Of `stored` (fields, channels read, side, side): indices
/// (8, fields, channels read, side, side), row-major. For output symmetry g, the kernel is the stored one moved by g; with Sharing::regular
/// the channels (8 symmetries, fields read) move too: that of symmetry h is the stored one of inverse(g) h (Cohen & Welling 2016, eq. 10).
std::vector<std::int64_t> kernel_indices(const std::vector<std::int64_t>& stored, Sharing sharing);

}  // namespace lensfind::network
