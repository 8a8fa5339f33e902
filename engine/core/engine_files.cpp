// Files: data and models that are loaded, opened and saved, and what is exported.
#include <exception>
#include <filesystem>
#include <span>
#include <system_error>
#include <tuple>
#include <utility>

#include "engine/class_order.h"
#include "engine/code_range.h"
#include "engine/core/engine_impl.h"
#include "engine/core/stored_run_file.h"
#include "engine/csv.h"
#include "engine/text.h"
#include "engine/thrown.h"
#include "engine/walk.h"

namespace zscape {
namespace {

// With the folder, so that a person finds the file.
std::string whole_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

// Whether two requests read the same files to the same numbers.
bool read_alike(const DataRequest& a, const DataRequest& b) {
  const auto how = [](const DataRequest& request) {
    return std::tie(request.image_size, request.fit, request.ground, request.range,
                    request.usual_range, request.label_column, request.sequence,
                    request.labels_file);
  };
  return how(a) == how(b);
}

}  // namespace

Expected<Engine::Impl::Loaded> Engine::Impl::load(const DataRequest& request,
                                                  const Progress& progress) {
  return backend_->load_data(request, progress).map([this](std::shared_ptr<const Dataset> data) {
    const std::uint32_t checksum = backend_->checksum(*data);
    return Loaded{std::move(data), checksum};
  });
}

std::shared_ptr<const Dataset> Engine::Impl::take_loaded(Loaded loaded) {
  std::erase_if(checksums_, [](const auto& known) { return known.first.expired(); });
  checksums_.emplace_back(loaded.data, loaded.checksum);
  return std::move(loaded.data);
}

std::uint32_t Engine::Impl::checksum_of(const std::shared_ptr<const Dataset>& data) {
  for (const auto& [known, checksum] : checksums_) {
    if (known.lock() == data) return checksum;
  }
  return checksums_.emplace_back(data, backend_->checksum(*data)).second;
}

void Engine::Impl::apply(const LoadData& command, const OpenRunPtr&) {
  worker_.submit(
      {.key = "load",
       .text = tr("loading {}", command.request.source),
       .if_cancelled = tr("loading {} was cancelled", command.request.source)},
      [this, request = command.request](const Progress& progress) {
        return load(request, progress);
      },
      [this, request = command.request](Expected<Loaded> loaded) {
        if (loaded) {
          accept_data(take_loaded(*std::move(loaded)), request);
        } else {
          tell_of(nullptr, loaded.error(), "data");
        }
      });
}

void Engine::Impl::accept_data(std::shared_ptr<const Dataset> data, const DataRequest& request) {
  const OpenRunPtr first = open_.front();
  if (auto valid = validate(fitted(first->run.spec(), *data)); !valid) {
    tell(tr("{}: {}", data->name, valid.error().message), true, "data");
    return;
  }
  for (const auto* notes : {&data->assumed, &data->left_out}) {
    for (const std::string& note : *notes) tell(tr("{}: {}", data->name, note), false);
  }
  set_data(std::move(data), request);
  on_each([this](const OpenRunPtr& open) { begin_with_data(open); });
}

// Where no run can begin, what the model had learned is put away: shown with these data, its codes
// would be of inputs that are not there.
void Engine::Impl::begin_with_data(const OpenRunPtr& open) {
  if (accept_waiting_model(open)) return;
  const ModelSpec spec = fitted(open->run.spec(), *data_);
  const Expected<void> valid = validate(spec);
  try {
    if (valid && begin(open, spec, nullptr, PutAway::new_data)) return;
  } catch (const std::exception& error) {
    fail_with(open.get(), error);
  }
  if (open->run.data() == data_) return;  // it had begun
  if (open != open_.front()) {
    tell_of(open.get(),
            valid ? tr("it was closed: it could not begin with {}", data_->name)
                  : tr("it was closed: {}", valid.error().message),
            true);
    remove(open);
    return;
  }
  if (!valid) tell_of(open.get(), valid.error());
  store(put_away(*open, PutAway::new_data), open->run.view().returned_to);
  open->run.leave_data();
}

bool Engine::Impl::accept_waiting_model(const OpenRunPtr& open) {
  if (const auto codes = std::exchange(open->waiting_codes, std::nullopt)) {
    open_codes(*codes, open);
    return true;  // no model begins meanwhile
  }
  if (!open->waiting_model) return false;
  const auto [opened, path] = *std::exchange(open->waiting_model, std::nullopt);
  accept_opened(open, opened, path);
  return open->waiting_model || open->run.state() != RunState::loading;
}

// SavedWeights tells the window the outcome in every case.
void Engine::Impl::apply(const SaveModel& command, const OpenRunPtr& open) {
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights) {
    tell(tr("{}: there is no model to save yet", command.path), true,
         about("saving", open->run.id()));
    open->run.accept_saved(command.path, 0, false);
    return;
  }
  const RunRecord known = open->run.record();
  worker_.submit(
      {.model = open->run.id(), .text = tr("saving {}", command.path), .must_finish = true},
      [this, weights, known, data = open->run.data(), rows = open->run.train_rows(),
       path = command.path](const Progress&) {
        return code_range(*weights, *data, rows).and_then([&](const CodeRange& codes) {
          RunRecord record = known;
          record.codes = codes;
          return backend_->save_model(*weights, record, path);
        });
      },
      [this, path = command.path, what = about("saving", open->run.id()), known,
       step = known.steps - open->run.view().steps_before,
       to = std::weak_ptr(open)](const Expected<void>& saved) {
        if (const auto owner = to.lock()) {
          owner->run.accept_saved(path, step, saved.has_value());
          if (saved && owner->run.view().opened) owner->run.show_losses_of_file(known);
        }
        tell_outcome(saved.map([&] { return tr("saved {}", whole_path(path)); }), what);
      });
}

void Engine::Impl::apply(const OpenModel& command, const OpenRunPtr& open) {
  open->waiting_codes.reset();
  if (backend_->holds_data(command.path)) return open_codes(command, open);
  submit(
      open,
      {.key = "open",
       .text = tr("opening {}", command.path),
       .if_cancelled = tr("opening {} was cancelled", command.path)},
      [this, path = command.path, said = command.said](const Progress&) {
        return open_file(path, said);
      },
      [this, path = command.path](const OpenRunPtr& owner, Expected<Opened> opened) {
        if (!opened) {
          tell_of(nullptr, opened.error(), about("opening", owner->run.id()));
        } else if (data_) {
          accept_opened(owner, *opened, path);
        } else {
          owner->waiting_model = {*std::move(opened), path};
        }
      });
}

Expected<Engine::Impl::Opened> Engine::Impl::open_file(const std::string& path,
                                                       const SaidOfModel& said) {
  auto model = backend_->open_model(path, said);
  if (model) return Opened(*std::move(model));
  // A checkpoint, of `train` or of a session, holds a run.
  auto checkpoint = backend_->open_checkpoint(path);
  if (!checkpoint) return tl::unexpected(model.error());
  auto run = kept_run_from(*std::move(checkpoint));
  if (!run) return fail(tr("{}: {}", path, run.error().message));
  return Opened(*std::move(run));
}

void Engine::Impl::accept_opened(const OpenRunPtr& open, const Opened& opened,
                                 const std::string& path) {
  if (const auto* model = std::get_if<OpenedModel>(&opened))
    return accept_model(open, *model, path);
  KeptRun run = std::get<KeptRun>(opened);
  run.plan.data.source = data_->source;  // their checksum decides
  if (const auto resumed = resume(open, {std::move(run)}); !resumed) {
    tell(tr("{}: {}", path, resumed.error().message), true, about("opening", open->run.id()));
  }
}

// Adds the saved model once its file is read, and only where it fits.
void Engine::Impl::add_opened(const AddModel& command) {
  if (!data_) {
    tell(tr("{} cannot be opened beside: there are no data yet", command.path), true,
         about("opening", command.model));
    return;
  }
  submit(
      open_.front(),
      {.key = "open_beside",
       .text = tr("opening {}", command.path),
       .if_cancelled = tr("opening {} was cancelled", command.path)},
      [this, path = command.path](const Progress&) { return open_file(path, {}); },
      [this, command](const OpenRunPtr&, Expected<Opened> opened) {
        if (!opened) {
          tell_of(nullptr, opened.error(), about("opening", command.model));
          return;
        }
        const OpenRunPtr added = find(command.model) ? nullptr : open_beside(command.model);
        if (!added) return;
        added->run.pause();  // it is what was saved until it is started
        accept_opened(added, *opened, command.path);
        if (added->run.state() == RunState::loading) remove(added);  // that told why
      });
}

// A model that was trained on pictures of another range has the data read anew, as it reads them,
// unless a person said how, or other models show them too.
bool Engine::Impl::loads_data_for(const OpenRunPtr& open, const OpenedModel& opened,
                                  const std::string& path) {
  const auto& range = opened.model->spec().range;
  if (range == data_->range || request_.range || request_.usual_range) return false;
  if (open_.size() > 1) {
    tell(
        tr("{}: this model learned from numbers of another range than the data are shown in", path),
        false);
    return false;
  }
  open->waiting_model = {opened, path};
  DataRequest request = request_;
  request.source = data_->source;
  request.range = range;
  request.usual_range = !range;
  apply(LoadData{open->run.id(), request}, open);
  return true;
}

void Engine::Impl::accept_model(const OpenRunPtr& open, const OpenedModel& opened,
                                const std::string& path) {
  if (loads_data_for(open, opened, path)) return;
  if (const auto fits = check_fit(opened.model->spec(), *data_); !fits) {
    tell(tr("{}: {}", path, fits.error().message), true, about("opening", open->run.id()));
    return;
  }
  ModelSpec spec = opened.model->spec();
  const std::string doubt = class_order_doubt(spec, *data_);
  spec.shape = data_->shape;
  // A file that is written anew (--watch) is told of once.
  const bool is_known = open->run.view().opened && open->run.view().saved.path == path;
  if (!begin(open, spec, opened.model, PutAway::opened_model)) return;
  open->run.accept_opened(path, opened.record);
  if (open->run.view().opened->other_data && !is_known) {
    tell(tr("{}: this model learned from {}, and {} is loaded", path, opened.record.data,
            data_->name),
         false);
  }
  if (!doubt.empty() && !is_known) tell(tr("{}: {}", path, doubt), false);
  if (!opened.assumed.empty() && !is_known) {
    tell(spec.network == Network::program
             ? tr("{}: {}; where that is wrong, close it and run zscape explore {} with "
                  "--likelihood, --layout, --model-range or --output",
                  path, opened.assumed, path)
             : tr("{}: {}; where that is wrong, close it and run zscape explore {} with "
                  "--activation, --likelihood or --image-size",
                  path, opened.assumed, path),
         false);
  }
  if (open->run.view().settings.kl_weight != opened.record.kl_weight) {
    open->run.set_kl_weight(opened.record.kl_weight);
  }
}

void Engine::Impl::apply(const KeepRun& command, const OpenRunPtr& open) {
  Run& run = open->run;
  if (run.state() == RunState::loading) {
    run.accept_kept(command.path, 0, fail(tr("there is no model to keep yet")));
    return;
  }
  // The first model's file names the runs of the whole session.
  const bool has_runs = open == open_.front() && !command.states.empty();
  KeptRun kept = run.kept();
  kept.plan.data = with_asked(kept.plan.data, open->request);
  submit(
      open, {.must_finish = true},
      [this, kept = std::move(kept), past = RunPast{run.view().history, run.states()},
       stored = has_runs ? store_.runs() : std::vector<WholeRunPtr>(), data = run.data(),
       computed_by = device_, command](const Progress&) mutable {
        kept.data_checksum = backend_->checksum(*data);
        kept.computed_by = computed_by;
        const bool is_session = !command.states.empty();
        if (is_session) {
          session_files_.begin(command);
          kept.past = session_files_.write_past(kept.checkpoint.spec, past, command);
          kept.stored = session_files_.write_runs(stored, command);
        }
        const auto done = backend_->save_checkpoint(to_checkpoint(std::move(kept)), command.path);
        stored.clear();
        past = {};
        if (done && is_session) session_files_.remove_gone();
        return done;
      },
      [path = command.path, step = run.view().position.step](const OpenRunPtr& owner,
                                                             const Expected<void>& done) {
        owner->run.accept_kept(path, step, done);
      });
}

void Engine::Impl::apply(const ResumeRun& command, const OpenRunPtr& open) {
  submit(
      open,
      {.key = "open",
       .text = tr("opening {}", command.path),
       .if_cancelled = tr("opening {} was cancelled", command.path)},
      [this, path = command.path](const Progress&) {
        return backend_->open_checkpoint(path)
            .and_then([](Checkpoint checkpoint) { return kept_run_from(std::move(checkpoint)); })
            .map([&](KeptRun run) {
              const auto folder = std::filesystem::path(path).parent_path();
              RunPast past = session_files_.read_past(run.checkpoint.spec, run.past, folder);
              auto stored = session_files_.read_runs(run.stored, folder);
              return ReadRun{std::move(run), std::move(past), std::move(stored)};
            });
      },
      [this, path = command.path](const OpenRunPtr& owner, Expected<ReadRun> read) {
        if (read && may_lie_here(read->run)) {
          look_here(owner, path, *std::move(read));
        } else {
          answer_resume(owner, path, std::move(read));
        }
      });
}

void Engine::Impl::answer_resume(const OpenRunPtr& open, const std::string& path,
                                 Expected<ReadRun> read) {
  Expected<void> resumed;
  try {
    resumed = std::move(read).and_then([&](ReadRun run) { return resume(open, std::move(run)); });
  } catch (const std::exception& error) {
    resumed = fail(first_line(error));
  }
  open->run.accept_kept(path, open->run.view().position.step, resumed);
  if (!resumed) tell_of(nullptr, resumed.error(), about("opening", open->run.id()));
}

bool Engine::Impl::may_lie_here(const KeptRun& run) {
  return data_ && data_->source != run.plan.data.source &&
         checksum_of(data_) != run.data_checksum &&
         !read_alike(as_kept(with_asked(as_loaded({}, *data_), request_)), as_kept(run.plan.data));
}

// Nothing of it is shown unless these are the data.
void Engine::Impl::look_here(const OpenRunPtr& open, const std::string& path, ReadRun read) {
  DataRequest request = as_kept(read.run.plan.data);
  request.source = data_->source;
  request.memory = request_.memory;
  worker_.submit(
      {.key = "load",
       .text = tr("loading {}", request.source),
       .if_cancelled = tr("loading {} was cancelled", request.source)},
      [this, request](const Progress& progress) { return load(request, progress); },
      [this, request, path, to = std::weak_ptr(open),
       run = std::make_shared<ReadRun>(std::move(read))](Expected<Loaded> loaded) {
        const OpenRunPtr owner = to.lock();
        if (!owner) return;
        const bool are_they = loaded && loaded->checksum == run->run.data_checksum;
        if (are_they) set_data(take_loaded(*std::move(loaded)), request);
        answer_resume(owner, path, std::move(*run));
        if (!are_they) return;
        on_each([&](const OpenRunPtr& other) {
          if (other->run.data() != data_) begin_with_data(other);
        });
      });
}

Expected<void> Engine::Impl::resume(const OpenRunPtr& open, ReadRun read) {
  const KeptRun& kept = read.run;
  if (!data_) {
    return fail(tr("{}: the run of the session learned from these data, and they are not loaded",
                   kept.plan.data.source));
  }
  const bool are_same = checksum_of(data_) == kept.data_checksum;  // wherever they lie
  if (!are_same && data_->source != kept.plan.data.source) {
    return fail(tr("{}: the run of the session learned from other data, those of {}", data_->source,
                   kept.plan.data.source));
  }
  if (const auto fits = check_fit(fitted(kept.checkpoint.spec, *data_), *data_); !fits) {
    return fits;
  }
  leave_run(*open);
  if (are_same) {
    RunPast past = std::move(read.past);
    if (kept.computed_by != device_) past.states = RunPast().states;
    const auto resumed =
        replacing(*open, PutAway::session, [&] { return open->run.resume(kept, data_, past); });
    if (!resumed) return resumed;
    restore_stored(std::move(read.stored));
    open->request = request_;
    if (open->run.state() == RunState::paused) encode_everything(open);
    return {};
  }
  const auto weights = open->run.weights_of(kept, data_);
  if (!weights) return tl::unexpected(weights.error());
  if (!begin(open, (*weights)->spec(), *weights, PutAway::session))
    return fail(tr("the run could not begin"));
  open->run.accept_weights_of(kept);
  restore_stored(std::move(read.stored));
  tell(tr("{} is not what this run learned from: a new run begins with its weights", data_->source),
       false);
  return {};
}

// work writes a file and returns the sentence that says so.
void Engine::Impl::export_by(const char* about, Job job,
                             std::function<Expected<std::string>(const Progress&)> work) {
  worker_.submit(std::move(job), std::move(work),
                 [this, about](const Expected<std::string>& said) { tell_outcome(said, about); });
}

bool Engine::Impl::can_write(const std::string& path) {
  if (!options_.write_file)
    tell(tr("{} cannot be written: this program does not write files", path), true);
  return options_.write_file != nullptr;
}

void Engine::Impl::apply(const ExportCurves& command, const OpenRunPtr& open) {
  if (!can_write(command.path)) return;
  export_by("curves", {.text = tr("writing {}", command.path), .must_finish = true},
            [this, curves = open->run.view().curves,
             path = command.path](const Progress&) -> Expected<std::string> {
              const std::string text = to_csv(curves);
              return options_.write_file(path, std::as_bytes(std::span(text))).map([&] {
                return tr("wrote the curves to {}", whole_path(path));
              });
            });
}

void Engine::Impl::apply(const ExportCertificate& command, const OpenRunPtr& open) {
  if (!can_write(command.path)) return;
  const CertificatePtr certificate = open->run.view().certificate;
  if (!certificate) {
    tell(tr("{}: log p(x) has not been estimated yet", command.path), true, "certificate");
    return;
  }
  export_by("certificate", {.text = tr("writing {}", command.path), .must_finish = true},
            [this, certificate, path = command.path](const Progress&) -> Expected<std::string> {
              const std::string text = path.ends_with(".md") ? certificate_markdown(*certificate)
                                                             : certificate_csv(*certificate);
              return options_.write_file(path, std::as_bytes(std::span(text))).map([&] {
                return tr("wrote the estimates of log p(x) to {}", whole_path(path));
              });
            });
}

void Engine::Impl::apply(const ExportInputs& command, const OpenRunPtr& open) {
  if (!can_write(command.path)) return;
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  // The rows belong to the data that the window showed; the engine may have other data by now.
  const auto fits = [](const std::vector<std::int64_t>& rows, const Split& split) {
    return rows.empty() || (rows.front() >= 0 && rows.back() < split.count);
  };
  if (!weights || !data_ || !fits(command.train, data_->train) ||
      !fits(command.test, data_->test)) {
    tell(tr("{}: there is no model of these inputs to encode them with", command.path), true,
         "inputs");
    return;
  }
  export_by("inputs",
            {.text = tr("writing {}", command.path),
             .if_cancelled = tr("writing {} was cancelled", command.path)},
            [this, weights, data = data_, command,
             seed = open->run.seed()](const Progress& progress) -> Expected<std::string> {
              std::vector<MeasuredInputs> parts;
              for (const SplitName split : {SplitName::train, SplitName::test}) {
                const auto& rows = split == SplitName::train ? command.train : command.test;
                if (rows.empty()) continue;
                auto part =
                    measure_inputs(*weights, *data, split, make_indices(rows), seed, progress);
                if (!part) return tl::unexpected(part.error());
                parts.push_back(std::move(*part));
              }
              const std::string text = inputs_csv(parts, *data);
              return options_.write_file(command.path, std::as_bytes(std::span(text))).map([&] {
                const std::size_t count = command.train.size() + command.test.size();
                return count == 1 ? tr("wrote 1 input to {}", whole_path(command.path))
                                  : tr("wrote {} inputs to {}", count, whole_path(command.path));
              });
            });
}

void Engine::Impl::apply(const ExportPath& command, const OpenRunPtr& open) {
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().drawing_model();
  const Walk walk{command.stops, command.mode, command.label, command.frames};
  if (!weights || !options_.write_pictures || !fits(walk, weights->spec())) {
    tell(tr("{}: there is no model to draw this path yet", command.path), true, "path");
    return;
  }
  export_by("path", {.text = tr("exporting {}", command.path), .must_finish = true},
            [this, weights, walk,
             path = command.path](const Progress& progress) -> Expected<std::string> {
              // When the program ends, only a search stops; everything else is still written.
              const bool searches = walk.mode == PathMode::geodesic;
              const auto pictures = pictures_along(
                  *weights, walk, [&](double done) { return report(progress, done) || !searches; });
              if (!pictures) return fail(tr("{}: {}", path, pictures.error().message));
              return options_.write_pictures(path, *pictures, weights->spec().shape).map([&] {
                return tr("exported {}", whole_path(path));
              });
            });
}

}  // namespace zscape
