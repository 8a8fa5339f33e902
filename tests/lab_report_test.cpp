#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "app/lab/gnuplot.h"
#include "app/lab/html_writer.h"
#include "app/lab/report.h"
#include "app/lab/report_figure.h"
#include "engine/lab/column_words.h"
#include "engine/measures.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

// What a text of an experiment must not do, wherever it stands.
constexpr const char* kNasty = "a `touch x` </script><script>x</script> 'q' \"d\" %s $(touch y) \\";

std::string content(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

std::size_t count(const std::string& text, std::string_view what) {
  std::size_t found = 0;
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
    ++found;
  }
  return found;
}

json small_experiment() {
  return json::parse(R"({
    "name": "small", "question": "What does width buy?", "text": ["One.", "Two."],
    "plan": {"kind": "ae", "epochs": 1},
    "axes": [{"name": "latent", "label": "width", "values": [1, 2, 4]},
             {"name": "depth", "values": [{"label": "none", "set": {"hidden": "none"}},
                                          {"label": "one", "set": {"hidden": [50]}}]}],
    "seeds": 3, "measure": ["mse", "curve:test_loss"],
    "plots": [{"title": "Error", "x": "latent", "y": "mse", "series": "depth", "log_x": true},
              {"title": "Learning", "x": "epoch", "y": "curve:test_loss"}],
    "claims": [
      {"says": "Wide is better.", "if": {"falls": "mse", "along": "latent", "where": {"depth": "one"}},
       "source": "Somebody 1999"},
      {"says": "Narrow is better.", "if": {"rises": "mse", "along": "latent", "where": {"depth": "one"}}},
      {"says": "Depth is worse.", "if": {"less": [{"of": "mse", "where": {"latent": 1, "depth": "none"}},
                                                  {"of": "mse", "where": {"latent": 1, "depth": "one"}}]}}]
  })");
}

// mse of seed s at a place: 8 / latent + s, but 9 for depth "none", with seeds that disagree.
LabTable table_from(const json& file, const std::string& error = "") {
  const auto experiment = experiment_from(file.dump(), "test");
  EXPECT_TRUE(experiment) << experiment.error().message;
  auto runs = runs_of(*experiment);
  EXPECT_TRUE(runs) << runs.error().message;
  std::vector<LabResult> results;
  for (std::size_t i = 0; i < runs->size(); ++i) {
    LabRun& run = (*runs)[i];
    run.key = fmt::format("key{}", i);
    LabResult result{.key = run.key, .axes = run.axes, .seed = run.plan.seed, .plan = "{}"};
    const auto seed = static_cast<double>(run.plan.seed);
    const double width = run.plan.spec.latent;
    const bool is_deep = !run.plan.spec.hidden.empty();
    result.figures = {{"mse", is_deep ? 8 / width + 0.01 * seed : 8 + 3 * (seed - 1)}};
    result.curves = {{"curve:test_loss", "epoch", {1, 2}, {4 + seed, 2 + seed}}};
    if (i == 0 && !error.empty()) {
      result.figures.clear();
      result.curves.clear();
      result.error = error;
    }
    results.push_back(std::move(result));
  }
  LabTable table = table_of(*experiment, *runs, std::move(results));
  table.version = "1.2.3";
  return table;
}

// An experiment that says kNasty wherever it may say something.
LabTable nasty_table() {
  json file_json = small_experiment();
  file_json["question"] = kNasty;
  file_json["text"] = {kNasty};
  file_json["data"] = kNasty;
  file_json["axes"][0]["label"] = kNasty;
  file_json["axes"][1]["label"] = std::string("depth ") + kNasty;
  file_json["axes"][1]["values"][0]["label"] = kNasty;
  file_json["claims"][0]["says"] = kNasty;
  file_json["claims"][0]["source"] = kNasty;
  file_json["claims"].erase(2);
  const json always = {{"less", {0, 1}}};
  file_json["predict"] = {{"ask", kNasty}, {"kind", "choice"}, {"choices", {kNasty, "b"}}};
  file_json["predict"]["answer"] = {{kNasty, always}, {"b", always}};
  for (json& plot : file_json["plots"]) plot["title"] = kNasty;
  file_json["plots"].push_back({{"title", kNasty}, {"x", "mse"}, {"y", "mse"}});
  file_json["plots"].push_back({{"x", "depth"}, {"y", "mse"}, {"series", "latent"}});
  LabTable table = table_from(file_json, kNasty);
  table.version = kNasty;
  for (LabResult& result : table.results) result.absent = {{"m", kNasty}};
  return table;
}

// A folder of its own for each test, and a PATH without gnuplot unless a test puts one there.
class LabReport : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "zscape-report-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = std::getenv("PATH") != nullptr ? std::getenv("PATH") : "";
    ::setenv("PATH", (folder_ / "programs").c_str(), 1);
  }
  void TearDown() override {
    ::setenv("PATH", path_.c_str(), 1);
    fs::remove_all(folder_);
  }

  // Instead of gnuplot: a script of the shell.
  void put_gnuplot(const std::string& script) {
    fs::create_directories(folder_ / "programs");
    const fs::path program = folder_ / "programs" / "gnuplot";
    std::ofstream(program) << "#!/bin/sh\n" << script;
    fs::permissions(program, fs::perms::owner_all);
  }

  std::string page() const { return content(folder_ / "report" / "report.html"); }
  std::string file(const std::string& name) const { return content(folder_ / "report" / name); }
  bool has(const std::string& name) const { return fs::exists(folder_ / "report" / name); }

  ReportFiles report(const LabTable& table) {
    const auto files = write_report(table, folder_.string());
    EXPECT_TRUE(files) << files.error().message;
    return files.value_or(ReportFiles{});
  }

  fs::path folder_;
  std::string path_;
};

TEST(HtmlWriter, MakesNoMarkupOfText) {
  HtmlWriter html;
  html.open("p", {{"title", "\"><b>"}}).text("a < b & c\x01").close();
  EXPECT_EQ(html.take(),
            "<!doctype html>\n<p title=\"&quot;&gt;&lt;b&gt;\">a &lt; b &amp; c\uFFFD</p>\n");
}

TEST(HtmlWriter, ClosesWhatIsOpen) {
  HtmlWriter html;
  html.open("main").open("p");
  EXPECT_THAT(html.take(), testing::EndsWith("<main><p></p>\n</main>\n"));
}

TEST(Gnuplot, QuotesDoubleAndLinesStayOne) {
  EXPECT_EQ(gnuplot_text("it's `x`\n\"y\""), "'it''s `x` \"y\"'");
  EXPECT_EQ(gnuplot_tic_text("5 %"), "'5 %%'");
}

TEST(ColumnWordsOf, KnowsFiguresAndLosses) {
  EXPECT_EQ(words_of("mse").label, "mean squared error");
  EXPECT_EQ(words_of("curve:test_loss").label, "test loss");
  EXPECT_EQ(words_of("nobody_knows").label, "nobody_knows");
}

TEST(ColumnWordsOf, TellsFiguresOfMeasuresApart) {
  EXPECT_EQ(words_of("probe_accuracy_pixels_100").label,
            "accuracy on few labels: by the pixels, labels 100");
  EXPECT_THAT(words_of("gradient_variance_batch_4").label, HasSubstr("larger batch"));
  EXPECT_THAT(words_of("gradient_variance_batch_4").label, HasSubstr("batches 4"));
  // No two columns that a table may have beside each other are called the same.
  for (const Measure& measure : measure_table()) {
    std::set<std::string> labels;
    for (const MeasureFigure& figure : measure.figures) {
      EXPECT_TRUE(labels.insert(words_of(figure.name).label).second) << figure.name;
    }
  }
}

TEST_F(LabReport, HoldsMeansErrorsAndVerdicts) {
  const ReportFiles files = report(table_from(small_experiment()));
  const std::string html = page();
  EXPECT_EQ(files.page, (folder_ / "report" / "report.html").string());
  EXPECT_THAT(html, HasSubstr("<h1>What does width buy?</h1>"));
  EXPECT_THAT(html, HasSubstr("8.0100 ± 0.0058"));  // of 8, 8.01, 8.02: 0.01 / √3
  EXPECT_THAT(html, HasSubstr("8.0 ± 1.7"));        // of 5, 8, 11: 3 / √3
  EXPECT_EQ(count(html, "class=\"claim confirmed\""), 1U);
  EXPECT_EQ(count(html, "class=\"claim refuted\""), 1U);
  EXPECT_EQ(count(html, "class=\"claim undecided\""), 1U);
  EXPECT_THAT(html, HasSubstr("Somebody 1999"));
  EXPECT_THAT(html, HasSubstr("zscape 1.2.3"));
  EXPECT_EQ(count(file("runs.csv"), "\n"), 19U);
}

TEST_F(LabReport, NeedsNoOtherFile) {
  put_gnuplot("echo '<svg></svg>'");
  report(table_from(small_experiment()));
  const std::string html = page();
  const std::regex reference(R"((src|href|url)\s*[=(]\s*"?([^"]*))");
  for (std::sregex_iterator at(html.begin(), html.end(), reference), end; at != end; ++at) {
    EXPECT_THAT((*at)[2].str(), testing::StartsWith("data:image/svg+xml;base64,"));
  }
  EXPECT_EQ(count(html, "<img "), 2U);
  EXPECT_THAT(html, HasSubstr("PHN2Zz48L3N2Zz4K"));  // what gnuplot printed
  EXPECT_EQ(file("figure-2.svg"), "<svg></svg>\n");
}

TEST_F(LabReport, TextsOfAFileStayTexts) {
  std::ofstream(folder_ / "timings.jsonl")
      << json{{"key", "k"}, {"seconds", 1.5}, {"host", kNasty}}.dump() << '\n';
  report(nasty_table());

  const std::string html = page();
  EXPECT_EQ(count(html, "<script"), 0U);
  EXPECT_EQ(count(html, "</script"), 0U);
  EXPECT_THAT(html, HasSubstr("default-src &#39;none&#39;"));
  const std::string shown = escaped_html(kNasty);
  // Title, heading, paragraph, data, axes, values, claims, source, prediction, captions, host …
  EXPECT_GT(count(html, shown), 25U);
  // Outside its quotes a script has nothing of these texts.
  for (int i = 1; i <= 4; ++i) {
    const std::string script = file(fmt::format("figure-{}.gp", i));
    EXPECT_THAT(script, HasSubstr("plot"));
    const std::string outside = std::regex_replace(script, std::regex("'[^'\n]*'"), "");
    EXPECT_EQ(outside.find_first_of("`$\\\"'"), outside.find("$1")) << script;
    EXPECT_THAT(outside, Not(HasSubstr("touch")));
  }
}

TEST_F(LabReport, GnuplotDrawsSuchTextsAndCarriesNoneOut) {
  ::setenv("PATH", path_.c_str(), 1);
  if (find_gnuplot().empty()) GTEST_SKIP() << "gnuplot is not installed";
  const ReportFiles files = report(nasty_table());
  EXPECT_EQ(files.note, "");
  for (int i = 1; i <= 4; ++i) {
    const std::string svg = file(fmt::format("figure-{}.svg", i));
    EXPECT_THAT(svg, HasSubstr("</svg>"));
    EXPECT_THAT(svg, HasSubstr("`touch x`"));  // as it stands
    EXPECT_THAT(svg, Not(HasSubstr("<script")));
  }
  for (const fs::path& place : {folder_, folder_ / "report", fs::current_path()}) {
    EXPECT_FALSE(fs::exists(place / "x")) << place;
    EXPECT_FALSE(fs::exists(place / "y")) << place;
  }
}

TEST_F(LabReport, WithoutGnuplotSaysHowToGetIt) {
  const ReportFiles files = report(table_from(small_experiment()));
  EXPECT_THAT(files.note, HasSubstr("gnuplot-nox"));
  EXPECT_THAT(page(), HasSubstr("gnuplot-nox"));
  EXPECT_THAT(page(), Not(HasSubstr("<img")));
  EXPECT_THAT(page(), HasSubstr("<table>"));
  EXPECT_TRUE(has("figure-1.gp"));
  EXPECT_FALSE(has("figure-1.svg"));
}

TEST_F(LabReport, TellsWhatGnuplotSaysAgainstAScript) {
  put_gnuplot("echo '<svg>'; echo 'line 3: no such thing' >&2");
  EXPECT_THAT(report(table_from(small_experiment())).note, HasSubstr("line 3: no such thing"));
  EXPECT_FALSE(has("figure-1.svg"));
}

TEST_F(LabReport, OfEqualResultsHasEqualBytes) {
  put_gnuplot("echo '<svg></svg>'");
  report(table_from(small_experiment()));
  const std::string first = page();
  report(table_from(small_experiment()));
  EXPECT_EQ(page(), first);
}

TEST_F(LabReport, LeavesNoFigureOfAnEarlierOne) {
  put_gnuplot("echo '<svg></svg>'");
  report(table_from(small_experiment()));
  EXPECT_TRUE(has("figure-2.svg"));
  std::ofstream(folder_ / "report" / "figure-mine.svg") << "of a person";
  json file_json = small_experiment();
  file_json["plots"].erase(1);
  report(table_from(file_json));
  EXPECT_TRUE(has("figure-1.svg"));
  EXPECT_FALSE(has("figure-2.svg"));
  EXPECT_FALSE(has("figure-2.gp"));
  EXPECT_TRUE(has("figure-mine.svg"));
}

TEST_F(LabReport, SaysWhatIsMissing) {
  LabTable table = table_from(small_experiment(), "the loss was not finite");
  table.results.pop_back();
  table.runs.back().result.reset();
  report(table);
  EXPECT_THAT(page(), HasSubstr("16 of 18 runs"));
  EXPECT_THAT(page(), HasSubstr("1 runs are missing and 1 failed"));
  EXPECT_THAT(page(), HasSubstr("latent 1, depth none, seed 0: the loss was not finite"));
  EXPECT_THAT(page(), HasSubstr("(2 of 3 seeds)"));
}

TEST_F(LabReport, FailsInOneLineWhereItCannotWrite) {
  std::ofstream(folder_ / "report") << "a file";
  const auto files = write_report(table_from(small_experiment()), folder_.string());
  ASSERT_FALSE(files);
  EXPECT_THAT(files.error().message, HasSubstr("report"));
}

TEST(ReportFigure, HasAPointForEachPlaceAndALineForEachSeries) {
  const LabTable table = table_from(small_experiment());
  const ReportFigure figure = report_figure(table, table.experiment.plots[0]);
  ASSERT_EQ(figure.series.size(), 2U);
  EXPECT_EQ(figure.series[1].label, "one");
  EXPECT_EQ(figure.series_label, "depth");
  EXPECT_EQ(figure.x_label, "width");
  ASSERT_EQ(figure.series[1].points.size(), 3U);
  EXPECT_EQ(figure.series[1].points[2].x, 4);
  EXPECT_NEAR(figure.series[1].points[2].y, 2.01, 1e-12);
  EXPECT_NEAR(figure.series[1].points[2].y_error, 0.01 / std::sqrt(3), 1e-12);
  EXPECT_THAT(figure_csv(figure), HasSubstr("\n0,1,8,,1.7320508075688772,3,1,none\n"));
}

TEST(ReportFigure, OfACurveGoesOverItsX) {
  const LabTable table = table_from(small_experiment());
  const ReportFigure figure = report_figure(table, table.experiment.plots[1]);
  EXPECT_EQ(figure.x_label, "epoch");
  ASSERT_EQ(figure.series.size(), 6U);  // a line for each place
  EXPECT_EQ(figure.series[0].label, "width 1, depth none");
  EXPECT_EQ(figure.series[0].points[1].x, 2);
  EXPECT_EQ(figure.series[0].points[1].y, 3);
}

TEST(ReportFigure, NamesItsPointsWhereXIsMeasured) {
  json file_json = small_experiment();
  file_json["plots"] = {{{"x", "mse"}, {"y", "mse"}, {"series", "depth"}}};
  const LabTable table = table_from(file_json);
  const ReportFigure figure = report_figure(table, table.experiment.plots[0]);
  EXPECT_TRUE(figure.are_points_named);
  EXPECT_EQ(figure.point_label, "width");
  EXPECT_EQ(figure.series[0].points[2].label, "4");
  EXPECT_THAT(figure_script(figure, "f"), HasSubstr("set label '1' at 8, 8"));
}

TEST(ReportFigure, LeavesOutWhatALogarithmCannotShow) {
  json file_json = small_experiment();
  file_json["plots"] = {{{"x", "latent"}, {"y", "mse"}, {"series", "depth"}, {"log_y", true}}};
  LabTable table = table_from(file_json);
  for (LabResult& result : table.results) {
    if (result.axes[1].value == "none") result.figures[0].value = -1;
  }
  const ReportFigure figure = report_figure(table, table.experiment.plots[0]);
  EXPECT_EQ(figure.left_out(), 3);
  EXPECT_TRUE(figure.is_drawable());
}

}  // namespace
}  // namespace zscape
