// Pictures, codes, errors and geodesics for the window.
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"
#include "engine/walk.h"

namespace zscape {
namespace {

struct BothSplits {
  CodesPtr train, test;
};

Expected<BothSplits> encode_both(const FrozenModel& weights, const Dataset& data,
                                 const Progress& progress) {
  const double total = static_cast<double>(data.train.count + data.test.count);
  const double share = static_cast<double>(data.train.count) / total;
  auto train =
      weights.encode(data, SplitName::train, all_rows(data.train), part_of(progress, 0, share));
  if (!train) return tl::unexpected(train.error());
  auto test =
      weights.encode(data, SplitName::test, all_rows(data.test), part_of(progress, share, 1));
  if (!test) return tl::unexpected(test.error());
  return BothSplits{std::make_shared<const Codes>(*std::move(train)),
                    std::make_shared<const Codes>(*std::move(test))};
}

}  // namespace

void Engine::Impl::encode_everything(const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_) return;
  submit_for(
      open,
      {.key = "encode",
       .text = tr("encoding all inputs"),
       .if_cancelled = tr("encoding all inputs was cancelled")},
      [weights, data = data_](const Progress& progress) {
        return encode_both(*weights, *data, progress);
      },
      [weights](OpenRun& owner, const BothSplits& codes) {
        owner.run.accept_full_codes(weights, codes.train, codes.test);
      });
}

void Engine::Impl::apply(const Decode& command, const OpenRunPtr& open) {
  const DecoderPtr decoder = command.decoder ? command.decoder : open->run.view().decoder();
  if (!decoder) return;
  using Pictures = std::shared_ptr<const DecodedPictures>;
  submit_for(
      open,
      {.lane = Lane::interactive,
       .key = command.samples != 0 ? "decode_samples"
              : command.grid       ? "decode_grid"
                                   : "decode"},
      [decoder, command](const Progress&) -> Expected<Pictures> {
        auto pictures = std::make_shared<DecodedPictures>();
        pictures->revision = decoder->revision();
        pictures->z = command.z;
        pictures->labels = command.labels;
        pictures->samples = command.samples;
        const std::size_t count = command.z.size() / static_cast<std::size_t>(decoder->latent());
        pictures->pixels.resize(count * static_cast<std::size_t>(decoder->shape().size()));
        decoder->decode(pictures->z, pictures->labels, pictures->pixels);
        return pictures;
      },
      [grid = command.grid](OpenRun& owner, Pictures pictures) {
        owner.run.accept_pictures(std::move(pictures), grid);
      });
}

void Engine::Impl::apply(const Encode& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_ || command.rows.empty() || command.rows.front() < 0 ||
      command.rows.back() >= data_->split(command.split).count) {
    return;
  }
  submit_for(
      open, {.lane = Lane::interactive, .key = "encode_rows"},
      [weights, data = data_, split = command.split, rows = make_indices(command.rows)](
          const Progress& progress) { return weights->encode(*data, split, rows, progress); },
      [](OpenRun& owner, Codes codes) {
        owner.run.accept_encoded(std::make_shared<const Codes>(std::move(codes)));
      });
}

void Engine::Impl::apply(const Reconstruct& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_ || command.index < 0 ||
      command.index >= data_->split(command.split).count) {
    return;
  }
  submit_for(
      open, {.lane = Lane::interactive, .key = "reconstruct"},
      [weights, data = data_, command](const Progress&) {
        return reconstruction(*weights, *data, command);
      },
      [](OpenRun& owner, Reconstruction made) {
        owner.run.accept_reconstruction(std::make_shared<const Reconstruction>(std::move(made)));
      });
}

void Engine::Impl::apply(const MeasureErrors& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  const CodesPtr codes = open->run.shown_codes(command.split);
  if (!weights || !codes || open->measured == codes->indices) return;  // begun already
  open->measured = codes->indices;
  submit(
      open, {.key = "errors"},
      [weights, data = data_, split = command.split, rows = codes->indices,
       seed = open->run.seed()](const Progress& progress) {
        return measure_errors(*weights, *data, split, rows, seed, progress);
      },
      [this](const OpenRunPtr& owner, Expected<InputErrors> made) {
        const bool is_newest = made || made.error().code != ErrorCode::superseded;
        if (is_newest) owner->measured = nullptr;
        const std::string what = about("errors", owner->run.id());
        if (made) {
          settle(what);
          owner->run.accept_errors(std::make_shared<const InputErrors>(*std::move(made)));
        } else {
          tell_of(owner.get(), made.error(), what);
        }
      });
}

void Engine::Impl::apply(const Evaluate& command, const OpenRunPtr& open) {
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_) {
    tell(tr("there is no model to evaluate yet"), true, about("evaluate", open->run.id()));
    return;
  }
  if (data_->test.count == 0) {
    tell(tr("{} has no test inputs to evaluate by", data_->name), true,
         about("evaluate", open->run.id()));
    return;
  }
  const std::int64_t step = open->run.view().steps_before + open->run.view().position.step;
  open->run.begin_evaluation();
  submit(
      open,
      {.lane = Lane::patient,
       .key = "evaluate",
       .text = tr("evaluating {} test inputs", data_->test.count),
       .if_cancelled = tr("the evaluation was cancelled")},
      [weights, data = data_, command](const Progress& progress) {
        return weights->figures(*data, SplitName::test, command.importance_samples,
                                EvaluationSettings{.seed = command.seed, .noise = {}}, progress);
      },
      [this, revision = weights->revision(), step, seed = command.seed](const OpenRunPtr& owner,
                                                                        Expected<Figures> figures) {
        const std::string what = about("evaluate", owner->run.id());
        if (figures) {
          settle(what);
          owner->run.accept_evaluation(std::make_shared<const Evaluation>(
              Evaluation{*std::move(figures), revision, step, seed}));
          return;
        }
        if (figures.error().code == ErrorCode::superseded) return;  // a newer request or run came
        owner->run.accept_evaluation(nullptr);
        tell_of(owner.get(), figures.error(), what);
      });
}

void Engine::Impl::apply(const FindNeighbours& command, const OpenRunPtr& open) {
  if (!command.codes || !command.data || command.index < 0 ||
      command.index >= command.data->split(command.codes->split).count) {
    return;
  }
  // A person can end what takes a while.
  constexpr double kLong = 3e8;
  const double values = static_cast<double>(command.codes->count()) *
                        (command.data->inputs() + command.codes->latent);
  submit_for(
      open,
      {.key = "neighbours",
       .text = values > kLong ? tr("looking for neighbours") : std::string(),
       .if_cancelled = tr("the search for neighbours was cancelled")},
      [command](const Progress& progress) {
        return find_neighbours(*command.data, command.codes, command.index, command.count,
                               progress);
      },
      [](OpenRun& owner, Neighbours found) {
        owner.run.accept_neighbours(std::make_shared<const Neighbours>(std::move(found)));
      });
}

// Always answers, so that the window does not wait for ever.
void Engine::Impl::apply(const FindGeodesic& command, const OpenRunPtr& open) {
  worker_.withdraw("geodesic", open->run.id());
  const FrozenModelPtr weights = open->run.view().drawing_model();
  if (command.stops.empty()) return;
  const Walk walk{command.stops, PathMode::geodesic, command.label, command.frames};
  FoundGeodesic found;
  found.stops = command.stops;
  found.label = command.label;
  if (!weights || !fits(walk, weights->spec())) {  // the model was replaced meanwhile
    open->run.accept_geodesic(std::make_shared<const FoundGeodesic>(std::move(found)));
    return;
  }
  found.revision = weights->revision();
  found.step = weights->step();
  submit(
      open, {.key = "geodesic"},
      [weights, walk](const Progress& progress) { return codes_along(*weights, walk, progress); },
      [this, found = std::move(found)](const OpenRunPtr& owner,
                                       Expected<std::vector<float>> z) mutable {
        const std::string what = about("geodesic", owner->run.id());
        if (z) {
          settle(what);
          found.z = *std::move(z);
        } else {
          if (z.error().code == ErrorCode::superseded) return;  // a newer request came
          tell_of(owner.get(), tr("no geodesic was found: {}", z.error().message), true, what);
        }
        owner->run.accept_geodesic(std::make_shared<const FoundGeodesic>(std::move(found)));
      });
}

}  // namespace zscape
