#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "app/gui/panels/lab/lab_draw.h"
#include "app/gui/view/frame/format.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kMostJobs = 256;
constexpr float kTag = 84;  // the column of verdicts
constexpr float kProgress = 420;

ImU32 color_of(Finding finding) {
  switch (finding) {
    case Finding::confirmed:
      return color::kAccent;
    case Finding::refuted:
      return color::kError;
    case Finding::undecided:
      break;
  }
  return color::kMuted;
}

const char* word_of(Finding finding) {
  switch (finding) {
    case Finding::confirmed:
      return tr("confirmed");
    case Finding::refuted:
      return tr("refuted");
    case Finding::undecided:
      break;
  }
  return tr("undecided");
}

void draw_head(const LabDraw& draw) {
  const Theme& theme = draw.theme();
  const float top = ImGui::GetCursorPosY();
  const float end = ImGui::GetCursorPosX() + ImGui::GetContentRegionAvail().x;
  ImGui::SetCursorPosX(ImGui::GetCursorPosX() - draw.px(7));
  draw.requests.back = link(draw, "lab_back", tr("‹ All questions"), tr("Back to the shelf"));
  if (draw.shown.can_forget) {
    const char* forget = tr("Take off the shelf");
    ImGui::SameLine();
    ImGui::SetCursorPos({end - switch_width(theme, forget), top});
    draw.requests.forget =
        link(draw, "lab_forget", forget, tr("The folder and its files stay as they are"));
  }
  const Experiment& experiment = draw.page().experiment();
  read_text(draw, theme.title,
            experiment.question.empty() ? experiment.name.c_str() : experiment.question.c_str(),
            color::kText);
  draw.frame.widgets.note("lab_question");
  for (const std::string& paragraph : experiment.text) {
    ImGui::Dummy({0, draw.px(1)});
    read_text(draw, theme.body, paragraph.c_str(), color::kText);
  }
  ImGui::Dummy({0, draw.px(2)});
}

// How it is run. Greyed while it runs.
void draw_setup(const LabDraw& draw) {
  const PanelFrame& frame = draw.frame;
  const bool busy = draw.shown.progress.activity != LabActivity::idle;
  const std::string why_not = busy ? tr("Stop the lab first.") : std::string();
  LabSetup setup = draw.shown.setup;
  bool changed = false;
  row_label(frame, tr("Data"));
  if (const auto typed = text_field(
          frame, "lab_data", draw.state.data, setup.data, draw.px(220),
          tr("synthetic, mnist, fashion-mnist, kmnist, or a path of your own data"), why_not)) {
    setup.data = *typed;
    changed = true;
  }
  ImGui::SameLine(0, draw.px(14));
  inner_label(frame, tr("Processes"));
  ImGui::SameLine(0, draw.px(8));
  if (const auto typed = number_field(
          frame, "lab_jobs", draw.state.jobs, setup.jobs, 0, kMostJobs, draw.px(46),
          tr("How many runs at once; 0: as many as are fastest on this machine"), why_not, true)) {
    setup.jobs = static_cast<int>(*typed);
    changed = true;
  }
  if (draw.shown.has_quick) {
    row_label(frame, tr("Size"));
    const auto size = [&](const char* name, const char* label, bool quick,
                          const std::string& help) {
      if (choice(frame, name, label, draw.px(84), setup.quick == quick, help, why_not)) {
        changed = changed || setup.quick != quick;
        setup.quick = quick;
      }
    };
    size("lab_quick", tr("Quick"), true,
         tr("Fewer values, epochs and seeds: a first answer within minutes"));
    ImGui::SameLine(0, draw.px(4));
    size("lab_full", tr("Full"), false,
         tr("Everything that the question asks for; it may take hours, and can be stopped and "
            "continued"));
  }
  if (changed) draw.requests.setup = std::move(setup);
}

}  // namespace

void draw_measuring(const LabDraw& draw) {
  const PanelFrame& frame = draw.frame;
  const LabProgress& progress = draw.shown.progress;
  section(frame, tr("Measure"));
  if (!draw.page().is_opened) draw_setup(draw);
  const bool runs = progress.activity != LabActivity::idle;
  const bool is_done = progress.runs > 0 && progress.finished >= progress.runs;
  row_label(frame, tr("Runs"));
  if (runs) {
    draw.requests.stop =
        button(frame, "lab_stop", tr("Stop"), draw.px(96),
               tr("End its processes. What is finished stays, and Continue goes on from there."),
               progress.activity == LabActivity::stopping ? tr("It is ending.") : "");
  } else {
    const bool begun = progress.finished + progress.failed > 0;
    std::string why_not = progress.why_not;
    if (why_not.empty() && !draw.page().may_see()) {
      why_not = tr("Predict first, or choose to go on without.");
    }
    if (why_not.empty() && is_done) why_not = tr("All runs are done.");
    draw.requests.run =
        button(frame, "lab_run", begun ? tr("Continue") : tr("Run"), draw.px(96),
               tr("Train and measure in processes of low priority; the explorer goes on meanwhile"),
               why_not, Emphasis::accent);
  }
  ImGui::SameLine(0, draw.px(12));
  const float left = ImGui::GetCursorPosX(), top = ImGui::GetCursorPosY();
  const float width = std::min(ImGui::GetContentRegionAvail().x, draw.px(kProgress));
  small_text(draw.theme(), progress_text(progress).c_str(), runs ? color::kText : color::kMuted);
  frame.widgets.note("lab_progress_text");
  ImGui::SetCursorPos({left, top + height_of(draw.theme().small) + draw.px(5)});
  draw_progress(draw, width,
                progress.runs == 0
                    ? 0
                    : static_cast<double>(progress.finished) / static_cast<double>(progress.runs));
  ImGui::SetCursorPosY(std::max(ImGui::GetCursorPosY(), top + ImGui::GetFrameHeight()));
  ImGui::Dummy({0, 0});
  if (!progress.error.empty()) {
    read_text(draw, draw.theme().small, progress.error.c_str(), color::kError);
    frame.widgets.note("lab_error");
  }
  if (progress.failed == 0) return;
  for (const LabResult& result : draw.page().table->results) {
    if (result.error.empty()) continue;
    const std::string text = tr("{} failed: {}", place_text(result.axes), result.error);
    read_text(draw, draw.theme().small, text.c_str(), color::kError);
    break;  // the first tells most; the folder has all
  }
}

void draw_claims(const LabDraw& draw) {
  const Theme& theme = draw.theme();
  if (draw.page().verdicts.empty()) return;
  section(draw.frame, tr("Claims"));
  for (std::size_t i = 0; i < draw.page().verdicts.size(); ++i) {
    const auto& [claim, judgement] = draw.page().verdicts[i];
    const float left = ImGui::GetStyle().WindowPadding.x, top = ImGui::GetCursorPosY();
    const float lower = (height_of(theme.body) - height_of(theme.small)) / 2;
    ImGui::SetCursorPosY(top + lower);
    small_text(theme, word_of(judgement.finding), color_of(judgement.finding));
    draw.frame.widgets.note(fmt::format("lab_claim_{}_{}", i, name_of(judgement.finding)));
    ImGui::SetCursorPos({left + draw.px(kTag), top});
    ImGui::BeginGroup();
    read_text(draw, theme.body, claim->says.c_str(), color::kText);
    ImGui::SetCursorPosX(left + draw.px(kTag));
    read_text(draw, theme.small, judgement.sentence.c_str(), color::kMuted);
    if (!claim->source.empty()) {
      ImGui::SetCursorPosX(left + draw.px(kTag));
      read_text(draw, theme.small, claim->source.c_str(), color::kFaint);
    }
    ImGui::EndGroup();
    ImGui::Dummy({0, draw.px(3)});
  }
}

void draw_experiment(const LabDraw& draw) {
  draw_head(draw);
  draw_prediction(draw);
  draw_measuring(draw);
  draw_results(draw);
  draw_claims(draw);
  draw_models(draw);
  ImGui::Dummy({0, draw.px(8)});
}

}  // namespace zscape
