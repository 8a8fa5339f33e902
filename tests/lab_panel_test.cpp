// The place Lab without a window: what is drawn, and what clicks ask for.
#include "app/gui/panels/lab/lab_panel.h"

#include "tests/lab_fixture.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

constexpr Rect kPlace{{8, 8}, {614, 662}};  // in a window of 1024×700

class LabPanel : public PanelsTest {
 protected:
  void show(std::size_t done, LabGuess guess, const std::string& predict = kChoose) {
    page_ = page_of("widths", lab_table(done, predict), guess);
    shown_.page = &page_;
    shown_.progress.runs = 12;
    shown_.progress.finished = done;
    shown_.setup.data = "synthetic";
    shown_.scatter = [this](std::size_t) { return scatter_; };
  }
  LabRequests draw() {
    return frame(kPlace,
                 [this](const PanelFrame& panel) { return draw_lab_panel(shown_, state_, panel); });
  }
  bool has(const std::string& widget) { return widgets_.find(widget).has_value(); }

  // What a press and a release there ask for. A widget further down is scrolled to.
  LabRequests click(const std::string& widget, Vec2 off = {}) {
    draw();
    draw();
    LabRequests asked;
    const auto add = [&asked](LabRequests more) {
      if (more.guess) asked.guess = more.guess;
      if (more.open) asked.open = more.open;
      if (more.setup) asked.setup = more.setup;
      if (more.open_run) asked.open_run = more.open_run;
      if (more.beside_run) asked.beside_run = more.beside_run;
      asked.run = asked.run || more.run;
      asked.stop = asked.stop || more.stop;
      asked.back = asked.back || more.back;
      asked.keeps_guess = asked.keeps_guess || more.keeps_guess;
      asked.open_results = asked.open_results || more.open_results;
    };
    for (int i = 0; i < 40 && place_of(widget).y > kPlace.high().y - 20; ++i) {
      move(kPlace.center());
      ImGui::GetIO().MouseWheel = -3;
#if IMGUI_VERSION_NUM >= 18700
      ImGui::GetIO().AddMouseWheelEvent(0, -3);
#endif
      draw();
      draw();
    }
    move(place_of(widget) + off);
    add(draw());
    press(true);
    add(draw());
    press(false);
    add(draw());
    return asked;
  }

  LabShown shown_;
  LabPage page_;
  LabPanelState state_;
  LabScatterPtr scatter_;
};

LabGuess kept(std::size_t choice) {
  LabGuess guess;
  guess.choice = choice;
  guess.kept = true;
  return guess;
}

TEST_F(LabPanel, ShelfOpensTheCardThatIsClicked) {
  std::vector<LabCard> cards(2);
  cards[0].id = cards[0].name = "bottleneck";
  cards[0].question =
      "How wide, how deep? A question that is so long that it needs more lines "
      "than a card has, whatever its words are, and so ends in an ellipsis";
  cards[1].id = cards[1].name = "lambda";
  shown_.cards = cards;
  EXPECT_EQ(click("lab_card_lambda").open, "lambda");
  EXPECT_TRUE(click("lab_open_results").open_results);
  const auto first = widgets_.find("lab_card_bottleneck"),
             second = widgets_.find("lab_card_lambda");
  EXPECT_EQ(first->origin.y, second->origin.y);  // side by side
  EXPECT_LE(second->high().x, kPlace.high().x);
}

TEST_F(LabPanel, NothingRunsOrIsSeenBeforeThePrediction) {
  show(12, {});
  draw();
  EXPECT_TRUE(has("lab_covered"));
  EXPECT_FALSE(has("lab_chart"));
  EXPECT_FALSE(has("lab_claim_0_confirmed"));
  EXPECT_FALSE(click("lab_keep").guess);  // there is no answer yet
  const LabRequests asked = click("lab_answer_1");
  ASSERT_TRUE(asked.guess);
  EXPECT_EQ(asked.guess->choice, 1U);
  EXPECT_FALSE(asked.guess->kept);
  show(0, *asked.guess);
  EXPECT_FALSE(click("lab_run").run);
  const LabRequests predicted = click("lab_keep");
  ASSERT_TRUE(predicted.guess && predicted.guess->kept);
  EXPECT_FALSE(predicted.guess->skipped);
  show(0, *predicted.guess);
  EXPECT_TRUE(click("lab_run").run);
  show(0, {});
  const LabRequests without = click("lab_skip");
  EXPECT_TRUE(without.guess && without.guess->kept && without.guess->skipped);
}

TEST_F(LabPanel, ClickOnADotOpensItsModel) {
  show(12, kept(0));
  const LabRequests asked = click("lab_dot_0_1");
  ASSERT_TRUE(asked.open_run);
  EXPECT_EQ(page_.table->runs[*asked.open_run].axes, *state_.chosen);
  EXPECT_EQ(page_.charts[0].series[0].dots[1].place, *state_.chosen);
  EXPECT_TRUE(has("lab_claim_0_confirmed"));
  const LabRequests beside = click("lab_beside");
  EXPECT_EQ(beside.beside_run, asked.open_run);
}

TEST_F(LabPanel, MapHasTwoFiguresOfTheTable) {
  show(12, kept(0));
  click("lab_plot_2");
  draw();
  EXPECT_EQ(state_.map_x, "mse");
  EXPECT_EQ(state_.map_y, "knn_accuracy");
  EXPECT_TRUE(has("lab_map_x"));
  EXPECT_TRUE(has("lab_dot_2_1"));
}

TEST_F(LabPanel, CurveIsDrawnWithThePen) {
  show(0, {}, kDraw);
  draw();
  draw();
  const Rect pen = *widgets_.find("lab_pen");
  const auto at = [&](float x, float y) {
    return Vec2{pen.origin.x + x * pen.size.x, pen.origin.y + y * pen.size.y};
  };
  const auto take = [this] {
    const LabRequests asked = draw();
    if (asked.guess) page_.guess = *asked.guess;
    return asked;
  };
  move(at(0.02F, 0.9F));
  take();
  press(true);
  take();
  for (const float x : {0.3F, 0.6F, 0.98F}) {
    move(at(x, 0.9F - 0.8F * x));
    EXPECT_FALSE(take().keeps_guess);  // no file is written while the pen is down
  }
  press(false);
  EXPECT_TRUE(take().keeps_guess);
  EXPECT_TRUE(is_made(page_.guess, LabPrediction::Kind::curve));
  EXPECT_NEAR(*height_at(page_.guess, 0.6), 0.1 + 0.8 * 0.6, 0.03);
}

TEST_F(LabPanel, StopTakesThePlaceOfRunAndTheSetupIsGreyMeanwhile) {
  show(4, kept(0));
  shown_.progress.activity = LabActivity::running;
  draw();
  EXPECT_FALSE(has("lab_run"));
  EXPECT_TRUE(click("lab_stop").stop);
  shown_.progress.activity = LabActivity::stopping;
  EXPECT_FALSE(click("lab_stop").stop);
}

TEST_F(LabPanel, RowOfScattersFollowsTheChosenAxis) {
  auto made = std::make_shared<LabScatter>();
  made->dots = {{0.1F, 0.2F, 3}};
  scatter_ = made;
  show(12, kept(0));
  EXPECT_EQ(draw().scatters.size(), 3U);
  click("lab_along_depth");
  EXPECT_EQ(draw().scatters.size(), 2U);
  EXPECT_TRUE(has("lab_scatter_1"));
  EXPECT_TRUE(click("lab_model_1").open_run);
}

}  // namespace
}  // namespace zscape
