#include "engine/symmetric_matrix.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <cmath>

namespace zscape {
namespace {

using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace

SymmetricEigen eigen_of_symmetric(std::span<const double> matrix, int n) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(
      Eigen::Map<const Matrix>(matrix.data(), n, n));  // rising, a column each
  const Eigen::VectorXd values = solver.eigenvalues().reverse();
  const Matrix vectors = solver.eigenvectors().rowwise().reverse().transpose();
  return {{values.data(), values.data() + values.size()},
          {vectors.data(), vectors.data() + vectors.size()}};
}

std::optional<double> log_determinant(std::span<const double> matrix, int n) {
  const Eigen::LLT<Eigen::MatrixXd> factor(Eigen::Map<const Matrix>(matrix.data(), n, n));
  if (factor.info() != Eigen::Success) return std::nullopt;
  const double log_det = 2 * factor.matrixLLT().diagonal().array().log().sum();
  return std::isfinite(log_det) ? std::optional(log_det) : std::nullopt;  // Eigen lets NaN pass
}

void make_orthonormal(std::span<double> rows, int n) {
  Eigen::Map<Matrix> all(rows.data(), n, n);
  const Eigen::HouseholderQR<Eigen::MatrixXd> factor(all.transpose());
  const Eigen::VectorXd sides =
      factor.matrixQR().diagonal().unaryExpr([](double r) { return r < 0 ? -1.0 : 1.0; });
  all = sides.asDiagonal() * Eigen::MatrixXd(factor.householderQ()).transpose();
}

}  // namespace zscape
