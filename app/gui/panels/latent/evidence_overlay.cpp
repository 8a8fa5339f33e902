// The evidence lens: an input's true posterior, the Gaussians that stand for it, and its evidence.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "app/gui/panels/inputs/picture_items.h"
#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/evidence_view.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kPad = 9, kLine = 17, kSwatch = 15, kWidth = 268, kBar = 12;
constexpr float kOff = 44, kOffBelow = 26;  // of the card from the plot's corner: room for numbers
constexpr std::array kMasses = {0.5, 0.95};

// Half the width of an interval, or the radius of a circle, that holds a share of a standard normal
// distribution's mass.
double reach_of(double mass, int latent) {
  if (latent == 2) return std::sqrt(-2 * std::log(1 - mass));
  return mass < 0.9 ? 0.674490 : 1.959964;
}

// The answer to draw; null: the lens is off, or has seen nothing of this model yet.
const Evidence* evidence_of(const LatentDraw& draw) {
  if (!draw.shows(Layer::lens) || draw.input.evidence == nullptr) return nullptr;
  const Evidence* found = draw.input.evidence->found();
  return found && found->latent == draw.scene.latent() ? found : nullptr;
}

ImU32 truth_tint() {
  return color::kAccent;
}
ImU32 encoder_tint() {
  return color::kText;
}
ImU32 best_tint() {
  return color::kSecond;
}

void fill_region(ImDrawList& list, const LatentView& view, const PosteriorRegion& region,
                 ImU32 rgba) {
  const std::vector<float>& corners = region.triangles;
  const ImVec2 white = ImGui::GetFontTexUvWhitePixel();
  // ImGui's indices may have 16 bits: a part at a time.
  constexpr std::size_t kAtOnce = 3000;
  const std::size_t places = corners.size() / 2;
  for (std::size_t begin = 0; begin < places; begin += kAtOnce) {
    const std::size_t count = std::min(kAtOnce, places - begin);
    list.PrimReserve(static_cast<int>(count), static_cast<int>(count));
    for (std::size_t i = begin; i < begin + count; ++i) {
      list.PrimVtx(view.to_screen({corners[2 * i], corners[2 * i + 1]}), white, rgba);
    }
  }
}

void draw_outline(ImDrawList& list, const LatentView& view, const std::vector<float>& line,
                  ImU32 rgba, float thickness) {
  for (std::size_t i = 0; i + 1 < line.size(); i += 2) {
    list.PathLineTo(view.to_screen({line[i], line[i + 1]}));
  }
  list.PathStroke(rgba, ImDrawFlags_Closed, thickness);
}

// The axes of a Gaussian's ellipse at one deviation.
struct GaussianAxes {
  Vec2 sigma, turn;
};
GaussianAxes axes_of(const LatentGaussian& gaussian) {
  const auto& [xx, xy, yy] = gaussian.covariance;
  const double angle = std::atan2(2 * xy, xx - yy) / 2, middle = (xx + yy) / 2;
  const double off = std::hypot((xx - yy) / 2, xy);
  return {{static_cast<float>(std::sqrt(middle + off)),
           static_cast<float>(std::sqrt(std::max(middle - off, 0.0)))},
          {static_cast<float>(std::cos(angle)), static_cast<float>(std::sin(angle))}};
}

void draw_gaussian(ImDrawList& list, const LatentView& view, const Theme& theme,
                   const LatentGaussian& gaussian, ImU32 rgba, bool is_dotted) {
  const Vec2 center =
      view.to_screen({static_cast<float>(gaussian.mean[0]), static_cast<float>(gaussian.mean[1])});
  const auto [sigma, turn] = axes_of(gaussian);
  for (const double mass : kMasses) {
    const float scale = static_cast<float>(reach_of(mass, 2)) * view.pixels_per_unit;
    const Vec2 radius{std::max(scale * sigma.x, 0.5f), std::max(scale * sigma.y, 0.5f)};
    if (!near_plot(view, center, std::max(radius.x, radius.y)) ||
        radius.x > 40 * (view.size.x + view.size.y)) {
      continue;
    }
    if (is_dotted) {
      const float around = static_cast<float>(
          3.1416 * (3 * (radius.x + radius.y) -
                    std::sqrt((3 * radius.x + radius.y) * (radius.x + 3 * radius.y))));
      const int dots = std::clamp(static_cast<int>(around / theme.px(6)), 8, 400);
      for (int i = 0; i < dots; ++i) {
        const float angle = 6.28319f * static_cast<float>(i) / static_cast<float>(dots);
        const float x = radius.x * std::cos(angle), y = radius.y * std::sin(angle);
        list.AddCircleFilled(
            {center.x + turn.x * x - turn.y * y, center.y - turn.y * x - turn.x * y},
            theme.px(1.3f), rgba, 8);
      }
      continue;
    }
    draw_ellipse(list, center, radius, turn, with_alpha(color::kBackground, 0.55f), theme.px(3.5f));
    draw_ellipse(list, center, radius, turn, with_alpha(rgba, mass < 0.9 ? 1.0f : 0.75f),
                 theme.px(1.6f));
  }
  if (is_dotted) return;
  list.AddCircleFilled(center, theme.px(3), color::kBackground, 12);
  list.AddCircleFilled(center, theme.px(2), rgba, 12);
}

// One dimension: an interval as a line with a thick middle, at this height of the plot.
void draw_interval(ImDrawList& list, const LatentView& view, const Theme& theme,
                   const LatentGaussian& gaussian, float y, ImU32 rgba) {
  const double deviation = std::sqrt(gaussian.covariance[0]);
  for (const double mass : kMasses) {
    const double reach = reach_of(mass, 1) * deviation;
    const float low = view.to_screen({static_cast<float>(gaussian.mean[0] - reach), 0}).x;
    const float high = view.to_screen({static_cast<float>(gaussian.mean[0] + reach), 0}).x;
    const float half = theme.px(mass < 0.9 ? 2.5f : 1);
    list.AddRectFilled({low, y - half}, {std::max(high, low + 1), y + half}, rgba);
  }
  const float middle = view.to_screen({static_cast<float>(gaussian.mean[0]), 0}).x;
  list.AddLine({middle, y - theme.px(6)}, {middle, y + theme.px(6)}, rgba, theme.px(1.6f));
}

void draw_on_line(const LatentDraw& draw, ImDrawList& list, const Evidence& evidence) {
  const LatentView& view = draw.state.view;
  const float top = view.origin.y, bottom = view.rect().high().y;
  for (const PosteriorRegion& region : evidence.regions) {
    for (const auto& [from, to] : region.intervals) {
      const float low = view.to_screen({static_cast<float>(from), 0}).x;
      const float high = view.to_screen({static_cast<float>(to), 0}).x;
      list.AddRectFilled({low, top}, {std::max(high, low + 1), bottom},
                         with_alpha(truth_tint(), 0.22f));
    }
  }
  const float y = bottom - draw.px(40);
  draw_interval(list, view, draw.theme(), evidence.best_diagonal, y - draw.px(14), best_tint());
  draw_interval(list, view, draw.theme(), evidence.encoder, y, encoder_tint());
}

// Nats with a decimal more where they are few.
std::string nats(double value) {
  const double shown = std::abs(value) < 5e-4 ? 0 : value;  // no −0.00
  return fmt::format("{:.{}f}", shown, std::abs(shown) < 10 ? 3 : 2);
}

struct Row {
  enum class Sign { truth, encoder, best, full, none };
  Sign sign = Sign::none;
  std::string name, value;
  bool is_minor = false;
};

std::vector<Row> rows_of(const Evidence& evidence) {
  std::vector<Row> rows = {
      {Row::Sign::truth, tr("log p(x), exact"), nats(evidence.log_likelihood)},
      {Row::Sign::encoder, tr("ELBO of the encoder's q(z|x)"), nats(evidence.elbo)},
      {Row::Sign::best, tr("+ amortisation gap"), nats(evidence.amortisation_gap)},
      {Row::Sign::truth, tr("+ approximation gap"), nats(evidence.approximation_gap)}};
  if (evidence.latent > 1) {
    rows.push_back(
        {Row::Sign::full, tr("with full covariance"), nats(evidence.full_approximation_gap), true});
  }
  return rows;
}

void draw_sign(ImDrawList& list, const Theme& theme, Vec2 middle, Row::Sign sign) {
  const float r = theme.px(4.5f);
  switch (sign) {
    case Row::Sign::truth:
      list.AddCircleFilled(middle, r, with_alpha(truth_tint(), 0.55f), 20);
      list.AddCircle(middle, r, truth_tint(), 20, theme.px(1));
      break;
    case Row::Sign::encoder:
    case Row::Sign::best:
      list.AddCircle(middle, r, sign == Row::Sign::best ? best_tint() : encoder_tint(), 20,
                     theme.px(1.6f));
      break;
    case Row::Sign::full:
      for (int i = 0; i < 8; ++i) {
        const float angle = 0.785398f * static_cast<float>(i);
        list.AddCircleFilled({middle.x + r * std::cos(angle), middle.y + r * std::sin(angle)},
                             theme.px(1), best_tint(), 6);
      }
      break;
    case Row::Sign::none:
      break;
  }
}

// How many nats the bar is wide: 2, 5, 10, 20, …
double width_in_nats(double gap) {
  double width = 2;
  for (int i = 0; width < 1.25 * gap && i < 40; ++i) width *= i % 3 == 0 ? 2.5 : 2;
  return width;
}

// log p(x) as its parts: the end of the ELBO, and both gaps to scale.
void draw_bar(ImDrawList& list, const Theme& theme, const Rect& place, const Evidence& evidence,
              double width) {
  const float scale = place.size.x / static_cast<float>(width);
  const auto pixels = [&](double value) {
    return std::max(static_cast<float>(value) * scale, 0.0f);
  };
  const Vec2 high = place.high();
  const float best = high.x - pixels(evidence.approximation_gap);
  const float elbo = std::max(best - pixels(evidence.amortisation_gap), place.origin.x);
  list.AddRectFilled(place.origin, {elbo, high.y}, with_alpha(encoder_tint(), 0.32f));
  list.AddRectFilled({elbo, place.origin.y}, {best, high.y}, best_tint());
  list.AddRectFilled({best, place.origin.y}, high, truth_tint());
  // The ELBO begins far to the left.
  const float notch = theme.px(4);
  for (int i = 0; i < 2; ++i) {
    const float x = place.origin.x + theme.px(8) + static_cast<float>(i) * theme.px(5);
    list.AddLine({x, high.y}, {x + notch, place.origin.y}, color::kOverlay, theme.px(2));
  }
}

std::string name_of_subject(const LatentDraw& draw, const EvidenceView::Subject& subject) {
  return subject.input ? input_name(draw.snapshot, *subject.input) : tr("your picture");
}

// What the larger region covers of the screen.
Rect seen_of(const LatentView& view, const Evidence& evidence) {
  if (evidence.regions.empty()) return {};
  const PosteriorRegion& region = evidence.regions.front();
  Vec2 low{1e9f, 1e9f}, high{-1e9f, -1e9f};
  const auto add = [&](Vec2 place) {
    low = {std::min(low.x, place.x), std::min(low.y, place.y)};
    high = {std::max(high.x, place.x), std::max(high.y, place.y)};
  };
  for (const auto& part : region.intervals) {
    for (const double z : part) {
      add({view.to_screen({static_cast<float>(z), 0}).x, view.origin.y});
      add({view.to_screen({static_cast<float>(z), 0}).x, view.rect().high().y});
    }
  }
  for (const std::vector<float>& line : region.outlines) {
    for (std::size_t i = 0; i + 1 < line.size(); i += 2)
      add(view.to_screen({line[i], line[i + 1]}));
  }
  return {low, high - low};
}

// Where a card of this size lies: in a corner of the plot, the lower left one if it can, away from
// the pointer, the card beside it and the posterior; nothing: the plot is too small.
std::optional<Rect> room_for(const LatentDraw& draw, const Evidence& evidence, Vec2 size) {
  const LatentView& view = draw.state.view;
  const Vec2 off{draw.px(kOff), draw.px(kOffBelow)};
  if (view.size.x < size.x + off.x + draw.px(8) || view.size.y < 1.5f * size.y + off.y) return {};
  const Vec2 high = view.rect().high();
  const float left = view.origin.x + off.x, right = high.x - draw.px(8) - size.x;
  const float low = high.y - off.y - size.y;
  const float top = view.origin.y + std::max(draw.state.top_lines, draw.px(28));
  std::vector<Rect> taken;
  if (draw.state.pointer_inside) {
    const float margin = draw.px(26);
    const Vec2 pointer = ImGui::GetMousePos();
    taken.push_back({pointer - Vec2{margin, margin}, {2 * margin, 2 * margin}});
  }
  const Rect seen = seen_of(view, evidence);
  if (seen.size.x < view.size.x / 3) taken.push_back(seen);
  const auto card = draw.frame.widgets.find("card");
  if (card && draw.state.card_input) taken.push_back(*card);
  const auto why = draw.frame.widgets.find("why_cards");
  if (why) taken.push_back(*why);
  for (const Vec2 corner : {Vec2{left, low}, {right, low}, {left, top}, {right, top}}) {
    const Rect place{corner, size};
    const auto covers = [&](const Rect& other) { return overlap(place, other); };
    if (std::ranges::none_of(taken, covers)) return place;
  }
  return Rect{{left, low}, size};
}

}  // namespace

void draw_evidence(const LatentDraw& draw, ImDrawList& list) {
  const Evidence* evidence = evidence_of(draw);
  if (!evidence) return;
  const LatentView& view = draw.state.view;
  const Theme& theme = draw.theme();
  if (evidence->latent == 1) {
    draw_on_line(draw, list, *evidence);
    return;
  }
  for (const PosteriorRegion& region : evidence->regions) {
    fill_region(list, view, region, with_alpha(truth_tint(), 0.3f));
  }
  for (const PosteriorRegion& region : evidence->regions) {
    for (const std::vector<float>& line : region.outlines) {
      draw_outline(list, view, line, with_alpha(truth_tint(), 0.9f), theme.px(1.2f));
    }
  }
  // From the code to where it should be, if that is far.
  const auto center = [&](const LatentGaussian& gaussian) {
    return view.to_screen(
        {static_cast<float>(gaussian.mean[0]), static_cast<float>(gaussian.mean[1])});
  };
  const Vec2 from = center(evidence->encoder), to = center(evidence->best_diagonal);
  if (std::hypot(to.x - from.x, to.y - from.y) > theme.px(24)) {
    list.AddLine(from, to, with_alpha(color::kBackground, 0.6f), theme.px(3));
    list.AddLine(from, to, with_alpha(best_tint(), 0.8f), theme.px(1.2f));
  }
  draw_gaussian(list, view, theme, evidence->best_full, best_tint(), true);
  draw_gaussian(list, view, theme, evidence->best_diagonal, best_tint(), false);
  draw_gaussian(list, view, theme, evidence->encoder, encoder_tint(), false);
}

void draw_evidence_card(const LatentDraw& draw, ImDrawList& list) {
  if (!draw.shows(Layer::lens) || draw.input.evidence == nullptr) return;
  const Theme& theme = draw.theme();
  const Evidence* evidence = evidence_of(draw);
  if (!evidence) {
    const std::string hint = draw.model.past_decoder
                                 ? tr("The past has no encoder: the lens shows the present only.")
                                 : tr("Point at an input to see its true posterior.");
    draw_label(list, draw.state.view, theme,
               {draw.state.view.origin.x + draw.px(kOff),
                draw.state.view.rect().high().y - draw.px(kOffBelow + 18)},
               hint, color::kMuted);
    return;
  }
  const std::vector<Row> rows = rows_of(*evidence);
  const float pad = draw.px(kPad), line = draw.px(kLine);
  const float height = 2 * pad + line * static_cast<float>(rows.size() + 2) + draw.px(kBar + 6);
  const auto place = room_for(draw, *evidence, {draw.px(kWidth), std::ceil(height)});
  if (!place) return;
  const Vec2 low = place->origin, high = place->high();
  draw.frame.widgets.note("evidence", *place);
  list.AddRectFilled(low, high, with_alpha(color::kOverlay, 0.96f), theme.px(5));
  list.AddRect(low, high, color::kAxis, theme.px(5));
  const auto text = [&](float x, float y, ImU32 rgba, const std::string& words) {
    list.AddText(theme.small, height_of(theme.small), {std::round(x), std::round(y)}, rgba,
                 words.c_str());
  };
  const auto text_to = [&](float right, float y, ImU32 rgba, const std::string& words) {
    text(right - text_size(theme.small, words).x, y, rgba, words);
  };
  const float left = low.x + pad, right = high.x - pad;
  float y = low.y + pad;
  const std::string unit = tr("nats");
  const float name_room = right - left - text_size(theme.small, unit).x - draw.px(10);
  {
    const Styled styled(theme.small);
    text(left, y, color::kText,
         beginning_that_fits(name_of_subject(draw, draw.input.evidence->subject()), name_room));
  }
  text_to(right, y, color::kMuted, unit);
  y += line + draw.px(3);
  for (const Row& row : rows) {
    const float inset = row.is_minor ? draw.px(12) : 0;
    draw_sign(list, theme, {left + inset + draw.px(5), y + height_of(theme.small) / 2}, row.sign);
    text(left + inset + draw.px(kSwatch), y, row.is_minor ? color::kMuted : color::kText, row.name);
    text_to(right, y, row.is_minor ? color::kMuted : color::kText, row.value);
    y += line;
  }
  y += draw.px(4);
  const double width = width_in_nats(evidence->amortisation_gap + evidence->approximation_gap);
  const Rect bar{{left, y}, {right - left, draw.px(kBar)}};
  draw_bar(list, theme, bar, *evidence, width);
  draw.frame.widgets.note("evidence_bar", bar);
  y += draw.px(kBar + 3);
  text(left, y, color::kMuted, tr("ELBO + gaps = log p(x)"));
  text_to(right, y, color::kMuted, tr("{:g} nats wide", width));
}

}  // namespace zscape
