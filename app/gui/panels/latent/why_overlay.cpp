// The layers that say why codes are where they are: arrows, ellipses, and a card of figures each.
#include <fmt/core.h>
#include <imgui.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "app/gui/panels/latent/latent_draw.h"
#include "app/gui/panels/latent/latent_overlay.h"
#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/picking.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr float kLongest = 150;  // of an arrow, pixels at 100 %
constexpr float kHead = 5;
constexpr float kCardOff = 44;  // from the plot's left end: room for numbers
constexpr float kCard = 262, kPad = 9, kLine = 17, kBar = 10, kHistogram = 34;  // at 100 %

ImU32 pull_color() {
  return color::kSecond;
}
ImU32 prior_color() {
  return color::kAccent;
}

void draw_arrow(ImDrawList& list, const Theme& theme, Vec2 from, Vec2 to, ImU32 rgba, float thick) {
  const float x = to.x - from.x, y = to.y - from.y;
  const float length = std::hypot(x, y);
  if (!(length > 0.5f)) return;  // and what is no number
  const float head =
      std::min(theme.px(kHead) * std::max(1.0f, 0.7f * thick / theme.px(1)), 0.6f * length);
  const Vec2 along{x / length, y / length};
  const Vec2 neck{to.x - head * along.x, to.y - head * along.y};
  const float wide = 0.55f * head;
  const ImU32 ground = with_alpha(color::kBackground, 0.75f);
  list.AddLine(from, to, ground, thick + theme.px(2));
  list.AddLine(from, neck, rgba, thick);
  list.AddTriangleFilled(to, {neck.x - wide * along.y, neck.y + wide * along.x},
                         {neck.x + wide * along.y, neck.y - wide * along.x}, rgba);
}

// A force as an arrow, as long as its root.
Vec2 shown(const LatentDraw& draw, Vec2 force, float pixels_per_root) {
  const float length = std::hypot(force.x, force.y);
  if (!(length > 0) || !std::isfinite(length)) return {};
  const float pixels = std::min(pixels_per_root * std::sqrt(length), draw.px(kLongest));
  return (pixels / length) * Vec2{force.x, -force.y};
}

void draw_trips(const LatentDraw& draw, ImDrawList& list) {
  const LatentView& view = draw.state.view;
  const bool has_prior = draw.model.spec.has_prior();
  constexpr float kPriorEnds = 4.25f;  // σ; beyond, there is nothing whose way back would count
  for (const WhyLayers::Trip& trip : draw.input.contents.why.trips()) {
    if (has_prior && std::hypot(trip.from.x, trip.from.y) > kPriorEnds) continue;
    const Vec2 from = view.to_screen(trip.from);
    if (!near_plot(view, from, draw.px(40))) continue;
    const Vec2 to = view.to_screen(trip.to);
    const Vec2 way = to - from;
    const float length = std::hypot(way.x, way.y);
    const float most = std::hypot(view.size.x, view.size.y);
    if (!std::isfinite(length)) continue;
    const bool home = !has_prior || trip.off <= 1;
    const ImU32 rgba = with_alpha(home ? prior_color() : pull_color(), home ? 0.75f : 0.9f);
    list.AddCircleFilled(from, draw.px(1.6f), rgba, 8);
    draw_arrow(list, draw.theme(), from, length > most ? from + (most / length) * way : to, rgba,
               draw.px(home ? 1.2f : 1.5f));
  }
}

void draw_tissot(const LatentDraw& draw, ImDrawList& list) {
  const LatentView& view = draw.state.view;
  const bool line = draw.scene.latent() == 1;
  for (const WhyLayers::Tissot& one : draw.input.contents.why.tissot()) {
    const Vec2 at = view.to_screen(one.at);
    if (!near_plot(view, at, draw.px(80))) continue;
    const float across = one.ellipse.sigma.x * view.pixels_per_unit;
    const float up = one.ellipse.sigma.y * view.pixels_per_unit;
    const ImU32 rgba = with_alpha(color::kText, 0.55f);
    if (line) {
      list.AddLine({at.x - across, at.y}, {at.x + across, at.y}, rgba, draw.px(2));
      continue;
    }
    draw_ellipse(list, at, {std::max(across, 0.5f), std::max(up, 0.5f)}, one.ellipse.turn, rgba,
                 draw.px(1.2f));
  }
}

// What an input in hand shows besides: the sum of both, and how its σ would change.
void draw_force_in_hand(const LatentDraw& draw, ImDrawList& list, const WhyLayers::Force& force,
                        Vec2 at, Vec2 sum, double lambda) {
  const float unit = draw.state.view.pixels_per_unit;
  const Vec2 radius{std::max(force.sigma.sigma.x * unit, 0.5f),
                    std::max(force.sigma.sigma.y * unit, 0.5f)};
  if (force.sigma.sigma.x > 0) {
    const double prior = -lambda * force.breathing_kl;
    const double both = std::abs(force.breathing_pull) + std::abs(prior);
    const double part = both > 0 ? (force.breathing_pull + prior) / both : 0;
    const auto grown = static_cast<float>(std::exp(0.5 * part));
    draw_ellipse(list, at, radius, force.sigma.turn, color::kText, draw.px(1.5f));
    draw_ellipse(list, at, grown * radius, force.sigma.turn,
                 part < 0 ? pull_color() : prior_color(), draw.px(1.5f));
  }
  draw_arrow(list, draw.theme(), at, at + sum, color::kText, draw.px(2));
}

void draw_forces(const LatentDraw& draw, ImDrawList& list) {
  const WhyLayers& why = draw.input.contents.why;
  const LatentView& view = draw.state.view;
  const Points& points = draw.input.points;
  const double lambda = draw.model.spec.has_prior() ? draw.model.settings.kl_weight : 0;
  const float unit = draw.px(why.pixels_per_root_force());
  for (const std::vector<Vec2>& trail : why.trails()) {
    const auto parts = static_cast<float>(std::max<std::size_t>(trail.size(), 2) - 1);
    for (std::size_t i = 1; i < trail.size(); ++i) {
      const float age = static_cast<float>(i) / parts;
      list.AddLine(view.to_screen(trail[i - 1]), view.to_screen(trail[i]),
                   with_alpha(color::kText, 0.15f + 0.75f * age), draw.px(1 + age));
    }
  }
  const auto is_in_hand = [&](std::size_t point) {
    if (draw.state.nearest && draw.state.pointer_inside && draw.state.nearest->point == point) {
      return true;
    }
    return std::ranges::any_of(draw.scene.pins(), [&](const Pin& pin) {
      return pin.source && *pin.source == points.ref(point);
    });
  };
  std::vector<const WhyLayers::Force*> in_hand;
  for (const WhyLayers::Force& force : why.forces()) {
    if (force.point >= points.count() || points.hidden(force.point, draw.state.hidden)) continue;
    const Vec2 at = view.to_screen(points.position(force.point));
    if (!near_plot(view, at, draw.px(kLongest))) continue;
    const bool bold = is_in_hand(force.point);
    if (bold) in_hand.push_back(&force);
    const float thick = draw.px(bold ? 2.2f : 1.1f), alpha = bold ? 1.0f : 0.8f;
    draw_arrow(list, draw.theme(), at, at + shown(draw, force.reconstruction, unit),
               with_alpha(pull_color(), alpha), thick);
    if (lambda <= 0) continue;
    const Vec2 prior = static_cast<float>(-lambda) * force.mean;
    draw_arrow(list, draw.theme(), at, at + shown(draw, prior, unit),
               with_alpha(prior_color(), alpha), thick);
  }
  for (const WhyLayers::Force* force : in_hand) {
    const Vec2 at = view.to_screen(points.position(force->point));
    const Vec2 sum = force->reconstruction - static_cast<float>(lambda) * force->mean;
    draw_force_in_hand(draw, list, *force, at, shown(draw, sum, unit), lambda);
  }
}

// ---- The cards ----------------------------------------------------------------------------------

struct CardLine {
  std::string text;
  std::string value = {};           // at the right end
  std::optional<ImU32> arrow = {};  // before it
};

struct Card {
  const char* widget;
  std::string title;
  std::vector<CardLine> lines;
  // A colour bar with its ends; empty: none.
  std::string bar_low = {}, bar_middle = {}, bar_high = {};
  bool diverges = false;
  std::vector<float> bars = {};  // a histogram, each in [0, 1]
  std::string bars_low = {}, bars_high = {};
};

std::string per_unit(const ModelSpec& spec, double value) {
  const std::string number = format_value(value, 2);
  return spec.likelihood == Likelihood::mse ? number : tr("{} nats", number);
}

// Why there is nothing to see yet.
std::string why_nothing(const LatentDraw& draw) {
  if (draw.model.past_decoder) return tr("the past has no encoder: see the present");
  return draw.model.drawing_model() ? tr("measuring …") : tr("there is no model yet");
}

Card forces_card(const LatentDraw& draw) {
  const WhyLayers& why = draw.input.contents.why;
  const ModelSpec& spec = draw.model.spec;
  Card card{"forces_card", tr("Forces on the codes, lengths by the root"), {}};
  card.lines.push_back({tr("reconstruction"), "−∂rec/∂μ", pull_color()});
  if (spec.has_prior()) {
    card.lines.push_back(
        {tr("prior, λ = {}", format_setting(draw.model.settings.kl_weight)), "−λμ", prior_color()});
  }
  if (why.forces().empty()) {
    card.lines.push_back({why_nothing(draw)});
    return card;
  }
  const MeanForce mean = why.mean_force();
  double error = 0;
  for (const double each : mean.standard_error) error += each * each;
  card.lines.push_back({tr("sum at an input, typically"), per_unit(spec, mean.typical)});
  card.lines.push_back({tr("mean of {} inputs", format_count(why.force_inputs())),
                        format_with_error(mean.length, std::sqrt(error))});
  if (!mean.breathing.empty()) {
    double sum = 0;
    for (const double each : mean.breathing) sum += each;
    card.lines.push_back({tr("breathing of log σ, mean"),
                          format_value(sum / static_cast<double>(mean.breathing.size()), 2)});
  }
  return card;
}

Card trips_card(const LatentDraw& draw) {
  const WhyLayers& why = draw.input.contents.why;
  Card card{"trips_card", tr("Round trip: z → picture → μ"), {}};
  if (!draw.model.spec.has_prior()) {
    card.lines.push_back({tr("no σ to measure the way by")});
    return card;
  }
  if (why.trips().empty()) {
    card.lines.push_back({why_nothing(draw)});
    return card;
  }
  card.lines.push_back({tr("back within its own σ"), {}, prior_color()});
  card.lines.push_back({tr("farther away"), {}, pull_color()});
  const auto home = why.home();
  card.lines.push_back(
      {tr("of the prior's mass comes back"),
       home ? fmt::format("{:.1f} ± {:.1f} %", 100 * home->share, 100 * home->standard_error)
            : tr("…")});
  return card;
}

Card stretch_card(const LatentDraw& draw) {
  const WhyLayers& why = draw.input.contents.why;
  const ShadeField& shade = why.shade();
  Card card{"stretch_card", tr("Stretch √det(JᵀJ) of the decoder"), {}};
  if (shade.values.empty()) {
    card.lines.push_back({why_nothing(draw)});
    return card;
  }
  card.bar_low = format_setting(shade.at_zero);
  card.bar_middle = tr("each line: twice as much");
  card.bar_high = format_setting(shade.at_one);
  card.lines.push_back(
      {tr("change of the picture along an ellipse"), format_value(why.tissot_move(), 2)});
  const PathLengths* lengths = why.lengths();
  if (why.awaits_lengths() && !lengths) {
    card.lines.push_back({tr("looking for shortest paths …")});
  }
  if (lengths == nullptr || lengths->straight.empty()) return card;
  constexpr int kBins = 25;
  std::vector<double> ratios;
  std::vector<int> counts(kBins, 0);
  for (std::size_t i = 0; i < lengths->straight.size(); ++i) {
    const double ratio = lengths->straight[i] > 0 ? lengths->shortest[i] / lengths->straight[i] : 1;
    ratios.push_back(ratio);
    ++counts[static_cast<std::size_t>(
        std::clamp(static_cast<int>((ratio - 0.5) / 0.5 * kBins), 0, kBins - 1))];
  }
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>(ratios.size() / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  card.lines.push_back(
      {tr("geodesic / straight, {} pairs", format_count(static_cast<std::int64_t>(ratios.size()))),
       tr("median {}", format_value(*middle, 3))});
  const int most = *std::ranges::max_element(counts);
  for (const int count : counts) {
    card.bars.push_back(static_cast<float>(count) / static_cast<float>(std::max(most, 1)));
  }
  card.bars_low = std::string("≤ 0.5");
  card.bars_high = std::string("1");
  return card;
}

Card mismatch_card(const LatentDraw& draw) {
  const WhyLayers& why = draw.input.contents.why;
  Card card{"mismatch_card", tr("log q(z) − log p(z), nats"), {}};
  card.diverges = true;
  card.bar_low = tr("−{} no codes", WhyLayers::kEndOfMismatch);
  card.bar_middle = std::string("0");
  card.bar_high = tr("more codes +{}", WhyLayers::kEndOfMismatch);
  const KlSplit* split = why.split();
  if (split == nullptr) {
    card.lines.push_back({tr("measuring …")});
    return card;
  }
  const auto nats = [](double value) { return fmt::format("{:.2f}", value); };
  card.lines.push_back({tr("KL of {} inputs", format_count(split->inputs)), nats(split->kl)});
  card.lines.push_back({tr("= I(x; z), at most ln N = {}", nats(split->most_information())),
                        format_with_error(split->mutual_information, split->standard_error)});
  card.lines.push_back({tr("+ KL(q(z) ‖ p(z))"), nats(split->marginal_kl())});
  return card;
}

float height_of_card(const LatentDraw& draw, const Card& card) {
  float height = 2 * draw.px(kPad) + draw.px(kLine) * static_cast<float>(1 + card.lines.size());
  if (!card.bar_low.empty()) height += draw.px(kBar + 4) + draw.px(kLine);
  if (!card.bars.empty()) height += draw.px(kHistogram + 2) + draw.px(kLine);
  return std::ceil(height);
}

void draw_color_bar(const LatentDraw& draw, ImDrawList& list, const Card& card, const Rect& place) {
  // As the shader has it: the alpha rises from the middle, or from the left end.
  const auto tint = [&](float part) {
    const float value = card.diverges ? 2 * part - 1 : part;
    const ImU32 rgba = !card.diverges ? color::kText : value < 0 ? pull_color() : prior_color();
    return with_alpha(rgba, (card.diverges ? 0.42f : 0.45f) * std::abs(value));
  };
  constexpr int kParts = 48;
  for (int i = 0; i < kParts; ++i) {
    const float from = static_cast<float>(i) / kParts, to = static_cast<float>(i + 1) / kParts;
    list.AddRectFilled({place.origin.x + from * place.size.x, place.origin.y},
                       {place.origin.x + to * place.size.x, place.high().y}, tint((from + to) / 2));
  }
  list.AddRect(place.origin, place.high(), color::kAxis, 0, 0, draw.px(1));
}

void draw_card(const LatentDraw& draw, ImDrawList& list, const Card& card, const Rect& place) {
  const Theme& theme = draw.theme();
  list.AddRectFilled(place.origin, place.high(), with_alpha(color::kOverlay, 0.93f), theme.px(5));
  list.AddRect(place.origin, place.high(), color::kLine, theme.px(5));
  draw.frame.widgets.note(card.widget, place);
  const float left = place.origin.x + draw.px(kPad), right = place.high().x - draw.px(kPad);
  const auto text = [&](float x, float y, ImU32 rgba, const std::string& words) {
    list.AddText(theme.small, height_of(theme.small), {std::round(x), std::round(y)}, rgba,
                 words.c_str());
  };
  const auto width = [&](const std::string& words) { return text_size(theme.small, words).x; };
  float y = place.origin.y + draw.px(kPad) - draw.px(1);
  text(left, y, color::kText, card.title);
  y += draw.px(kLine);
  if (!card.bar_low.empty()) {
    y += draw.px(3);
    draw_color_bar(draw, list, card, {{left, y}, {right - left, draw.px(kBar)}});
    y += draw.px(kBar + 1);
    text(left, y, color::kMuted, card.bar_low);
    text((left + right - width(card.bar_middle)) / 2, y, color::kMuted, card.bar_middle);
    text(right - width(card.bar_high), y, color::kMuted, card.bar_high);
    y += draw.px(kLine);
  }
  for (const CardLine& line : card.lines) {
    float x = left;
    if (line.arrow) {
      const float middle = y + height_of(theme.small) / 2;
      draw_arrow(list, theme, {x, middle}, {x + draw.px(18), middle}, *line.arrow, draw.px(1.6f));
      x += draw.px(25);
    }
    text(x, y, color::kMuted, line.text);
    text(right - width(line.value), y, color::kText, line.value);
    y += draw.px(kLine);
  }
  if (card.bars.empty()) return;
  const float high = draw.px(kHistogram), bottom = y + high;
  const float each = (right - left) / static_cast<float>(card.bars.size());
  for (std::size_t i = 0; i < card.bars.size(); ++i) {
    const float x = left + static_cast<float>(i) * each;
    list.AddRectFilled({std::round(x), bottom - std::round(card.bars[i] * (high - draw.px(4)))},
                       {std::round(x + each) - 1, bottom}, color::kAccent);
  }
  list.AddLine({left, bottom}, {right, bottom}, color::kAxis);
  text(left, bottom + draw.px(1), color::kMuted, card.bars_low);
  text(right - width(card.bars_high), bottom + draw.px(1), color::kMuted, card.bars_high);
}

// The left end of the cards: at the right of the plot, or at its left where the pointer or the card
// beside it needs the right.
float left_of_cards(const LatentDraw& draw, Vec2 size, float bottom) {
  const LatentView& view = draw.state.view;
  const float right = view.rect().high().x - draw.px(10) - size.x;
  std::vector<Rect> taken;
  if (draw.state.pointer_inside) {
    const Vec2 pointer = ImGui::GetMousePos();
    const float margin = draw.px(12);
    taken.push_back({pointer - Vec2{margin, margin}, {2 * margin, 2 * margin}});
  }
  const auto card = draw.frame.widgets.find("card");
  if (card && draw.state.card_input) taken.push_back(*card);
  for (const float left : {right, view.origin.x + draw.px(kCardOff)}) {
    const Rect place{{left, bottom - size.y}, size};
    if (std::ranges::none_of(taken, [&](const Rect& other) { return overlap(place, other); })) {
      return left;
    }
  }
  return right;
}

}  // namespace

void draw_why(const LatentDraw& draw, ImDrawList& list) {
  if (draw.shows(Layer::stretch)) draw_tissot(draw, list);
  if (draw.shows(Layer::trips)) draw_trips(draw, list);
  if (draw.shows(Layer::forces)) draw_forces(draw, list);
}

void draw_why_cards(const LatentDraw& draw, ImDrawList& list) {
  std::vector<Card> cards;
  if (draw.shows(Layer::forces)) cards.push_back(forces_card(draw));
  if (draw.shows(Layer::trips)) cards.push_back(trips_card(draw));
  if (draw.shows(Layer::stretch)) cards.push_back(stretch_card(draw));
  if (draw.shows(Layer::mismatch)) cards.push_back(mismatch_card(draw));
  const LatentView& view = draw.state.view;
  const float wide = draw.px(kCard), between = draw.px(8);
  if (wide + draw.px(20) > view.size.x) return;
  // One upon the other, above the numbers of the axis; those for which there is room.
  const float bottom = view.rect().high().y - draw.px(26);
  std::vector<float> heights;
  float high = 0;
  for (const Card& card : cards) {
    const float more = height_of_card(draw, card) + (heights.empty() ? 0 : between);
    if (bottom - high - more < view.origin.y + draw.px(30)) break;
    high += more;
    heights.push_back(height_of_card(draw, card));
  }
  if (heights.empty()) return;
  const Rect place{{left_of_cards(draw, {wide, high}, bottom), bottom - high}, {wide, high}};
  draw.frame.widgets.note("why_cards", place);
  float low = bottom;
  for (std::size_t i = 0; i < heights.size(); ++i) {
    draw_card(draw, list, cards[i], {{place.origin.x, low - heights[i]}, {wide, heights[i]}});
    low -= heights[i] + between;
  }
}

}  // namespace zscape
