#include "app/gui/run_undo.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "app/gui/view/frame/format.h"
#include "app/gui/view/latent/comparison.h"
#include "engine/text.h"

namespace zscape {
namespace {

// Does the command put something else in the place of the model's run?
template <class T>
constexpr bool kEnds =
    std::is_same_v<T, Reset> || std::is_same_v<T, ReplaceModel> || std::is_same_v<T, OpenModel> ||
    std::is_same_v<T, ResumeRun> || std::is_same_v<T, RemoveModel> || std::is_same_v<T, ReturnTo> ||
    std::is_same_v<T, ReturnToStep>;

// Whether there is nothing to go back to: it is there, or it is not kept any more.
bool is_over(const UndoableRun& run, const Snapshot& now) {
  return !now.stored->find(run.run) || std::ranges::any_of(now.models, [&](const ModelView& view) {
    return view.returned_to == run.run;
  });
}

bool forget_over(std::vector<UndoableRun>& runs, const Snapshot& now) {
  std::erase_if(runs, [&](const UndoableRun& run) { return is_over(run, now); });
  return runs.empty();
}

void forget_undoes(const Snapshot& now, NoticesPanelState& notices) {
  std::erase_if(notices.shown, [&](ShownNotice& notice) {
    return !notice.undoes.empty() && forget_over(notice.undoes, now);
  });
}

}  // namespace

std::vector<StoredRun> RunUndo::follow(const Snapshot& now, const ScenesOnScreen& scenes,
                                       NoticesPanelState& notices, double time_s) {
  const StoredRuns& stored = *now.stored;
  just_kept_.clear();
  const auto copy_marks = [&](std::uint64_t run, ModelId model) {
    const Scene& scene = *scene_of(model, scenes);
    of_run_[run] = {model, scene.marks().marks(), scene.axis_choice(), scene.label()};
    just_kept_.push_back(model);
  };
  // A run that had not changed since it came from the store is not put away anew.
  for (const auto& [serial, former] : std::exchange(formers_, {})) {
    const auto view = std::ranges::find(now.models, serial, &ModelView::serial);
    const bool stays = view != now.models.end() && view->returned_to == former.run &&
                       view->returns == former.returns;
    if (!stays && of_run_.contains(former.run) && scene_of(former.model, scenes)) {
      copy_marks(former.run, former.model);
    }
  }
  const ModelView* back = nullptr;
  for (const ModelView& view : now.models) {
    std::uint64_t& returns = told_returns_[view.serial];
    if (std::exchange(returns, view.returns) != view.returns) back = back ? back : &view;
    formers_[view.serial] = {view.id, view.returned_to, view.returns};
  }
  std::vector<StoredRun> fresh;
  std::vector<UndoableRun> undoes;
  const std::uint64_t seen = seen_;
  for (const StoredRun& run : stored.runs) {
    seen_ = std::max(seen_, run.id);
    // What is older than what is known came back with a session, and undoes nothing.
    const bool is_new = run.id > seen && run.kept_at >= newest_;
    newest_ = std::max(newest_, run.kept_at);
    if (!is_new) continue;
    fresh.push_back(run);
    undoes.push_back({run.model, run.id});
    const Scene* scene = scene_of(run.model, scenes);
    if (scene && scene->latent() == run.spec.latent) copy_marks(run.id, run.model);
  }
  std::erase_if(of_run_, [&](const auto& marked) { return !stored.find(marked.first); });
  const bool is_undoing = back && undone_.erase(back->returned_to) > 0;
  forget_undoes(now, notices);
  std::erase_if(acts_, [&](Act& act) { return forget_over(act.runs, now); });
  if (back && fresh.size() < 2) {
    const std::string text = text_of_return(*back, fresh.empty() ? nullptr : &fresh[0]);
    if (fresh.empty()) add_notice(notices, {text, false, "run"}, time_s);
    if (!fresh.empty()) add_undo_notice(notices, text, undoes, false, time_s);
  }
  if (fresh.empty()) return fresh;
  bool joined = false;
  if (!back || fresh.size() > 1) {
    const bool joins = std::ranges::all_of(
        fresh, [](const StoredRun& run) { return run.why == PutAway::opened_model; });
    joined = add_undo_notice(notices, text_of_put_away(fresh), undoes, joins, time_s);
  }
  if (is_undoing) return fresh;  // that is no change of its own
  if (joined && !acts_.empty()) {
    acts_.back().runs = notices.undoable()->undoes;
  } else {
    acts_.push_back({std::move(undoes), 0});
  }
  is_new_ = true;
  return fresh;
}

std::vector<Command> RunUndo::undo(std::vector<UndoableRun> runs) {
  for (const UndoableRun& run : runs) undone_.insert(run.run);
  return undoing_commands(std::move(runs));
}

bool RunUndo::has_just_kept(ModelId model) const {
  return std::ranges::find(just_kept_, model) != just_kept_.end();
}

void RunUndo::restore(const Snapshot& now, const ScenesOnScreen& scenes) {
  for (const ModelView& model : now.models) {
    std::uint64_t& returns = returns_[model.serial];
    if (std::exchange(returns, model.returns) == model.returns) continue;
    const auto marked = of_run_.find(model.returned_to);
    Scene* scene = scene_of(model.id, scenes);
    if (marked == of_run_.end() || !scene || !now.data) continue;
    scene->set_model(model.spec, now.data);  // this frame may show the former one's past
    if (!(scene->axis_choice() == marked->second.axes)) scene->choose_axes(marked->second.axes);
    scene->set_label(marked->second.label);
    if (!(scene->marks().marks() == marked->second.marks)) scene->restore(marked->second.marks);
  }
  if (std::exchange(is_new_, false)) acts_.back().marks = marks_position(scenes);
}

bool RunUndo::by_key(const ScenesOnScreen& scenes, const Scene& active,
                     NoticesPanelState& notices) const {
  if (acts_.empty()) return false;
  const bool marks_are_newer = marks_position(scenes) > acts_.back().marks;
  if (marks_are_newer && active.marks().can_undo()) return false;
  notices.undo = acts_.back().runs;
  return true;
}

std::string text_of_put_away(const std::vector<StoredRun>& runs) {
  if (runs.empty()) return {};
  const StoredRun& run = runs.front();
  const std::string steps = format_count(run.position.step), name = name_with_lambda(run);
  if (runs.size() > 1) return tr("{} runs were put away and are kept.", runs.size());
  switch (run.why) {
    case PutAway::reset:
      return run.position.step == 1 ? tr("Reset. 1 step kept.")
                                    : tr("Reset. {} steps kept.", steps);
    case PutAway::new_model:
      return tr("New model. Kept: {}, step {}.", name, steps);
    case PutAway::new_data:
      return tr("New data. Kept: {} on {}, step {}.", name, run.data, steps);
    case PutAway::opened_model:
      return tr("Model opened. Kept: {}, step {}.", name, steps);
    case PutAway::session:
      return tr("Session opened. Kept: {}, step {}.", name, steps);
    case PutAway::closed:
      return tr("Model closed. Kept: {}, step {}.", name, steps);
    case PutAway::earlier_step:
      return tr("Back at an earlier step. Kept: {}, step {}.", name, steps);
    case PutAway::another_run:
      break;
  }
  return tr("Another run is back. Kept: {}, step {}.", name, steps);
}

std::string text_of_return(const ModelView& view, const StoredRun* left) {
  const std::string name = name_with_lambda(view), step = format_count(view.position.step);
  const bool paused = view.state != RunState::running && !is_fitted(view);
  if (!left) {
    return paused ? tr("{} is back at step {}, paused.", name, step)
                  : tr("{} is back at step {}.", name, step);
  }
  const std::string other = name_with_lambda(*left), steps = format_count(left->position.step);
  return paused ? tr("{} is back at step {}, paused. Kept: {}, step {}.", name, step, other, steps)
                : tr("{} is back at step {}. Kept: {}, step {}.", name, step, other, steps);
}

std::string text_of_marks(bool undoes, const Marks& before, const Marks& after, bool has_runs) {
  const std::string change = text_of_change(before, after);
  if (!change.empty()) return undoes ? tr("Undone: {}.", change) : tr("Redone: {}.", change);
  if (!undoes) return tr("There is nothing to redo.");
  return has_runs ? tr("There is nothing more to undo. Runs, beside Curves, lists what is kept.")
                  : tr("There is nothing to undo.");
}

std::vector<Command> undoing_commands(std::vector<UndoableRun> runs) {
  std::ranges::sort(runs, {}, &UndoableRun::model);
  std::vector<Command> commands;
  for (const UndoableRun& run : runs) commands.push_back(ReturnTo{run.model, run.run});
  return commands;
}

bool is_lost_by(const Command& command, const Snapshot& now) {
  const std::size_t pinned = now.stored->pinned_bytes(), room = now.stored->room_bytes;
  const std::size_t left = room - std::min(room, pinned);
  const auto is_too_large = [&](const ModelView& model) { return model.bytes_to_keep > left; };
  return std::visit(
      [&]<class T>(const T& of) {
        if constexpr (std::is_same_v<T, LoadData>) {
          return std::ranges::any_of(now.models, is_too_large);
        } else {
          const ModelView* model = kEnds<T> ? now.find(of.model) : nullptr;
          return model && is_too_large(*model);
        }
      },
      command);
}

}  // namespace zscape
