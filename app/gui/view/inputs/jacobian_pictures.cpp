#include "app/gui/view/inputs/jacobian_pictures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr double kShare = 10;          // a refresh may take a tenth of the time
constexpr double kLeastPause = 0.2;    // seconds between two of the same input
constexpr double kPatience = 5;        // seconds; then its model is gone
constexpr double kMeanPatience = 120;  // it may be at work on many inputs

std::uint8_t channel(ImU32 color, unsigned shift) {
  return static_cast<std::uint8_t>((color >> shift) & 255U);
}

float largest(std::span<const float> values) {
  float most = 0;
  for (const float value : values) most = std::max(most, std::abs(value));
  return most;
}

}  // namespace

ImU32 signed_color(const SignedColors& colors, float share) {
  const ImU32 end = share < 0 ? colors.negative : colors.positive;
  const float part = std::sqrt(std::min(std::abs(share), 1.0F));  // small ones are seen too
  ImU32 mixed = 0xFF000000U;
  for (const unsigned shift : {0U, 8U, 16U}) {
    const float from = channel(colors.zero, shift), to = channel(end, shift);
    mixed |= static_cast<ImU32>(std::lround(from + (to - from) * part)) << shift;
  }
  return mixed;
}

std::string JacobianPictures::why_no_mean(const ModelSpec& spec) {
  if (spec.inputs() <= kMostMeanJacobianInputs) return {};
  return tr("The mean is for up to {} values an input; these have {}.", kMostMeanJacobianInputs,
            spec.inputs());
}

// Whether to ask now. Notes an answer that came.
bool JacobianPictures::is_due(Asked& asked, const InputJacobianPtr& answer, bool is_chosen,
                              double patience, double now_s) {
  if (asked.waits && answer && answer != asked.before) {
    asked.waits = false;
    asked.took_s = now_s - asked.s;
    asked.answered_s = now_s;
  }
  const double due = asked.waits ? asked.s + patience
                     : is_chosen ? now_s
                                 : asked.answered_s + std::max(kLeastPause, kShare * asked.took_s);
  if (now_s < due) {
    due_s_ = due_s_ ? std::min(*due_s_, due) : due;
    return false;
  }
  asked.waits = true;
  asked.s = now_s;
  asked.before = answer;
  return true;
}

std::vector<MeasureJacobian> JacobianPictures::update(const ModelView& view,
                                                      const std::optional<PointRef>& input,
                                                      double now_s) {
  due_s_.reset();
  const auto is_of = [&](const InputJacobianPtr& made) {
    return made && input && made->split == input->split && made->rows.size() == 1 &&
           made->rows.front() == input->index;
  };
  shown_[0] = is_of(view.jacobian) ? view.jacobian : nullptr;
  shown_[1] = view.mean_jacobian && input && view.mean_jacobian->split == input->split
                  ? view.mean_jacobian
                  : nullptr;
  std::vector<MeasureJacobian> requests;
  if (!view.weights || !input) return requests;
  const std::uint64_t revision = view.weights->revision();
  if (!shown_[0] || shown_[0]->revision != revision) {
    const bool is_chosen = asked_input_ != input;
    if (is_chosen && asked_[0].waits) asked_[0].waits = false;  // the newer replaces it
    if (is_due(asked_[0], view.jacobian, is_chosen, kPatience, now_s)) {
      asked_input_ = input;
      requests.push_back({view.id, input->split, input->index});
    }
  }
  const bool has_mean = why_no_mean(view.spec).empty();
  if (has_mean && (!shown_[1] || shown_[1]->revision != revision) &&
      is_due(asked_[1], view.mean_jacobian, !shown_[1], kMeanPatience, now_s)) {
    requests.push_back({view.id, input->split, {}});
  }
  return requests;
}

void JacobianPictures::draw(int side, const SignedColors& colors) {
  if (side <= 0) return;
  if (side == side_ && colors == colors_ && drawn_ == shown_) return;
  side_ = side;
  colors_ = colors;
  drawn_ = shown_;
  const auto row_bytes = static_cast<std::size_t>(2 * side) * 4;
  sheet_.assign(row_bytes * static_cast<std::size_t>(side), 0);
  for (std::size_t which = 0; which < shown_.size(); ++which) {
    const InputJacobian* made = shown_[which].get();
    // Where a pixel stands for several cells, it shows the one farthest from 0, as cells do.
    std::vector<float> pixels(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
    const float most = made ? std::max(largest(made->cells), 1e-12F) : 1;
    const int cells = made ? made->side : 0, finer = std::max(cells, side);
    for (int i = 0; cells > 0 && i < finer; ++i) {
      for (int j = 0; j < finer; ++j) {
        const float value =
            made->cells[static_cast<std::size_t>(i * cells / finer * cells + j * cells / finer)];
        float& pixel = pixels[static_cast<std::size_t>(i * side / finer * side + j * side / finer)];
        if (std::abs(value) > std::abs(pixel)) pixel = value;
      }
    }
    for (int y = 0; y < side; ++y) {
      std::uint8_t* out = sheet_.data() + static_cast<std::size_t>(y) * row_bytes +
                          which * static_cast<std::size_t>(side) * 4;
      for (int x = 0; x < side; ++x, out += 4) {
        const ImU32 color =
            signed_color(colors, pixels[static_cast<std::size_t>(y * side + x)] / most);
        for (unsigned part = 0; part < 4; ++part) out[part] = channel(color, 8 * part);
      }
    }
  }
  ++generation_;
}

PictureSlot JacobianPictures::draw_row(Pictures& pictures, std::optional<int> output,
                                       const SignedColors& colors) {
  if (!(row_shape_ == pictures.shape())) {  // the sheet has forgotten it
    row_shape_ = pictures.shape();
    row_ = kNoPicture;
    row_of_ = nullptr;
  }
  const InputJacobianPtr& made = shown_[0];
  if (!made || made->inputs != pictures.shape().size()) return kNoPicture;
  const auto inputs = static_cast<std::size_t>(made->inputs);
  const auto latent = static_cast<std::size_t>(made->latent);
  const bool is_chosen = output && *output >= 0 && *output < made->inputs;
  const bool is_same = row_of_ == made && row_colors_ == colors && row_ != kNoPicture;
  if (is_same && (!is_chosen || *output == row_output_)) return row_;
  int listens = is_chosen ? *output : 0;
  float most_read = -1;
  for (std::size_t i = 0; i < inputs && !is_chosen; ++i) {  // by the largest part of ∂x̂/∂z
    float squares = 0;
    for (std::size_t j = 0; j < latent; ++j) {
      squares += made->reads[i * latent + j] * made->reads[i * latent + j];
    }
    if (squares <= most_read) continue;
    most_read = squares;
    listens = static_cast<int>(i);
  }
  row_of_ = made;
  row_colors_ = colors;
  row_output_ = listens;
  std::vector<float> row(inputs);
  for (std::size_t j = 0; j < latent; ++j) {
    const float reads = made->reads[static_cast<std::size_t>(listens) * latent + j];
    for (std::size_t i = 0; i < inputs; ++i) row[i] += reads * made->writes[j * inputs + i];
  }
  // Of several channels, a pixel shows the one farthest from 0.
  const auto channels = static_cast<std::size_t>(std::max(pictures.shape().channels, 1));
  const float most = std::max(largest(row), 1e-12F);
  std::vector<std::uint8_t> rgb;
  for (std::size_t first = 0; first < inputs; first += channels) {
    float value = 0;
    for (std::size_t i = first; i < std::min(first + channels, inputs); ++i) {
      if (std::abs(row[i]) > std::abs(value)) value = row[i];
    }
    const ImU32 color = signed_color(colors, value / most);
    for (const unsigned shift : {0U, 8U, 16U}) rgb.push_back(channel(color, shift));
  }
  if (row_ == kNoPicture) row_ = pictures.acquire();
  if (row_ != kNoPicture) pictures.set_colors(row_, rgb);
  return row_;
}

}  // namespace zscape
