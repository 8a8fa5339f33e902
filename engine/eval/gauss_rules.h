#pragma once

#include <ATen/core/Tensor.h>

namespace zscape {

// Nodes and weights of a Gaussian quadrature rule, [n] each, float64, nodes rising.
struct GaussRule {
  at::Tensor nodes;
  at::Tensor weights;
};

// ∫ f(t) dt over [-1, 1] = Σ w f(t), exact for polynomials of degree 2n − 1.
GaussRule gauss_legendre(int n);

// E f(ε) for ε ~ N(0, 1) = Σ w f(ε), exact for polynomials of degree 2n − 1.
GaussRule gauss_hermite(int n);

// The product rule for k dimensions: nodes [n^k, k], weights [n^k].
GaussRule product_rule(const GaussRule& rule, int k);

}  // namespace zscape
