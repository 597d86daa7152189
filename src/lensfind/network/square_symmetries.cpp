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

/// The place, in row-major order of a square of `side`, from which symmetry `symmetry` takes what it puts at (row, column).
std::int64_t taken_from(int symmetry, std::int64_t row, std::int64_t column, std::int64_t side) {
  const Matrix back = matrix_of(inverse(symmetry));
  const std::int64_t y = 2 * row - (side - 1), x = 2 * column - (side - 1);  // twice the distance from the centre, a whole number
  return (back[0] * y + back[1] * x + side - 1) / 2 * side + (back[2] * y + back[3] * x + side - 1) / 2;
}

}  // namespace

int compose(int second, int first) { return number_of(product(matrix_of(second), matrix_of(first))); }

int inverse(int symmetry) { return symmetry < 4 ? (4 - symmetry) % 4 : symmetry; }

std::vector<std::int64_t> kernel_indices(const std::vector<std::int64_t>& stored, Sharing sharing) {
  const std::int64_t fields = stored.at(0), channels = stored.at(1), side = stored.at(2);
  const std::int64_t fields_read = sharing == Sharing::regular ? channels / 8 : channels;
  std::vector<std::int64_t> indices;
  indices.reserve(static_cast<std::size_t>(8 * fields * channels * side * side));
  for (int symmetry = 0; symmetry < 8; ++symmetry) {
    for (std::int64_t field = 0; field < fields; ++field) {
      for (std::int64_t channel = 0; channel < channels; ++channel) {
        std::int64_t from = channel;
        if (sharing == Sharing::regular) {
          from = compose(inverse(symmetry), static_cast<int>(channel / fields_read)) * fields_read + channel % fields_read;
        }
        for (std::int64_t row = 0; row < side; ++row) {
          for (std::int64_t column = 0; column < side; ++column)
            indices.push_back((field * channels + from) * side * side + taken_from(symmetry, row, column, side));
        }
      }
    }
  }
  return indices;
}

}  // namespace lensfind::network
