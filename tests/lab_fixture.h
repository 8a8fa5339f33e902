#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/lab/results.h"

namespace zscape {

// An experiment of two axes, and results made up for it.
inline std::string lab_json(const std::string& predict) {
  return R"({"name": "widths", "question": "How wide must it be?", "text": ["One.", "Two."],
    "plan": {"model": "ae", "epochs": 1},
    "axes": [{"name": "latent", "label": "latent dimensions", "values": [1, 10, 100]},
             {"name": "depth", "values": [{"label": "none", "set": {"hidden": "none"}},
                                          {"label": "one", "set": {"hidden": [40]}}]}],
    "seeds": 2, "measure": ["mse", "knn_accuracy", "curve:test_loss"],
    "plots": [{"x": "latent", "y": "mse", "series": "depth", "log_x": true, "title": "Error"},
              {"x": "epoch", "y": "curve:test_loss", "series": "depth", "title": "Course"}],
    "claims": [{"says": "Width helps.", "source": "A book",
                "if": {"falls": "mse", "along": "latent", "where": {"depth": "one"}}}],
    "predict": )" +
         predict + "}";
}

inline const std::string kChoose =
    R"({"ask": "What does width do?", "kind": "choice", "choices": ["It helps", "It harms"],
      "answer": {"It helps": {"falls": "mse", "along": "latent", "where": {"depth": "one"}},
                 "It harms": {"rises": "mse", "along": "latent", "where": {"depth": "one"}}}})";
inline const std::string kNumber =
    R"({"ask": "How large?", "kind": "number",
      "answer": {"of": "mse", "where": {"latent": 10, "depth": "one"}}})";
inline const std::string kDraw =
    R"({"ask": "Which shape?", "kind": "curve", "answer": {"plot": 0, "series": "one"}})";

inline Experiment lab_experiment(const std::string& predict = kChoose) {
  const auto read = experiment_from(lab_json(predict), "widths.json");
  EXPECT_TRUE(read) << (read ? "" : read.error().message);
  return read ? *read : Experiment{};
}

// mse = 1 / latent, a hundredth more for each seed, and twice that without a layer. The first
// `done` runs.
inline std::shared_ptr<const LabTable> lab_table(std::size_t done = 12,
                                                 const std::string& predict = kChoose) {
  const Experiment experiment = lab_experiment(predict);
  auto runs = runs_of(experiment);
  EXPECT_TRUE(runs) << (runs ? "" : runs.error().message);
  if (!runs) return nullptr;
  std::vector<LabResult> results;
  for (std::size_t i = 0; i < runs->size(); ++i) {
    LabRun& run = (*runs)[i];
    run.key = "run" + std::to_string(i);
    if (i >= done) continue;
    const double latent = std::stod(run.axes[0].value);
    const double factor = run.axes[1].value == "one" ? 1 : 2;
    const auto seed = static_cast<double>(run.plan.seed);
    const double mse = factor * (1 / latent) * (1 + 0.01 * seed);
    LabResult result{run.key, run.axes, run.plan.seed, "{}"};
    result.figures = {{"mse", mse}, {"knn_accuracy", 0.5 + 0.001 * latent}};
    result.curves = {{"curve:test_loss", "epoch", {1, 2}, {2 * mse, mse}}};
    results.push_back(std::move(result));
  }
  return std::make_shared<const LabTable>(table_of(experiment, *runs, std::move(results)));
}

}  // namespace zscape
