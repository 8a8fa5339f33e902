// The files of docs/LAB.md are files that the lab takes: a person writes an experiment from that
// page alone.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/lab/experiment.h"

namespace zscape {
namespace {

using nlohmann::json;

std::string page() {
  std::ifstream file(ZSCAPE_LAB_PAGE);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The blocks of JSON; parts of one block have an empty line between them.
std::vector<std::string> examples() {
  std::vector<std::string> found;
  const std::string text = page(), begin = "```json\n";
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    std::string block = text.substr(at, text.find("```", at) - at);
    for (std::size_t gap; (gap = block.find("\n\n")) != std::string::npos;) {
      found.push_back(block.substr(0, gap));
      block.erase(0, gap + 2);
    }
    found.push_back(block);
  }
  return found;
}

// What the parts of a file in the page have around them.
json around() {
  return json::parse(R"({
    "name": "around", "plan": {"model": "ae"},
    "axes": [{"name": "latent", "values": [1, 2, 4, 8, 32, 128]},
             {"name": "depth", "values": [{"label": "PCA", "set": {"model": "pca"}},
                                          {"label": "linear", "set": {"hidden": "none"}},
                                          {"label": "1", "set": {"hidden": [400]}},
                                          {"label": "2", "set": {"hidden": [400, 200]}}]}],
    "measure": ["mse", "kl", "reconstruction", "curve:test_loss"],
    "plots": [{"x": "latent", "y": "mse", "series": "depth"}]
  })");
}

TEST(LabPage, HoldsAWholeFileThatCanBeRun) {
  ASSERT_FALSE(examples().empty());
  const auto experiment = experiment_from(examples().front(), "LAB.md");
  ASSERT_TRUE(experiment) << experiment.error().message;
  EXPECT_EQ(experiment->claims.size(), 2U);
  const auto runs = runs_of(*experiment);
  ASSERT_TRUE(runs) << runs.error().message;
  EXPECT_EQ(runs->size(), 9U);  // as the page says
}

TEST(LabPage, ShowsPartsOfFilesAsTheyAre) {
  const std::vector<std::string> all = examples();
  ASSERT_GT(all.size(), 8U);
  for (std::size_t i = 1; i < all.size(); ++i) {
    json file = around();
    file.update(json::parse("{" + all[i] + "}"));
    if (file["axes"] != around()["axes"] || file["measure"] != around()["measure"]) {
      file.erase("plots");
    }
    const auto experiment = experiment_from(file.dump(), "LAB.md");
    EXPECT_TRUE(experiment) << all[i] << '\n' << experiment.error().message;
  }
}

TEST(LabPage, NamesEveryKey) {
  const std::string text = page();
  for (const std::string key :
       {"name",    "question",     "text",  "data",  "plan",   "axes",    "only",  "skip", "seeds",
        "measure", "only_measure", "quick", "plots", "claims", "predict", "less",  "near", "rises",
        "falls",   "all",          "any",   "not",   "for",    "best",    "minus", "over", "log"}) {
    const bool is_named = text.find('`' + key + '`') != std::string::npos ||
                          text.find('"' + key + '"') != std::string::npos;
    EXPECT_TRUE(is_named) << key;
  }
}

}  // namespace
}  // namespace zscape
