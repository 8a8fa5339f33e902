// What commands ask of the worker: loading, saving, encodings, decodings, measurements.
#include <fmt/format.h>

#include <numeric>
#include <span>
#include <utility>

#include "engine/core/curves_csv.h"
#include "engine/core/engine_impl.h"
#include "engine/core/inputs_csv.h"

namespace zscape {
namespace {

Indices all_indices(std::int64_t count) {
  std::vector<std::int64_t> indices(static_cast<std::size_t>(count));
  std::iota(indices.begin(), indices.end(), std::int64_t{0});
  return std::make_shared<const std::vector<std::int64_t>>(std::move(indices));
}

}  // namespace

void Engine::Impl::encode_everything(const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_) return;
  worker_.submit(
      job("encode", *open), "encoding all inputs",
      [this, weights, data = data_, to = std::weak_ptr(open)](const Progress& progress) {
        const double total = static_cast<double>(data->train.count + data->test.count);
        const double share = static_cast<double>(data->train.count) / total;
        auto train = weights->encode(*data, SplitName::train, all_indices(data->train.count),
                                     [&](double done) { return report(progress, done * share); });
        if (!train) return;
        auto test = weights->encode(
            *data, SplitName::test, all_indices(data->test.count),
            [&](double done) { return report(progress, share + done * (1 - share)); });
        if (!test) return;
        mailbox_.deliver([to, weights, train = std::make_shared<const Codes>(std::move(*train)),
                          test = std::make_shared<const Codes>(std::move(*test))] {
          if (const auto owner = to.lock()) owner->run.accept_full_codes(weights, train, test);
        });
      });
}

void Engine::Impl::apply(const LoadData& command, const OpenRunPtr&) {
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
  const OpenRunPtr first = open_.front();
  if (auto valid = validate(fitted(first->run.spec(), *data)); !valid) {
    tell(fmt::format("{}: {}", data->name, valid.error().message), true);
    return;
  }
  data_ = std::move(data);
  const std::vector<OpenRunPtr> all = open_;
  for (const OpenRunPtr& open : all) {
    const ModelSpec spec = fitted(open->run.spec(), *data_);
    if (accept_waiting_model(open)) continue;
    const Expected<void> valid = validate(spec);
    if (valid) {
      begin(open, spec, nullptr);
    } else {
      tell(fmt::format("the second model was closed: {}", valid.error().message), true);
      remove(open);
    }
  }
}

bool Engine::Impl::accept_waiting_model(const OpenRunPtr& open) {
  if (!open->waiting_model) return false;
  const auto [opened, path] = *std::exchange(open->waiting_model, std::nullopt);
  accept_model(open, opened, path);
  return open->run.state() != RunState::loading;
}

void Engine::Impl::apply(const SaveModel& command, const OpenRunPtr& open) {
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights) {
    tell(fmt::format("{}: there is no model to save yet", command.path), true);
    return;
  }
  const RunRecord record = open->run.record();
  worker_.submit(
      fmt::format("save {}", ++saves_), fmt::format("saving {}", command.path),
      [this, weights, record, step = record.steps - open->run.view().steps_before,
       path = command.path, to = std::weak_ptr(open)](const Progress&) {
        const auto saved = backend_->save_model(*weights, record, path);
        mailbox_.deliver([this, saved, path, to, step] {
          if (const auto owner = to.lock()) owner->run.accept_saved(path, step, saved.has_value());
          tell(saved ? fmt::format("saved {}", path) : saved.error().message, !saved);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::apply(const OpenModel& command, const OpenRunPtr& open) {
  const std::uint64_t ticket = ++open->open_ticket;
  worker_.submit(job("open", *open), fmt::format("opening {}", command.path),
                 [this, ticket, path = command.path, to = std::weak_ptr(open)](const Progress&) {
                   auto opened = backend_->open_model(path);
                   mailbox_.deliver([this, ticket, path, to, opened = std::move(opened)] {
                     const auto owner = to.lock();
                     if (!owner || ticket != owner->open_ticket) return;
                     if (!opened) {
                       tell(opened.error().message, true);
                     } else if (data_) {
                       accept_model(owner, *opened, path);
                     } else {
                       owner->waiting_model = {*opened, path};
                     }
                   });
                 });
}

void Engine::Impl::apply(const Decode& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = command.weights ? command.weights : open->run.view().weights;
  if (!weights) return;
  // Without a text: part of showing, not work that a person waits for.
  const char* what = command.grid ? "decode grid" : "decode";
  worker_.submit(
      job(what, *open), "", [this, weights, command, to = std::weak_ptr(open)](const Progress&) {
        auto pictures = std::make_shared<DecodedPictures>();
        pictures->revision = weights->revision();
        pictures->z = command.z;
        pictures->labels = command.labels;
        const std::size_t count =
            command.z.size() / static_cast<std::size_t>(weights->spec().latent);
        pictures->pixels.resize(count * static_cast<std::size_t>(weights->spec().inputs()));
        weights->decode(pictures->z, pictures->labels, pictures->pixels);
        mailbox_.deliver([pictures, to, grid = command.grid] {
          if (const auto owner = to.lock()) owner->run.accept_pictures(pictures, grid);
        });
      });
  path_work_.give_way(run_of(open));
}

void Engine::Impl::apply(const MeasureErrors& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  const CodesPtr codes = open->run.shown_codes(command.split);
  if (!weights || !codes || open->measured == codes->indices) return;  // begun already
  open->measured = codes->indices;
  worker_.submit(job("errors", *open), "",
                 [=, this, seed = open->run.seed(), data = data_,
                  to = std::weak_ptr(open)](const Progress& more) {
                   auto made =
                       measure_errors(*weights, *data, command.split, codes->indices, seed, more);
                   mailbox_.deliver([to, rows = codes->indices, made = std::move(made)] {
                     const auto owner = to.lock();
                     if (!owner || owner->measured != rows) return;  // others are asked for by now
                     owner->measured = nullptr;
                     if (made) owner->run.accept_errors(std::make_shared<const InputErrors>(*made));
                   });
                 });
}

// What was loaded or opened all the same, since it had no time to stop, is not taken over.
void Engine::Impl::apply(const Cancel&, const OpenRunPtr&) {
  const auto activity = worker_.activity();
  const std::string key = worker_.cancel_shown();
  if (key.empty() || !activity) return;
  if (key == "load") ++load_ticket_;
  for (const OpenRunPtr& open : open_) {
    if (key == job("open", *open)) ++open->open_ticket;
  }
  tell(fmt::format("{} was cancelled", activity->text), false);
}

void Engine::Impl::apply(const Reconstruct& command, const OpenRunPtr& open) {
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_ || command.index < 0 ||
      command.index >= data_->split(command.split).count) {
    return;
  }
  worker_.submit(
      job("reconstruct", *open), "",
      [this, weights, data = data_, command, to = std::weak_ptr(open)](const Progress&) {
        auto made = reconstruction(*weights, *data, command);
        if (!made) return;
        mailbox_.deliver([to, answer = std::make_shared<const Reconstruction>(std::move(*made))] {
          if (const auto owner = to.lock()) owner->run.accept_reconstruction(answer);
        });
      });
}

void Engine::Impl::apply(const ExportCurves& command, const OpenRunPtr& open) {
  if (!options_.write_file) {
    tell(fmt::format("{}: this program has no way to write files", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("export {}", ++saves_), fmt::format("writing {}", command.path),
      [this, curves = open->run.view().curves, path = command.path](const Progress&) {
        const std::string text = to_csv(curves);
        const auto written = options_.write_file(path, std::as_bytes(std::span(text)));
        mailbox_.deliver([this, written, path] {
          tell(written ? fmt::format("wrote the curves to {}", path) : written.error().message,
               !written);
        });
      },
      /*finish_on_exit=*/true);
}

void Engine::Impl::apply(const ExportInputs& command, const OpenRunPtr& open) {
  if (!options_.write_file) {
    tell(fmt::format("{}: this program has no way to write files", command.path), true);
    return;
  }
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
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
      [this, weights, data = data_, command, seed = open->run.seed()](const Progress& progress) {
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

void Engine::Impl::accept_model(const OpenRunPtr& open, const OpenedModel& opened,
                                const std::string& path) {
  if (const auto fits = check_fit(opened.model->spec(), *data_); !fits) {
    tell(fmt::format("{} {}", path, fits.error().message), true);
    return;
  }
  ModelSpec spec = opened.model->spec();
  spec.shape = data_->shape;
  begin(open, spec, opened.model);
  open->run.accept_opened(path, opened.record);
  if (open->run.view().settings.kl_weight != opened.record.kl_weight) {
    open->run.set_kl_weight(opened.record.kl_weight);
  }
}

}  // namespace zscape
