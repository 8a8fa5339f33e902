#include "engine/lab/measuring.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "engine/figures.h"
#include "engine/io/png.h"
#include "engine/lab/losses.h"
#include "engine/lab/reading.h"
#include "engine/measures.h"
#include "engine/text.h"

namespace zscape::lab {
namespace {

constexpr int kImportanceSamples = 64;  // as `zscape eval` has it

const Figure* figure_named(std::string_view key) {
  const auto row =
      std::ranges::find_if(figure_table(), [&](const Figure& each) { return each.key == key; });
  return row == figure_table().end() ? nullptr : &*row;
}

const LossRow* loss_named(std::string_view name) {
  const auto row = std::ranges::find(kLosses, name, &LossRow::name);
  return row == kLosses.end() ? nullptr : row;
}

std::vector<std::string> loss_names() {
  std::vector<std::string> names;
  for (const LossRow& row : kLosses) names.emplace_back(row.name);
  return names;
}

std::vector<std::string> all_names() {
  std::vector<std::string> names = loss_names();
  for (const Figure& row : figure_table()) {
    if (row.value != nullptr) names.emplace_back(row.key);
  }
  for (const Measure& row : measure_table()) names.emplace_back(row.key);
  return names;
}

// A measure's options: a number or a list of numbers each.
Expected<MeasureRequest> request_of(const std::string& name, const OrderedJson& options) {
  MeasureRequest request{.measure = name, .options = {}};
  for (const auto& [key, value] : options.items()) {
    std::vector<double>& numbers = request.options[key];
    for (const OrderedJson& each : value.is_array() ? value : OrderedJson::array({value})) {
      if (!each.is_number()) {
        return fail(
            tr("{}: it must be a number or a list of numbers, and not {}", key, value.dump()));
      }
      numbers.push_back(each.get<double>());
    }
  }
  if (auto fine = check(request); !fine) return tl::unexpected(fine.error());
  return request;
}

// What several columns come from, computed when the first one asks.
class Measurements {
 public:
  Measurements(const Trained& trained, Progress progress)
      : trained_(trained), progress_(std::move(progress)) {}

  // Of the last epoch, or of the best one where rows are held out.
  double loss(const LossRow& row) const {
    const EpochMeasured* kept = nullptr;
    for (const EpochMeasured& epoch : trained_.epochs) {
      if (kept == nullptr || epoch.epoch <= trained_.record.epochs) kept = &epoch;
    }
    return kept == nullptr ? kNoFigure : row.value(*kept);
  }

  LabCurve loss_curve(const LossRow& row) const {
    LabCurve curve{.name = std::string(kCurve) + std::string(row.name), .over = "epoch"};
    for (const EpochMeasured& epoch : trained_.epochs) {
      curve.x.push_back(static_cast<double>(epoch.epoch));
      curve.y.push_back(row.value(epoch));
    }
    return curve;
  }

  Expected<double> figure(const Figure& row, bool with_likelihoods) {
    const std::string_view key = row.key;
    constexpr std::array kOfLosses = {std::string_view("mse"), std::string_view("reconstruction"),
                                      std::string_view("kl")};
    if (std::ranges::find(kOfLosses, key) != kOfLosses.end()) {
      const auto losses = test_losses();
      if (!losses) return tl::unexpected(losses.error());
      return key == "mse" ? losses->mse : key == "kl" ? losses->kl : losses->reconstruction;
    }
    constexpr std::array kOfCodes = {std::string_view("active_units"),
                                     std::string_view("aggregate_kl"),
                                     std::string_view("mean_sigma"), std::string_view("spread")};
    const bool is_of_codes = std::ranges::find(kOfCodes, key) != kOfCodes.end();
    const auto figures = is_of_codes && !all_ ? of_codes() : all(with_likelihoods);
    if (!figures) return tl::unexpected(figures.error());
    return row.value(*figures).value_or(kNoFigure);
  }

 private:
  EvaluationSettings settings() const { return {.seed = trained_.plan.seed, .noise = {}}; }

  Expected<Losses> test_losses() {
    if (losses_) return *losses_;
    const auto sums = trained_.model->add_losses({}, trained_.data, SplitName::test, nullptr,
                                                 settings(), progress_);
    if (!sums) return tl::unexpected(sums.error());
    if (!report(progress_, 0)) return cancelled();
    losses_ = sums->means();
    return *losses_;
  }

  Expected<Figures> of_codes() {
    if (!codes_) {
      const auto codes = trained_.model->encode(trained_.data, SplitName::test,
                                                all_rows(trained_.data.test), progress_);
      if (!codes) return tl::unexpected(codes.error());
      codes_ = figures_of(*codes);
    }
    return *codes_;
  }

  Expected<Figures> all(bool with_likelihoods) {
    if (all_) return *all_;
    const auto figures =
        trained_.model->figures(trained_.data, SplitName::test,
                                with_likelihoods ? kImportanceSamples : 0, settings(), progress_);
    if (!figures) return tl::unexpected(figures.error());
    all_ = *figures;
    return *all_;
  }

  static tl::unexpected<Error> cancelled() {
    return fail(tr("measuring was cancelled"), ErrorCode::cancelled);
  }

  const Trained& trained_;
  Progress progress_;
  std::optional<Losses> losses_;
  std::optional<Figures> codes_, all_;
};

// Beside the model: KEY-filters.png.
Expected<void> keep_pictures(const Measured& measured, const std::string& beginning) {
  if (beginning.empty()) return {};
  for (const NamedPicture& picture : measured.pictures) {
    const Picture whole =
        picture_grid(picture.pixels, ImageShape{picture.height, picture.width, 1}, 1);
    const std::string path = fmt::format("{}-{}.png", beginning, picture.name);
    if (auto written = write_png(path, whole); !written) return written;
  }
  return {};
}

}  // namespace

LabMeasure measure_from(const OrderedJson& value, const std::string& where) {
  LabMeasure made;
  OrderedJson options = OrderedJson::object();
  if (value.is_object()) {
    made.name = text_from(needed(value, where, "name"), below(where, "name"));
    options = value;
    options.erase("name");
    if (!options.empty()) made.options = options.dump();
  } else {
    made.name = text_from(value, where);
  }
  const std::string& name = made.name;
  if (find_measure(name) != nullptr) {
    const auto request = request_of(name, options);
    if (!request) refuse(where, request.error().message);
    made.columns = figure_names(*request);
    for (const std::string& curve : curve_names(*request)) {
      made.curves.push_back(std::string(kCurve) + curve);
    }
    return made;
  }
  if (!made.options.empty()) refuse(where, tr("{} has no options", name));
  if (name.starts_with(kCurve)) {
    if (loss_named(std::string_view(name).substr(kCurve.size())) == nullptr) {
      refuse(where,
             tr("'{}' is no curve; behind curve: stands one of {}", name, listed(loss_names())));
    }
    made.curves = {name};
    return made;
  }
  const Figure* figure = figure_named(name);
  if (figure != nullptr && figure->value == nullptr) {
    refuse(where, tr("{} is a list of numbers, one for each latent dimension; a column has one "
                     "number",
                     name));
  }
  if (figure == nullptr && loss_named(name) == nullptr) {
    refuse(where,
           tr("'{}' is nothing that can be measured; there are {}", name, listed(all_names())));
  }
  made.columns = {name};
  return made;
}

Expected<void> measure(const std::vector<LabMeasure>& wanted, const Trained& trained,
                       LabResult& result, const Progress& progress) {
  Measurements measurements(trained, progress);
  const bool with_likelihoods = std::ranges::any_of(
      wanted, [](const LabMeasure& each) { return each.name.starts_with("log_likelihood"); });
  for (const LabMeasure& each : wanted) {
    if (find_measure(each.name) != nullptr) {
      const auto request =
          request_of(each.name, each.options.empty() ? OrderedJson::object()
                                                     : OrderedJson::parse(each.options));
      if (!request) return tl::unexpected(request.error());
      const auto measured =
          trained.model->measure(*request, trained.data,
                                 {trained.rows, trained.plan.seed, trained.record.kl_weight,
                                  trained.plan.settings.batch_size},
                                 progress);
      if (!measured && measured.error().code == ErrorCode::cancelled) {
        return tl::unexpected(measured.error());
      }
      if (!measured) {
        result.absent.push_back({each.name, measured.error().message});
        for (const std::string& column : each.columns) result.figures.push_back({column});
        continue;
      }
      if (auto kept = keep_pictures(*measured, trained.pictures); !kept) return kept;
      for (const std::string& column : each.columns) {
        const auto found = std::ranges::find(measured->figures, column, &NamedFigure::name);
        result.figures.push_back(
            {column, found == measured->figures.end() ? kNoFigure : found->value});
      }
      for (const NamedCurve& curve : measured->curves) {
        result.curves.push_back({std::string(kCurve) + curve.name, curve.over, curve.x, curve.y});
      }
      continue;
    }
    const std::string_view name = each.name;
    if (name.starts_with(kCurve)) {
      result.curves.push_back(measurements.loss_curve(*loss_named(name.substr(kCurve.size()))));
      continue;
    }
    if (const LossRow* loss = loss_named(name)) {
      result.figures.push_back({each.name, measurements.loss(*loss)});
      continue;
    }
    const Figure& row = *figure_named(name);
    const auto value = measurements.figure(row, with_likelihoods);
    if (!value) return tl::unexpected(value.error());
    result.figures.push_back({each.name, *value});
    if (!std::isfinite(*value)) result.absent.push_back({each.name, row.needs});
  }
  return {};
}

}  // namespace zscape::lab
