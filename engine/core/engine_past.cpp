// Earlier steps of a run: it goes back to them, or another future forks from them.
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {

template <class Take>
void Engine::Impl::reach(const OpenRunPtr& open, std::shared_ptr<const Run::Earlier> earlier,
                         Job job, Take take) {
  job.lane = Lane::patient;
  submit(
      open, std::move(job),
      [this, earlier = std::move(earlier)](const Progress& progress) -> Expected<ReachedStep> {
        if (earlier->here) return *earlier->here;
        // A trainer sets its thread's number of threads.
        struct Leave {
          Backend& backend;
          ~Leave() { backend.enter_thread(ThreadRole::helper); }
        } leave{*backend_};
        return state_at(*backend_, earlier->wanted, progress);
      },
      std::move(take));
}

void Engine::Impl::apply(const ReturnToStep& command, const OpenRunPtr& open) {
  if (!backend_->repeats_steps()) {
    tell_of(open.get(),
            tr("step {} cannot be reached: on {} steps are not repeated beside training",
               command.step, device_),
            true, about("return_to_step", command.model));
    return;
  }
  auto found = open->run.earlier(command.step);
  if (!found) {
    tell_of(open.get(), found.error(), about("return_to_step", command.model));
    return;
  }
  const auto earlier = std::make_shared<const Run::Earlier>(*std::move(found));
  reach(open, earlier,
        {.key = "return_to_step",
         .text = tr("going back to step {}", command.step),
         .if_cancelled = tr("going back to step {} was cancelled", command.step)},
        [this, earlier](const OpenRunPtr& owner, Expected<ReachedStep> reached) {
          const auto returned = reached.and_then([&](const ReachedStep& step) {
            leave_run(*owner);
            return replacing(*owner, PutAway::earlier_step,
                             [&] { return owner->run.return_to_step(step, *earlier); });
          });
          if (!returned) {
            tell_of(owner.get(), returned.error(), about("return_to_step", owner->run.id()));
            return;
          }
          settle(about("return_to_step", owner->run.id()));
          if (owner->run.state() == RunState::paused) encode_everything(owner);
        });
}

void Engine::Impl::apply(const Fork& command, const OpenRunPtr& open) {
  const OpenRunPtr of = find(command.of);
  const std::string said = about("fork", command.of);
  const auto refuse = [&](const std::string& why) {
    tell_of(of.get(), tr("step {} cannot be forked: {}", command.step, why), true, said);
  };
  if (!of || !data_) return refuse(tr("there is no such model"));
  if (open) return refuse(tr("model {} is open already", command.model.value));
  if (command.kl_weight && !accepts(check_kl_weight(*command.kl_weight))) return;
  if (!accepts(validate(forked(of->run.spec(), command)))) return;
  auto found = of->run.fork_point(command.step);
  if (!found) return refuse(found.error().message);
  if (!found->here && !backend_->repeats_steps()) {
    return refuse(tr("on {} steps are not repeated beside training", device_));
  }
  const auto earlier = std::make_shared<const Run::Earlier>(*std::move(found));
  reach(of, earlier,
        {.key = "fork",
         .text = tr("forking step {}", command.step),
         .if_cancelled = tr("forking step {} was cancelled", command.step)},
        [this, earlier, command, said](const OpenRunPtr& owner, Expected<ReachedStep> reached) {
          if (!reached) return tell_of(owner.get(), reached.error(), said);
          if (earlier->wanted.data != data_) {
            return tell_of(owner.get(), tr("there are other data now, so that nothing was forked"),
                           true, said);
          }
          const OpenRunPtr added = find(command.model) ? nullptr : open_beside(command.model);
          if (!added) return;
          const Expected<void> begun = added->run.fork(*std::move(reached), *earlier, command);
          if (!begun) {
            tell_of(owner.get(), begun.error(), said);
            remove(added);
            return;
          }
          settle(said);
          added->request = owner->request;
          if (added->run.state() == RunState::paused) encode_everything(added);
        });
}

}  // namespace zscape
