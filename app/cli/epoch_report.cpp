#include "app/cli/epoch_report.h"

#include <fmt/format.h>

#include <cmath>

#include "app/cli/console.h"
#include "app/cli/json_value.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Keeps lines short: rounded(1.23456, 1000) is 1.235.
double rounded(double value, double parts) {
  return std::round(value * parts) / parts;
}

std::string cell(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

constexpr auto kRow = "{:>5}  {:>8}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>9}  {:>8}  {:>9}";

}  // namespace

std::string to_json_line(const EpochMeasured& epoch) {
  const bool has_kl = std::isfinite(epoch.train.kl);
  Json line;
  line["epoch"] = epoch.epoch;
  line["step"] = epoch.step;
  line["loss"] = number_or_null(epoch.train.loss);
  line["reconstruction"] = number_or_null(epoch.train.reconstruction);
  line["kl"] = number_or_null(epoch.train.kl);
  line["mse"] = number_or_null(epoch.test.mse);
  line["test_loss"] = number_or_null(epoch.test.loss);
  line["test_reconstruction"] = number_or_null(epoch.test.reconstruction);
  line["test_kl"] = number_or_null(epoch.test.kl);
  line["lambda"] = has_kl ? Json(epoch.kl_weight) : Json(nullptr);
  line["seconds"] = number_or_null(rounded(epoch.seconds, 1000));
  line["samples_per_second"] = number_or_null(rounded(epoch.samples_per_second, 10));
  if (epoch.validation) line["validation_loss"] = number_or_null(epoch.validation->loss);
  return one_line(line);
}

std::string epoch_table_header(bool has_validation) {
  return fmt::format(kRow, "epoch", "step", "loss", "reconstr.", "kl", tr("test loss"), "reconstr.",
                     "kl", "mse", "samples/s") +
         (has_validation ? fmt::format("  {:>10}", "validation") : "");
}

std::string to_table_row(const EpochMeasured& epoch) {
  return fmt::format(kRow, epoch.epoch, epoch.step, cell(epoch.train.loss, 3),
                     cell(epoch.train.reconstruction, 3), cell(epoch.train.kl, 3),
                     cell(epoch.test.loss, 3), cell(epoch.test.reconstruction, 3),
                     cell(epoch.test.kl, 3), cell(epoch.test.mse, 5),
                     grouped(std::llround(epoch.samples_per_second))) +
         (epoch.validation ? fmt::format("  {:>10}", cell(epoch.validation->loss, 3)) : "");
}

}  // namespace zscape
