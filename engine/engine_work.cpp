// What commands ask of the worker: loading, saving, encodings, decodings, measurements.
#include <fmt/format.h>

#include <numeric>
#include <span>
#include <utility>

#include "engine/curves_csv.h"
#include "engine/engine_impl.h"
#include "engine/inputs_csv.h"

namespace zscape {
namespace {

Indices all_indices(std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indices));
}

}  // namespace

void Engine::Impl::encode_everything() {
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights || !data_) return;
  worker_.submit(
      "encode", "encoding all inputs", [this, weights, data = data_](const Progress& progress) {
        const double total = static_cast<double>(data->train.count + data->test.count);
        const double share = static_cast<double>(data->train.count) / total;
        auto train = weights->encode(*data, SplitName::train, all_indices(data->train.count),
                                     [&](double done) { return report(progress, done * share); });
        if (!train) return;
        auto test = weights->encode(
            *data, SplitName::test, all_indices(data->test.count),
            [&](double done) { return report(progress, share + done * (1 - share)); });
        if (!test) return;
        mailbox_.deliver([this, weights, train = std::make_shared<const Codes>(std::move(*train)),
                          test = std::make_shared<const Codes>(std::move(*test))] {
          run_.accept_full_codes(weights, train, test);
        });
      });
}

void Engine::Impl::apply(const LoadData& command) {
  const std::uint64_t ticket = ++load_ticket_;
  worker_.submit("load", fmt::format("loading {}", command.source),
                 [this, ticket, request = DataRequest{command.source, command.image_size}](
                     const Progress& progress) {
                   auto data = backend_->load_data(request, progress);
                   mailbox_.deliver([this, ticket, data = std::move(data)] {
                     if (ticket != load_ticket_) return;
                     if (data) {
                       accept_data(*data);
                     } else {
                       tell(data.error().message, true);
                     }
                   });
                 });
}

void Engine::Impl::accept_data(std::shared_ptr<const Dataset> data) {
  ModelSpec spec = fitted(run_.spec(), *data);
  if (auto valid = validate(spec); !valid) {
    tell(fmt::format("{}: {}", data->name, valid.error().message), true);
    return;
  }
  data_ = std::move(data);
  if (waiting_model_) {
    const auto [opened, path] = *std::exchange(waiting_model_, std::nullopt);
    accept_model(opened, path);
    if (run_.state() != RunState::loading) return;
  }
  begin(spec, nullptr);
}

void Engine::Impl::apply(const SaveModel& command) {
  run_.refresh_weights();
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights) {
    tell(fmt::format("{}: there is no model to save yet", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("save {}", ++saves_), fmt::format("saving {}", command.path),
      [this, weights, record = run_.record(), path = command.path](const Progress&) {
        const auto saved = backend_->save_model(*weights, record, path);
        mailbox_.deliver([this, saved, path, step = record.steps] {
          run_.accept_saved(path, step, saved.has_value());
          tell(saved ? fmt::format("saved {}", path) : saved.error().message, !saved);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::apply(const OpenModel& command) {
  const std::uint64_t ticket = ++open_ticket_;
  worker_.submit("open", fmt::format("opening {}", command.path),
                 [this, ticket, path = command.path](const Progress&) {
                   auto opened = backend_->open_model(path);
                   mailbox_.deliver([this, ticket, path, opened = std::move(opened)] {
                     if (ticket != open_ticket_) return;
                     if (!opened) {
                       tell(opened.error().message, true);
                     } else if (data_) {
                       accept_model(*opened, path);
                     } else {
                       waiting_model_ = {*opened, path};
                     }
                   });
                 });
}

void Engine::Impl::apply(const Decode& command) {
  const FrozenModelPtr weights = command.weights ? command.weights : run_.view().weights;
  if (!weights) return;
  // Without a text: part of showing, not work that a person waits for.
  const char* key = command.grid ? "decode grid" : "decode";
  worker_.submit(key, "", [this, weights, command](const Progress&) {
    auto pictures = std::make_shared<DecodedPictures>();
    pictures->revision = weights->revision();
    pictures->z = command.z;
    pictures->labels = command.labels;
    const std::size_t count = command.z.size() / static_cast<std::size_t>(weights->spec().latent);
    pictures->pixels.resize(count * static_cast<std::size_t>(weights->spec().inputs()));
    weights->decode(pictures->z, pictures->labels, pictures->pixels);
    mailbox_.deliver(
        [this, pictures, grid = command.grid] { run_.accept_pictures(pictures, grid); });
  });
  path_work_.give_way(run_);
}

void Engine::Impl::apply(const MeasureErrors& command) {
  const FrozenModelPtr weights = run_.view().weights;
  const CodesPtr codes = run_.shown_codes(command.split);
  if (!weights || !codes || measured_ == codes->indices) return;  // begun already
  measured_ = codes->indices;
  worker_.submit("errors", "", [=, this, seed = run_.seed(), data = data_](const Progress& more) {
    auto made = measure_errors(*weights, *data, command.split, codes->indices, seed, more);
    mailbox_.deliver([this, rows = codes->indices, made = std::move(made)] {
      if (measured_ != rows) return;  // others are asked for by now
      measured_ = nullptr;
      if (made) run_.accept_errors(std::make_shared<const InputErrors>(*made));
    });
  });
}

// What was loaded or opened all the same, since it had no time to stop, is not taken over.
void Engine::Impl::apply(const Cancel&) {
  const auto activity = worker_.activity();
  const std::string key = worker_.cancel_shown();
  if (key.empty() || !activity) return;
  if (key == "load") ++load_ticket_;
  if (key == "open") ++open_ticket_;
  tell(fmt::format("{} was cancelled", activity->text), false);
}

void Engine::Impl::apply(const Reconstruct& command) {
  const FrozenModelPtr weights = run_.view().weights;
  if (!weights || !data_ || command.index < 0 ||
      command.index >= data_->split(command.split).count) {
    return;
  }
  worker_.submit("reconstruct", "", [this, weights, data = data_, command](const Progress&) {
    auto made = reconstruction(*weights, *data, command);
    if (!made) return;
    mailbox_.deliver([this, answer = std::make_shared<const Reconstruction>(std::move(*made))] {
      run_.accept_reconstruction(answer);
    });
  });
}

void Engine::Impl::apply(const ExportCurves& command) {
  if (!options_.write_file) {
    tell(fmt::format("{}: this program has no way to write files", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("export {}", ++saves_), fmt::format("writing {}", command.path),
      [this, curves = run_.view().curves, path = command.path](const Progress&) {
        const std::string text = to_csv(curves);
        const auto written = options_.write_file(path, std::as_bytes(std::span(text)));
        mailbox_.deliver([this, written, path] {
          tell(written ? fmt::format("wrote the curves to {}", path) : written.error().message,
               !written);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::apply(const ExportInputs& command) {
  if (!options_.write_file) {
    tell(fmt::format("{}: this program has no way to write files", command.path), true);
    return;
  }
  run_.refresh_weights();
  const FrozenModelPtr weights = run_.view().weights;
  // The rows are of the data that the window had: others may have come meanwhile.
  const auto fits = [](const std::vector<std::int64_t>& rows, const Split& split) {
    return rows.empty() || (rows.front() >= 0 && rows.back() < split.count);
  };
  if (!weights || !data_ || !fits(command.train, data_->train) ||
      !fits(command.test, data_->test)) {
    tell(fmt::format("{}: there is no model of these inputs to encode them with", command.path),
         true);
    return;
  }
  worker_.submit(
      fmt::format("export {}", ++saves_), fmt::format("writing {}", command.path),
      [this, weights, data = data_, command, seed = run_.seed()](const Progress& progress) {
        const auto written = [&]() -> Expected<void> {
          std::vector<MeasuredInputs> parts;
          for (const SplitName split : {SplitName::train, SplitName::test}) {
            const auto& rows = split == SplitName::train ? command.train : command.test;
            if (rows.empty()) continue;
            auto part = measure_inputs(*weights, *data, split,
                                       std::make_shared<const std::vector<std::int64_t>>(rows),
                                       seed, progress);
            if (!part) return tl::unexpected(part.error());
            parts.push_back(std::move(*part));
          }
          const std::string text = inputs_csv(parts, *data);
          return options_.write_file(command.path, std::as_bytes(std::span(text)));
        }();
        mailbox_.deliver([this, written, command] {
          // apply(Cancel) has told of what was cancelled.
          if (!written && written.error().message == "cancelled") return;
          tell(written ? fmt::format("wrote {} inputs to {}",
                                     command.train.size() + command.test.size(), command.path)
                       : written.error().message,
               !written);
        });
      });
}

void Engine::Impl::accept_model(const OpenedModel& opened, const std::string& path) {
  if (const auto fits = check_fit(opened.model->spec(), *data_); !fits) {
    tell(fmt::format("{} {}", path, fits.error().message), true);
    return;
  }
  ModelSpec spec = opened.model->spec();
  spec.shape = data_->shape;
  begin(spec, opened.model);
  run_.accept_opened(path);
  if (run_.view().settings.kl_weight != opened.record.kl_weight) {
    run_.set_kl_weight(opened.record.kl_weight);
  }
}

}  // namespace zscape
