#include "app/lab/report_page.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "app/lab/html_writer.h"
#include "app/lab/report_style.h"
#include "engine/data/base64.h"
#include "engine/lab/claim.h"
#include "engine/lab/column_words.h"
#include "engine/number_text.h"
#include "engine/text.h"
#include "engine/training/parameters.h"

namespace zscape {
namespace {

std::string verdict_text(Finding finding) {
  switch (finding) {
    case Finding::confirmed:
      return tr("✓ Confirmed");
    case Finding::refuted:
      return tr("✗ Refuted");
    case Finding::undecided:
      return tr("? Undecided");
  }
  return {};
}

std::string duration_text(double seconds) {
  if (seconds < 120) return tr("{} s", format_value(seconds, 3));
  if (seconds < 7200) return tr("{} min", format_value(seconds / 60, 3));
  return tr("{} h", format_value(seconds / 3600, 3));
}

std::string seeds_text(const LabTable& table) {
  std::set<std::uint64_t> seeds;
  for (const LabTableRun& run : table.runs) seeds.insert(run.seed);
  return fmt::format("{}", fmt::join(seeds, ", "));
}

// JSON with a line for each value, unless a person has laid it out.
std::string laid_out(const std::string& json) {
  if (json.find('\n') != std::string::npos) return json;
  return nlohmann::ordered_json::parse(json).dump(1);
}

// Each part of the page is a function; together they write it from top to bottom.
class ReportPage {
 public:
  ReportPage(const LabTable& table, const std::vector<PageFigure>& figures, const RunTimes& times,
             const std::string& note)
      : table_(table),
        experiment_(table.experiment),
        figures_(figures),
        times_(times),
        note_(note),
        columns_(columns_of(table)),
        rows_(rows_of(table)),
        verdicts_(judge_claims(table)) {}

  std::string write() {
    head();
    html_.open("main");
    title();
    for (const std::string& paragraph : experiment_.text) html_.add("p", paragraph);
    claims();
    prediction();
    figures();
    means();
    failures();
    absences();
    method();
    columns();
    sources();
    repeat();
    return html_.take();
  }

 private:
  using Attributes = HtmlWriter::Attributes;

  void head() {
    html_.open("html", {{"lang", "en"}}).open("head");
    html_.add_void("meta", {{"charset", "utf-8"}});
    // Nothing is fetched and nothing runs, whatever a text of the experiment holds.
    html_.add_void(
        "meta",
        {{"http-equiv", "Content-Security-Policy"},
         {"content",
          "default-src 'none'; style-src 'unsafe-inline'; img-src data:"}});  // not for people
    html_.add_void("meta", {{"name", "viewport"},
                            {"content", "width=device-width, initial-scale=1"}});  // not for people
    html_.add_void("meta",
                   {{"name", "generator"}, {"content", fmt::format("zscape {}", table_.version)}});
    html_.add("title", experiment_.question.empty() ? experiment_.name : experiment_.question);
    html_.style(kReportStyle).close();
    html_.open("body");
  }

  void title() {
    html_.add("h1", experiment_.question.empty() ? experiment_.name : experiment_.question);
    html_.add("p",
              tr("Experiment {} on {}: {} of {} runs.", experiment_.name, experiment_.data,
                 table_.finished(), table_.runs.size()),
              {{"class", "about"}});
    if (table_.finished() < table_.runs.size()) {
      html_.add("p",
                tr("This report is not complete: {} runs are missing and {} failed. The same "
                   "command again goes on where the lab was.",
                   table_.runs.size() - table_.finished() - table_.failed(), table_.failed()),
                {{"class", "notice"}});
    }
  }

  void claims() {
    if (verdicts_.empty()) return;
    html_.add("h2", tr("What came out"));
    for (const ClaimVerdict& verdict : verdicts_) {
      const Finding finding = verdict.judgement.finding;
      html_.open("section", {{"class", fmt::format("claim {}", name_of(finding))}});
      html_.add("p", verdict_text(finding), {{"class", "verdict"}});
      html_.add("h3", verdict.claim->says);
      html_.add("p", verdict.judgement.sentence);
      if (!verdict.claim->source.empty()) {
        html_.add("p", tr("Source: {}", verdict.claim->source), {{"class", "soft"}});
      }
      html_.close();
    }
    html_.add(
        "p",
        tr("A comparison is decided only where the difference lies farther from its limit "
           "than t standard errors (Student's t, 95 %, two-sided; paired by seed). Else it "
           "is undecided: more seeds may decide it. In these sentences ± is the half width of "
           "the 95 % interval, in tables and figures one standard error."),
        {{"class", "soft"}});
  }

  void prediction() {
    if (!experiment_.prediction) return;
    const LabPrediction& asked = *experiment_.prediction;
    html_.add("h2", tr("What to predict")).add("p", asked.ask);
    if (asked.kind == LabPrediction::Kind::choice) {
      html_.open("ul");
      for (const auto& [words, predicate] : asked.choices) {
        const Judgement judgement = judge(predicate, table_);
        html_.open("li").text(
            tr("{}: {}. {}", words, name_of(judgement.finding), judgement.sentence));
        html_.close();
      }
      html_.close();
    } else if (asked.kind == LabPrediction::Kind::number) {
      const Estimate answer = estimate(asked.answer, table_);
      if (!answer.reason.empty()) {
        html_.add("p", answer.reason);
      } else {
        html_.add("p", tr("{}: {}", answer.text, format_value(answer.mean)));
      }
    } else if (asked.plot < figures_.size()) {
      html_.add("p", tr("Figure {} shows the answer.", asked.plot + 1));
    }
  }

  void figures() {
    if (figures_.empty()) return;
    html_.add("h2", tr("Figures"));
    if (!note_.empty()) html_.add("p", note_, {{"class", "notice"}});
    for (std::size_t i = 0; i < figures_.size(); ++i) {
      const PageFigure& figure = figures_[i];
      html_.open("figure");
      if (!figure.svg.empty()) {
        // As a picture: what an SVG holds cannot act on the page.
        html_.add_void("img",
                       {{"src", "data:image/svg+xml;base64," +
                                    to_base64(std::as_bytes(std::span(figure.svg)))},
                        {"alt", tr("{} against {}", figure.plot.y_label, figure.plot.x_label)}});
      }
      html_.open("figcaption").open("b").text(tr("Figure {}.", i + 1)).close();
      html_.text(" ").text(caption(figure));
      html_.close().close();
    }
  }

  std::string caption(const PageFigure& figure) const {
    const ReportFigure& plot = figure.plot;
    std::vector<std::string> sentences;
    if (!plot.title.empty()) sentences.push_back(plot.title + (ends(plot.title) ? "" : "."));
    if (!plot.is_drawable()) {
      sentences.emplace_back(tr("Nothing of it is measured yet."));
    } else {
      sentences.emplace_back(tr("Means over the seeds with one standard error."));
      if (!plot.point_label.empty()) {
        sentences.push_back(tr("The numbers at the points: {}.", plot.point_label));
      }
      if (plot.left_out() > 0) {
        sentences.push_back(
            tr("{} points that are not positive have no place on a logarithmic axis.",
               plot.left_out()));
      }
      sentences.push_back(tr("Beside this page: {0}.gp and {0}.csv.", figure.name));
    }
    return fmt::format("{}", fmt::join(sentences, " "));
  }

  static bool ends(const std::string& sentence) {
    return sentence.ends_with('.') || sentence.ends_with('?') || sentence.ends_with('!');
  }

  void means() {
    if (rows_.empty() || columns_.empty()) return;
    html_.add("h2", tr("Means"));
    html_.open("div", {{"class", "scroll"}}).open("table");
    html_.add("caption", tr("Mean ± standard error over the seeds {}. Every run by itself is in "
                            "runs.csv beside this page.",
                            seeds_text(table_)));
    html_.open("thead").open("tr");
    for (const LabAxis& axis : experiment_.axes) html_.add("th", axis.label, {{"scope", "col"}});
    for (const std::string& column : columns_) {
      const ColumnWords words = words_of(column);
      html_.open("th", {{"scope", "col"}, {"class", "number"}}).text(words.label);
      if (words.label != column) html_.add("small", column);
      if (!words.unit.empty()) html_.add("small", words.unit);
      html_.close();
    }
    html_.close().close().open("tbody");
    for (const LabRow& row : rows_) {
      html_.open("tr");
      for (const AxisPlace& place : row.place) html_.add("td", place.value);
      for (const LabMean& mean : row.means) {
        html_.add("td", mean_text(mean, row.runs.size()), {{"class", "number"}});
      }
      html_.close();
    }
    html_.close().close().close();
  }

  static std::string mean_text(const LabMean& mean, std::size_t runs) {
    if (mean.seeds == 0) return "–";
    const std::string text = format_with_error(
        mean.mean, std::isnan(mean.standard_error) ? std::nullopt
                                                   : std::optional<double>(mean.standard_error));
    if (static_cast<std::size_t>(mean.seeds) == runs) return text;
    return tr("{} ({} of {} seeds)", text, mean.seeds, runs);
  }

  void failures() {
    if (table_.failed() == 0) return;
    html_.add("h2", tr("Runs that failed")).open("ul");
    for (const LabResult& result : table_.results) {
      if (result.error.empty()) continue;
      html_.add("li", tr("{}, seed {}: {}", place_text(result.axes), result.seed, result.error));
    }
    html_.close();
  }

  void absences() {
    std::set<std::pair<std::string, std::string>> all;
    for (const LabResult& result : table_.results) {
      for (const LabAbsence& absence : result.absent) all.emplace(absence.measure, absence.why);
    }
    if (all.empty()) return;
    html_.add("h2", tr("What some runs do not have")).open("ul");
    for (const auto& [measure, why] : all) {
      html_.open("li").add("code", measure).text(fmt::format(": {}", why)).close();
    }
    html_.close();
  }

  void define(const std::string& word, const std::string& text) {
    html_.add("dt", word).add("dd", text);
  }

  void method() {
    html_.add("h2", tr("How it was measured")).open("dl");
    define(tr("Data"), experiment_.data);
    for (const LabAxis& axis : experiment_.axes) {
      std::vector<std::string> values;
      for (const std::size_t i : axis.chosen) values.push_back(axis.values[i].label);
      define(axis.label, fmt::format("{}", fmt::join(values, ", ")));
    }
    define(tr("Seeds"), seeds_text(table_));
    for (const LabSetting& setting : experiment_.plan) {
      const Parameter* row = find_parameter(setting.key);
      define(row != nullptr ? row->label : setting.key.c_str(), setting.text);
    }
    define(tr("Version"), fmt::format("zscape {}", table_.version));
    if (!times_.hosts.empty()) {
      std::vector<std::string> hosts;
      for (const auto& [host, runs] : times_.hosts) hosts.push_back(tr("{} ({} runs)", host, runs));
      define(tr("Machines"), fmt::format("{}", fmt::join(hosts, ", ")));
    }
    if (times_.seconds > 0) {
      define(tr("Computing"), tr("{}, all runs one after another", duration_text(times_.seconds)));
    }
    html_.close();
  }

  void columns() {
    std::vector<std::string> names = columns_;
    const std::vector<std::string> curves = experiment_.curves();
    names.insert(names.end(), curves.begin(), curves.end());
    if (names.empty()) return;
    html_.add("h2", tr("What the figures mean")).open("dl");
    for (const std::string& name : names) {
      const ColumnWords words = words_of(name);
      html_.open("dt").text(words.label);
      if (words.label != name) html_.text(" ").add("code", name);
      html_.close().add("dd", words.help);
    }
    html_.close();
  }

  void sources() {
    std::vector<std::string> all;
    for (const LabClaim& claim : experiment_.claims) {
      if (!claim.source.empty() && std::ranges::find(all, claim.source) == all.end()) {
        all.push_back(claim.source);
      }
    }
    if (all.empty()) return;
    html_.add("h2", tr("Sources")).open("ul");
    for (const std::string& source : all) html_.add("li", source);
    html_.close();
  }

  void repeat() {
    html_.add("h2", tr("To repeat it"));
    html_.add("p",
              tr("Write what follows into a file experiment.json (the results folder holds it, "
                 "too) and run the commands with this version; equal runs give equal results."));
    html_.add("pre",
              "zscape lab run experiment.json --out repeated\n"  // not for people
              "zscape lab report repeated");                     // not for people
    html_.add("pre", laid_out(experiment_.json));
  }

  const LabTable& table_;
  const Experiment& experiment_;
  const std::vector<PageFigure>& figures_;
  const RunTimes& times_;
  const std::string& note_;
  std::vector<std::string> columns_;
  std::vector<LabRow> rows_;
  std::vector<ClaimVerdict> verdicts_;
  HtmlWriter html_;
};

}  // namespace

std::string report_page(const LabTable& table, const std::vector<PageFigure>& figures,
                        const RunTimes& times, const std::string& note) {
  return ReportPage(table, figures, times, note).write();
}

}  // namespace zscape
