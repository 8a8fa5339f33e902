#include "engine/lab/crew.h"

#include <algorithm>
#include <utility>

#include "engine/text.h"

namespace zscape {
namespace {

constexpr int kWaitMs = 100;

struct Hand {
  std::string key;      // of the run it has; empty: it is idle
  double fraction = 0;  // of that run
  bool is_gone = false;
};

CrewProgress progress_of(const LabQueue& queue, const std::vector<Hand>& hands) {
  CrewProgress progress{.all = queue.all(),
                        .finished = queue.finished(),
                        .failed = queue.failures().size(),
                        .running = queue.running()};
  double done = static_cast<double>(progress.finished + progress.failed);
  int working = 0;
  for (const Hand& hand : hands) {
    if (hand.key.empty()) continue;
    done += hand.fraction;
    ++working;
  }
  progress.fraction = progress.all == 0 ? 1 : done / static_cast<double>(progress.all);
  progress.seconds_left = queue.seconds_left(std::max(working, 1));
  return progress;
}

}  // namespace

Expected<void> work_off(LabQueue& queue, LabCrew& crew,
                        const std::function<bool(const CrewProgress&)>& listen) {
  std::vector<Hand> hands(static_cast<std::size_t>(crew.size()));
  const auto tell = [&](const LabResult* ended) {
    CrewProgress progress = progress_of(queue, hands);
    progress.ended = ended;
    return listen(progress);
  };
  while (!queue.is_done()) {
    for (std::size_t i = 0; i < hands.size(); ++i) {
      if (hands[i].is_gone || !hands[i].key.empty()) continue;
      const auto run = queue.next();
      if (!run) break;
      if (crew.give(static_cast<int>(i), *run)) {
        hands[i] = {run->key, 0, false};
      } else {
        hands[i].is_gone = true;
        queue.give_back(run->key);
      }
    }
    if (std::ranges::all_of(hands, &Hand::is_gone)) {
      return fail(
          tr("no worker of the lab is left; the same command goes on with what is missing"));
    }
    const CrewEvent event = crew.wait(kWaitMs);
    std::optional<LabResult> ended;
    double seconds = event.seconds;
    if (event.kind != CrewEvent::Kind::none) {
      Hand& hand = hands[static_cast<std::size_t>(event.worker)];
      if (event.kind == CrewEvent::Kind::progress) {
        hand.fraction = event.fraction;
      } else if (event.kind == CrewEvent::Kind::done) {
        ended = event.result;
        hand = {};
      } else {
        const std::string key = std::exchange(hand.key, {});
        hand.fraction = 0;
        if (!key.empty()) ended = queue.lost(key, event.why);
        seconds = 0;
      }
    }
    if (ended) {
      if (auto taken = queue.take(*ended, seconds, event.host); !taken) return taken;
    }
    if (!tell(ended ? &*ended : nullptr)) {
      return fail(tr("the lab was interrupted"), ErrorCode::cancelled);
    }
  }
  return {};
}

}  // namespace zscape
