#include <fmt/format.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): signals of POSIX
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <optional>
#include <string>

#include "app/cli/json_value.h"
#include "app/cli/subcommand.h"
#include "engine/lab/execute.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::chrono::milliseconds kBetweenReports{300};

// A process of `zscape lab run`: a run a line on standard input, its result a line on standard
// output, and before it how far it is. For programs, so no help lists it.
class LabWorkerCommand : public Subcommand {
 public:
  explicit LabWorkerCommand(CLI::App& app) : Subcommand(app) {
    options_.number("--parent", parent_, 1, OptionList::kNoEnd,
                    tr("The process that it belongs to."));
    options_.text("--models", "DIR", models_, tr("Keeps each run's model in this folder."));
  }

  Outcome<void> run(const Surroundings& surroundings, Console&) override {
    // With the parent there is nobody to tell the result to.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || (parent_ != 0 && getppid() != parent_)) {
      return failed(tr("the lab that this worker belongs to has ended"));
    }
    const std::shared_ptr<Backend> loader =
        surroundings.make_backend({.threads = 1, .device = Device::cpu});
    LabData data(*loader);
    std::map<std::string, std::shared_ptr<Backend>> backends;  // by how they compute
    for (std::string line; std::getline(std::cin, line);) {
      const auto wanted = run_from(line);
      if (!wanted) return failed(wanted.error().message);
      const auto backend = backend_of(wanted->plan.compute, surroundings, backends);
      if (!backend) {
        std::cout << line_of(failure_of(*wanted, backend.error().message)) << std::endl;
        continue;
      }
      (*backend)->enter_thread(ThreadRole::engine);
      done_ = 0;
      const auto result = execute(*wanted, **backend, data, models_, [this](double fraction) {
        tell(fraction);
        return true;
      });
      if (!result) return failed(result.error().message);
      std::cout << line_of(*result) << std::endl;
    }
    return {};
  }

 private:
  static Expected<std::shared_ptr<Backend>> backend_of(
      const ComputeOptions& wanted, const Surroundings& surroundings,
      std::map<std::string, std::shared_ptr<Backend>>& backends) {
    const std::string text =
        fmt::format("{} {} {} {}", wanted.threads, wanted.kernels,
                    static_cast<int>(wanted.precision), static_cast<int>(wanted.device));
    if (const auto found = backends.find(text); found != backends.end()) return found->second;
    const auto computing = surroundings.settled(wanted);
    if (!computing) return tl::unexpected(computing.error());
    return backends[text] = surroundings.make_backend(*computing);
  }

  void tell(double fraction) {
    done_ = std::max(done_, fraction);  // parts of the work count from 0
    const auto now = std::chrono::steady_clock::now();
    if (now - told_at_ < kBetweenReports) return;
    told_at_ = now;
    std::cout << one_line(Json{{"done", done_}}) << std::endl;
  }

  pid_t parent_ = 0;  // 0: any
  std::string models_;
  double done_ = 0;  // of the present run
  std::chrono::steady_clock::time_point told_at_;
};

}  // namespace

const MakeCommand make_lab_worker = make<LabWorkerCommand>;

}  // namespace zscape
