#include "app/gui/view/latent/coloring.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>

#include "app/gui/view/latent/metadata_matches.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kNone = std::numeric_limits<float>::quiet_NaN();
constexpr double kOutside = 0.01;  // of the values at each side, beyond the colour map

// The pause between measurements during training, as a multiple of the last one's time.
constexpr double kPause = 8, kShortestPause = 1.5;
constexpr double kPatience = 5;  // seconds until an unanswered request is repeated

// What is known of some rows, in the order of the points; both kinds of rows rise.
std::vector<float> known_of(const Codes& codes, const std::vector<std::int64_t>& known,
                            std::span<const float> of_each) {
  std::vector<float> values(static_cast<std::size_t>(codes.count()), kNone);
  std::size_t at = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t row = (*codes.indices)[i];
    while (at < known.size() && known[at] < row) ++at;
    if (at < known.size() && known[at] == row) values[i] = of_each[at];
  }
  return values;
}

std::vector<float> errors_of(const Codes& codes, const InputErrorsPtr& errors) {
  if (!errors || errors->split != codes.split) return known_of(codes, {}, {});
  return known_of(codes, *errors->indices, errors->mse);
}

std::vector<float> gaps_of(const Codes& codes, const InputGapsPtr& gaps, ColorBy by) {
  if (!gaps) return known_of(codes, {}, {});
  return known_of(codes, *gaps->indices,
                  by == ColorBy::amortisation_gap ? gaps->amortisation : gaps->approximation);
}

std::vector<float> kls_of(const Codes& codes) {
  std::vector<float> values(static_cast<std::size_t>(codes.count()), kNone);
  if (codes.sigma.empty()) return values;
  const auto latent = static_cast<std::size_t>(codes.latent);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto part = [&](std::span<const float> all) { return all.subspan(i * latent, latent); };
    values[i] = static_cast<float>(posterior_kl(part(codes.mean), part(codes.sigma)));
  }
  return values;
}

// More classes than colours share them.
std::uint8_t class_entry(int label) {
  return static_cast<std::uint8_t>(label % kClassColors);
}

const MetadataColumn& column_of(const Dataset& data, SplitName split, ColorChoice choice) {
  return data.split(split).metadata[static_cast<std::size_t>(choice.factor)];
}

std::vector<float> numbers_of(const Codes& codes, const MetadataColumn& column) {
  std::vector<float> values(static_cast<std::size_t>(codes.count()), kNone);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto row = static_cast<std::size_t>((*codes.indices)[i]);
    values[i] = static_cast<float>(column.numbers[row]);
  }
  return values;
}

std::vector<float> factors_of(const Codes& codes, const Dataset& data, int factor) {
  std::vector<float> values(static_cast<std::size_t>(codes.count()), kNone);
  const std::vector<float>& factors = data.split(codes.split).factors;
  const std::size_t columns = data.factor_names.size();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto at =
        static_cast<std::size_t>((*codes.indices)[i]) * columns + static_cast<std::size_t>(factor);
    if (at < factors.size()) values[i] = factors[at];
  }
  return values;
}

}  // namespace

const char* id_of(ColorBy by) {
  constexpr std::array kIds = {"label",  "nearest_centroid", "reconstruction_error",
                               "kl",     "amortisation_gap", "approximation_gap",
                               "factor", "metadata"};
  return kIds[static_cast<std::size_t>(by)];
}

std::string name_of(ColorChoice choice, const Dataset& data) {
  switch (choice.by) {
    case ColorBy::label:
      return tr("Label");
    case ColorBy::nearest_centroid:
      return tr("Nearest centroid");
    case ColorBy::reconstruction_error:
      return tr("Reconstruction error (mse)");
    case ColorBy::kl:
      return tr("KL (nats)");
    case ColorBy::amortisation_gap:
      return tr("Amortisation gap (nats)");
    case ColorBy::approximation_gap:
      return tr("Approximation gap (nats)");
    case ColorBy::factor:
      break;
    case ColorBy::metadata: {
      const auto column = static_cast<std::size_t>(choice.factor);
      return column < data.train.metadata.size() ? data.train.metadata[column].name : "";
    }
  }
  const auto factor = static_cast<std::size_t>(choice.factor);
  std::string name = factor < data.factor_names.size() ? data.factor_names[factor] : tr("Factor");
  std::replace(name.begin(), name.end(), '_', ' ');
  if (!name.empty()) {
    name[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(name[0])));
  }
  return name;
}

std::string short_name_of(ColorChoice choice, const Dataset& data) {
  if (choice.by == ColorBy::reconstruction_error) return "mse";
  if (is_gap(choice.by)) return tr("gap");
  return choice.by == ColorBy::kl ? "KL" : name_of(choice, data);
}

const char* help_of(ColorChoice choice) {
  switch (choice.by) {
    case ColorBy::label:
      return tr("The class that the data set gives.");
    case ColorBy::nearest_centroid:
      return tr(
          "The class whose mean code is nearest to the input's code, over all latent "
          "dimensions: what a plain classifier would predict.");
    case ColorBy::reconstruction_error:
      return tr(
          "The mean squared difference between an input's picture and its reconstruction from "
          "z = μ, measured every few seconds while the model trains.");
    case ColorBy::kl:
      return tr("KL of the input's posterior to the prior: ½ Σ (μ² + σ² − log σ² − 1).");
    case ColorBy::amortisation_gap:
      return tr(
          "How much the ELBO of an input would rise if its q(z|x) were the best Gaussian with its "
          "axes along the dimensions: what the encoder loses. Some inputs at first, more in a "
          "pause.");
    case ColorBy::approximation_gap:
      return tr(
          "What log p(x) still exceeds the ELBO by with the best Gaussian with its axes along the "
          "dimensions: what no encoder can gain. Some inputs at first, more in a pause.");
    case ColorBy::factor:
      return tr("A known factor of the inputs. The model never sees it.");
    case ColorBy::metadata:
      return tr("What the data say of each input beside its label. The model never sees it.");
  }
  return "";
}

std::string why_not(ColorChoice choice, const ModelSpec& spec, const Dataset& data) {
  if (choice.by == ColorBy::label || choice.by == ColorBy::nearest_centroid) {
    return data.class_names.empty() ? tr("These data have no labels.") : "";
  }
  if (choice.by == ColorBy::kl && !spec.has_prior()) {
    return tr("A model of the kind {} has no prior and no KL.", name_of(spec.kind));
  }
  if (is_gap(choice.by)) return why_no_exact_likelihood(spec);
  if (choice.by == ColorBy::factor &&
      static_cast<std::size_t>(choice.factor) >= data.factor_names.size()) {
    return tr("These data have no such factor.");
  }
  if (choice.by == ColorBy::metadata &&
      static_cast<std::size_t>(choice.factor) >= data.train.metadata.size()) {
    return tr("These data have no such column.");
  }
  return {};
}

void Coloring::update(const Points& points, const ClassMeans& means, const ModelView& view,
                      const Dataset& data, ColorChoice choice) {
  if (!why_not(choice, view.spec, data).empty()) choice = {};
  const bool by_error = choice.by == ColorBy::reconstruction_error;
  const InputGapsPtr gaps =
      is_gap(choice.by) && points.codes() ? view.gaps(points.codes()->split) : nullptr;
  const bool same = choice == choice_ && points.revision() == points_revision_ &&
                    (!by_error || view.errors == errors_) && gaps == gaps_ &&
                    entries_.size() == points.count() &&
                    (choice.by != ColorBy::metadata || &data == data_);
  if (same) return;
  choice_ = choice;
  data_ = &data;
  const bool is_text =
      choice.by == ColorBy::metadata && column_of(data, SplitName::train, choice).is_text();
  continuous_ = choice.by != ColorBy::label && choice.by != ColorBy::nearest_centroid && !is_text;
  text_totals_.clear();
  text_counts_.clear();
  centroid_counts_.clear();
  points_revision_ = points.revision();
  indices_ = points.codes() ? points.codes()->indices : nullptr;
  if (points.codes()) split_ = points.codes()->split;
  errors_ = view.errors;
  gaps_ = gaps;
  values_.clear();
  agreement_.reset();
  low_ = high_ = 0;
  goes_below_ = goes_above_ = false;
  ++revision_;
  if (points.empty()) {
    entries_.clear();
  } else if (continuous()) {
    color_by_value(points, view, data);
  } else if (is_text) {
    color_by_text(points, data);
  } else if (choice_.by == ColorBy::nearest_centroid) {
    color_by_centroid(points, means);
  } else {
    entries_.resize(points.count());
    std::ranges::transform(points.labels(), entries_.begin(), [](std::uint16_t label) {
      return label == Points::kNoLabel ? kNoValue : class_entry(label);
    });
  }
}

void Coloring::color_by_value(const Points& points, const ModelView& view, const Dataset& data) {
  const Codes& codes = *points.codes();
  values_ = choice_.by == ColorBy::kl                     ? kls_of(codes)
            : choice_.by == ColorBy::reconstruction_error ? errors_of(codes, view.errors)
            : is_gap(choice_.by)                          ? gaps_of(codes, gaps_, choice_.by)
            : choice_.by == ColorBy::metadata
                ? numbers_of(codes, column_of(data, codes.split, choice_))
                : factors_of(codes, data, choice_.factor);
  const auto range = inner_range(values_, kOutside);
  low_ = range[0];
  high_ = range[1];
  const float scale = high_ > low_ ? static_cast<float>(kNoValue - 1) / (high_ - low_) : 0;
  goes_below_ = std::ranges::any_of(values_, [&](float value) { return value < low_; });
  goes_above_ = std::ranges::any_of(values_, [&](float value) { return value > high_; });
  entries_.resize(values_.size());
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const float place = std::clamp((values_[i] - low_) * scale, 0.0f, float{kNoValue - 1});
    entries_[i] =
        std::isfinite(values_[i]) ? static_cast<std::uint8_t>(std::lround(place)) : kNoValue;
  }
}

void Coloring::color_by_text(const Points& points, const Dataset& data) {
  const MetadataColumn& column = column_of(data, points.codes()->split, choice_);
  const auto entry_of = [&](std::int32_t place) {
    return place < 0 ? missing_entry(column) : text_entry(place);
  };
  text_totals_.assign(missing_entry(column) + 1, 0);
  text_counts_ = text_totals_;
  for (const std::int32_t place : column.places) ++text_totals_[entry_of(place)];
  entries_.resize(points.count());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const std::int32_t place = column.places[static_cast<std::size_t>((*indices_)[i])];
    entries_[i] = place < 0 ? kNoValue : class_entry(place);
    ++text_counts_[entry_of(place)];
  }
}

void Coloring::color_by_centroid(const Points& points, const ClassMeans& means) {
  std::size_t labelled = 0, right = 0;
  entries_.resize(points.count());
  centroid_counts_.assign(static_cast<std::size_t>(means.classes()), 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const int nearest = means.nearest(points.mean(i));
    if (nearest >= 0) ++centroid_counts_[static_cast<std::size_t>(nearest)];
    entries_[i] = nearest < 0 ? kNoValue : class_entry(nearest);
    const std::uint16_t label = points.labels()[i];
    if (label == Points::kNoLabel) continue;
    ++labelled;
    if (label == nearest) ++right;
  }
  if (labelled > 0) agreement_ = static_cast<double>(right) / static_cast<double>(labelled);
}

std::array<ImU32, Coloring::kEntries> Coloring::palette() const {
  std::array<ImU32, kEntries> colors{};
  for (std::size_t entry = 0; entry < kNoValue; ++entry) {
    colors[entry] = continuous() ? map_color(static_cast<float>(entry) / (kNoValue - 1))
                                 : class_color(static_cast<int>(entry));
  }
  colors[kNoValue] = class_color(-1);
  return colors;
}

std::optional<float> Coloring::value(std::size_t point) const {
  if (point >= values_.size() || !std::isfinite(values_[point])) return {};
  return values_[point];
}

std::optional<MeasureErrors> Coloring::request(const ModelView& view, double now_s, bool listed) {
  const bool wanted = listed || choice_.by == ColorBy::reconstruction_error;
  if (!wanted || !indices_ || !view.weights) return {};
  const InputErrorsPtr& errors = view.errors;
  const bool same_inputs = errors && errors->indices == indices_ && errors->split == split_;
  if (errors != answer_) {
    answer_ = errors;
    answered_s_ = now_s;
    asked_for_ = nullptr;
  }
  if (same_inputs && errors->revision == view.weights->revision()) return {};
  const bool running = view.state == RunState::running;
  const double pause = std::max(kShortestPause, kPause * (errors ? errors->seconds : 0));
  if (same_inputs && running && now_s < answered_s_ + pause) return {};
  if (asked_for_ == indices_ && now_s < asked_s_ + kPatience) return {};
  asked_for_ = indices_;
  asked_s_ = now_s;
  return MeasureErrors{view.id, split_};
}

ImU32 map_color(float position) {
  // viridis at 0.3, 0.4, … 1.
  constexpr std::array<unsigned, 8> kAnchors = {0x355f8d, 0x2a788e, 0x21918c, 0x22a884,
                                                0x44bf70, 0x7ad151, 0xbddf26, 0xfde725};
  const float place = std::clamp(position, 0.0f, 1.0f) * static_cast<float>(kAnchors.size() - 1);
  const auto below = std::min(static_cast<std::size_t>(place), kAnchors.size() - 2);
  const float part = place - static_cast<float>(below);
  unsigned hex = 0;
  for (const unsigned shift : {16u, 8u, 0u}) {
    const auto low = static_cast<float>((kAnchors[below] >> shift) & 255);
    const auto high = static_cast<float>((kAnchors[below + 1] >> shift) & 255);
    hex |= static_cast<unsigned>(std::lround(low + (high - low) * part)) << shift;
  }
  return color::rgb(hex);
}

}  // namespace zscape
