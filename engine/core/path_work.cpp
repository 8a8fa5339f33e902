#include "engine/core/path_work.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "engine/core/mailbox.h"
#include "engine/core/run.h"
#include "engine/core/worker.h"
#include "engine/thrown.h"
#include "engine/walk.h"

namespace zscape {
namespace {

// With its folder, so that a person finds it.
std::string whole_path(const std::string& path) {
  std::error_code error;
  const auto whole = std::filesystem::absolute(path, error);
  return error ? path : whole.lexically_normal().string();
}

constexpr int kMostGivingWay = 2;

bool fits(std::span<const float> stops, int frames, const ModelSpec& spec) {
  const auto latent = static_cast<std::size_t>(spec.latent);
  return frames >= 2 && stops.size() >= 2 * latent && stops.size() % latent == 0;
}

// The worker's name for the search; one a model.
std::string search_key(ModelId model) {
  return fmt::format("geodesic {}", model.value);
}

}  // namespace

void PathWork::find(const FindGeodesic& command, const std::shared_ptr<Run>& run) {
  Search& search_of = searches_[run->id().value];
  search_of = {};
  search_of.number = ++searches_begun_;
  worker_.cancel(search_key(run->id()));
  const FrozenModelPtr weights = run->view().weights;
  if (command.stops.empty()) return;
  if (!weights || !fits(command.stops, command.frames, weights->spec())) {
    // Another model has come meanwhile. Answered all the same, so that nobody waits for ever.
    auto nothing = std::make_shared<FoundGeodesic>();
    nothing->stops = command.stops;
    nothing->label = command.label;
    run->accept_geodesic(std::move(nothing));
    return;
  }
  search_of.wanted = command;
  search(weights, run);
}

void PathWork::search(const FrozenModelPtr& weights, const std::shared_ptr<Run>& run) {
  const Search& search_of = searches_[run->id().value];
  // Without a text: part of showing, not work that a person waits for.
  worker_.submit(search_key(run->id()), "",
                 [this, to = std::weak_ptr(run), weights, number = search_of.number,
                  wanted = *search_of.wanted](const Progress& progress) {
                   auto found = std::make_shared<FoundGeodesic>();
                   found->revision = weights->revision();
                   found->step = weights->step();
                   found->stops = wanted.stops;
                   found->label = wanted.label;
                   std::string error;
                   try {
                     auto codes = codes_along(
                         *weights, {wanted.stops, PathMode::geodesic, wanted.label, wanted.frames},
                         progress);
                     if (codes) {
                       found->z = std::move(*codes);
                     } else {
                       error = codes.error().message;
                     }
                   } catch (const std::exception& thrown) {
                     error = first_line(thrown);
                   }
                   if (error == "cancelled") return;
                   mailbox_.deliver([this, to, number, found, error] {
                     const std::shared_ptr<Run> owner = to.lock();
                     if (!owner || number != searches_[owner->id().value].number)
                       return;  // another is wanted by now
                     searches_[owner->id().value].wanted.reset();
                     if (!error.empty()) tell_("geodesic: " + error, true);
                     owner->accept_geodesic(found);
                   });
                 });
}

void PathWork::give_way(const std::shared_ptr<Run>& run) {
  Search& search_of = searches_[run->id().value];
  const auto& wanted = search_of.wanted;
  const FrozenModelPtr weights = run->view().weights;
  if (!wanted || search_of.gave_way == kMostGivingWay || !weights) return;
  if (!fits(wanted->stops, wanted->frames, weights->spec())) return;
  ++search_of.gave_way;
  search(weights, run);
}

void PathWork::forget(ModelId model) {
  worker_.cancel(search_key(model));
  searches_.erase(model.value);
}

void PathWork::write(const ExportPath& command, const FrozenModelPtr& weights) {
  if (!weights || !write_ || !fits(command.stops, command.frames, weights->spec())) {
    tell_(fmt::format("{}: there is no model to draw this path yet", command.path), true);
    return;
  }
  worker_.submit(
      fmt::format("export {}", ++exports_), fmt::format("exporting {}", command.path),
      [this, weights, command](const Progress& progress) {
        // At the program's end a search may be broken off; what is only to be drawn is written.
        const bool searches = command.mode == PathMode::geodesic;
        const auto pictures =
            pictures_along(*weights, {command.stops, command.mode, command.label, command.frames},
                           [&](double done) { return report(progress, done) || !searches; });
        Expected<void> written;
        if (pictures) {
          written = write_(command.path, *pictures, weights->spec().shape);
        } else {
          written = fail(fmt::format("{}: {}", command.path, pictures.error().message));
        }
        mailbox_.deliver([this, written, path = command.path] {
          tell_(written ? fmt::format("exported {}", whole_path(path)) : written.error().message,
                !written);
        });
      },
      /*finish_on_exit=*/true);
}

}  // namespace zscape
