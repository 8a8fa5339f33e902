// What a classifier reads from codes.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <torch/optim.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "engine/eval/few_labels.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/model/network.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kRowsOfTest = 1000;

// What a row of a split is to a classifier: [n, …].
using Features = std::function<at::Tensor(SplitName, std::span<const std::int64_t>)>;

// The share of the test split that a kernel classifier of these labelled rows names rightly.
double accuracy_of(const MeasureTask& task, const GivenLabels& given, const Features& features) {
  const KernelClassifier classifier(features(SplitName::train, given.rows).to(at::kDouble),
                                    class_targets(given.labels, given.classes));
  const Indices all = all_rows(task.data.test);
  std::int64_t right = 0;
  for_each_piece(all, kRowsOfTest, {}, [&](std::span<const std::int64_t> rows, std::size_t) {
    const at::Tensor answers =
        classifier.scores(features(SplitName::test, rows).to(at::kDouble)).argmax(1);
    right += answers.eq(labels_of(task.data.test, rows)).sum().item<std::int64_t>();
  });
  return static_cast<double>(right) / static_cast<double>(all->size());
}

// The encoder's first hidden layer, or nothing where it has none of our own.
std::optional<Sequential> first_layer(const Autoencoder& model) {
  const ModelSpec& spec = model.spec();
  if (spec.network != Network::mlp || spec.hidden.empty()) return std::nullopt;
  const Between between =
      spec.activation == Activation::reference ? kReferenceEncoder : Between{spec.activation};
  Sequential layer = Sequential::dense({spec.inputs(), spec.hidden.front(), 1}, between);
  for (const auto& [name, tensor] : model.named_tensors()) {
    if (name == "encoder.0.weight") layer.layers[0].weight = tensor;
    if (name == "encoder.0.bias") layer.layers[0].bias = tensor;
  }
  // The identity behind the activation.
  layer.layers[1].weight = at::eye(spec.hidden.front());
  layer.layers[1].bias = at::zeros({spec.hidden.front()});
  return layer;
}

}  // namespace

Expected<Measured> measure_probe_accuracy(const MeasureTask& task) {
  if (auto fits = check_reads_no_label(task.spec()); !fits) return tl::unexpected(fits.error());
  if (auto fits = check_labels(task.data); !fits) return tl::unexpected(fits.error());
  const Features pixels = [&](SplitName split, std::span<const std::int64_t> rows) {
    return read_rows(task.spec(), task.data, split, rows, 0).x;
  };
  std::vector<std::pair<std::string_view, Features>> ways = {
      {"probe_accuracy",
       [&](SplitName split, std::span<const std::int64_t> rows) {
         return task.model.encode(pixels(split, rows), {}).mean;
       }},
      {"probe_accuracy_pixels", pixels}};
  const auto layer = first_layer(task.model);
  if (layer) {
    ways.emplace_back("probe_accuracy_hidden",
                      [&](SplitName split, std::span<const std::int64_t> rows) {
                        return layer->forward(pixels(split, rows));
                      });
  }
  const std::vector<double> labels = values_of(task.request, "labels");
  const auto draws = static_cast<int>(task.whole("draws"));
  const double pieces = static_cast<double>(labels.size() * ways.size()) * draws;
  double done = 0;
  std::vector<std::vector<double>> accuracy(ways.size(), std::vector<double>(labels.size()));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const FewLabels few{.labels = static_cast<int>(labels[i]), .seed = task.settings.seed};
    for (int draw = 0; draw < draws; ++draw) {
      const auto given = draw_labels(task.data, few, draw);
      if (!given) return tl::unexpected(given.error());
      for (std::size_t way = 0; way < ways.size(); ++way) {
        if (!report(task.progress, done++ / pieces)) return measuring_cancelled();
        accuracy[way][i] += accuracy_of(task, *given, ways[way].second) / draws;
      }
    }
  }
  MeasuredParts parts(task);
  for (std::size_t way = 0; way < ways.size(); ++way) {
    parts.add(ways[way].first, "labels", accuracy[way]);
  }
  return parts.take();
}

namespace {

// Softmax regression with a ridge so small that it only makes the optimum unique.
class LinearProbe {
 public:
  LinearProbe(const at::Tensor& features, const at::Tensor& labels, std::int64_t classes)
      : centre_(features.mean(0)),
        deviation_((features - features.mean(0)).square().mean(0).sqrt().clamp_min(1e-12)) {
    const at::AutoGradMode with_gradients(true);
    const at::Tensor x = scaled(features);
    weight_ = at::zeros({classes, features.size(1)}, at::kDouble).requires_grad_();
    bias_ = at::zeros({classes}, at::kDouble).requires_grad_();
    torch::optim::LBFGS search(std::vector<at::Tensor>{weight_, bias_},
                               torch::optim::LBFGSOptions(1)
                                   .max_iter(200)
                                   .tolerance_grad(1e-7)
                                   .tolerance_change(1e-10)
                                   .line_search_fn("strong_wolfe"));
    search.step([&] {
      search.zero_grad();
      at::Tensor loss = at::cross_entropy_loss(at::linear(x, weight_, bias_), labels) +
                        kRidge * weight_.square().sum();
      loss.backward();
      return loss;
    });
    weight_ = weight_.detach();
    bias_ = bias_.detach();
  }

  at::Tensor answers(const at::Tensor& features) const {
    return at::linear(scaled(features), weight_, bias_).argmax(1);
  }

 private:
  static constexpr double kRidge = 1e-4;
  at::Tensor scaled(const at::Tensor& features) const { return (features - centre_) / deviation_; }
  at::Tensor centre_, deviation_, weight_, bias_;
};

}  // namespace

Expected<Measured> measure_label_probe(const MeasureTask& task) {
  if (auto fits = check_labels(task.data); !fits) return tl::unexpected(fits.error());
  const auto learned = training_rows(task, task.whole("inputs"), MeasureUse::probe_rows);
  const Indices tested = all_rows(task.data.test);
  const auto codes = codes_of(task, SplitName::train, learned, part_of(task.progress, 0, 0.3));
  if (!codes) return tl::unexpected(codes.error());
  const auto of_test = codes_of(task, SplitName::test, *tested, part_of(task.progress, 0.3, 0.6));
  if (!of_test) return tl::unexpected(of_test.error());
  const LinearProbe probe(codes->to(at::kDouble), labels_of(task.data.train, learned),
                          task.data.classes());
  const at::Tensor truth = labels_of(task.data.test, *tested);
  const at::Tensor frequency = at::bincount(truth, {}, task.data.classes()).to(at::kDouble);
  MeasuredParts parts(task);
  parts.add(
      "label_from_code",
      probe.answers(of_test->to(at::kDouble)).eq(truth).to(at::kDouble).mean().item<double>());
  parts.add("label_by_chance", frequency.max().item<double>() / static_cast<double>(truth.numel()));
  return parts.take();
}

}  // namespace zscape
