#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "app/cli/interrupt.h"
#include "app/cli/json_value.h"
#include "app/cli/model_command.h"
#include "engine/io/png.h"
#include "engine/measures.h"
#include "engine/number.h"
#include "engine/text.h"

namespace zscape {
namespace {

// NAME:option=V,V:option=V; nothing: it cannot be read.
std::optional<MeasureRequest> request_from(std::string_view text) {
  const auto next = [&text](char separator) {
    const std::size_t end = std::min(text.find(separator), text.size());
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  MeasureRequest request{std::string(next(':')), {}};
  while (!text.empty()) {
    const std::string_view option = next(':');
    const std::size_t equals = option.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const auto values = numbers_from<double>(option.substr(equals + 1));
    if (!values) return std::nullopt;
    request.options[std::string(option.substr(0, equals))] = *values;
  }
  return request;
}

std::string list_of_measures() {
  std::string text = tr("Measures, each with its options and their defaults:");
  for (const Measure& measure : measure_table()) {
    text += fmt::format("\n  {}", measure.key);
    for (const MeasureOption& option : measure.options) {
      text += fmt::format(":{}={}", option.name, fmt::join(option.initial, ","));
    }
    text += fmt::format("\n      {}", measure.help);
  }
  return text;
}

class MeasureCommand : public ModelCommand {
 public:
  explicit MeasureCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    options_
        .add("--measure", "NAME[:OPTION=V[,V…]]…",
             tr("What to measure, with its options; the names stand below."), "",
             [this](std::string_view text) -> std::string {
               const auto request = request_from(text);
               if (!request) return tr("a name, and behind colons options with their numbers");
               request_ = *request;
               return {};
             })
        ->required();
    options_.number("--batch", batch_, 1, 1'000'000, tr("Inputs a step, for gradient_variance."),
                    "128");
    options_.text("--pictures", "FOLDER", pictures_,
                  tr("Writes the pictures that it makes there, as PNG."));
    add_seed();
    add_threads(0);
    add_json();
    options_.footer(list_of_measures());
  }

 private:
  Outcome<void> check() const override {
    if (const auto fine = zscape::check(request_); !fine) return wrong_usage(fine.error().message);
    return {};
  }

  Outcome<void> work(const ModelWork& work) const override {
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    const MeasureSettings settings{.train_rows = nullptr,
                                   .seed = parameters_.values().seed,
                                   .kl_weight = work.record.kl_weight,
                                   .batch_size = static_cast<int>(batch_)};
    const auto measured = work.model.measure(
        request_, **data, settings, work.line.progress(tr("measuring {}", request_.measure)));
    if (!measured) return ended_by(measured.error());
    work.line.clear();
    if (auto written = write_pictures(*measured); !written) return written;
    return show(work.console, to_json, print, *measured);
  }

  Outcome<void> write_pictures(const Measured& measured) const {
    if (pictures_.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(pictures_, error);
    if (error) return failed(tr("{} cannot be made: {}", pictures_, error.message()));
    for (const NamedPicture& picture : measured.pictures) {
      const auto path = std::filesystem::path(pictures_) / (picture.name + ".png");
      const Picture whole =
          picture_grid(picture.pixels, ImageShape{picture.height, picture.width, 1}, 1);
      if (auto written = write_png(path.string(), whole); !written) {
        return failed(written.error().message);
      }
    }
    return {};
  }

  static Json to_json(const Measured& measured) {
    Json json = Json::object();
    for (const NamedFigure& figure : measured.figures) {
      json[figure.name] = number_or_null(figure.value);
    }
    for (const NamedCurve& curve : measured.curves) {
      json["curves"][curve.name] = {{curve.over, curve.x}, {"value", curve.y}};
    }
    return json;
  }

  static void print(const Measured& measured, std::ostream& out) {
    for (const NamedFigure& figure : measured.figures) {
      out << fmt::format("{:32} {:.6g}", figure.name, figure.value) << std::endl;
    }
  }

  MeasureRequest request_;
  std::int64_t batch_ = 128;
  std::string pictures_;
};

}  // namespace

const MakeCommand make_measure = make<MeasureCommand>;

}  // namespace zscape
