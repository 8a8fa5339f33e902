// Pictures of drawn codes, and what a judge of pictures says of them.
#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "engine/eval/measures/judge.h"
#include "engine/eval/measures/mixture.h"
#include "engine/eval/measures/parts.h"
#include "engine/eval/rows.h"
#include "engine/model/batch.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kFittedCodes = 20000;  // behind the densities
constexpr std::int64_t kReferences = 10000;   // training inputs that may be the nearest
constexpr std::int64_t kAtOnce = 200;

// The mean over pictures [n, d] of the distance to the nearest of references [m, d], as the root of
// the mean square over the pixels.
double mean_distance(const at::Tensor& pictures, const at::Tensor& references) {
  const at::Tensor norms = references.square().sum(1);  // [m]
  double sum = 0;
  for (const at::Tensor& piece : pictures.split(kAtOnce)) {
    const at::Tensor to_all = at::addmm(norms, piece, references.t(), 1, -2);
    const at::Tensor squares = std::get<0>(to_all.min(1)) + piece.square().sum(1);
    sum +=
        (squares.clamp_min(0) / static_cast<double>(pictures.size(1))).sqrt().sum().item<double>();
  }
  return sum / static_cast<double>(pictures.size(0));
}

void add_verdict(MeasuredParts& parts, const std::string& name, const Judge& judge,
                 const at::Tensor& pictures, const at::Tensor& references) {
  const at::Tensor chances = judge.probabilities(pictures).to(at::kDouble);
  const at::Tensor classes = chances.mean(0).clamp_min(1e-300);
  parts.add("confidence_" + name, std::get<0>(chances.max(1)).mean().item<double>());
  parts.add("entropy_" + name, -(classes * classes.log()).sum().item<double>());
  parts.add("distance_" + name, mean_distance(pictures, references));
}

// The first pictures side by side.
NamedPicture sheet(const std::string& name, const Autoencoder& model, const at::Tensor& pictures) {
  constexpr int kColumns = 10;
  const ImageShape shape = model.spec().shape;
  const int count = static_cast<int>(std::min<std::int64_t>(pictures.size(0), kColumns * kColumns));
  const int rows = (count + kColumns - 1) / kColumns;
  NamedPicture all{name, kColumns * shape.width, rows * shape.height, {}};
  all.pixels.resize(static_cast<std::size_t>(all.width) * static_cast<std::size_t>(all.height));
  const at::Tensor shown = model.picture(pictures.narrow(0, 0, count)).to(at::kFloat).contiguous();
  const float* values = shown.const_data_ptr<float>();
  for (int i = 0; i < count; ++i) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x, values += shape.channels) {
        const int row = i / kColumns * shape.height + y, column = i % kColumns * shape.width + x;
        float sum = 0;
        for (int c = 0; c < shape.channels; ++c) sum += values[c];
        all.pixels[static_cast<std::size_t>(row * all.width + column)] =
            sum / static_cast<float>(shape.channels);
      }
    }
  }
  return all;
}

}  // namespace

Expected<Measured> measure_samples(const MeasureTask& task) {
  if (auto fits = check_reads_no_label(task.spec()); !fits) return tl::unexpected(fits.error());
  const auto judge = Judge::learned(task, part_of(task.progress, 0, 0.4));
  if (!judge) return tl::unexpected(judge.error());
  const std::uint64_t seed = task.settings.seed;
  const std::int64_t count = task.whole("samples");
  const auto rows = training_rows(task, kFittedCodes, MeasureUse::rows);
  const auto codes = codes_of(task, SplitName::train, rows, part_of(task.progress, 0.4, 0.5));
  if (!codes) return tl::unexpected(codes.error());
  const auto mixture =
      fitted_mixture(*codes, task.whole("components"), seed, counter_of(MeasureUse::fit),
                     part_of(task.progress, 0.5, 0.7));
  if (!mixture) return tl::unexpected(mixture.error());

  const at::Tensor references =
      pictures_of(task.spec(), task.data, SplitName::train,
                  training_rows(task, kReferences, MeasureUse::judge_rows));
  MeasuredParts parts(task);
  const auto add = [&](const std::string& name, const at::Tensor& pictures) {
    add_verdict(parts, name, *judge, pictures, references);
    if (task.data.has_images()) parts.add_picture(sheet("samples_" + name, task.model, pictures));
  };
  const at::Tensor of_prior = normal_noise(count, task.spec().latent, seed, Stream::evaluation,
                                           counter_of(MeasureUse::codes, 2));
  add("prior", decoded(task.model, of_prior, {}));
  if (!report(task.progress, 0.8)) return measuring_cancelled();
  const auto add_draws = [&](const std::string& name, const GaussianMixture& density,
                             MeasureUse use) {
    const at::Tensor z = density.draws(count, seed, counter_of(use)).to(at::kFloat);
    add(name, decoded(task.model, z, {}));
  };
  add_draws("gaussian", fitted_gaussian(*codes), MeasureUse::gaussian);
  if (!report(task.progress, 0.87)) return measuring_cancelled();
  add_draws("mixture", *mixture, MeasureUse::mixture);
  if (!report(task.progress, 0.94)) return measuring_cancelled();
  const auto tested =
      drawn_rows(task.data.test.count, count, seed, counter_of(MeasureUse::rows, 1));
  add("data", pictures_of(task.spec(), task.data, SplitName::test, tested));
  parts.add("judge_accuracy", judge->accuracy());
  return parts.take();
}

Expected<Measured> measure_label_verdicts(const MeasureTask& task) {
  const int classes = task.spec().classes;
  if (!task.spec().reads_label()) {
    return fail(tr("{} reads no label that its pictures could obey; use a cvae",
                   name_of(task.spec().kind)));
  }
  const auto judge = Judge::learned(task, part_of(task.progress, 0, 0.8));
  if (!judge) return tl::unexpected(judge.error());
  const at::Tensor z = normal_noise(task.whole("samples"), task.spec().latent, task.settings.seed,
                                    Stream::evaluation, counter_of(MeasureUse::codes, 2));
  double obeyed = 0;
  for (int label = 0; label < classes; ++label) {
    if (!report(task.progress, 0.8 + 0.2 * label / classes)) return measuring_cancelled();
    const std::vector<int> labels(static_cast<std::size_t>(z.size(0)), label);
    const at::Tensor seen = judge->probabilities(decoded(task.model, z, labels)).argmax(1);
    obeyed += seen.eq(label).to(at::kDouble).mean().item<double>() / classes;
  }
  MeasuredParts parts(task);
  parts.add("label_obeyed", obeyed);
  parts.add("judge_accuracy", judge->accuracy());
  return parts.take();
}

}  // namespace zscape
