// The panels without a window: a Dear ImGui context, a faked mouse, and the commands they return.
#include <unistd.h>

#include <ctime>
#include <filesystem>
#include <set>

#include "app/gui/panels/curves/curve_lines.h"
#include "app/gui/panels/curves/plot_area.h"
#include "app/gui/panels/frame/path_prompt.h"
#include "app/gui/view/frame/pane_colors.h"
#include "engine/training/parameters.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

TEST_F(PanelsTest, PlayReturnsStart) {
  const auto commands = click("play");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Start>(commands[0]));
}

TEST_F(PanelsTest, PauseStepAndResetReturnTheirCommands) {
  EXPECT_EQ(name_of(click("step").at(0)), "step");
  EXPECT_EQ(name_of(click("reset").at(0)), "reset");
  view().state = RunState::running;
  EXPECT_EQ(name_of(click("pause").at(0)), "pause");
}

TEST_F(PanelsTest, GreyedButtonsDoNotFire) {
  EXPECT_THAT(click("pause"), ::testing::IsEmpty());
  view().state = RunState::running;
  EXPECT_THAT(click("play"), ::testing::IsEmpty());
  EXPECT_THAT(click("step"), ::testing::IsEmpty());
  view().state = RunState::loading;
  for (const char* widget : {"play", "pause", "step", "reset", "save"}) {
    EXPECT_THAT(click(widget), ::testing::IsEmpty()) << widget;
  }
}

TEST_F(PanelsTest, DraggingLambdaReachesZeroAndAHundred) {
  controls();
  controls();
  move(place_of("lambda", 0.5f));
  controls();
  press(true);
  controls();
  std::vector<double> seen;
  for (const float at : {0.6f, 0.9f, 1.0f, 2.0f, 0.2f, 0.0f, -1.0f}) {
    move(place_of("lambda", at));
    for (const Command& command : controls()) {
      seen.push_back(std::get<SetKlWeight>(command).kl_weight);
    }
  }
  press(false);
  controls();
  ASSERT_GE(seen.size(), 5u);  // it is sent while dragging, not only at the end
  EXPECT_EQ(*std::ranges::max_element(seen), 100);
  EXPECT_EQ(seen.back(), 0);
  for (const double value : seen) EXPECT_TRUE(value >= 0 && value <= 100) << value;
}

TEST_F(PanelsTest, LambdaPresetsSetTheirValues) {
  for (const auto& [widget, value] : std::map<std::string, double>{
           {"lambda_0", 0}, {"lambda_0.1", 0.1}, {"lambda_4", 4}, {"lambda_100", 100}}) {
    const auto commands = click(widget);
    ASSERT_EQ(commands.size(), 1u) << widget;
    EXPECT_EQ(std::get<SetKlWeight>(commands[0]).kl_weight, value);
  }
}

TEST_F(PanelsTest, TypedLambdaIsTakenAndNonsenseIsNot) {
  click("lambda_value");
  type("2.5");
  controls();
  const auto commands = click("seed");  // leaving the field
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<SetKlWeight>(commands[0]).kl_weight, 2.5);
  click("lambda_value");
  type("2,5x");
  controls();
  EXPECT_THAT(click("seed"), ::testing::IsEmpty());
}

TEST_F(PanelsTest, LambdaIsGreyedForAnAutoencoder) {
  view().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  EXPECT_THAT(click("lambda", 0.9f), ::testing::IsEmpty());
  EXPECT_THAT(click("lambda_20"), ::testing::IsEmpty());
}

TEST_F(PanelsTest, LearningRateStaysInItsRange) {
  const auto high = click("learning_rate", 0.99f);
  ASSERT_FALSE(high.empty());
  EXPECT_EQ(std::get<SetParameter>(high[0]).text, "0.1");
  const auto low = click("learning_rate", 0.01f);
  ASSERT_FALSE(low.empty());
  EXPECT_EQ(std::get<SetParameter>(low[0]).text, "1e-05");
}

TEST_F(PanelsTest, BatchSizeIsChosenFromItsList) {
  EXPECT_THAT(click("batch"), ::testing::IsEmpty());
  const auto commands = click("batch_512");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<SetParameter>(commands[0]).text, "512");
}

TEST_F(PanelsTest, ApplyFiresOnlyForAChangedModel) {
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
  EXPECT_THAT(click("kind_cvae"), ::testing::IsEmpty());  // not before Apply
  const auto commands = click("apply");
  ASSERT_EQ(commands.size(), 1u);
  const ModelSpec& spec = std::get<ReplaceModel>(commands[0]).spec;
  EXPECT_EQ(spec, reference_spec(ModelKind::cvae, *snapshot_.data, 2));
  click("revert");
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
}

TEST_F(PanelsTest, HiddenWidthsAreReadAsAList) {
  click("hidden");
  type("300, 100");
  controls();
  const auto commands = click("apply");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<ReplaceModel>(commands[0]).spec.hidden, (std::vector<int>{300, 100}));
}

TEST_F(PanelsTest, WhatIsSaidOfARefusedTextCoversNeitherItsFieldNorApply) {
  for (const char* field : {"hidden", "latent", "lambda_value", "seed"}) {
    for (const Rect& place :
         {kControlsPlace, kSmallestPlace, Rect{{700, 8}, {304, 640}}, Rect{{0, 8}, {1024, 640}}}) {
      controls_place_ = place;
      click(field);
      type("0,400x");
      controls();
      click("play");  // leaving the field
      controls();
      const auto said = widgets_.find(std::string(field) + "_refusal");
      ASSERT_TRUE(said) << field << ' ' << place.size.x;
      for (const char* other : {field, "apply"}) {
        const Rect covered = *widgets_.find(other);
        const bool apart = said->high().x <= covered.origin.x ||
                           said->origin.x >= covered.high().x ||
                           said->high().y <= covered.origin.y || said->origin.y >= covered.high().y;
        EXPECT_TRUE(apart) << field << " over " << other << ' ' << place.size.x;
      }
      EXPECT_GE(said->origin.x, 0);
      EXPECT_LE(said->high().x, ImGui::GetIO().DisplaySize.x);
      EXPECT_LE(said->high().y, ImGui::GetIO().DisplaySize.y);
    }
  }
}

TEST_F(PanelsTest, AHiddenWidthOfZeroIsRefusedAndSpacesAreNot) {
  click("hidden");
  type("0,400");
  controls();
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
  EXPECT_EQ(controls_.hidden.refused, "0,400");
  // What is said is the table's range, which has no zero.
  EXPECT_THAT(parameter("hidden").field.range, ::testing::HasSubstr("from 1 to"));
  click("hidden");
  type(" 400 ,200");
  controls();
  EXPECT_EQ(std::get<ReplaceModel>(click("apply").at(0)).spec.hidden, (std::vector<int>{400, 200}));
}

TEST_F(PanelsTest, ApplyIsGreyedForUnreadableWidths) {
  click("hidden");
  type("300;100");
  controls();
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
}

TEST_F(PanelsTest, ConditionalModelNeedsLabels) {
  auto data = std::make_shared<Dataset>(*snapshot_.data);
  data->class_names.clear();
  snapshot_.data = data;
  click("kind_cvae");
  EXPECT_EQ(controls_.draft.kind, ModelKind::vae);
}

TEST_F(PanelsTest, MeanSquaredErrorIsGreyedForAVae) {
  click("likelihood");
  click("likelihood_mse");
  EXPECT_EQ(controls_.draft.likelihood, Likelihood::bernoulli);
  click("likelihood_gaussian");
  EXPECT_EQ(controls_.draft.likelihood, Likelihood::gaussian);
}

TEST_F(PanelsTest, DataIsLoadedFromTheTypedFolder) {
  EXPECT_THAT(click("load"), ::testing::IsEmpty());
  EXPECT_THAT(click("synthetic"), ::testing::IsEmpty());  // loaded already
  click("source");
  type("data/mnist");
  controls();
  const auto commands = click("load");
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_EQ(std::get<LoadData>(commands[0]).request.source, "data/mnist");
}

TEST_F(PanelsTest, SaveAndOpenNameTheFile) {
  EXPECT_EQ(std::get<SaveModel>(click("save").at(0)).path, "model.safetensors");
  EXPECT_EQ(std::get<OpenModel>(click("open").at(0)).path, "model.safetensors");
}

TEST_F(PanelsTest, ControlsFitTheSmallestWindow) {
  controls_place_ = kSmallestPlace;
  controls();
  controls_.draft.likelihood = Likelihood::gaussian;  // one field more
  controls();
  controls();
  for (const auto& [name, place] : widgets_.places()) {
    EXPECT_GE(place.origin.x, kSmallestPlace.origin.x) << name;
    EXPECT_LE(place.origin.x + place.size.x, kSmallestPlace.origin.x + kSmallestPlace.size.x)
        << name;
    EXPECT_LE(place.origin.y + place.size.y, kSmallestPlace.origin.y + kSmallestPlace.size.y)
        << name;
    EXPECT_GE(place.size.x, 14) << name;
  }
  // The same widgets as in a large one.
  const auto small = widgets_.places();
  controls_place_ = kControlsPlace;
  controls();
  controls();
  for (const auto& [name, place] : widgets_.places()) EXPECT_TRUE(small.contains(name)) << name;
}

TEST_F(PanelsTest, ALongPathIsEditedWhole) {
  const std::string path = "/data/me/autoencoders/of/this/year/and/the/last/model.safetensors";
  controls_.path = path;
  EXPECT_EQ(std::get<SaveModel>(click("save").at(0)).path, path);
  click("path", 0.2f);  // selects all
  EXPECT_EQ(controls_.model_path.text, path);
  type("x");
  controls();
  EXPECT_EQ(std::get<SaveModel>(click("save").at(0)).path, "x");
}

TEST_F(PanelsTest, PanelsDrawBeforeAnythingIsLoaded) {
  snapshot_ = Snapshot{};
  EXPECT_THAT(controls(), ::testing::IsEmpty());
  curves();
  frame({{0, 670}, {1024, 30}},
        [this](const PanelFrame& panel) { draw_status_panel(snapshot_, kModel, {}, panel); });
}

TEST_F(PanelsTest, LogScaleIsOffWhereValuesAreNotPositive) {
  view().curves.train = curve_of(100, [](int index) { return static_cast<float>(index) - 10; });
  const auto click_log = [this] {
    curves();
    curves();
    move(place_of("loss_log"));
    curves();
    press(true);
    curves();
    press(false);
    curves();
  };
  click_log();
  EXPECT_FALSE(curves_.plots[0].log_scale);
  view().curves.train = curve_of(100, [](int index) { return static_cast<float>(index) + 1; });
  click_log();
  EXPECT_TRUE(curves_.plots[0].log_scale);
}

TEST_F(PanelsTest, HoverFindsTheNearestStepInAllPlots) {
  view().curves.train = curve_of(1000, [](int index) { return std::sin(0.01f * index); });
  curves();
  curves();
  move(place_of("plot_kl", 0.5f));
  curves();
  ASSERT_TRUE(curves_.hovered_step);
  EXPECT_NEAR(*curves_.hovered_step, 500, 5);
  move({1, 1});
  curves();
  EXPECT_FALSE(curves_.hovered_step);
}

TEST_F(PanelsTest, TheFormerRunIsShownOnlyInTheSameUnit) {
  const auto shows_it = [this] {
    curves();
    return widgets_.find("legend_former_run").has_value();
  };
  const auto ten = [](int) { return 10.0f; };
  auto former = std::make_shared<Curves>();
  former->train = curve_of(100, ten);
  view().ghost = former;
  view().ghost_spec = view().spec;
  EXPECT_TRUE(shows_it());
  const int vertices_with = ImGui::GetDrawData()->TotalVtxCount;
  view().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);  // mse, no KL
  EXPECT_FALSE(shows_it());
  EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, vertices_with);
  view().ghost_spec = view().spec;
  EXPECT_TRUE(shows_it());
}

// A second model whose curves lie far above the first one's.
ModelView other_model(const Snapshot& snapshot, ModelKind kind, float level) {
  ModelView other;
  other.id = ModelId{1};
  other.serial = 1;
  other.spec = reference_spec(kind, *snapshot.data, 2);
  other.curves.train = curve_of(100, [level](int) { return level; });
  return other;
}

// The colours of the lines that were drawn, without their opacity.
std::set<ImU32> drawn_colors() {
  std::set<ImU32> colors;
  const ImDrawData& data = *ImGui::GetDrawData();
  for (int i = 0; i < data.CmdListsCount; ++i) {
    for (const ImDrawVert& vertex : data.CmdLists[i]->VtxBuffer) {
      colors.insert(vertex.col | IM_COL32_A_MASK);
    }
  }
  return colors;
}

TEST_F(PanelsTest, CurvesOfEveryModelShareAnAxisInTheirPanesColours) {
  view().curves.train = curve_of(100, [](int index) { return 100.0f + 0.01f * index; });
  curves();
  EXPECT_FALSE(drawn_colors().contains(pane_color(1)));
  snapshot_.models.push_back(other_model(snapshot_, ModelKind::vae, 900));
  curves();
  curves();
  EXPECT_TRUE(drawn_colors().contains(pane_color(0)));
  EXPECT_TRUE(drawn_colors().contains(pane_color(1)));
  // Neither lies outside: a line that is clipped away whole leaves no vertex.
  const auto count = [](ImU32 color) {
    int found = 0;
    const ImDrawData& data = *ImGui::GetDrawData();
    for (int i = 0; i < data.CmdListsCount; ++i) {
      for (const ImDrawVert& vertex : data.CmdLists[i]->VtxBuffer) {
        const bool inside =
            vertex.pos.y > kCurvesPlace.origin.y + 40 && vertex.pos.y < kCurvesPlace.high().y - 20;
        if (inside && (vertex.col | IM_COL32_A_MASK) == color) ++found;
      }
    }
    return found;
  };
  EXPECT_GT(count(pane_color(0)), 100);
  EXPECT_GT(count(pane_color(1)), 100);
  snapshot_.models.push_back(other_model(snapshot_, ModelKind::vae, 500));
  snapshot_.models.back().id = ModelId{2};
  snapshot_.models.back().serial = 2;
  curves();
  curves();
  EXPECT_GT(count(pane_color(2)), 100);
  // The legend hides one.
  move(place_of("legend_model_1"));
  curves();
  press(true);
  curves();
  press(false);
  curves();
  move({1, 1});
  curves();
  EXPECT_LT(count(pane_color(1)), 100);
  EXPECT_GT(count(pane_color(2)), 100);
}

TEST_F(PanelsTest, CurvesInAnotherUnitAreNamedInsteadOfDrawn) {
  view().curves.train = curve_of(100, [](int) { return 100.0f; });
  snapshot_.models.push_back(other_model(snapshot_, ModelKind::ae, 0.04F));
  curves();
  curves();
  EXPECT_TRUE(widgets_.find("left_out_loss"));
  EXPECT_TRUE(widgets_.find("left_out_reconstruction"));
  const CurveRuns runs = runs_of(snapshot_, view());
  EXPECT_THAT(left_out(runs, CurveField::reconstruction),
              testing::ElementsAre("VAE is in nats and AE in MSE"));
  const ModelView& ae = snapshot_.models[1];
  EXPECT_EQ(curve_of(runs, ae, CurveSeries::train, CurveField::loss), nullptr);
  // In the same unit its loss stands beside the VAE's, and the KL is the VAE's alone.
  snapshot_.models[1].spec.likelihood = Likelihood::bernoulli;
  EXPECT_EQ(curve_of(runs, ae, CurveSeries::train, CurveField::loss), &ae.curves.train);
  EXPECT_EQ(curve_of(runs, ae, CurveSeries::train, CurveField::kl), nullptr);
  const CurveRuns of_ae = runs_of(snapshot_, ae);
  EXPECT_EQ(curve_of(of_ae, view(), CurveSeries::train, CurveField::kl), &view().curves.train);
  curves();
  EXPECT_FALSE(widgets_.find("left_out_loss"));
}

// A run whose KL rises and whose training and test loss fall so much a step.
Curves learned(double kl_rise, double loss_fall, double test_fall, float last_kl_weight = 1) {
  Curves curves;
  for (int i = 0; i < 80; ++i) {
    CurvePoint point{i + 1};
    point.kl = static_cast<float>(3 + kl_rise * i);
    point.loss = static_cast<float>(200 - loss_fall * i);
    point.reconstruction = point.loss - point.kl;
    point.kl_weight = i < 70 ? 1 : last_kl_weight;
    curves.train.append(point);
    if (i % 5 != 0) continue;
    point.loss = static_cast<float>(210 - test_fall * i);
    curves.test_sample.append(point);
  }
  return curves;
}

TEST_F(PanelsTest, ARisingKlIsExplainedByWhatTheTestLossDoes) {
  EXPECT_EQ(kl_rise(learned(0.02, 0.5, 0.4)), KlRise::learns);
  EXPECT_EQ(kl_rise(learned(0.02, 0.5, -0.4)), KlRise::overfits);
  EXPECT_EQ(kl_rise(learned(0.02, 0.5, 0)), KlRise::none);          // neither is certain
  EXPECT_EQ(kl_rise(learned(0.02, 0.5, 0.4, 0.5F)), KlRise::none);  // λ fell: another reason
  EXPECT_EQ(kl_rise(learned(-0.01, 0.5, 0.4)), KlRise::none);
  EXPECT_EQ(kl_rise(learned(0.02, 0, 0.4)), KlRise::none);
  Curves untested = learned(0.02, 0.5, 0.4);
  untested.test_sample.clear();
  EXPECT_EQ(kl_rise(untested), KlRise::none);
  untested.test = learned(0.02, 0.5, -0.4).test_sample;  // of the whole split, as rarely
  EXPECT_EQ(kl_rise(untested), KlRise::overfits);
  const auto remarks = [this](const Curves& of) {
    view().curves = of;
    curves();
    curves();
    return std::pair(widgets_.find("kl_rises").has_value(),
                     widgets_.find("kl_overfits").has_value());
  };
  EXPECT_EQ(remarks(learned(0.02, 0.5, 0.4)), std::pair(true, false));
  EXPECT_EQ(remarks(learned(0.02, 0.5, -0.4)), std::pair(false, true));
  EXPECT_EQ(remarks(learned(0.02, 0.5, 0)), std::pair(false, false));
}

TEST_F(PanelsTest, AValueBesideAStepIsNeverOfALaterOne) {
  Curve test;
  for (const int step : {100, 200, 300}) test.append({step, static_cast<float>(step)});
  const auto at = [&](double step) {
    const Reading reading = reading_of(test, CurveField::loss, step, "test");
    return reading.name + ": " + reading.value;
  };
  EXPECT_EQ(at(40), "test: –");
  EXPECT_EQ(at(99), "test: –");
  EXPECT_EQ(at(100), "test: 100.0");
  EXPECT_EQ(at(190), "test at step 100: 100.0");  // 200 is nearer, but later
  EXPECT_EQ(at(200), "test: 200.0");
  EXPECT_EQ(at(5000), "test at step 300: 300.0");
  EXPECT_FALSE(index_at(Curve(), 5));
}

TEST_F(PanelsTest, LambdaBesideAStepIsNeverThatOfALaterOne) {
  view().settings.kl_weight = 7;
  EXPECT_EQ(kl_weight_at(view(), 190), 7);
  for (const int step : {100, 200, 300}) {
    CurvePoint point{step};
    point.kl_weight = 0.01F * static_cast<float>(step);  // a schedule
    view().curves.train.append(point);
  }
  EXPECT_EQ(kl_weight_at(view(), 190), 1);
  EXPECT_EQ(kl_weight_at(view(), 200), 2);
  view().curves.marks = {{150, 4}};
  EXPECT_FALSE(kl_weight_at(view(), 40));  // before all that is known
  view().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  EXPECT_FALSE(kl_weight_at(view(), 200));
}

TEST_F(PanelsTest, ALabelOfLambdaStaysAtItsOwnLine) {
  const PlotArea area{{{100, 0}, {300, 100}}, {0, 3000}, {0, 1}};  // 10 steps a pixel
  std::vector<KlWeightMark> marks;
  const auto labels = [&] {
    return frame(kCurvesPlace, [&](const PanelFrame&) { return label_marks(theme_, area, marks); });
  };
  // A few by hand, and all that random steps make.
  std::vector<std::vector<int>> cases = {{200, 1500},  {200, 260, 1500},   {2950},
                                         {2700, 2950}, {2900, 2920, 2950}, {5, 10, 15, 20}};
  std::uint32_t state = 1;
  for (int round = 0; round < 200; ++round) {
    std::set<int> steps;
    for (int i = 0; i <= round % 12; ++i) {
      state = state * 1664525 + 1013904223;
      steps.insert(1 + static_cast<int>(state >> 8) % 2999);
    }
    cases.emplace_back(steps.begin(), steps.end());
  }
  for (const std::vector<int>& steps : cases) {
    marks.clear();
    for (const int step : steps) marks.push_back({step, 1e-4 * step});
    const std::vector<MarkLabel> found = labels();
    std::size_t covered = 0;
    float end = area.rect.origin.x;  // of what stands at the left
    for (std::size_t i = 0; i < found.size(); ++i) {
      const MarkLabel& label = found[i];
      EXPECT_EQ(label.begin, covered);
      covered += label.marks;
      const float next = i + 1 < found.size() ? found[i + 1].first_x : area.rect.high().x;
      if (label.text.empty()) {
        EXPECT_EQ(i + 1, found.size());  // the others have a line to share
        continue;
      }
      const float text_end = label.text_x + label.width;
      const bool behind = label.text_x > label.last_x && text_end < next;
      const bool before = i + 1 == found.size() && text_end < label.first_x &&
                          label.text_x > (i > 0 ? found[i - 1].last_x : area.rect.origin.x);
      EXPECT_TRUE(behind || before) << label.text;
      EXPECT_GT(label.text_x, end);
      end = std::max(text_end, label.last_x);
      EXPECT_EQ(label_at(theme_, found, label.text_x + 1), &label);
      EXPECT_EQ(label_at(theme_, found, label.first_x), &label);
    }
    EXPECT_EQ(covered, marks.size());
  }
  marks = {{200, 1}, {260, 4}, {320, 2}, {1500, 0.5}};
  std::vector<std::string> texts;
  for (const MarkLabel& label : labels()) texts.push_back(label.text);
  EXPECT_THAT(texts, testing::ElementsAre("λ: 3 changes", "λ 0.5"));
}

TEST_F(PanelsTest, AScheduleIsMarkedByItsName) {
  EXPECT_EQ(mark_name({400, 1, KlSchedule::Kind::warm_up}), "warm-up 0→1");
  EXPECT_EQ(mark_name({400, 4, KlSchedule::Kind::cyclic}), "cycles 0→4");
  EXPECT_EQ(mark_name({400, 0.5}), "λ 0.5");
}

TEST_F(PanelsTest, AfterAFailedLoadTheStatusIsNoData) {
  snapshot_.data = nullptr;
  EXPECT_FALSE(has_failed(snapshot_));  // nothing was tried yet
  snapshot_.activity = Activity{1, "loading mnist"};
  snapshot_.notices.push_back({1, true, "'nowhere' does not exist"});
  EXPECT_FALSE(has_failed(snapshot_));
  snapshot_.activity.reset();
  EXPECT_TRUE(has_failed(snapshot_));
  snapshot_.data = paused_snapshot().data;
  EXPECT_FALSE(has_failed(snapshot_));
}

TEST_F(PanelsTest, OnePointIsNoCurve) {
  const auto measure = [this](int points) {
    view().curves.train = curve_of(points, [](int) { return 100.0f; });
    curves();
    curves();
    return ImGui::GetDrawData()->TotalVtxCount;
  };
  const int none = measure(0);
  EXPECT_EQ(measure(1), none);
  EXPECT_NE(measure(2), none);
}

// Of this thread alone: other programs do not count.
double processor_ms() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

TEST_F(PanelsTest, LongCurvesDrawNoMoreThanThePixelsShow) {
  const auto noisy = [](int index) { return 100 + std::sin(1.7f * index) + 500.0f / (index + 1); };
  const auto measure = [&](int points) {
    view().curves.train = curve_of(points, noisy);
    for (int warm = 0; warm < 3; ++warm) curves();
    double best_ms = std::numeric_limits<double>::infinity();
    for (int repeat = 0; repeat < 20; ++repeat) {
      const double begin = processor_ms();
      curves();
      best_ms = std::min(best_ms, processor_ms() - begin);
    }
    return std::pair(best_ms, ImGui::GetDrawData()->TotalVtxCount);
  };
  const auto [short_ms, short_vertices] = measure(1000);
  const auto [long_ms, long_vertices] = measure(100000);
  EXPECT_LT(long_vertices, short_vertices * 2);
  EXPECT_LT(long_vertices, 20000);  // three plots of some 180 pixels
  EXPECT_LT(long_ms, 3 * short_ms + 0.2);
}

TEST_F(PanelsTest, InfosFadeAndErrorsStayUntilDismissed) {
  NoticesPanelState state;
  snapshot_.notices = {{1, false, "Saved a.safetensors."}, {2, true, "It did not work."}};
  const auto draw = [&] {
    return frame({{0, 0}, {1024, 300}}, [&](const PanelFrame& panel) {
      return draw_notices_panel(snapshot_, state, panel);
    });
  };
  EXPECT_TRUE(draw());  // asks for a later frame: the info will have to fade
  EXPECT_EQ(state.shown.size(), 2u);
  time_s_ += 10;
  EXPECT_FALSE(draw());
  ASSERT_EQ(state.shown.size(), 1u);
  EXPECT_TRUE(state.shown[0].is_error);
  draw();
  move(place_of("dismiss_0"));
  draw();
  press(true);
  draw();
  press(false);
  draw();
  EXPECT_TRUE(state.shown.empty());
  draw();  // the snapshot still carries it
  EXPECT_TRUE(state.shown.empty());
}

TEST_F(PanelsTest, ALongPathInANoticeTakesTwoLinesAtMost) {
  NoticesPanelState state;
  const std::string path = "/data/me" + std::string(400, 'x') + "/model.safetensors";
  snapshot_.notices = {{1, true, path + ": no such file"}};
  const auto draw = [&] {
    return frame({{0, 0}, {424, 300}}, [&](const PanelFrame& panel) {
      return draw_notices_panel(snapshot_, state, panel);
    });
  };
  draw();
  draw();
  const auto place = widgets_.find("notice_0");
  ASSERT_TRUE(place);
  EXPECT_LE(place->size.y, 2.5f * theme_.body->FontSize);
  EXPECT_EQ(state.shown[0].text, path + ": no such file");
}

TEST(Slider, LambdaScaleHasBothEndsAndRoundValues) {
  EXPECT_EQ(kl_weight_at(0), 0);
  EXPECT_EQ(kl_weight_at(1), 100);
  for (const double value : {0.0, 0.01, 0.1, 1.0, 4.0, 20.0, 100.0}) {
    EXPECT_EQ(kl_weight_at(position_of(value)), value);
  }
  for (double at = 0; at < 1; at += 0.01) EXPECT_LE(kl_weight_at(at), kl_weight_at(at + 0.01));
}

// A slow frame sees a whole path and the Tab behind it at once.
TEST_F(PanelsTest, TabCompletesWhatWasTypedInTheSameFrame) {
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) / ("prompt-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder / "models" / "vae-of-mine");
  PathPromptState prompt;
  ask_for_path(prompt, "Open", folder.string() + "/", false);
  const auto shown = [&] {
    frame(kControlsPlace, [&](const PanelFrame& panel) { draw_path_prompt(prompt, {}, panel); });
  };
  for (int i = 0; i < 4; ++i) shown();
  type("models/va");
#if IMGUI_VERSION_NUM >= 18700
  ImGui::GetIO().AddKeyEvent(ImGuiKey_Tab, true);
#else
  ImGui::GetIO().KeyMap[ImGuiKey_Tab] = 1;
  ImGui::GetIO().KeysDown[1] = true;
#endif
  for (int i = 0; i < 12; ++i) shown();
  EXPECT_EQ(prompt.text, (folder / "models" / "vae-of-mine").string() + "/");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace zscape
