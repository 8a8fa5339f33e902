#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/data_text.h"
#include "app/cli/foreign_model.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "app/cli/outputs.h"
#include "app/cli/subcommand.h"
#include "app/cli/together.h"
#include "app/cli/train_run.h"
#include "app/files/folder_lock.h"
#include "app/files/source_kind.h"
#include "engine/class_order.h"
#include "engine/data/formats.h"
#include "engine/io/atomic_file.h"
#include "engine/sequences.h"
#include "engine/text.h"
#include "engine/training/limited.h"

namespace zscape {
namespace {

// The checkpoint's file in the folder of --checkpoint. Refuses a folder with the checkpoint of
// another run than the one that is resumed.
Outcome<std::string> checkpoint_in(const std::string& folder, const std::string& resumed) {
  std::error_code error;
  const auto file = (std::filesystem::path(folder) / "checkpoint.safetensors").string();
  if (std::filesystem::exists(file, error) && !std::filesystem::equivalent(file, resumed, error)) {
    return failed(
        tr("--checkpoint {}: this folder holds the checkpoint of another run; name "
           "another folder, or continue that run with --resume {}",
           folder, file));
  }
  return file;
}

// CPUs have no TF32, and the run may continue on one.
bool gives_up_tf32(const RunPlan& stored, const RunPlan& wanted) {
  return stored.compute.precision == Precision::tf32 && wanted.compute.precision == Precision::fp32;
}

// The plan of a resumed run: the checkpoint's, with new values where Parameter::may_change allows
// them. Refuses a line that contradicts the checkpoint elsewhere.
Outcome<RunPlan> resumed(const std::vector<GivenParameter>& given, const RunPlan& stored) {
  RunPlan plan = stored;
  for (const auto& [parameter, text] : given) {
    RunPlan wanted = plan;
    parameter->field.read(wanted, text);
    const std::string before = parameter->value(stored);
    // "1e-3" equals "0.001".
    const bool agrees = !before.empty() && parameter->value(wanted) == before;
    if (!agrees && !parameter->may_change && !gives_up_tf32(stored, wanted)) {
      const bool is_flag = parameter->field.form == ParameterField::Form::flag;
      return wrong_usage(
          tr("{} contradicts the checkpoint, which has {}; leave it out",
             is_flag ? parameter->flag() : fmt::format("{} {}", parameter->flag(), text),
             before.empty() ? "none" : before));
    }
    plan = wanted;
  }
  const bool is_laid_out =
      stored.schedule.kind == KlSchedule::Kind::cyclic || stored.last_learning_rate > 0;
  if (is_laid_out && plan.epochs != stored.epochs) {
    return wrong_usage(
        tr("--epochs: cycles of λ and --lr-end are laid out over the whole run; leave it out"));
  }
  return plan;
}

// Checks the options against a made-up image shape, before the data are loaded.
Outcome<void> check_alone(ModelSpec spec) {
  constexpr int kSide = 32;
  spec.shape = {kSide, kSide, 1};
  spec.patch = 1;
  if (spec.is_linear()) spec.latent = 1;
  if (spec.learned_sigma) spec.likelihood = Likelihood::gaussian;  // the data may ask for it
  spec.classes = spec.reads_label() ? 1 : 0;
  if (const auto valid = validate(spec); !valid) return wrong_usage(valid.error().message);
  return {};
}

// Whether they describe one model; a learned s has moved on meanwhile.
bool are_alike(ModelSpec one, const ModelSpec& other) {
  if (one.learned_sigma) one.sigma = other.sigma;
  return describe(one) == describe(other);
}

class TrainCommand : public Subcommand {
 public:
  explicit TrainCommand(CLI::App& app) : Subcommand(app) {
    for (const Parameter& row : parameters()) {
      if (row.key != "kind") {
        parameters_.add(row);
        continue;
      }
      parameters_.add(row, tr("{} Or a model's file, whose weights it begins with.", row.help), {},
                      [this](std::string_view text) { return take_model_file(text); });
    }
    options_.flag("--fresh", fresh_, tr("Begins with new weights where --model names a file."));
    options_.text("--out", "FILE", train_.out, tr("Saves the model as a safetensors file."));
    options_.text("--checkpoint", "DIR", checkpoint_folder_,
                  tr("Keeps a checkpoint and the present model in this folder."));
    every_ = options_.number("--checkpoint-every", train_.checkpoint_every, 1, OptionList::kNoEnd,
                             tr("Epochs from one checkpoint to the next."), "1");
    options_.flag("--replace", replace_,
                  tr("Lets --out take the place of a model that lies there."));
    options_.text("--resume", "FILE", train_.resume,
                  tr("Continues the run of this checkpoint, and keeps writing to it."));
    options_.flag("--json", train_.json, tr("Prints one JSON object an epoch."));
    foreign_.add_of_programs(options_);
    options_.footer(data_formats_help());
  }

  bool takes_ranks() const override { return true; }

  // A resumed run takes threads, kernels and precision from its checkpoint.
  Outcome<void> run(const Surroundings& surroundings, Console& console) override {
    if (auto fits = check_line(); !fits) return fits;
    watch_for_interrupt();
    auto begun = begin(surroundings, console);
    if (ranks_) begun = agreed(*ranks_, begun);
    if (begun && ranks_) begun = run_->check_same();
    if (!begun) return begun;
    const auto trained = run_->train();
    if (const auto warning = backend_->take_warning(); !warning.empty()) {
      console.err << "zscape: " << warning << std::endl;
    }
    if (!trained && ranks_ && !run_->has_diverged()) end_all(*ranks_, trained.error().message);
    if (!trained) return trained;
    if (interrupted()) return ended_by_signal();
    return {};
  }

 private:
  Outcome<void> begin(const Surroundings& surroundings, Console& console) {
    std::optional<Checkpoint> checkpoint;
    auto plan = !train_.resume.empty() ? stored_plan(surroundings, checkpoint)
                : model_file_.empty()  ? new_plan()
                                       : plan_of_file(surroundings, console);
    if (!plan) return tl::unexpected(plan.error());
    train_.plan = std::move(*plan);
    if (auto fits = suit_ranks(); !fits) return fits;
    auto computing = surroundings.settled(train_.plan.compute);
    if (!computing) return failed(computing.error().message);
    train_.plan.compute.kernels = computing->kernels;
    train_.plan.compute.device = computing->device;
    if (ranks_ && computing->threads == 0) computing->threads = threads_of_rank(*ranks_);
    backend_ = surroundings.make_backend(*computing);
    backend_->enter_thread(ThreadRole::engine);
    if (writes()) {
      if (auto chosen = choose_places(checkpoint, *backend_, console); !chosen) return chosen;
    } else {
      train_.out.clear();
      train_.checkpoint.clear();
    }
    if (train_.out.empty() && train_.checkpoint.empty()) {
      console.err << tr("without --out and --checkpoint nothing of this run is kept") << std::endl;
    }
    const auto data = load_data(*backend_, console);
    if (!data) return tl::unexpected(data.error());
    if (auto fits = check_rules(parameters_.values().data, **data); !fits) {
      return wrong_usage(fits.error().message);
    }
    train_.plan.data = as_loaded(train_.plan.data, **data);
    tell_what_was_read(**data, console.err);
    print_notes(**data, console);
    if (opened_) {
      if (auto fits = fit_file(**data, console); !fits) return fits;
    } else {
      const Likelihood chosen = train_.plan.spec.likelihood;
      train_.plan.spec = fitted(train_.plan.spec, **data);
      if (train_.plan.chose_likelihood) train_.plan.spec.likelihood = chosen;
      if (train_.resume.empty()) {
        if (auto fits = parameters_.check(train_.plan); !fits) return fits;
      }
    }
    run_.emplace(train_, *data, *backend_, console);
    return run_->begin(checkpoint ? &*checkpoint : nullptr);
  }

  bool writes() const { return !ranks_ || ranks_->is_first(); }

  // Several processes train on the CPU, in single precision.
  Outcome<void> suit_ranks() {
    if (!ranks_) return {};
    train_.ranks = ranks_;
    ComputeOptions& compute = train_.plan.compute;
    if (compute.device == Device::cuda) {
      return wrong_usage(
          tr("--device cuda: several processes train on the CPU; say cpu, or start one"));
    }
    if (compute.precision != Precision::fp32) {
      return wrong_usage(tr("--precision: several processes train in fp32; say so, or start one"));
    }
    compute.device = Device::cpu;
    return {};
  }

  Outcome<void> check_line() const {
    if (const auto fits = check_ending(train_.out, ".safetensors"); !fits) {
      return wrong_usage(tr("--out: {}", fits.error().message));
    }
    if (model_file_.empty() || !train_.resume.empty()) {
      const std::string option = fresh_ ? "--fresh" : foreign_.given();
      if (!option.empty()) {
        return wrong_usage(tr("{} is of a model's file; name it with --model FILE, or leave {} out",
                              option, option));
      }
    }
    if (!model_file_.empty() && !train_.resume.empty()) {
      return wrong_usage(tr("--model {} contradicts --resume {}, which has a model; leave one out",
                            model_file_, train_.resume));
    }
    if (every_->count() == 0 || !checkpoint_folder_.empty() || !train_.resume.empty()) return {};
    return wrong_usage(
        tr("--checkpoint-every: this run writes no checkpoint; add --checkpoint DIR"));
  }

  Outcome<RunPlan> new_plan() const {
    auto plan = parameters_.plan();
    if (!plan) return plan;
    if (auto fits = check_alone(plan->spec); !fits) return tl::unexpected(fits.error());
    return plan;
  }

  // A text of --model that names no kind.
  bool take_model_file(std::string_view text) {
    if (text.find('.') == std::string_view::npos && text.find('/') == std::string_view::npos) {
      return false;  // a kind's name, misspelt
    }
    model_file_ = text;
    return true;
  }

  // The plan of a run that begins with a model's file: its architecture and loss, the rest of the
  // line.
  Outcome<RunPlan> plan_of_file(const Surroundings& surroundings, Console& console) {
    if (auto fits = foreign_.check(model_file_); !fits) return tl::unexpected(fits.error());
    if (ranks_) {
      auto shared = SharedFile::share(*ranks_, model_file_);
      if (!shared) return tl::unexpected(shared.error());
      shared_.emplace(*std::move(shared));
    }
    const auto backend = surroundings.make_backend({.threads = 1, .device = Device::cpu});
    backend->enter_thread(ThreadRole::helper);
    auto opened = backend->open_model(shared_ ? shared_->path() : model_file_, foreign_.said());
    if (!opened) return failed(opened.error().message);
    opened_ = *std::move(opened);
    for (const char* key : {"latent", "hidden", "network"}) {
      if (!parameters_.has(key)) continue;
      return wrong_usage(
          tr("{}: {} brings its own; leave it out", parameter(key).flag(), model_file_));
    }
    RunPlan plan;
    plan.spec = opened_->model->spec();
    plan.chose_likelihood = true;  // as the file has it, where the line does not
    for (const auto& [parameter, text] : parameters_.given()) parameter->field.read(plan, text);
    if (auto fits = parameters_.check(plan); !fits) return tl::unexpected(fits.error());
    plan.data = as_learned(plan.data, opened_->model->spec(), opened_->record);
    if (!opened_->assumed.empty()) {
      console.err << tr("note: {}: {}", model_file_, told_assumption(*opened_)) << std::endl;
    }
    if (!fresh_) train_.start = opened_->model;
    return plan;
  }

  // Fails if the file's model cannot read these data.
  Outcome<void> fit_file(const Dataset& data, Console& console) {
    const ModelSpec& spec = opened_->model->spec();
    if (const auto fits = check_fit(spec, data); !fits) {
      return failed(tr("{}: {}", model_file_, fits.error().message));
    }
    if (const std::string doubt = class_order_doubt(spec, data); !doubt.empty()) {
      console.err << tr("note: {}: {}", model_file_, doubt) << std::endl;
    }
    train_.plan.spec.shape = data.shape;
    return {};
  }

  // The plan of the checkpoint to resume, changed by the line.
  Outcome<RunPlan> stored_plan(const Surroundings& surroundings,
                               std::optional<Checkpoint>& checkpoint) {
    std::error_code error;
    if (std::filesystem::is_directory(train_.resume, error)) {
      train_.resume = (std::filesystem::path(train_.resume) / "checkpoint.safetensors").string();
    }
    // Before it is read, so that no other run moves on from the same place meanwhile.
    const auto folder = std::filesystem::absolute(train_.resume).parent_path();
    Outcome<void> taken;
    if (writes() && (checkpoint_folder_.empty() ||
                     std::filesystem::equivalent(folder, checkpoint_folder_, error))) {
      taken = take_folder(folder.string(), "--resume");
    }
    if (ranks_) {
      auto shared = SharedFile::share(*ranks_, train_.resume, taken);
      if (!shared) return tl::unexpected(shared.error());
      shared_.emplace(*std::move(shared));
    }
    if (!taken) return tl::unexpected(taken.error());
    auto opened = surroundings.make_backend({.threads = 1, .device = Device::cpu})
                      ->open_checkpoint(shared_ ? shared_->path() : train_.resume);
    if (!opened) return failed(opened.error().message);
    checkpoint = std::move(*opened);
    auto stored = plan_of(*checkpoint);
    if (!stored) return failed(tr("{}: {}", train_.resume, stored.error().message));
    stored->data = as_kept(stored->data);
    return resumed(parameters_.given(), *stored);
  }

  Outcome<std::shared_ptr<const Dataset>> load_data(Backend& backend, Console& console) {
    const RunPlan& plan = train_.plan;
    if (auto fits = check_is_data(plan.data.source); !fits) return failed(fits.error().message);
    ProgressLine line(console);
    auto loaded = backend.load_data(plan.data, line.progress(tr("loading {}", plan.data.source)));
    if (!loaded && !train_.resume.empty() && !parameters_.has("data") && !interrupted()) {
      return failed(tr("{}; if the data have moved, name their new place with --data",
                       loaded.error().message));
    }
    if (!loaded) return ended_by(loaded.error());
    auto data = limited(*loaded, plan.limit, plan.seed);
    if (data != *loaded) train_.drawn = plan.limit;
    const std::int64_t count = sequence_count(*data, SplitName::train);
    const bool are_sequences = data->steps > 0;
    if (plan.limit > count) {
      console.err << (are_sequences
                          ? tr("note: --limit {}: {} has {} training sequences, and all are taken",
                               plan.limit, data->name, count)
                          : tr("note: --limit {}: {} has {} training inputs, and all are taken",
                               plan.limit, data->name, count))
                  << std::endl;
    }
    loaded->reset();
    if (plan.hold_out.rows < count) return data;
    return wrong_usage(
        are_sequences
            ? tr("--validation: {} of {} training sequences leave none to learn from; hold out "
                 "fewer",
                 plan.hold_out.rows, count)
            : tr("--validation: {} of {} training inputs leave none to learn from; hold out fewer",
                 plan.hold_out.rows, count));
  }

  // Where the run writes: as the line says, else as the resumed run did. Checks before the work
  // whether it can.
  Outcome<void> choose_places(const std::optional<Checkpoint>& resumed, Backend& backend,
                              Console& console) {
    train_.checkpoint = train_.resume;
    if (!checkpoint_folder_.empty()) {
      if (auto made = make_checkpoint_folder(); !made) return made;
      auto file = checkpoint_in(checkpoint_folder_, train_.resume);
      if (!file) return tl::unexpected(file.error());
      train_.checkpoint = *std::move(file);
    }
    if (train_.out.empty() && resumed) {
      train_.out = out_of(*resumed);
      if (auto made = make_folder_of_out(console); !made) return made;
    }
    if (auto fine = check_files(); !fine) return fine;
    if (auto fine = check_models(resumed, backend); !fine) return fine;
    for (const std::string& path : {train_.out, train_.checkpoint}) {
      if (path.empty()) continue;
      if (auto can = outcome_of(check_can_write(path)); !can) return can;
    }
    return {};
  }

  // Whether what it writes would replace anything but a former result.
  Outcome<void> check_files() const {
    const std::string& data = train_.plan.data.source;
    auto fine = check_replaces_nothing({"--out", train_.out, FileType::model},
                                       {{{train_.resume, tr("the checkpoint")}}, data});
    if (!fine || train_.checkpoint.empty()) return fine;
    const auto place = [](const std::string& path) {
      return path.empty() ? std::filesystem::path()
                          : std::filesystem::absolute(path).lexically_normal();
    };
    if (place(train_.out) == place(train_.checkpoint)) {
      return failed(
          tr("--out: {} is where this run keeps its checkpoint; name another file", train_.out));
    }
    const std::string option = checkpoint_folder_.empty() ? "--resume" : "--checkpoint";
    const std::string model = model_beside(train_.checkpoint);
    fine = check_replaces_nothing({option, train_.checkpoint, FileType::checkpoint}, {{}, data});
    if (fine) fine = check_replaces_nothing({option, model, FileType::model}, {{}, data});
    std::error_code error;
    if (!fine || std::filesystem::exists(train_.checkpoint, error) ||
        !std::filesystem::exists(model, error) || place(model) == place(train_.out)) {
      return fine;
    }
    return failed(
        tr("--checkpoint: this run would replace the model {}; name another folder, or "
           "move that model away first",
           model));
  }

  // Whether a model lies there that this run has not made.
  Outcome<void> check_models(const std::optional<Checkpoint>& resumed, Backend& backend) const {
    if (replace_) return {};
    std::vector<std::string> places = {train_.out};
    if (resumed) places.push_back(model_beside(train_.checkpoint));
    std::error_code error;
    for (const std::string& place : places) {
      if (place.empty() || !std::filesystem::exists(place, error)) continue;
      const auto there = backend.open_model(place, {});
      const bool is_own = resumed && there && there->record.seed == train_.plan.seed &&
                          are_alike(there->model->spec(), resumed->spec);
      if (is_own) continue;
      const std::string what = there && !there->record.data.empty()
                                   ? tr("{}, trained on {} for {}", describe(there->model->spec()),
                                        there->record.data, epochs_text(there->record.epochs))
                                   : tr("a model");
      return failed(
          tr("{} holds another run's model: {}; name another file with --out, or let "
             "this run replace it with --replace",
             place, what));
    }
    return {};
  }

  Outcome<void> make_checkpoint_folder() {
    std::error_code error;
    std::filesystem::create_directories(checkpoint_folder_, error);
    if (error) {
      return failed(tr("--checkpoint {}: the folder cannot be made: {}", checkpoint_folder_,
                       error.message()));
    }
    return folder_ ? Outcome<void>() : take_folder(checkpoint_folder_, "--checkpoint");
  }

  // Keeps other runs from writing there until this one ends.
  Outcome<void> take_folder(const std::string& folder, std::string_view option) {
    folder_ = FolderLock::take(folder);
    if (folder_) return {};
    return failed(
        tr("{}: another run keeps its checkpoint in {} at this moment; wait until it ends, or name "
           "another folder with --checkpoint",
           option, folder));
  }

  // The folder of a resumed run's --out may be gone meanwhile.
  Outcome<void> make_folder_of_out(Console& console) const {
    const auto folder = std::filesystem::path(train_.out).parent_path();
    std::error_code error;
    if (folder.empty() || std::filesystem::exists(folder, error)) return {};
    std::filesystem::create_directories(folder, error);
    if (error) {
      return failed(
          tr("{}: the run of {} wrote its model there, and the folder cannot be made "
             "again: {}; name another place with --out",
             train_.out, train_.resume, error.message()));
    }
    console.err << tr("{}: the folder was gone and is made again", folder.string()) << std::endl;
    return {};
  }

  TrainOptions train_;
  std::string model_file_;  // of --model; empty: it names a kind
  std::optional<OpenedModel> opened_;
  bool fresh_ = false;
  ForeignModelOptions foreign_;
  std::string checkpoint_folder_;
  std::shared_ptr<const FolderLock> folder_;  // of the checkpoint; null: it writes none
  bool replace_ = false;                      // --replace
  CLI::Option* every_ = nullptr;              // --checkpoint-every
  std::optional<SharedFile> shared_;          // of --resume or --model, among ranks
  std::shared_ptr<Backend> backend_;
  std::optional<TrainRun> run_;
};

}  // namespace

const MakeCommand make_train = make<TrainCommand>;

}  // namespace zscape
