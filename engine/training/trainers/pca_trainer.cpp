#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/model/batch.h"
#include "engine/model/corruption.h"
#include "engine/text.h"
#include "engine/training/trainers/state_tensors.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

constexpr std::size_t kRowsAtOnce = 2000;

struct Axes {
  at::Tensor mean;        // [d], double
  at::Tensor directions;  // [k, d], double
  double kept = 0;        // variance along the axes
  double total = 0;       // of the data
  std::vector<double> variance;
  std::int64_t rank = 0;  // how many axes have any variance
};

// Calls add(x) for all rows in pieces; x: [n, d], double.
template <class Add>
void for_each_piece(const TrainingTask& task, std::span<const std::int64_t> rows, const Add& add) {
  for (std::size_t begin = 0; begin < rows.size(); begin += kRowsAtOnce) {
    const auto piece = rows.subspan(begin, std::min(kRowsAtOnce, rows.size() - begin));
    const at::Tensor x = gather(task.spec, task.data->train, piece).x;
    const RowDraws draws{task.seed, Stream::corruption, {piece.begin(), piece.end()}};
    add(binarised(task.spec, x, draws).to(at::kDouble));
  }
}

Axes fit(const TrainingTask& task) {
  const Indices all = task.rows ? task.rows : all_rows(task.data->train);
  const std::span<const std::int64_t> rows(*all);
  const auto count = static_cast<double>(rows.size());
  const std::int64_t inputs = task.spec.inputs();

  Axes axes;
  axes.mean = at::zeros({inputs}, at::kDouble);
  for_each_piece(task, rows, [&](const at::Tensor& x) { axes.mean += x.sum(0); });
  axes.mean /= count;
  at::Tensor covariance = at::zeros({inputs, inputs}, at::kDouble);
  for_each_piece(task, rows, [&](const at::Tensor& x) {
    const at::Tensor centred = x - axes.mean;
    covariance.addmm_(centred.t(), centred);
  });
  covariance /= count;

  const auto [values, vectors] = at::linalg_eigh(covariance);  // rising
  const std::int64_t latent = task.spec.latent;
  const at::Tensor largest = values.narrow(0, inputs - latent, latent).flip(0).clamp_min(0);
  axes.directions = vectors.narrow(1, inputs - latent, latent).flip(1).t().contiguous();
  const at::Tensor at_largest =
      axes.directions.gather(1, axes.directions.abs().argmax(1, /*keepdim=*/true));
  axes.directions *= at::where(at_largest.lt(0), -1.0, 1.0);

  // Rounding to float32 leaves less than this of the largest.
  constexpr double kNothing = 1e-12;
  axes.rank =
      values.gt(values[inputs - 1] * kNothing).logical_and(values.gt(0)).sum().item<std::int64_t>();

  axes.total = covariance.trace().item<double>();
  axes.kept = largest.sum().item<double>();
  const at::Tensor share = axes.total > 0 ? largest / axes.total : largest;
  axes.variance.assign(share.data_ptr<double>(), share.data_ptr<double>() + latent);
  return axes;
}

class PcaTrainer final : public Trainer {
 public:
  PcaTrainer(Autoencoder start, const TrainingTask& task, Freezer freezer, std::optional<Axes> axes)
      : model_(std::move(start)),
        task_(task),
        freezer_(std::move(freezer)),
        axes_(std::move(axes)) {}

  Losses step(const StepSettings& /*settings*/) override {
    if (!finished()) fit_model();
    Losses losses = kNotMeasured;
    losses.reconstruction = losses.loss = error_;
    return losses;
  }

  TrainingPosition position() const override { return position_; }
  const ModelSpec& spec() const override { return model_.spec(); }
  bool finished() const override { return position_.step > 0; }

  FrozenModelPtr freeze() const override { return freezer_(model_.clone(), position_.step); }

  std::shared_ptr<const TrainerState> state() const override {
    TrainerState state{position_, to_state(model_.named_tensors())};
    state.tensors.push_back({"explained_variance",
                             {static_cast<std::int64_t>(model_.explained_variance.size())},
                             {model_.explained_variance.begin(), model_.explained_variance.end()}});
    state.tensors.push_back({"total_variance", {1}, {static_cast<float>(model_.total_variance)}});
    return std::make_shared<const TrainerState>(std::move(state));
  }

  Expected<void> restore(const TrainerState& state) override {
    std::vector<StateTensor> tensors = state.tensors;
    double total = 0;
    if (!tensors.empty() && tensors.back().name == "total_variance") {  // not in older states
      total = static_cast<double>(tensors.back().values.front());
      tensors.pop_back();
    }
    if (tensors.empty() || tensors.back().name != "explained_variance") {
      return fail(tr("the state lacks explained_variance"));
    }
    const std::vector<float> variance = std::move(tensors.back().values);
    tensors.pop_back();
    if (auto copied = copy_state(tensors, model_.named_tensors()); !copied) return copied;
    model_.explained_variance.assign(variance.begin(), variance.end());
    model_.total_variance = total;
    position_ = state.position;
    return {};
  }

 private:
  void fit_model() {
    const at::NoGradGuard no_grad;
    const Axes axes = axes_ ? *std::exchange(axes_, std::nullopt) : fit(task_);
    const auto tensors = model_.named_tensors();  // encoder weight, bias, decoder weight, bias
    tensors[0].second.copy_(axes.directions);
    tensors[1].second.copy_(-at::mv(axes.directions, axes.mean));
    tensors[2].second.copy_(axes.directions.t());
    tensors[3].second.copy_(axes.mean);
    model_.explained_variance = axes.variance;
    model_.total_variance = axes.total;
    error_ = std::max(0.0, axes.total - axes.kept) / spec().scored_inputs();
    position_ = {1, 1, 0};
  }

  Autoencoder model_;
  TrainingTask task_;
  Freezer freezer_;
  std::optional<Axes> axes_;  // fitted already
  TrainingPosition position_;
  double error_ = 0;  // mean square per input, of the rows
};

}  // namespace

Expected<std::unique_ptr<Trainer>> make_pca_trainer(Autoencoder start, const TrainingTask& task,
                                                    Freezer freezer) {
  std::optional<Axes> axes;
  if (!task.start) {
    const at::NoGradGuard no_grad;
    axes = fit(task);
    if (task.spec.latent > axes->rank) {
      return fail(
          tr("latent dimensions: the training inputs of {} have rank {}, so {} has at most as "
             "many axes, not {}",
             task.data->name, axes->rank, name_of(task.spec.kind), task.spec.latent));
    }
  }
  return std::make_unique<PcaTrainer>(std::move(start), task, std::move(freezer), std::move(axes));
}

}  // namespace zscape
