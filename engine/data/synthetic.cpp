#include "engine/data/synthetic.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/data/formats.h"
#include "engine/data/parallel.h"
#include "engine/data/rasteriser.h"
#include "engine/data/strokes.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr const char* kName = "synthetic";
constexpr int kSide = 28;
constexpr std::size_t kPixels = std::size_t{kSide} * kSide;
constexpr std::uint32_t kDigits = 10;
constexpr std::int64_t kBlocksAtOnce = 32;  // some 10 ms
constexpr float kDegrees = 57.29578F;       // in one radian

// How far the hand strays from a glyph, in box sides.
constexpr float kJitter = 0.045F;          // of each point
constexpr float kBow = 0.08F;              // of the middle, sideways
constexpr float kTaper = 0.35F;            // of the width, from top to bottom
constexpr float kWaist = 0.24F;            // of the middle, up or down
constexpr float kPressure = 0.12F;         // of the line's width, along the line
constexpr float kLooseEndPressure = 0.9F;  // the pen lands and leaves lightly

constexpr std::array kFactorNames = {"slant", "thickness", "rotation", "scale",
                                     "width", "shift_x",   "shift_y"};

struct Factors {
  float slant = 0;
  float thickness = 0;
  float rotation = 0;
  float scale = 0;
  float width = 0;
  float shift_x = 0;
  float shift_y = 0;

  // One row of Split::factors, in the order of kFactorNames.
  std::array<float, kFactorNames.size()> row() const {
    return {slant, thickness, rotation, scale, width, shift_x, shift_y};
  }
};

// The upper bits of a counter of Stream::synthetic; the lower bits hold the index.
enum class Purpose : std::uint64_t { train_image, test_image, train_labels, test_labels };

std::uint64_t counter_of(Purpose purpose, std::int64_t index) {
  return (static_cast<std::uint64_t>(purpose) << 48U) | static_cast<std::uint64_t>(index);
}

// A bell on [-1, 1]: the sum of three uniform draws, since a normal draw needs libm. The sum is
// exact, so its order of evaluation does not matter.
float bell(Random& random) {
  const double sum = random.uniform() + random.uniform() + random.uniform();
  return static_cast<float>(sum * (2.0 / 3.0) - 1.0);
}

// A bell on [low, high].
float bell(Random& random, float low, float high) {
  return 0.5F * (low + high) + 0.5F * (high - low) * bell(random);
}

const Glyph& choose_glyph(const std::vector<Glyph>& glyphs, Random& random) {
  int total = 0;
  for (const Glyph& glyph : glyphs) total += glyph.weight;
  int left = static_cast<int>(random.below(static_cast<std::uint32_t>(total)));
  std::size_t choice = 0;
  while (left >= glyphs[choice].weight) left -= glyphs[choice++].weight;
  return glyphs[choice];
}

// One writer's hand: the same distortion for all points of a glyph.
class Hand {
 public:
  explicit Hand(Random& random) : random_(random) {
    factors_.slant = bell(random, -0.22F, 0.40F);
    factors_.thickness = bell(random, 1.5F, 3.6F);
    // The half angle's tangent gives sine and cosine without libm.
    const float half_tangent = bell(random, -0.1F, 0.1F);
    const float square = half_tangent * half_tangent;
    cosine_ = (1 - square) / (1 + square);
    sine_ = 2 * half_tangent / (1 + square);
    factors_.rotation = 2 * half_tangent * (1 - square / 3) * kDegrees;
    factors_.scale = bell(random, 16.4F, 20.4F);
    factors_.width = bell(random, 0.80F, 1.30F);
    factors_.shift_x = bell(random, -1.5F, 1.5F);
    factors_.shift_y = bell(random, -1.5F, 1.5F);
    bow_ = kBow * bell(random);
    taper_ = kTaper * bell(random);
    waist_ = kWaist * bell(random);
  }

  const Factors& factors() const { return factors_; }

  PenPoint place(const StrokePoint& point, bool loose_end) {
    // Box coordinates around the centre, in [-½, ½].
    float x = static_cast<float>(point.x) * 0.01F - 0.5F + kJitter * bell(random_);
    float y = static_cast<float>(point.y) * 0.01F - 0.5F + kJitter * bell(random_);
    const float middle = 1 - 4 * y * y;  // 1 at mid-height, 0 at top and bottom
    x = x * (1 + taper_ * y) + bow_ * middle;
    y = y + waist_ * 0.5F * middle;
    x = x * factors_.width - factors_.slant * y;
    const float centre = 0.5F * kSide;
    PenPoint placed;
    placed.x = centre + factors_.shift_x + factors_.scale * (cosine_ * x - sine_ * y);
    placed.y = centre + factors_.shift_y + factors_.scale * (sine_ * x + cosine_ * y);
    placed.radius = 0.5F * factors_.thickness * (1 + kPressure * bell(random_));
    if (loose_end) placed.radius *= kLooseEndPressure;
    placed.corner = point.corner;
    return placed;
  }

 private:
  Random& random_;
  Factors factors_;
  float cosine_ = 1;
  float sine_ = 0;
  float bow_ = 0;
  float taper_ = 0;
  float waist_ = 0;
};

Factors draw_digit(int digit, Random random, Rasteriser& rasteriser,
                   std::span<std::uint8_t> pixels) {
  const Glyph& glyph = choose_glyph(glyphs_of(digit), random);
  Hand hand(random);
  rasteriser.clear();
  std::vector<PenPoint> points;
  for (const Stroke& stroke : glyph.strokes) {
    points.clear();
    for (std::size_t i = 0; i < stroke.points.size(); ++i) {
      const bool loose_end = !stroke.closed && (i == 0 || i + 1 == stroke.points.size());
      points.push_back(hand.place(stroke.points[i], loose_end));
    }
    rasteriser.draw(points, stroke.closed);
  }
  rasteriser.read(pixels);
  return hand.factors();
}

// Draws the images of one split in blocks; several threads may draw different blocks.
class SplitPainter {
 public:
  SplitPainter(Split& split, std::int64_t count, std::uint64_t seed, Purpose images, Purpose labels)
      : split_(split), seed_(seed), images_(images), labels_(labels) {
    split.count = count;
    split.pixels.own().resize(static_cast<std::size_t>(count) * kPixels);
    split.labels.resize(static_cast<std::size_t>(count));
    split.factors.resize(static_cast<std::size_t>(count) * kFactorNames.size());
  }

  // Ten images, each digit one of them.
  void paint_block(std::int64_t block, Rasteriser& rasteriser) {
    const std::vector<std::int64_t> digits =
        permutation(kDigits, seed_, Stream::synthetic, counter_of(labels_, block));
    const std::int64_t first = block * kDigits;
    const std::int64_t end = std::min<std::int64_t>(first + kDigits, split_.count);
    for (std::int64_t index = first; index < end; ++index) {
      const auto row = static_cast<std::size_t>(index);
      const int digit = static_cast<int>(digits[static_cast<std::size_t>(index - first)]);
      const Factors factors =
          draw_digit(digit, Random(seed_, Stream::synthetic, counter_of(images_, index)),
                     rasteriser, std::span(split_.pixels.own()).subspan(row * kPixels, kPixels));
      split_.labels[row] = digit;
      const auto values = factors.row();
      std::copy(values.begin(), values.end(),
                split_.factors.begin() + static_cast<std::ptrdiff_t>(row * values.size()));
    }
  }

  std::int64_t blocks() const { return (split_.count + kDigits - 1) / kDigits; }

 private:
  Split& split_;
  std::uint64_t seed_;
  Purpose images_;
  Purpose labels_;
};

}  // namespace

Expected<Dataset> make_synthetic(std::int64_t train_count, std::int64_t test_count,
                                 std::uint64_t seed, const Progress& progress, int threads) {
  Dataset data;
  data.name = kName;
  data.source = kName;
  data.shape = {kSide, kSide, 1};
  for (std::uint32_t digit = 0; digit < kDigits; ++digit) {
    data.class_names.push_back(std::to_string(digit));
  }
  data.factor_names.assign(kFactorNames.begin(), kFactorNames.end());
  SplitPainter train(data.train, train_count, seed, Purpose::train_image, Purpose::train_labels);
  SplitPainter test(data.test, test_count, seed, Purpose::test_image, Purpose::test_labels);

  const std::int64_t total = train.blocks() + test.blocks();
  const auto paint = [&](std::size_t chunk) -> Expected<void> {
    Rasteriser rasteriser(kSide, kSide);
    const std::int64_t first = static_cast<std::int64_t>(chunk) * kBlocksAtOnce;
    for (std::int64_t block = first; block < std::min(first + kBlocksAtOnce, total); ++block) {
      if (block < train.blocks()) {
        train.paint_block(block, rasteriser);
      } else {
        test.paint_block(block - train.blocks(), rasteriser);
      }
    }
    return {};
  };
  const auto chunks = static_cast<std::size_t>((total + kBlocksAtOnce - 1) / kBlocksAtOnce);
  const auto done = for_each_index(chunks, tr("drawing the synthetic digits was cancelled"),
                                   progress, paint, threads);
  if (!done) return tl::unexpected(done.error());
  return data;
}

namespace {

RawPart raw_part(Split split, const ImageShape& shape) {
  RawPart part;
  part.path = kName;
  part.count = split.count;
  part.shape = shape;
  part.labels_path = kName;
  part.labels.assign(split.labels.begin(), split.labels.end());
  part.factors = std::move(split.factors);
  part.read = [pixels = std::move(split.pixels.own())](
                  const Progress&) mutable -> Expected<RawInputs> { return std::move(pixels); };
  return part;
}

}  // namespace

DataFormat synthetic_format() {
  return {.source = kName,
          .is_name = true,
          .contents =
              tr("70,000 digits that zscape draws itself, with known slant, thickness and so on"),
          .can_open = [](const std::string& source) { return source == kName; },
          .open = [](const DataRequest&, const Progress& progress) -> Expected<RawData> {
            auto drawn =
                make_synthetic(kSyntheticTrainCount, kSyntheticTestCount, kSyntheticSeed, progress);
            if (!drawn) return tl::unexpected(drawn.error());
            RawData data;
            data.class_names = std::move(drawn->class_names);
            data.factor_names = std::move(drawn->factor_names);
            data.train = raw_part(std::move(drawn->train), drawn->shape);
            data.test = raw_part(std::move(drawn->test), drawn->shape);
            data.opened_share = 1;
            return data;
          }};
}

}  // namespace zscape
