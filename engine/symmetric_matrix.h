#pragma once

#include <optional>
#include <span>
#include <vector>

namespace zscape {

// The eigenvalues of a symmetric matrix [n, n], largest first, and its unit eigenvectors as rows,
// of either sign.
struct SymmetricEigen {
  std::vector<double> values;   // [n]
  std::vector<double> vectors;  // [n, n]
};
SymmetricEigen eigen_of_symmetric(std::span<const double> matrix, int n);

// log det by Cholesky's decomposition; nothing if the matrix is not positive definite.
std::optional<double> log_determinant(std::span<const double> matrix, int n);

// Makes rows [n, n] orthonormal and keeps their orientation (Gram and Schmidt).
void make_orthonormal(std::span<double> rows, int n);

}  // namespace zscape
