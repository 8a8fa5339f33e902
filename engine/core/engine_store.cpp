// The store: runs that are put away and brought back.
#include <algorithm>
#include <exception>
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

// Less would hold no run of the reference model with its past.
constexpr std::size_t kSmallestStore = std::size_t{16} << 20;

}  // namespace

void Engine::Impl::apply(const SetStoreSize& command, const OpenRunPtr&) {
  store_.set_most_bytes(std::max(command.bytes, kSmallestStore));
  share_memory();
}

void Engine::Impl::share_memory() {
  for (const OpenRunPtr& each : open_) {
    each->run.set_memory_for_past(store_.bytes_for_pasts() / open_.size());
  }
}

void Engine::Impl::set_data(std::shared_ptr<const Dataset> data, const DataRequest& request) {
  settle("data");
  data_ = std::move(data);
  request_ = request;
  store_.set_present_data(data_);
}

std::optional<WholeRun> Engine::Impl::put_away(const OpenRun& open, PutAway why) const {
  auto whole = open.run.put_away(why);
  if (!whole) return whole;
  whole->request = open.request;
  whole->state.computed_by = device_;
  return whole;
}

// came_from: the stored run that it went on from; 0: none.
void Engine::Impl::store(std::optional<WholeRun> left, std::uint64_t came_from) {
  if (!left) return;
  const std::int64_t steps = left->shown.position.step;
  if (!store_.add(*std::move(left), came_from)) {
    tell(tr("the former run of {} steps was too large to be kept; Settings has the memory for runs",
            steps),
         true);
  }
}

// Runs that were put away come back with the session. Elsewhere their steps are not repeated to the
// same bits.
void Engine::Impl::restore_stored(std::vector<WholeRun> runs) {
  for (WholeRun& run : runs) {
    if (run.state.computed_by != device_) run.past.states = RunPast().states;
  }
  store_.restore(std::move(runs));
}

void Engine::Impl::apply(const ReturnTo& command, const OpenRunPtr&) {
  const WholeRunPtr whole = store_.find(command.run);
  if (!whole) {
    tell(tr("this run is not kept any more"), true);
    return;
  }
  if (whole->data) {
    return_to(command.model, *whole, whole->data);
    return;
  }
  if (data_ && data_->source == whole->state.plan.data.source &&
      checksum_of(data_) == whole->state.data_checksum) {
    return_to(command.model, *whole, data_);
    return;
  }
  worker_.submit(
      {.key = "load",
       .text = tr("loading {}", whole->request.source),
       .if_cancelled = tr("loading {} was cancelled", whole->request.source)},
      [this, request = whole->request](const Progress& progress) {
        return load(request, progress);
      },
      [this, whole, id = command.model](Expected<Loaded> loaded) {
        if (!loaded) {
          tell_of(nullptr, loaded.error(), "data");
        } else if (loaded->checksum != whole->state.data_checksum) {
          tell(tr("{} holds other data now than this run learned from", whole->request.source),
               true, "data");
        } else {
          return_to(id, *whole, take_loaded(*std::move(loaded)));
        }
      });
}

// `whole` may go from the store meanwhile.
void Engine::Impl::return_to(ModelId id, const WholeRun& whole,
                             std::shared_ptr<const Dataset> data) {
  OpenRunPtr open = find(id);
  const OpenRunPtr first = open_.front();
  if (auto fits = validate(fitted(first->run.spec(), *data)); open != first && !fits) {
    tell(tr("the first model cannot learn from {}, so that this run cannot stand beside it: {}",
            data->name, fits.error().message),
         true);
    return;
  }
  const bool is_new = open == nullptr;
  if (is_new) open = open_beside(id);
  if (!open) return;
  leave_run(*open);
  Expected<void> returned;
  try {
    returned =
        replacing(*open, PutAway::another_run, [&] { return open->run.return_to(whole, data); });
  } catch (const std::exception& error) {
    returned = fail(first_line(error));
  }
  if (!returned) {
    tell_of(open.get(), returned.error(), about("opening", id));
    if (is_new) remove(open);
    if (is_new || open->run.data() != data) return;  // else it is back, without its codes
  }
  open->request = whole.request;
  open->waiting_model.reset();
  if (data_ != data) {
    set_data(std::move(data), whole.request);
    on_each([&](const OpenRunPtr& other) {
      if (other != open) begin_with_data(other);
    });
  }
  if (open->run.state() == RunState::paused) encode_everything(open);
}

}  // namespace zscape
