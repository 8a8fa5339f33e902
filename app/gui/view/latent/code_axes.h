#pragma once

#include <cstdint>
#include <future>

#include "app/gui/view/latent/plane.h"
#include "engine/snapshot.h"

namespace zscape {

// Above this many dimensions the principal axes are not worked out.
inline constexpr int kMostPrincipal = 256;

// Mean and spread of the codes, of an even sample where there are very many, with principal axes on
// request. Signs follow former (null: each axis's largest part is positive). part < 1/2: moves only
// partly from the former axes.
CodeAxes fit_code_axes(const Codes& codes, bool principal, const CodeAxes* former = nullptr,
                       double part = 1);

// Keeps CodeAxes up to date on a thread of its own, so that no frame waits. Principal axes turn
// gradually during training and are exact at rest. Lives on the window's thread.
class CodeAxesFit {
 public:
  // Once a frame. changing: more codes are to come soon.
  void follow(const CodesPtr& codes, bool principal, bool changing, double now_s);

  bool busy() const { return future_.valid(); }      // a frame is wanted soon
  const CodeAxesPtr& axes() const { return axes_; }  // null: none yet
  void wait() {                                      // until it is not busy; for tests
    if (busy()) take();
  }

 private:
  struct Request {
    std::uint64_t revision = 0;  // of the codes
    std::int64_t count = 0;
    int latent = 0;
    bool principal = false;
    bool exact = true;
    bool operator==(const Request&) const = default;
  };
  void take();

  CodeAxesPtr axes_;
  Request done_;
  Request asked_;
  double asked_s_ = -1e9;
  std::future<CodeAxes> future_;
};

}  // namespace zscape
