// Every option of the engine, reached by a faked mouse: what it does to the draft, what it asks the
// engine for, and what is greyed.
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

class ModelPanelsTest : public PanelsTest {
 protected:
  ModelPanelsTest() {
    view().train_rows = 60000;
    controls_.more_model = true;
    controls_.more_training = true;
    controls_place_.size.y = 1400;  // all of it in sight
    ImGui::GetIO().DisplaySize = {1024, 1500};
  }
  ModelSpec& draft() { return controls_.draft; }
  void show(ModelKind kind) {
    view().spec = reference_spec(kind, *snapshot_.data, 2);
    controls();
  }
  // What Apply asks for.
  ModelSpec applied() {
    const auto commands = click("apply");
    EXPECT_EQ(commands.size(), 1U);
    return commands.empty() ? ModelSpec{} : std::get<ReplaceModel>(commands[0]).spec;
  }
  void enter(const std::string& widget, const std::string& text) {
    click(widget);
    type(text);
    controls();
  }
  bool has(const std::string& widget) {
    controls();
    return widgets_.find(widget).has_value();
  }
  template <class T>
  T only(const std::vector<Command>& commands) {
    EXPECT_EQ(commands.size(), 1U);
    if (commands.size() != 1 || !std::holds_alternative<T>(commands[0])) {
      ADD_FAILURE() << "another command was asked for, or none";
      return {};
    }
    return std::get<T>(commands[0]);
  }
};

TEST_F(ModelPanelsTest, NetworkIsChosenAndTakesTheHiddenWidthsWithIt) {
  click("network_conv");
  EXPECT_EQ(draft().network, Network::conv);
  EXPECT_TRUE(draft().hidden.empty());
  EXPECT_TRUE(validate(draft()));
  EXPECT_EQ(applied().network, Network::conv);
  click("network_mlp");
  EXPECT_EQ(draft(), view().spec);
}

TEST_F(ModelPanelsTest, ConvolutionsAreGreyedWhereTheyCannotBe) {
  show(ModelKind::cvae);
  click("network_conv");
  EXPECT_EQ(draft().network, Network::mlp);
  auto data = std::make_shared<Dataset>(*snapshot_.data);
  data->shape = {30, 30, 1};
  snapshot_.data = data;
  show(ModelKind::vae);
  click("network_conv");
  EXPECT_EQ(draft().network, Network::mlp);
}

TEST_F(ModelPanelsTest, PixelsAreBinarised) {
  click("binarise");
  click("binarise_dynamic");
  EXPECT_EQ(draft().binarise, Binarise::dynamic);
  click("binarise");
  click("binarise_threshold");
  EXPECT_EQ(applied().binarise, Binarise::threshold);
}

TEST_F(ModelPanelsTest, NumbersOutsideZeroToOneAreNotBinarised) {
  auto data = std::make_shared<Dataset>(*snapshot_.data);
  auto scaling = std::make_shared<Scaling>();
  scaling->mean.assign(784, 5);
  scaling->deviation.assign(784, 2);
  data->scaling = scaling;
  snapshot_.data = data;
  show(ModelKind::vae);
  EXPECT_EQ(draft().likelihood, Likelihood::gaussian);
  click("binarise");
  click("binarise_threshold");
  EXPECT_EQ(draft().binarise, Binarise::none);
  click("seed");  // a greyed entry leaves the list open
  click("likelihood");
  click("likelihood_bernoulli");
  EXPECT_EQ(draft().likelihood, Likelihood::gaussian);
}

TEST_F(ModelPanelsTest, ObjectiveAndSamples) {
  click("objective_iwae");
  enter("samples", "5");
  const ModelSpec spec = applied();
  EXPECT_EQ(spec.objective, Objective::iwae);
  EXPECT_EQ(spec.samples, 5);
  enter("samples", "0");
  click("apply");
  EXPECT_EQ(draft().samples, 5);  // no draw at all is none
}

TEST_F(ModelPanelsTest, TheDeviationIsFixedOrLearned) {
  EXPECT_FALSE(has("sigma_learned"));  // bernoulli has none
  click("likelihood");
  click("likelihood_gaussian");
  enter("sigma", "0.5");
  EXPECT_EQ(applied().sigma, 0.5);
  click("sigma_learned");
  EXPECT_TRUE(draft().learned_sigma);
  EXPECT_EQ(draft().sigma, 1);
  enter("sigma", "0.2");  // greyed
  EXPECT_EQ(draft().sigma, 1);
  EXPECT_TRUE(applied().learned_sigma);
  EXPECT_FALSE(applied().optimal_sigma);
  click("sigma_optimal");
  EXPECT_TRUE(applied().learned_sigma);
  EXPECT_TRUE(applied().optimal_sigma);
  click("likelihood");
  click("likelihood_bernoulli");
  EXPECT_FALSE(draft().learned_sigma);
  EXPECT_TRUE(validate(draft()));
}

TEST_F(ModelPanelsTest, ADeviationOfNothingGreysApply) {
  click("likelihood");
  click("likelihood_gaussian");
  enter("sigma", "0");
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
}

TEST_F(ModelPanelsTest, NoiseOfADenoisingModel) {
  EXPECT_FALSE(has("noise_mask"));
  click("kind_dae");
  click("noise_gaussian");
  enter("noise_amount", "0.4");
  const ModelSpec spec = applied();
  EXPECT_EQ(spec.noise, (Noise{Noise::Kind::gaussian, 0.4}));
  enter("noise_amount", "2");  // a deviation may be, a share may not
  EXPECT_EQ(applied().noise.amount, 2);
  click("noise_mask");
  EXPECT_EQ(draft().noise.kind, Noise::Kind::gaussian);
}

TEST_F(ModelPanelsTest, PatchesAndHiddenShareOfAMaskedModel) {
  click("kind_mae");
  click("patch");
  click("patch_7");
  EXPECT_EQ(draft().patch, 7);
  click("patch");
  click("patch_8");  // does not divide 28
  EXPECT_EQ(draft().patch, 7);
  click("patch_14");
  enter("mask_ratio", "0.5");
  const ModelSpec spec = applied();
  EXPECT_EQ(spec.patch, 14);
  EXPECT_EQ(spec.mask_ratio, 0.5);
  enter("mask_ratio", "1");
  EXPECT_THAT(click("apply"), ::testing::IsEmpty());
}

TEST_F(ModelPanelsTest, AMaskedModelTakesAPatchThatDivides) {
  auto data = std::make_shared<Dataset>(*snapshot_.data);
  data->shape = {30, 30, 1};
  snapshot_.data = data;
  show(ModelKind::vae);
  click("kind_mae");
  EXPECT_EQ(draft().kind, ModelKind::mae);
  EXPECT_EQ(draft().patch, 3);
}

TEST_F(ModelPanelsTest, WhatIsChangedAfterApplyStaysChanged) {
  click("kind_dae");
  const ModelSpec asked = applied();
  click("kind_mae");  // before the engine has made the other
  view().spec = asked;
  controls();
  EXPECT_EQ(draft().kind, ModelKind::mae);
  click("revert");
  EXPECT_EQ(draft(), asked);
}

TEST_F(ModelPanelsTest, OnlyWhatAKindHasIsShown) {
  const auto shown = [this](ModelKind kind) {
    show(kind);
    std::string names;
    for (const char* widget : {"objective_elbo", "network_mlp", "noise_mask", "patch"}) {
      if (has(widget)) names += std::string(widget) + " ";
    }
    return names;
  };
  EXPECT_EQ(shown(ModelKind::ae), "network_mlp ");
  EXPECT_EQ(shown(ModelKind::dae), "network_mlp noise_mask ");
  EXPECT_EQ(shown(ModelKind::mae), "network_mlp patch ");
  EXPECT_EQ(shown(ModelKind::vae), "objective_elbo network_mlp ");
  EXPECT_EQ(shown(ModelKind::cvae), "objective_elbo network_mlp ");
  EXPECT_EQ(shown(ModelKind::pca), "");
  controls_.more_model = false;
  EXPECT_EQ(shown(ModelKind::vae), "");
  EXPECT_EQ(shown(ModelKind::mae), "patch ");  // what makes the kind is always there
}

TEST_F(ModelPanelsTest, MoreIsShownAndHidden) {
  controls_.more_model = controls_.more_training = false;
  EXPECT_FALSE(has("validation"));
  click("training_more");
  EXPECT_TRUE(has("validation"));
  click("model_more");
  EXPECT_TRUE(has("binarise"));
  click("model_more");
  EXPECT_FALSE(has("binarise"));
}

TEST_F(ModelPanelsTest, AScheduleIsChosenInEpochsAndSentInSteps) {
  view().position.step = 1000;
  click("schedule");
  const auto warm_up = only<SetKlSchedule>(click("schedule_warmup")).schedule;
  EXPECT_EQ(warm_up, (KlSchedule{KlSchedule::Kind::warm_up, 5 * 469, 4, 1000}));
  EXPECT_FALSE(has("schedule_curve"));  // not before the engine has it
  view().kl_schedule = warm_up;
  EXPECT_TRUE(has("schedule_curve"));
  EXPECT_FALSE(has("schedule_cycles"));
  click("schedule_epochs");
  type("10");
  controls();
  const auto longer = only<SetKlSchedule>(click("seed")).schedule;
  EXPECT_EQ(longer.steps, 10 * 469);
  EXPECT_EQ(longer.first_step, 1000);  // it is the same ramp, only longer
}

TEST_F(ModelPanelsTest, CyclesAreCounted) {
  click("schedule");
  view().kl_schedule = only<SetKlSchedule>(click("schedule_cyclic")).schedule;
  EXPECT_EQ(view().kl_schedule.cycles, 4);
  click("schedule_cycles");
  type("7");
  controls();
  const auto schedule = only<SetKlSchedule>(click("seed")).schedule;
  EXPECT_EQ(schedule.cycles, 7);
  EXPECT_DOUBLE_EQ(schedule.steps, 5 * 469);
}

TEST_F(ModelPanelsTest, AHandOnLambdaSaysThatItEndedTheSchedule) {
  view().kl_schedule = {KlSchedule::Kind::warm_up, 2000, 4, 0};
  EXPECT_FALSE(has("schedule_ended"));
  only<SetKlWeight>(click("lambda_4"));
  view().kl_schedule = {};  // as the engine does
  EXPECT_TRUE(has("schedule_ended"));
  EXPECT_FALSE(has("schedule_curve"));
  time_s_ += 11;  // for a while
  EXPECT_FALSE(has("schedule_ended"));
}

TEST_F(ModelPanelsTest, WithoutAPriorThereIsNoSchedule) {
  show(ModelKind::ae);
  click("schedule");
  EXPECT_FALSE(has("schedule_warmup"));
}

TEST_F(ModelPanelsTest, RowsAreHeldOutAndPatienceNeedsThem) {
  enter("patience", "3");
  EXPECT_THAT(click("seed"), ::testing::IsEmpty());  // greyed
  click("validation");
  type("5000");
  controls();
  const auto rows = only<SetHoldOut>(click("seed")).hold_out;
  EXPECT_EQ(rows, (HoldOut{5000, 0}));
  view().next_hold_out = rows;
  click("patience");
  type("3");
  controls();
  EXPECT_EQ(only<SetHoldOut>(click("seed")).hold_out, (HoldOut{5000, 3}));
  click("validation");
  type("60000");  // all there are
  controls();
  EXPECT_THAT(click("seed"), ::testing::IsEmpty());
}

TEST_F(ModelPanelsTest, CurvesAreExportedToTheNamedFile) {
  view().curves.train = curve_of(10, [](int) { return 1.0F; });
  const auto draw = [this] {
    return frame(kCurvesPlace, [this](const PanelFrame& panel) {
      return draw_curves_panel(snapshot_, kModel, curves_, panel);
    });
  };
  const auto press_on = [&](const char* widget) {
    std::vector<Command> all;
    draw();
    draw();
    move(place_of(widget));
    draw();
    for (const bool down : {true, false}) {
      press(down);
      for (Command& command : draw()) all.push_back(std::move(command));
    }
    for (Command& command : draw()) all.push_back(std::move(command));
    return all;
  };
  press_on("export_curves");
  EXPECT_EQ(only<ExportCurves>(press_on("write_curves")).path, "curves.csv");
  press_on("export_curves");
  type("run 2.csv");  // the field has the keyboard, and all of it is selected
  EXPECT_EQ(only<ExportCurves>(press_on("write_curves")).path, "run 2.csv");
}

}  // namespace
}  // namespace zscape
