#pragma once

#include <optional>
#include <span>
#include <vector>

namespace zscape {

// Of a symmetric matrix [n, n], in double: eigenvalues, the largest first, and eigenvectors of
// length 1, a row each, of either sign.
struct SymmetricEigen {
  std::vector<double> values;   // [n]
  std::vector<double> vectors;  // [n, n]
};
SymmetricEigen eigen_of_symmetric(std::span<const double> matrix, int n);

// log det by Cholesky's decomposition; nothing where the matrix is not positive definite.
std::optional<double> log_determinant(std::span<const double> matrix, int n);

// Rows [n, n] made orthonormal, each keeping its side of those before it (Gram and Schmidt).
void make_orthonormal(std::span<double> rows, int n);

}  // namespace zscape
