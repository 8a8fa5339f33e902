#include "engine/eval/gauss_rules.h"

#include <ATen/ATen.h>

#include <vector>

namespace zscape {
namespace {

// Golub and Welsch 1969: nodes are the eigenvalues of the Jacobi matrix of the orthogonal
// polynomials, weights the squares of its eigenvectors' first components times `total`.
GaussRule from_recurrence(const at::Tensor& squares, double total) {
  const at::Tensor beside = squares.sqrt();
  const auto [nodes, vectors] = at::linalg_eigh(at::diag(beside, 1) + at::diag(beside, -1));
  return {nodes, total * vectors[0].square()};
}

}  // namespace

GaussRule gauss_legendre(int n) {
  const at::Tensor i = at::arange(1, n, at::kDouble);
  return from_recurrence(i.square() / (4 * i.square() - 1), 2);
}

GaussRule gauss_hermite(int n) {
  return from_recurrence(at::arange(1, n, at::kDouble), 1);
}

GaussRule product_rule(const GaussRule& rule, int k) {
  if (k == 1) return {rule.nodes.unsqueeze(1), rule.weights};
  const std::vector<at::Tensor> nodes(static_cast<std::size_t>(k), rule.nodes);
  const std::vector<at::Tensor> weights(static_cast<std::size_t>(k), rule.weights);
  return {at::cartesian_prod(nodes), at::cartesian_prod(weights).prod(1)};
}

}  // namespace zscape
