// What a model's weights take, before it is made.
#include "engine/backend/memory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "engine/model/autoencoder.h"

namespace zscape {
namespace {

TEST(Memory, CountsTheWeightsThatAModelHas) {
  ModelSpec dense;
  dense.shape = {28, 28, 1};
  dense.hidden = {300, 40, 70};
  dense.latent = 5;
  ModelSpec conditional = dense;
  conditional.kind = ModelKind::cvae;
  conditional.classes = 10;
  ModelSpec plain = dense;
  plain.kind = ModelKind::ae;
  plain.likelihood = Likelihood::mse;
  ModelSpec conv = dense;
  conv.network = Network::conv;
  conv.hidden = {};
  ModelSpec colour = conv;
  colour.shape = {16, 24, 3};
  for (const ModelSpec& spec : {dense, conditional, plain, conv, colour}) {
    double weights = 0;
    for (const auto& [name, tensor] : Autoencoder(spec).named_tensors()) {
      if (name.ends_with("weight")) weights += static_cast<double>(tensor.numel());
    }
    EXPECT_EQ(weight_count(spec), weights) << describe(spec);
  }
}

}  // namespace
}  // namespace zscape
