// How long the pointer waits for the point that it means, at 10,000, 70,000 and 1,000,000 points:
// by the grid, and by looking at every one. Prints the section of bench/results.md.
#include "app/gui/view/latent/picking.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point began) {
  return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

struct Times {
  double median = 0;
  double worst = 0;
};

// Over all queries; of each the best of five runs, since other programs only ever add to them.
template <class Work>
Times times_of(const std::vector<Vec2>& queries, Work work) {
  std::vector<double> taken;
  for (const Vec2 query : queries) {
    double best = 1e9;
    for (int run = 0; run < 5; ++run) {
      const auto began = Clock::now();
      work(query);
      best = std::min(best, ms_since(began));
    }
    taken.push_back(best);
  }
  std::ranges::sort(taken);
  return {taken[taken.size() / 2], taken.back()};
}

// Codes as models have them: a normal cloud, or ten clusters of which some are very narrow.
std::vector<float> codes(std::size_t count, bool clustered) {
  std::mt19937 random(11);
  std::normal_distribution<float> normal;
  std::vector<float> mean(2 * count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto cluster = static_cast<float>(i % 10);
    const float spread = !clustered ? 1 : i % 10 < 3 ? 0.01f : 0.3f;
    const float away = clustered ? 2.5f : 0;
    mean[2 * i] = spread * normal(random) + away * std::cos(0.628f * cluster);
    mean[2 * i + 1] = spread * normal(random) + away * std::sin(0.628f * cluster);
  }
  return mean;
}

void measure(std::size_t count, bool clustered) {
  auto data = std::make_shared<Dataset>();
  data->train.count = static_cast<std::int64_t>(count);
  auto made = std::make_shared<Codes>();
  made->latent = 2;
  std::vector<std::int64_t> rows(count);
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  made->indices = std::make_shared<const std::vector<std::int64_t>>(std::move(rows));
  made->mean = codes(count, clustered);
  made->revision = 1;
  ModelView model;
  model.train_sample = made;
  Points points;
  points.update(model, data, SplitName::train, Axes{0, 1}, 1);

  Picker picker;
  std::vector<double> frames;
  while (frames.empty() || !picker.has_grid(points)) {
    const auto began = Clock::now();
    picker.follow(points);
    frames.push_back(ms_since(began));
  }
  const LatentView view{{0, 0}, {1000, 700}, {0, 0}, 100};
  std::mt19937 random(5);
  std::uniform_real_distribution<float> x(0, 1000), y(0, 700);
  std::vector<Vec2> queries(2000);
  for (Vec2& query : queries) query = {x(random), y(random)};
  for (std::size_t i = 0; i < queries.size(); i += 2) {  // and every other one on a point
    queries[i] = view.to_screen(points.to()[random() % count]);
  }
  std::size_t sum = 0;
  const Times by_grid =
      times_of(queries, [&](Vec2 at) { sum += picker.nearest(points, view, at, {})->point; });
  queries.resize(400);
  const Times by_looking =
      times_of(queries, [&](Vec2 at) { sum += nearest_point(points, view, at, {})->point; });
  const Vec2 low = view.to_latent({400, 300}), high = view.to_latent({600, 100});
  std::vector<Vec2> circle;
  for (int i = 0; i < 500; ++i) {
    const float angle = 0.0125664f * static_cast<float>(i);
    circle.push_back({std::cos(angle), std::sin(angle)});
  }
  const Box box{{low.x, std::min(low.y, high.y)}, {high.x, std::max(low.y, high.y)}};
  std::size_t in_box = 0, in_lasso = 0;
  const std::vector<Vec2> once(1);
  const double box_ms =
      times_of(once, [&](Vec2) { in_box = picker.inside(points, box, {}).size(); }).worst;
  const double lasso_ms = times_of(once, [&](Vec2) {
                            in_lasso = picker.inside(points, Lasso(circle), {}).size();
                          }).worst;
  fmt::print(
      "| {} {} | {:.4f}, {:.3f} ms | {:.3f}, {:.3f} ms | {:.1f} ms, {} × {:.1f} ms | "
      "{:.2f} ms for {} | {:.2f} ms for {} |\n",
      count, clustered ? "in clusters" : "in a cloud", by_grid.median, by_grid.worst,
      by_looking.median, by_looking.worst, std::accumulate(frames.begin(), frames.end(), 0.0),
      frames.size(), *std::ranges::max_element(frames), box_ms, in_box, lasso_ms, in_lasso);
  if (sum == 1) fmt::print("\n");  // so that nothing is left out
}

}  // namespace
}  // namespace zscape

int main() {
  fmt::print(
      "By `build/release/picking_bench`. The point nearest to 2,000 places in a view of 1000×700, "
      "half "
      "of them on points; a query\ncounts with the best of five runs (so with warm caches), since "
      "other programs only ever add to them. Points lie in a\nnormal cloud, or in ten clusters of "
      "which three are very narrow. The grid is made over some frames when codes have\ncome to "
      "rest; "
      "until then every point is looked at. Box and lasso are one query each, with as many points "
      "found.\n\n");
  fmt::print(
      "| points | grid: median, worst | looking at all: median, worst | making the grid: all, "
      "frames × the longest | box | lasso of 500 corners |\n| --- | --- | --- | --- | --- | "
      "--- |\n");
  for (const std::size_t count : {10'000, 70'000, 1'000'000}) {
    for (const bool clustered : {false, true}) zscape::measure(count, clustered);
  }
}
