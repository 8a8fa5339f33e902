#include <algorithm>
#include <numeric>
#include <vector>

#include "app/cli/model_command.h"
#include "engine/csv.h"
#include "engine/sequences.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::int64_t kReconstructionColumns = 16;
constexpr std::int64_t kReconstructions = 16;

// Stacks rows of pictures, each [count, d], in blocks of a few columns.
Picture in_blocks(std::span<const std::vector<float>* const> rows, const ImageShape& shape) {
  const auto size = static_cast<std::size_t>(shape.size());
  const std::size_t count = rows.front()->size() / size;
  const std::size_t columns = std::min<std::size_t>(count, kReconstructionColumns);
  const std::size_t blocks = (count + columns - 1) / columns;
  std::vector<float> pictures(blocks * rows.size() * columns * size);  // empty places are black
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t first = 0; first < count; first += columns) {
      const std::size_t place = (first / columns * rows.size() + row) * columns;
      const std::size_t length = std::min(columns, count - first);
      const auto from = std::span(*rows[row]).subspan(first * size, length * size);
      std::ranges::copy(from, pictures.begin() + static_cast<std::ptrdiff_t>(place * size));
    }
  }
  return picture_grid(pictures, shape, static_cast<int>(columns));
}

class ReconstructCommand : public ModelCommand {
 public:
  explicit ReconstructCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    add_split();
    options_.number("--from", first_, 0, OptionList::kNoEnd,
                    tr("The first input's number, or sequence's."), "0");
    options_.number("--count", count_, 1, 100'000, tr("How many inputs, or sequences."),
                    tr("16, or all that there are"));
    parameters_.add(parameter("seed"), tr("Decides what dae and mae corrupt."));
    add_out(tr("The picture FILE.png, or FILE.csv or FILE.npy of the reconstructions in the data's "
               "units."),
            {".png", ".csv", ".npy"});
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const bool draws = work.spec().traits().corruption != Corruption::none ||
                       work.spec().binarise == Binarise::dynamic;
    if (parameters_.has("seed") && !draws) {
      return wrong_usage(tr("--seed: {} draws nothing at random to reconstruct; leave it out",
                            name_of(work.spec().kind)));
    }
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    if (auto fits = check_first(**data); !fits) return fits;
    const std::int64_t left = sequence_count(**data, split_) - first_;
    const std::int64_t count = count_.value_or(std::min(kReconstructions, left));
    if (count > left) {
      if ((*data)->steps > 0) {
        return failed(
            tr("--count: the {} split of {} has {} sequences from {} on; ask for as many or fewer",
               name_of(split_), (*data)->name, left, first_));
      }
      return failed(left == 1 ? tr("--count: the {} split of {} has 1 input from {} on; ask for "
                                   "that one",
                                   name_of(split_), (*data)->name, first_)
                              : tr("--count: the {} split of {} has {} inputs from {} on; ask for "
                                   "as many or fewer",
                                   name_of(split_), (*data)->name, left, first_));
    }
    std::vector<std::int64_t> sequences(static_cast<std::size_t>(count));
    std::iota(sequences.begin(), sequences.end(), first_);
    const Indices rows = make_indices(steps_of(sequences, sequence_length(**data)));
    const auto made = work.model.reconstruct(**data, split_, rows, parameters_.values().seed);
    if (!made) return failed(made.error().message);
    if (!writes_picture()) {
      std::vector<std::string> places = {place_names(**data)};
      for (const std::int64_t row : *rows) places.push_back(place_fields(**data, split_, row));
      return write_values(made->values, work.spec().shape, places, (*data)->steps);
    }
    if (auto finite = check_finite(made->values, kOutputsNotFinite); !finite) {
      return finite;
    }

    std::vector<const std::vector<float>*> shown = {&made->target};
    if (work.spec().traits().corruption != Corruption::none) shown.push_back(&made->seen);
    shown.push_back(&made->output);
    return write_picture(in_blocks(shown, shown_shape(work.spec().shape, (*data)->steps)));
  }

  // A sequence of vectors is one picture, a row a step.
  static ImageShape shown_shape(const ImageShape& shape, std::int64_t steps) {
    if (steps == 0 || shape.height > 1) return shape;
    return {static_cast<int>(steps), shape.width, shape.channels};
  }

  Outcome<void> check_first(const Dataset& data) const {
    const std::int64_t count = sequence_count(data, split_);
    if (data.steps == 0 || first_ < count) return check_row(data, split_, first_, "--from");
    return failed(tr("--from: the {} split of {} has the sequences 0 to {}, and {} is none of them",
                     name_of(split_), data.name, count - 1, first_));
  }

  std::int64_t first_ = 0;
  std::optional<std::int64_t> count_;  // nothing: 16, or all that there are
};

}  // namespace

const MakeCommand make_reconstruct = make<ReconstructCommand>;

}  // namespace zscape
