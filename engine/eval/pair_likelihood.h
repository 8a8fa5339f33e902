#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/model/autoencoder.h"
#include "engine/model/batch.h"

namespace zscape {

// The part of Bernoulli's log p(x|z) that does not depend on x, for logits l: log p = l·(x − ½) −
// this. logits: [n, d], which it overwrites → [n], added up in that type.
at::Tensor bernoulli_normaliser(const at::Tensor& logits, at::ScalarType sums);

// The logarithm of a Gaussian's normaliser: (scored inputs / 2) log(2πs²).
double gaussian_normaliser(const ModelSpec& spec);

// log p(x|z) of several z for each input. outputs: [b, s, d], the decoder's, which it overwrites;
// x: [b, d], of the same type → [b, s].
at::Tensor log_likelihood_of_draws(const Autoencoder& model, const at::Tensor& outputs,
                                   const at::Tensor& x);

// log p(x|z) of all z for all inputs by one matrix product. In float64, since it expands the square
// of a difference. outputs: [s, d], which it overwrites; x: [n, d], double → [s, n].
at::Tensor log_likelihood_of_pairs(const Autoencoder& model, const at::Tensor& outputs,
                                   const at::Tensor& x);

// Inputs with the same label, or all inputs if there are no labels.
struct LabelGroup {
  at::Tensor rows;   // [n], numbers of inputs
  at::Tensor label;  // one-hot [1, c], or undefined
};
std::vector<LabelGroup> groups_of(const Batch& batch);

}  // namespace zscape
