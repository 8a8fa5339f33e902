// The exact posterior and evidence of one input, for the lens of the window.
#include <algorithm>
#include <utility>

#include "engine/core/engine_impl.h"

namespace zscape {
namespace {

// While a model trains, newer weights come so many times what a first look took after the last
// ones: a look makes training wait for one processor of those that it has.
constexpr double kPatience = 24;

}  // namespace

// What looks at inputs, with the decoder's outputs that it keeps. The lens is the interactive
// lane's, all else the engine thread's.
struct Engine::Impl::KeptLens {
  FrozenModelPtr weights;
  std::unique_ptr<EvidenceLens> lens;
  Clock::time_point made;
  double first_ms = 0;  // of its first look, which decodes most
  int looks = 0;

  double age_ms() const {
    return std::chrono::duration<double, std::milli>(Clock::now() - made).count();
  }
  bool may_go() const { return age_ms() >= kPatience * first_ms; }
};

void Engine::Impl::apply(const FindEvidence& command, const OpenRunPtr& open) {
  const bool trains = open->run.view().state == RunState::running;
  std::shared_ptr<KeptLens>& kept = open->lens;
  if (!kept || !trains || kept->may_go()) open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !command.data || command.index < 0 ||
      command.index >= command.data->split(command.split).count) {
    return;
  }
  const bool is_other = kept && !(kept->weights->spec() == weights->spec());
  const bool is_older = kept && kept->weights->revision() != weights->revision();
  if (!kept || is_other || (is_older && (!trains || kept->may_go()))) {
    auto lens = weights->evidence_lens();
    if (!lens) {
      tell_of(open.get(), lens.error(), about("evidence", open->run.id()));
      return;
    }
    const double former_ms = kept && !is_other ? kept->first_ms : 0;
    kept = std::make_shared<KeptLens>(KeptLens{weights, *std::move(lens), Clock::now(), former_ms});
  }
  submit_for(
      open, {.lane = Lane::interactive, .key = "evidence"},
      [kept = kept, command, seed = open->run.seed()](const Progress& progress) {
        return kept->lens->look(*command.data, command.split, command.index, seed, progress);
      },
      [kept = kept, command](OpenRun& owner, Evidence found) {
        const bool is_first = kept->looks++ == 0;
        if (is_first) kept->first_ms = found.milliseconds;
        found.request = command.number;
        found.step = kept->weights->step();
        found.settled_ms = std::max(kPatience * kept->first_ms - kept->age_ms(), 0.0);
        owner.run.accept_evidence(std::make_shared<const Evidence>(std::move(found)));
      });
}

}  // namespace zscape
