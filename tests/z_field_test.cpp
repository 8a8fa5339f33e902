// A z as text: read, written, typed into the preview.
#include <imgui.h>
#include <imgui_internal.h>

#include "app/gui/panels/preview/preview_panel.h"
#include "app/gui/view/frame/format.h"
#include "tests/panels_fixture.h"

namespace zscape {
namespace {

using Numbers = std::vector<float>;

TEST(ZText, IsReadAsItWasWritten) {
  const Numbers z{0.1F, -1.5F, 3e-8F, 12345.678F};
  EXPECT_EQ(z_text(Numbers{0.25F, -1.5F}), "0.25, -1.5");
  EXPECT_EQ(parse_z(z_text(z)), z);
}

TEST(ZText, TakesWhatOtherProgramsWrite) {
  const Numbers z{1, -2.5F};
  for (const char* text : {"1 -2.5", "[1, -2.5]", " +1.0\t-2.5\n", "(1;-2.5)", "[1.  -2.5]"}) {
    EXPECT_EQ(parse_z(text), z) << text;
  }
  EXPECT_EQ(parse_z("1,0; -2,5"), z);  // as a German spreadsheet writes it
  EXPECT_EQ(parse_z(""), Numbers{});
}

TEST(ZText, RefusesWhatIsNoNumber) {
  for (const char* text : {"1 two", "1.2.3", "nan, 0", "inf", "1e99", "0x10", "+-1", "--1"}) {
    EXPECT_FALSE(parse_z(text)) << text;
  }
}

class ZFieldTest : public PanelsTest {
 protected:
  ZFieldTest() { scene_.set_model(view().spec, nullptr); }
  void draw() {
    frame({{0, 0}, {400, 300}}, [this](const PanelFrame& panel) {
      begin_panel("Preview", panel, 0);
      draw_z_field(scene_, state_, panel);
      ImGui::End();
    });
  }
  void click(const std::string& widget) {
    draw();
    move(place_of(widget));
    draw();
    press(true);
    draw();
    press(false);
    draw();
    draw();
  }
  void enter(const std::string& text) {
    click("z_numbers");
    type(text);  // over what was there, which is selected
    draw();
  }

  Pictures pictures_;
  Scene scene_{pictures_};
  ZFieldState state_;
};

TEST_F(ZFieldTest, WhatIsTypedIsPinned) {
  enter("[0.5, -1.25]");
  click("z_pin");
  ASSERT_EQ(scene_.pins().size(), 1U);
  EXPECT_EQ(scene_.pins()[0].z, (Numbers{0.5F, -1.25F}));
  EXPECT_FALSE(widgets_.find("z_typed"));
}

TEST_F(ZFieldTest, AnotherNumberOfDimensionsIsNot) {
  for (const char* text : {"0.5", "1 2 3", "1 two", "1 2e6"}) {
    enter(text);
    click("z_pin");
    EXPECT_TRUE(scene_.pins().empty()) << text;
    EXPECT_TRUE(widgets_.find("z_typed")) << text;
    ImGui::ClosePopupsOverWindow(nullptr, false);
    draw();
  }
}

TEST_F(ZFieldTest, CopyGivesTheWholeNumbers) {
  scene_.add_pin({0.123456F, 2}, std::nullopt, 0);
  click("z_numbers");
  click("z_copy");
  EXPECT_STREQ(ImGui::GetClipboardText(), "0.123456, 2");
}

}  // namespace
}  // namespace zscape
