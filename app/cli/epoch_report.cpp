#include "app/cli/epoch_report.h"

#include <fmt/format.h>

#include <cmath>

#include "app/cli/console.h"
#include "app/cli/json_value.h"

namespace zscape {
namespace {

// To whole parts of one, so that lines stay short: rounded(1.23456, 1000) is 1.235.
double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

constexpr auto kRow = "{:>5}  {:>8}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>8}  {:>9}";

}  // namespace

std::string to_json_line(const EpochReport& report) {
  const bool has_kl = std::isfinite(report.train.kl);
  Json line;
  line["epoch"] = report.epoch;
  line["step"] = report.step;
  line["loss"] = number_or_null(report.train.loss);
  line["reconstruction"] = number_or_null(report.train.reconstruction);
  line["kl"] = number_or_null(report.train.kl);
  line["mse"] = number_or_null(report.test.mse);
  line["test_loss"] = number_or_null(report.test.loss);
  line["test_reconstruction"] = number_or_null(report.test.reconstruction);
  line["test_kl"] = number_or_null(report.test.kl);
  line["lambda"] = has_kl ? Json(report.kl_weight) : Json(nullptr);
  line["seconds"] = number_or_null(rounded(report.seconds, 1000));
  line["samples_per_second"] = number_or_null(rounded(report.samples_per_second, 10));
  if (report.validation_loss) line["validation_loss"] = number_or_null(*report.validation_loss);
  return one_line(line);
}

std::string epoch_table_header(bool has_validation) {
  return fmt::format(kRow, "epoch", "step", "loss", "reconstr.", "kl", "test loss", "reconstr.",
                     "kl", "mse", "samples/s") +
         (has_validation ? fmt::format("  {:>10}", "validation") : "");
}

std::string to_table_row(const EpochReport& report) {
  return fmt::format(kRow, report.epoch, report.step, cell(report.train.loss, 3),
                     cell(report.train.reconstruction, 3), cell(report.train.kl, 3),
                     cell(report.test.loss, 3), cell(report.test.reconstruction, 3),
                     cell(report.test.kl, 3), cell(report.test.mse, 5),
                     grouped(std::llround(report.samples_per_second))) +
         (report.validation_loss ? fmt::format("  {:>10}", cell(*report.validation_loss, 3)) : "");
}

}  // namespace zscape
