#include "engine/eval/quadrature.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/eval/gauss_rules.h"
#include "engine/eval/pair_likelihood.h"
#include "engine/eval/team.h"
#include "engine/eval/tile_likelihood.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kNodes = 8;             // of a tile, along each dimension
constexpr double kPriorReach = 6;     // of the first tiles; beyond lies 1e-8 of the prior's mass
constexpr double kCodeReach = 6;      // deviations beyond the codes
constexpr double kFirstWidth = 0.75;  // of a tile: narrow posteriors show between its nodes
constexpr std::int64_t kMostFirst = 4096;
constexpr std::size_t kTilesAtOnce = 16;  // of one decoding
constexpr std::int64_t kInputsAtOnce = 512;
constexpr double kNothing = 1e-5;   // of the tolerance: a share of the mass to leave alone
constexpr double kHalvedTwice = 4;  // of a drop between nodes half as far apart
constexpr double kWideForCode = 8;  // deviations: a wider tile is halved around a code
constexpr double kNone = -std::numeric_limits<double>::infinity();

double log_sum(double a, double b) {
  const double high = std::max(a, b);
  if (high == kNone) return kNone;
  return high + std::log1p(std::exp(std::min(a, b) - high));
}

struct Tile {
  std::array<double, kMostExactDimensions> low{};
  double width = 0;
  std::vector<std::int64_t> inputs;  // whose integrand is looked at here
  std::vector<double> mass;          // [inputs] log ∫ over the tile
};

// The integrals of a group of inputs under one label.
class Integrals {
 public:
  Integrals(const Autoencoder& model, const LabelGroup& group, const at::Tensor& x,
            const Posterior& posterior, const QuadratureSettings& settings)
      : settings_(settings),
        dimensions_(model.spec().latent),
        label_(group.label),
        mean_(posterior.mean.index_select(0, group.rows).to(at::kDouble).contiguous()),
        reach_((posterior.log_variance.index_select(0, group.rows).to(at::kDouble) * 0.5)
                   .exp()
                   .contiguous()),
        inputs_(static_cast<std::size_t>(group.rows.numel())),
        settled_(inputs_, kNone),
        off_(inputs_, 0) {
    const GaussRule rule = product_rule(gauss_legendre(kNodes), dimensions_);
    nodes_ = ((rule.nodes + 1) / 2).contiguous();  // of a tile of width 1 at 0
    weights_ = rule.weights / std::pow(2.0, dimensions_);
    likelihood_.emplace(model, nodes_);
    compared_ = likelihood_->compared(x.index_select(0, group.rows));
  }

  // False: cancelled.
  bool run(const Progress& progress) {
    std::vector<Tile> parents = first_tiles();
    constexpr double kRemains = 0.6;  // of the work, after each halving, about
    double left = 1;
    if (!measure(parents, part_of(progress, 0, 1 - (left *= kRemains)))) return false;
    leave_out_empty(parents);
    for (int halving = 0; !parents.empty() && halving < settings_.most_halvings; ++halving) {
      std::vector<Tile> children = halves(parents);
      const double before = 1 - left;
      if (!measure(children, part_of(progress, before, 1 - (left *= kRemains)))) return false;
      parents = unsettled(parents, std::move(children));
    }
    for (const Tile& tile : parents) {  // too narrow to be resolved
      for (std::size_t i = 0; i < tile.inputs.size(); ++i) {
        settle(tile.inputs[i], tile.mass[i], std::exp(tile.mass[i] - total_[at(tile.inputs[i])]));
      }
    }
    return true;
  }

  at::Tensor log_likelihood() const { return at::tensor(settled_, at::kDouble); }
  at::Tensor error() const { return at::tensor(off_, at::kDouble); }

 private:
  static std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
  std::size_t tiles_of_halving() const { return std::size_t{1} << dimensions_; }

  std::vector<Tile> first_tiles() const {
    const at::Tensor low =
        std::get<0>((mean_ - kCodeReach * reach_).min(0)).clamp_max(-kPriorReach);
    const at::Tensor high =
        std::get<0>((mean_ + kCodeReach * reach_).max(0)).clamp_min(kPriorReach);
    const at::Tensor extent = high - low;
    const double most = std::pow(static_cast<double>(kMostFirst), 1.0 / dimensions_);
    const double width = std::max(kFirstWidth, extent.max().item<double>() / most);
    Tile tile;
    tile.width = width;
    for (std::size_t i = 0; i < inputs_; ++i) tile.inputs.push_back(static_cast<std::int64_t>(i));
    std::vector<Tile> tiles;
    const auto count = [&](int dimension) {
      return static_cast<int>(std::ceil(extent[dimension].item<double>() / width));
    };
    const int columns = count(0), rows = dimensions_ == 1 ? 1 : count(1);
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        tile.low[0] = low[0].item<double>() + column * width;
        if (dimensions_ > 1) tile.low[1] = low[1].item<double>() + row * width;
        tiles.push_back(tile);
      }
    }
    return tiles;
  }

  // Most inputs have nothing in most of the first tiles. A peak between their nodes lies four times
  // as far above them as above those of their halves, so what is left alone here must be four times
  // as far below the rest.
  void leave_out_empty(std::vector<Tile>& tiles) {
    const double nothing = kHalvedTwice * std::log(settings_.tolerance * kNothing);
    sum_up(tiles);
    for (Tile& tile : tiles) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < tile.inputs.size(); ++i) {
        const std::int64_t input = tile.inputs[i];
        if (tile.mass[i] < total_[at(input)] + nothing && !is_wide_for_code(tile, input)) continue;
        tile.inputs[kept] = input;
        tile.mass[kept++] = tile.mass[i];
      }
      tile.inputs.resize(kept);
      tile.mass.resize(kept);
    }
    std::erase_if(tiles, [](const Tile& tile) { return tile.inputs.empty(); });
  }

  // total_ of what is settled and these tiles.
  void sum_up(const std::vector<Tile>& tiles) {
    total_ = settled_;
    for (const Tile& tile : tiles) {
      for (std::size_t i = 0; i < tile.inputs.size(); ++i) {
        double& total = total_[at(tile.inputs[i])];
        total = log_sum(total, tile.mass[i]);
      }
    }
  }

  // The tiles that each of these consists of, one after the other.
  std::vector<Tile> halves(const std::vector<Tile>& parents) const {
    std::vector<Tile> children;
    children.reserve(parents.size() * tiles_of_halving());
    for (const Tile& parent : parents) {
      for (std::size_t part = 0; part < tiles_of_halving(); ++part) {
        Tile& child = children.emplace_back();
        child.width = parent.width / 2;
        child.inputs = parent.inputs;
        for (std::size_t d = 0; d < static_cast<std::size_t>(dimensions_); ++d) {
          child.low[d] = parent.low[d] + ((part >> d & 1) != 0 ? child.width : 0);
        }
      }
    }
    return children;
  }

  bool measure(std::vector<Tile>& tiles, const Progress& progress) const {
    return by_team(
        (tiles.size() + kTilesAtOnce - 1) / kTilesAtOnce, progress, [&](std::size_t piece) {
          const std::size_t begin = piece * kTilesAtOnce;
          const auto some =
              std::span(tiles).subspan(begin, std::min(kTilesAtOnce, tiles.size() - begin));
          const DecodedTiles decoded = likelihood_->decode(nodes_of(some).flatten(0, 1), label_);
          for (std::size_t t = 0; t < some.size(); ++t) {
            measure(decoded, static_cast<std::int64_t>(t), some[t]);
          }
        });
  }

  // Sets the mass of one of these tiles.
  void measure(const DecodedTiles& decoded, std::int64_t number, Tile& tile) const {
    const auto count = static_cast<std::int64_t>(tile.inputs.size());
    const bool all = tile.inputs.size() == inputs_;
    const at::Tensor rows = at::from_blob(tile.inputs.data(), {count}, at::kLong);
    tile.mass.resize(tile.inputs.size());
    for (std::int64_t begin = 0; begin < count; begin += kInputsAtOnce) {
      const std::int64_t some = std::min(kInputsAtOnce, count - begin);
      const at::Tensor slope = all ? compared_.slope.narrow(0, begin, some)
                                   : compared_.slope.index_select(0, rows.narrow(0, begin, some));
      at::Tensor joint = decoded.joint(number, slope);  // [P, n]
      const at::Tensor highest = joint.amax(0);
      joint = joint.sub_(highest).exp_();
      const at::Tensor mass = at::mv(joint.t(), weights_);
      for (std::int64_t i = 0; i < some; ++i) {
        tile.mass[at(begin + i)] = highest.data_ptr<double>()[i] +
                                   std::log(mass.data_ptr<double>()[i]) +
                                   compared_.offset.data_ptr<double>()[tile.inputs[at(begin + i)]] +
                                   dimensions_ * std::log(tile.width);
      }
    }
  }

  at::Tensor nodes_of(std::span<const Tile> tiles) const {  // [tiles, nodes, k]
    const at::Tensor z = at::empty(
        {static_cast<std::int64_t>(tiles.size()), nodes_.size(0), std::int64_t{dimensions_}},
        at::kDouble);
    for (std::size_t t = 0; t < tiles.size(); ++t) {
      for (int d = 0; d < dimensions_; ++d) {
        z[static_cast<std::int64_t>(t)].select(1, d).copy_(
            nodes_.select(1, d) * tiles[t].width + tiles[t].low[static_cast<std::size_t>(d)]);
      }
    }
    return z;
  }

  void settle(std::int64_t input, double mass, double off) {
    settled_[at(input)] = log_sum(settled_[at(input)], mass);
    off_[at(input)] += off;
  }

  // Where a tile is so much wider than a code in it that its nodes may miss the posterior.
  bool is_wide_for_code(const Tile& tile, std::int64_t input) const {
    const double* mean = mean_.data_ptr<double>() + input * dimensions_;
    const double* reach = reach_.data_ptr<double>() + input * dimensions_;
    bool is_in = true, is_wide = false;
    for (int d = 0; d < dimensions_; ++d) {
      const double from = tile.low[static_cast<std::size_t>(d)];
      is_in = is_in && mean[d] >= from && mean[d] <= from + tile.width;
      is_wide = is_wide || tile.width > kWideForCode * reach[d];
    }
    return is_in && is_wide;
  }

  // Settles what halving has not changed, and gives back the tiles to halve again.
  std::vector<Tile> unsettled(const std::vector<Tile>& parents, std::vector<Tile> children) {
    const std::size_t parts = tiles_of_halving();
    sum_up(children);
    std::vector<Tile> open;
    for (std::size_t p = 0; p < parents.size(); ++p) {
      const Tile& parent = parents[p];
      const std::span<Tile> own = std::span(children).subspan(p * parts, parts);
      std::vector<std::size_t> again;  // places of inputs
      for (std::size_t i = 0; i < parent.inputs.size(); ++i) {
        const std::int64_t input = parent.inputs[i];
        double together = kNone;
        bool is_wide = false;
        for (const Tile& child : own) {
          together = log_sum(together, child.mass[i]);
          is_wide = is_wide || is_wide_for_code(child, input);
        }
        const double total = total_[at(input)];
        const double share = std::exp(together - total);
        const double moved = std::abs(share - std::exp(parent.mass[i] - total));
        if (!is_wide && kCaution * moved <= settings_.tolerance * std::max(share, kSmallShare)) {
          settle(input, together, kCaution * moved);
        } else {
          again.push_back(i);
        }
      }
      for (Tile& child : own) keep(child, again, open);
    }
    return open;
  }

  // Of a child: what has no mass is settled, the rest stays open.
  void keep(const Tile& child, const std::vector<std::size_t>& places, std::vector<Tile>& open) {
    Tile kept;
    kept.low = child.low;
    kept.width = child.width;
    for (const std::size_t i : places) {
      const std::int64_t input = child.inputs[i];
      const double share = std::exp(child.mass[i] - total_[at(input)]);
      if (share < settings_.tolerance * kNothing && !is_wide_for_code(child, input)) {
        settle(input, child.mass[i], share);
        continue;
      }
      kept.inputs.push_back(input);
      kept.mass.push_back(child.mass[i]);
    }
    if (!kept.inputs.empty()) open.push_back(std::move(kept));
  }

  // The error of a tile's halves, in units of how far they moved its integral. For smooth
  // integrands it is far below 1; a decoder with ReLU bends at once, and halves may agree by
  // chance.
  static constexpr double kCaution = 4;
  // Below this share of the mass a tile's error counts as if it had so much.
  static constexpr double kSmallShare = 1.0 / 16;

  const QuadratureSettings settings_;
  const int dimensions_;
  const at::Tensor label_;         // one-hot [1, c], or undefined
  const at::Tensor mean_, reach_;  // [n, k], float64: μ and σ of the encoder
  const std::size_t inputs_;
  at::Tensor nodes_, weights_;  // of a tile of width 1
  std::optional<TileLikelihood> likelihood_;
  ComparedInputs compared_;
  std::vector<double> settled_, off_;  // [n] log mass, and its relative error
  std::vector<double> total_;          // [n] with what is open
};

}  // namespace

Expected<ExactLikelihood> exact_log_likelihood(const Autoencoder& model, const Batch& batch,
                                               const Posterior& posterior,
                                               const QuadratureSettings& settings,
                                               const Progress& progress) {
  const at::NoGradGuard no_grad;
  TORCH_CHECK(model.spec().latent <= kMostExactDimensions && posterior.log_variance.defined(),
              "quadrature needs one or two latent dimensions and a prior");
  const std::int64_t rows = batch.x.size(0);
  ExactLikelihood result{at::empty({rows}, at::kDouble), at::empty({rows}, at::kDouble)};
  const std::vector<LabelGroup> groups = groups_of(batch);
  double done = 0;
  for (const LabelGroup& group : groups) {
    const double share = static_cast<double>(group.rows.numel()) / static_cast<double>(rows);
    Integrals integrals(model, group, batch.x, posterior, settings);
    if (!integrals.run(part_of(progress, done, done + share))) {
      return fail(tr("integrating the likelihood was cancelled"), ErrorCode::cancelled);
    }
    done += share;
    result.log_likelihood.index_copy_(0, group.rows, integrals.log_likelihood());
    result.error.index_copy_(0, group.rows, integrals.error());
  }
  return result;
}

}  // namespace zscape
