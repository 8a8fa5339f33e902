#include "app/gui/view/latent/selection.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <utility>

namespace zscape {

constexpr std::size_t kAddedAFrame = 2'000'000;  // values; 2 ms

void Selection::follow(std::shared_ptr<const Dataset> data) {
  if (data == data_) return;
  std::erase_if(former_, [](const OfData& former) { return former.data.expired(); });
  if (data_ && !empty()) former_.push_back({data_, rows_});
  const bool had_data = data_ != nullptr;
  data_ = std::move(data);
  if (had_data) clear();
  const auto back = std::ranges::find_if(
      former_, [&](const OfData& former) { return former.data.lock() == data_; });
  if (!data_ || back == former_.end()) return;
  rows_ = std::move(back->rows);
  former_.erase(back);
  changed();
}

void Selection::choose(SplitName split, std::vector<std::int64_t> rows, SelectMode mode) {
  assert(std::ranges::is_sorted(rows));
  if (data_) {
    rows.erase(std::ranges::lower_bound(rows, data_->split(split).count), rows.end());
  }
  std::vector<std::int64_t>& held = rows_[static_cast<std::size_t>(split)];
  std::vector<std::int64_t>& others = rows_[split == SplitName::train ? 1 : 0];
  bool is_other = false;
  if (mode == SelectMode::replace) {
    is_other = !others.empty();
    others.clear();
  } else {
    std::vector<std::int64_t> result;
    if (mode == SelectMode::add) {
      std::ranges::set_union(held, rows, std::back_inserter(result));
    } else {
      std::ranges::set_difference(held, rows, std::back_inserter(result));
    }
    rows = std::move(result);
  }
  is_other = is_other || rows != held;
  held = std::move(rows);
  if (is_other) changed();
}

void Selection::toggle(PointRef input) {
  choose(input.split, {input.index}, contains(input) ? SelectMode::subtract : SelectMode::add);
}

void Selection::clear() {
  if (empty()) return;
  for (auto& of_split : rows_) of_split.clear();
  changed();
}

PointRef Selection::input(std::size_t number) const {
  const std::vector<std::int64_t>& train = rows(SplitName::train);
  if (number < train.size()) return {SplitName::train, train[number]};
  return {SplitName::test, rows(SplitName::test)[number - train.size()]};
}

void Selection::changed() {
  ++revision_;
  ++mean_revision_;
  added_ = 0;
  sums_.clear();
  const auto classes = static_cast<std::size_t>(data_ ? data_->classes() : 0);
  label_counts_.assign(classes + 1, 0);
  for (const SplitName split : {SplitName::train, SplitName::test}) {
    for (const std::int64_t row : rows(split)) {
      const int label = data_ ? data_->split(split).label(row) : -1;
      ++label_counts_[label < 0 ? classes : std::min(static_cast<std::size_t>(label), classes)];
    }
  }
}

void Selection::add_up() {
  if (!data_ || !adding_up()) return;
  const auto size = static_cast<std::size_t>(data_->inputs());
  sums_.resize(size);
  const std::size_t most = std::max<std::size_t>(kAddedAFrame / std::max<std::size_t>(size, 1), 1);
  for (std::size_t left = most; left > 0 && adding_up(); --left) add(input(added_++));
  ++mean_revision_;
}

void Selection::add(PointRef input) {
  if (!data_->split(input.split).pixels.empty()) {
    const std::span<const std::uint8_t> image = data_->image(input.split, input.index);
    for (std::size_t i = 0; i < image.size(); ++i) sums_[i] += image[i] / 255.0;
    return;
  }
  const std::vector<float> picture = data_->picture(input.split, input.index);
  for (std::size_t i = 0; i < picture.size(); ++i) sums_[i] += picture[i];
}

std::vector<float> Selection::mean_picture() const {
  std::vector<float> mean(added_ > 0 ? sums_.size() : 0);
  for (std::size_t i = 0; i < mean.size(); ++i) {
    mean[i] = static_cast<float>(sums_[i] / static_cast<double>(added_));
  }
  return mean;
}

void PointDimming::update(const Points& points, const HiddenLabels& hidden,
                          const Selection* selection, const MetadataMatches& matches) {
  const std::uint64_t selected = selection ? selection->revision() : 0;
  if (points.revision() == points_revision_ && selected == selection_revision_ &&
      matches.revision() == matches_revision_ && hidden == hidden_) {
    return;
  }
  matches_revision_ = matches.revision();
  points_revision_ = points.revision();
  selection_revision_ = selected;
  hidden_ = hidden;
  ++revision_;
  selected_.clear();
  dimmed_.assign(points.count(), 0);
  if (selection && !selection->empty() && !points.empty()) {
    // Both kinds of rows rise.
    const std::vector<std::int64_t>& rows = *points.codes()->indices;
    const std::vector<std::int64_t>& chosen = selection->rows(points.codes()->split);
    auto next = chosen.begin();
    for (std::size_t i = 0; i < rows.size() && next != chosen.end(); ++i) {
      while (next != chosen.end() && *next < rows[i]) ++next;
      if (next != chosen.end() && *next == rows[i]) selected_.push_back(i);
    }
  }
  if (const auto found = matches.found(); found.size() == dimmed_.size() && !found.empty()) {
    std::ranges::transform(found, dimmed_.begin(),
                           [](std::uint8_t is_found) { return is_found == 0 ? 1 : 0; });
  } else if (any_selected()) {
    std::ranges::fill(dimmed_, std::uint8_t{1});
    for (const std::size_t point : selected_) dimmed_[point] = 0;
  }
  if (hidden.none() && !points.leaves_out()) return;
  for (std::size_t i = 0; i < dimmed_.size(); ++i) {
    if (points.hidden(i, hidden)) dimmed_[i] = 1;
  }
}

}  // namespace zscape
