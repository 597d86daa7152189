#include "lensfind/network/square_symmetries.h"

#include <array>

namespace lensfind::network {
namespace {

using Matrix = std::array<std::int64_t, 4>;  // (row, column) -> (a row + b column, c row + d column), about the centre

Matrix product(const Matrix& second, const Matrix& first) {
  return {second[0] * first[0] + second[1] * first[2], second[0] * first[1] + second[1] * first[3],
          second[2] * first[0] + second[3] * first[2], second[2] * first[1] + second[3] * first[3]};
}

/// Where symmetry number `symmetry` takes a pixel.
Matrix matrix_of(int symmetry) {
  constexpr Matrix quarter_turn{0, -1, 1, 0};  // a quarter turn anticlockwise takes what lies right (0, 1) up (-1, 0)
  Matrix matrix{1, 0, 0, symmetry < 4 ? 1 : -1};
  for (int turn = 0; turn < symmetry % 4; ++turn) matrix = product(quarter_turn, matrix);
  return matrix;
}

int number_of(const Matrix& matrix) {
  int symmetry = 0;
  while (matrix_of(symmetry) != matrix) ++symmetry;
  return symmetry;
}

/// For each place of a square of `side`, in row-major order, the place from which `symmetry` takes what it puts there.
std::vector<std::int64_t> moved_pixels(int symmetry, std::int64_t side) {
  const Matrix back = matrix_of(inverse(symmetry));
  std::vector<std::int64_t> from;
  for (std::int64_t y = 1 - side; y < side; y += 2) {  // twice the distance from the centre, a whole number
    for (std::int64_t x = 1 - side; x < side; x += 2)
      from.push_back((back[0] * y + back[1] * x + side - 1) / 2 * side + (back[2] * y + back[3] * x + side - 1) / 2);
  }
  return from;
}

}  // namespace

int compose(int second, int first) { return number_of(product(matrix_of(second), matrix_of(first))); }

int inverse(int symmetry) { return symmetry < 4 ? (4 - symmetry) % 4 : symmetry; }

std::vector<std::int64_t> kernel_indices(const std::vector<std::int64_t>& stored, Sharing sharing) {
  const std::int64_t fields = stored.at(0), channels = stored.at(1), side = stored.at(2);
  const std::int64_t fields_read = channels / 8;
  std::vector<std::int64_t> indices;
  indices.reserve(static_cast<std::size_t>(8 * fields * channels * side * side));
  for (int symmetry = 0; symmetry < 8; ++symmetry) {
    const std::vector<std::int64_t> pixels = moved_pixels(symmetry, side);
    std::array<std::int64_t, 8> read{};
    for (int other = 0; other < 8; ++other) read[static_cast<std::size_t>(other)] = compose(inverse(symmetry), other);
    for (std::int64_t field = 0; field < fields; ++field) {
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        const std::int64_t from = sharing == Sharing::regular
                                      ? read[static_cast<std::size_t>(channel / fields_read)] * fields_read + channel % fields_read
                                      : channel;
        for (const std::int64_t pixel : pixels) indices.push_back((field * channels + from) * side * side + pixel);
      }
    }
  }
  return indices;
}

}  // namespace lensfind::network
