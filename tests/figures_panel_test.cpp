// The figures panel without a window.
#include "app/gui/panels/curves/figures_panel.h"

#include "app/gui/panels/curves/compare_figures.h"
#include "app/gui/text_check.h"
#include "tests/fake_backend.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

struct PcaModel : FakeModel {
  std::vector<double> shares;
  std::span<const double> explained_variance() const override { return shares; }
};

class FiguresPanelTest : public PanelsTest {
 protected:
  FiguresPanelTest() {
    pictures_.set_shape(snapshot_.data->shape);
    view().position.step = 500;
    show_codes(0.5F);
  }

  // Codes that spread this far, of as many dimensions as the model has.
  void show_codes(float spread) {
    auto codes = std::make_shared<Codes>();
    codes->latent = view().spec.latent;
    codes->step = 1000;
    codes->split = SplitName::test;
    codes->indices = std::make_shared<const std::vector<std::int64_t>>(40);
    for (int i = 0; i < 40 * codes->latent; ++i) {
      codes->mean.own().push_back(i / codes->latent % 2 == 0 ? spread : -spread);
      if (view().spec.has_prior()) codes->sigma.push_back(spread > 0.1F ? 0.2F : 1);
    }
    view().test_sample = codes;
  }

  std::vector<Command> draw(const Rect& place = kCurvesPlace) {
    return frame(place, [&, this](const PanelFrame& panel) {
      const ShownFigures* figures = cache_.update(view(), SplitName::test);
      return draw_figures_panel(snapshot_, kModel, {figures, input_, pictures_}, figures_, tab_,
                                panel);
    });
  }
  bool has(const std::string& widget) {
    draw();
    draw();
    return widgets_.find(widget).has_value();
  }
  void click_on(const std::string& widget, float at = 0.5F) {
    draw();
    draw();
    move(place_of(widget, at));
    draw();
    press(true);
    draw();
    press(false);
    draw();
  }

  Pictures pictures_;
  FiguresCache cache_;
  FiguresPanelState figures_;
  LowerTab tab_ = LowerTab::figures;
  std::optional<PointRef> input_;
};

TEST_F(FiguresPanelTest, AVaeShowsKlSigmaAndFacts) {
  for (const char* widget : {"bars_dimensions", "bars_sigma", "fact_active_units", "fact_kl",
                             "fact_mean_sigma", "fact_spread", "fact_aggregate_kl"}) {
    EXPECT_TRUE(has(widget)) << widget;
  }
  EXPECT_FALSE(has("code_warning"));
  EXPECT_FALSE(has("shown_clean"));
}

TEST_F(FiguresPanelTest, AnAutoencoderShowsNeitherSigmaNorKl) {
  view().spec = reference_spec(ModelKind::ae, *snapshot_.data, 2);
  show_codes(2);
  EXPECT_TRUE(has("bars_dimensions"));
  for (const char* widget : {"bars_sigma", "fact_active_units", "fact_kl"}) {
    EXPECT_FALSE(has(widget)) << widget;
  }
}

TEST_F(FiguresPanelTest, SayOfHowManyInputsTheyAreAndHowFarASampleMayBeOff) {
  const ShownFigures& shown = *cache_.update(view(), SplitName::test);
  const auto text_of = [&](const std::string& key, std::int64_t all) {
    for (const Fact& fact : facts_of(shown, all)) {
      if (fact.row->key == key) return fact.text;
    }
    return std::string("absent");
  };
  EXPECT_EQ(text_of("images", 10000), "40 of 10,000 (test)");
  EXPECT_EQ(text_of("images", 40), "40 (test)");
  EXPECT_EQ(text_of("spread", 10000), "0.500 ± 0");  // all are as far out
  EXPECT_EQ(text_of("spread", 40), "0.500");
  EXPECT_EQ(text_of("kl", 40).find("±"), std::string::npos);
  EXPECT_NE(text_of("kl", 41).find("±"), std::string::npos);
}

TEST_F(FiguresPanelTest, AStandardErrorHasTwoDigitsAndItsFigureAsManyDecimals) {
  ShownFigures shown;
  shown.figures.images = 40;
  shown.figures.kl = 19.4183;
  shown.errors.kl = 0.148;
  shown.figures.codes.mean_sigma = 0.00669;
  shown.errors.mean_sigma = 0.000119;
  std::vector<std::string> texts;
  for (const Fact& fact : facts_of(shown, 100)) texts.push_back(fact.text);
  EXPECT_THAT(texts,
              ::testing::ElementsAre("40 of 100 (test)", "19.42 ± 0.15 nats", "0.00669 ± 0.00012"));
}

TEST_F(FiguresPanelTest, NoFigureIsWrittenOverItsNameHoweverLongItIs) {
  show_codes(0.001F);
  ShownFigures shown = *cache_.update(view(), SplitName::test);
  shown.figures.images = 40;
  CodeFigures& codes = shown.figures.codes;
  // At λ = 100, and what is as wide as numbers become.
  for (const auto& [value, error] : std::vector<std::pair<double, double>>{{0.00123456, 0.0000012},
                                                                           {0.0001234, 0.0000123},
                                                                           {1.234e-7, 1.2e-9},
                                                                           {5.381234, 3.2e-6},
                                                                           {999999.1, 1.3e-6},
                                                                           {123456.7, 0.00012},
                                                                           {-9.87e200, 8.8e150}}) {
    codes.aggregate_kl = shown.figures.kl = codes.mean_sigma = codes.spread = value;
    shown.errors = {};
    shown.errors.kl = shown.errors.mean_sigma = shown.errors.spread = shown.errors.aggregate_kl =
        error;
    for (const Rect& place : {Rect{{8, 494}, {710, 176}}, Rect{{320, 400}, {696, 260}},
                              Rect{{8, 494}, {330, 260}}, Rect{{8, 494}, {1000, 176}}}) {
      for (int times = 0; times < 3; ++times) {
        frame(place, [&, this](const PanelFrame& panel) {
          draw_figures_panel(snapshot_, kModel, {&shown, input_, pictures_}, figures_, tab_, panel);
        });
      }
      for (const TextFault& fault : text_faults({})) {
        ADD_FAILURE() << value << " ± " << error << " in " << place.size.x << " wide: letter at "
                      << fault.place.origin.x << ' ' << fault.place.origin.y;
      }
      if (place.size.x < 400) continue;  // the table asks for more, and the panel gives it
      ModelView other = view();
      const std::vector<ComparedModel> models = {{view(), &shown}, {other, &shown}};
      frame(place, [&](const PanelFrame& panel) {
        begin_panel("##table", panel, kNoScroll);
        draw_compared_figures(models, {place.origin + Vec2{10, 10}, place.size - Vec2{20, 20}},
                              panel);
        ImGui::End();
      });
      for (const TextFault& fault : text_faults({})) {
        ADD_FAILURE() << value << " compared in " << place.size.x << ": letter "
                      << (fault.kind == TextFault::Kind::cut ? "cut" : "covered") << " at "
                      << fault.place.origin.x << ' ' << fault.place.origin.y << " in "
                      << fault.window;
      }
    }
  }
}

TEST_F(FiguresPanelTest, ACollapseIsWarnedOf) {
  show_codes(0.001F);
  EXPECT_TRUE(has("code_warning"));
}

TEST_F(FiguresPanelTest, TheBarUnderThePointerShowsItsOwnSigmas) {
  draw();
  draw();
  move(place_of("bars_dimensions", 0.9F));
  draw();
  EXPECT_EQ(figures_.hovered_bar, 1);
  move({1, 1});
  draw();
  EXPECT_FALSE(figures_.hovered_bar);
}

TEST_F(FiguresPanelTest, ManyDimensionsDrawNoMoreThanThePixelsShow) {
  view().spec.latent = 5000;
  show_codes(0.5F);
  draw();
  draw();
  EXPECT_LT(ImGui::GetDrawData()->TotalVtxCount, 6000);
}

TEST_F(FiguresPanelTest, PcaShowsExplainedVariance) {
  view().spec = reference_spec(ModelKind::pca, *snapshot_.data, 2);
  show_codes(2);
  draw();
  draw();
  const int empty = ImGui::GetDrawData()->TotalVtxCount;
  auto model = std::make_shared<PcaModel>();
  model->shares = {0.3, 0.1};
  view().weights = model;
  draw();
  EXPECT_NE(ImGui::GetDrawData()->TotalVtxCount, empty);
  move(place_of("bars_dimensions", 0.1F));
  draw();
  EXPECT_EQ(figures_.hovered_bar, 0);
}

TEST_F(FiguresPanelTest, TheTabsLeadToTheCurves) {
  click_on("tab_curves");
  EXPECT_EQ(tab_, LowerTab::curves);
}

TEST_F(FiguresPanelTest, ADenoisingModelAsksForTheInputOnShow) {
  view().spec = reference_spec(ModelKind::dae, *snapshot_.data, 2);
  view().weights = std::make_shared<FakeModel>();
  show_codes(2);
  EXPECT_THAT(draw(), ::testing::IsEmpty());  // none is on show
  input_ = PointRef{SplitName::test, 12};
  const auto commands = draw();
  ASSERT_EQ(commands.size(), 1U);
  const Reconstruct& asked = std::get<Reconstruct>(commands[0]);
  EXPECT_EQ(asked.split, SplitName::test);
  EXPECT_EQ(asked.index, 12);
  EXPECT_EQ(asked.amount, 0.25);
  EXPECT_TRUE(has("shown_output"));
}

TEST_F(FiguresPanelTest, TheNoiseSliderReachesBothEnds) {
  view().spec = reference_spec(ModelKind::dae, *snapshot_.data, 2);
  show_codes(2);
  click_on("noise_amount_shown", 0.99F);
  EXPECT_EQ(figures_.strip.amount, 1);
  click_on("noise_amount_shown", 0.01F);
  EXPECT_EQ(figures_.strip.amount, 0);
  click_on("noise_again");
  EXPECT_EQ(figures_.strip.seed, 1U);
}

TEST_F(FiguresPanelTest, BinarisedPixelsGreyTheSlider) {
  view().spec = reference_spec(ModelKind::dae, *snapshot_.data, 2);
  view().spec.binarise = Binarise::threshold;
  show_codes(2);
  click_on("noise_amount_shown", 0.9F);
  EXPECT_EQ(figures_.strip.amount, 0.25);
}

TEST_F(FiguresPanelTest, EverythingFitsTheSmallestWindow) {
  const Rect smallest{{8, 494}, {710, 176}};
  for (const ModelKind kind : {ModelKind::vae, ModelKind::dae, ModelKind::mae, ModelKind::pca}) {
    view().spec = reference_spec(kind, *snapshot_.data, 2);
    show_codes(2);
    draw(smallest);
    draw(smallest);
    for (const auto& [name, place] : widgets_.places()) {
      EXPECT_GE(place.origin.x, smallest.origin.x) << name;
      EXPECT_LE(place.origin.x + place.size.x, smallest.origin.x + smallest.size.x) << name;
      EXPECT_LE(place.origin.y + place.size.y, smallest.origin.y + smallest.size.y) << name;
    }
  }
}

}  // namespace
}  // namespace zscape
