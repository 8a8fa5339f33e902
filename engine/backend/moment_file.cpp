#include "engine/backend/moment_file.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "engine/backend/frozen_autoencoder.h"
#include "engine/backend/half_precision_decoder.h"
#include "engine/backend/model_file.h"
#include "engine/json_text.h"
#include "engine/text.h"

namespace zscape {
namespace {

using nlohmann::json;

constexpr auto kMomentKey = "zscape_moment";
constexpr int kFormatVersion = 1;
constexpr auto kDecoder = "decoder";
// A double holds whole numbers up to 2^53.
constexpr double kMostRows = 9e15;

void add_codes(TensorFile& file, const std::string& split, const CodesPtr& codes) {
  if (!codes) return;
  const std::int64_t rows = codes->count();
  file.tensors.push_back(float_tensor(split + ".mean", {rows, codes->latent}, codes->mean));
  if (!codes->sigma.empty()) {
    file.tensors.push_back(float_tensor(split + ".sigma", {rows, codes->latent}, codes->sigma));
  }
  const std::vector<double> numbers(codes->indices->begin(), codes->indices->end());
  const auto bytes = std::as_bytes(std::span(numbers));
  file.tensors.push_back({split + ".rows", TensorType::f64, {rows}, {bytes.begin(), bytes.end()}});
}

// Null: the numbers are no codes of this model.
CodesPtr codes_from(const TensorFile& file, const ModelSpec& spec, SplitName split,
                    const std::string& name) {
  const TensorEntry* mean = file.find(name + ".mean");
  const TensorEntry* sigma = file.find(name + ".sigma");
  const TensorEntry* rows = file.find(name + ".rows");
  if (!mean || !rows || (sigma != nullptr) != spec.has_prior()) return nullptr;
  if (rows->type != TensorType::f64 || rows->shape.size() != 1) return nullptr;
  const std::vector<std::int64_t> shape = {rows->shape[0], spec.latent};
  for (const TensorEntry* entry : {mean, sigma}) {
    if (entry && (entry->type != TensorType::f32 || entry->shape != shape)) return nullptr;
  }
  std::vector<double> numbers(static_cast<std::size_t>(rows->shape[0]));
  std::memcpy(numbers.data(), rows->data.data(), rows->data.size());
  std::vector<std::int64_t> indices;
  indices.reserve(numbers.size());
  for (const double number : numbers) {
    if (!(number >= 0) || number > kMostRows) return nullptr;
    indices.push_back(static_cast<std::int64_t>(number));
  }
  auto codes = std::make_shared<Codes>();
  codes->split = split;
  codes->latent = spec.latent;
  codes->indices = make_indices(std::move(indices));
  codes->mean = to_floats(*mean);
  if (sigma) codes->sigma = to_floats(*sigma);
  return codes;
}

json number(double value) {
  return std::isfinite(value) ? json(value) : json(nullptr);
}

double number_from(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

}  // namespace

TensorFile to_tensor_file(const Moment& moment, const ModelSpec& spec) {
  TensorFile file;
  dynamic_cast<const HalfPrecisionDecoder&>(*moment.decoder)
      .read([&](std::span<const std::byte> halves) {
        file.tensors.push_back(
            {kDecoder,
             TensorType::f16,
             {static_cast<std::int64_t>(halves.size() / size_of(TensorType::f16))},
             {halves.begin(), halves.end()}});
      });
  add_codes(file, "train", moment.train_sample);
  add_codes(file, "test", moment.test_sample);
  const Losses& training = moment.training;
  const json metadata = {
      {"format", kFormatVersion},
      {"model", to_json(spec)},
      {"step", moment.position.step},
      {"epoch", moment.position.epoch},
      {"seen_in_epoch", moment.position.seen_in_epoch},
      {"lambda", number(moment.kl_weight)},
      {"training", {number(training.loss), number(training.reconstruction), number(training.kl)}}};
  file.metadata[kMomentKey] = metadata.dump(-1, ' ', false, json::error_handler_t::replace);
  return file;
}

Expected<Moment> moment_from(const TensorFile& file, const ModelSpec& spec,
                             const std::string& name) {
  const auto entry = file.metadata.find(kMomentKey);
  if (entry == file.metadata.end()) return fail(tr("{} is no moment of a run's past", name));
  Moment moment;
  try {
    const json metadata = json_from(entry->second);
    ModelSpec its = spec_from_json(metadata.at("model"));
    its.sigma = spec.sigma;  // learned, and of no use to a decoder
    if (whole_from<int>(metadata.at("format")) > kFormatVersion || its != spec) {
      return fail(tr("{}: this moment is of another model", name));
    }
    moment.position = {count_from(metadata.at("step")), count_from(metadata.at("epoch")),
                       count_from(metadata.at("seen_in_epoch"))};
    moment.kl_weight = number_from(metadata.at("lambda"));
    const json& training = metadata.at("training");
    moment.training = {number_from(training.at(0)), number_from(training.at(1)),
                       number_from(training.at(2)), kNotMeasured.mse};
  } catch (const json::exception& error) {
    return fail(tr("{}: its metadata cannot be read: {}", name, error.what()));
  }
  const TensorEntry* halves = file.find(kDecoder);
  auto train = codes_from(file, spec, SplitName::train, "train");
  auto test = codes_from(file, spec, SplitName::test, "test");
  const bool fits = halves && halves->type == TensorType::f16 &&
                    halves->data.size() == HalfPrecisionDecoder::bytes_of(spec);
  if (!fits || !train || !test) return fail(tr("{}: its tensors do not fit this model", name));
  const std::uint64_t revision = new_revision();
  const auto made_at = [&](const CodesPtr& codes) {
    auto made = std::make_shared<Codes>(*codes);
    made->step = moment.position.step;
    made->revision = revision;
    return made;
  };
  moment.decoder = std::make_shared<HalfPrecisionDecoder>(spec, halves->data, revision);
  moment.train_sample = made_at(train);
  moment.test_sample = made_at(test);
  return moment;
}

}  // namespace zscape
