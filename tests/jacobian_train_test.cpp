// What ∂x̂/∂x tells of trained models: copying, and what noise makes of it.
#include <gtest/gtest.h>

#include <memory>

#include "engine/input_jacobian.h"
#include "tests/training_fixture.h"

namespace zscape {
namespace {

// Independent values, uniform in [0, 1]: nothing but copying reconstructs them.
std::shared_ptr<const Dataset> uniform_pixels() {
  auto data = std::make_shared<Dataset>(*fake_data(4000, 200));
  data->shape = {4, 4, 1};
  Random random(13, Stream::evaluation, 0);
  for (Split* split : {&data->train, &data->test}) {
    split->pixels.own().clear();
    for (std::int64_t i = 0; i < split->count * 16; ++i) {
      split->pixels.own().push_back(static_cast<std::uint8_t>(random.below(256)));
    }
  }
  return data;
}

InputJacobian mean_jacobian(const ModelSpec& spec, const std::shared_ptr<const Dataset>& data) {
  const auto run = trainer(spec, data);
  for (int i = 0; i < 4000; ++i) run->step({.learning_rate = 2e-3, .batch_size = 64});
  std::vector<std::int64_t> rows(50);
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::int64_t>(i);
  const auto made = run->freeze()->input_jacobian(*data, SplitName::test, rows);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return made.value_or(InputJacobian{});
}

// An autoencoder that is wide enough learns to copy. A denoising one cannot: of independent values
// with variance v under noise of variance s² the best linear guess keeps v / (v + s²) of each, here
// 1/12 to 1/4: a quarter.
TEST(InputJacobian, IsTheIdentityWhereAWideAutoencoderCopiesAndLessWhereItDenoises) {
  const auto data = uniform_pixels();
  ModelSpec wide = reference_spec(ModelKind::ae, *data, 32);
  wide.hidden = {64};
  const InputJacobian copies = mean_jacobian(wide, data);
  EXPECT_GT(copies.mean_diagonal, 0.85);
  EXPECT_LT(copies.distance_to_identity, 0.3);
  EXPECT_EQ(copies.rank(), 16);
  EXPECT_GT(copies.effective_rank(), 15);

  ModelSpec denoises = with_kind(wide, ModelKind::dae);
  denoises.noise = {Noise::Kind::gaussian, 0.5};
  const InputJacobian shrinks = mean_jacobian(denoises, data);
  EXPECT_GT(shrinks.mean_diagonal, 0.1);
  EXPECT_LT(shrinks.mean_diagonal, 0.45);
  EXPECT_GT(shrinks.distance_to_identity, 0.55);

  ModelSpec narrow = wide;
  narrow.latent = 3;
  const InputJacobian lets_three_through = mean_jacobian(narrow, data);
  EXPECT_LT(lets_three_through.mean_diagonal, 3.0 / 16 + 0.1);
  EXPECT_GT(lets_three_through.distance_to_identity, 0.8);
}

}  // namespace
}  // namespace zscape
