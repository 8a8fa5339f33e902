#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/gui/session.h"

namespace zscape {

// Saves and restores sessions step by step while frames go on: the engine saves and opens the
// weights. Lives on the window's thread.
class SessionKeeper {
 public:
  // What a session is read from and written to.
  struct Contents {
    const Snapshot& snapshot;
    ModelId model;
    Scene& scene;
    LatentPanelState& latent;
    Selection& selection;
    LayoutSizes& sizes;
  };

  // What to post and tell after a call.
  struct Result {
    std::vector<Command> commands;
    std::vector<std::pair<std::string, bool>> notices;  // text, whether it is an error
    std::optional<std::string> written;                 // this session's file is complete
  };

  // The file of the last session; empty where there is no home.
  static std::string last_path();

  // Begins to save; the weights go beside the file. Does nothing without a model.
  Result save(const std::string& path, const Contents& on_screen);
  bool saving() const { return saving_.has_value(); }

  // Begins to restore. Sets a broken session aside; `opening` stays false.
  Result open(const std::string& path, const Contents& on_screen);
  bool opening() const { return opening_.has_value(); }

  // Whether a model file belongs to a session that is being written or brought back.
  bool owns(const std::string& weights) const {
    return (saving_ && saving_->session.weights == weights) ||
           (opening_ && opening_->weights == weights) ||
           (saving_ && has_other(saving_->session, weights)) ||
           std::ranges::find(starting_, weights, &Starting::weights) != starting_.end();
  }

  // The newest request for data.
  void note_data(const DataRequest& request) { request_ = request; }

  // Once a frame, after the panels.
  Result advance(const Contents& on_screen);

 private:
  struct SavingOther {
    ModelId model;
    std::uint64_t attempts_then = 0;
  };
  struct Saving {
    std::string path;
    Session session;
    std::uint64_t attempts_then = 0;
    std::vector<SavingOther> others;  // of session.others, in this order
  };
  // A model that starts training once its weights are loaded.
  struct Starting {
    ModelId model;
    std::string weights;  // the file
  };
  static bool has_other(const Session& session, const std::string& weights) {
    return std::ranges::find(session.others, weights, &Session::Other::weights) !=
           session.others.end();
  }
  bool awaits_others(const Snapshot& snapshot);
  Result finish_saving(bool is_done);

  std::optional<Saving> saving_;
  std::optional<Session> opening_;
  std::uint64_t opened_then_ = 0;
  std::vector<Starting> starting_;
  DataRequest request_;
};

}  // namespace zscape
