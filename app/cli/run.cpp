#include "app/cli/run.h"

#include <exception>
#include <new>
#include <variant>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt.h"
#include "engine/text.h"
#include "engine/thrown.h"

namespace zscape {
namespace {

// Carries out one request.
class Performer {
 public:
  Performer(const Surroundings& surroundings, Console& console)
      : surroundings_(surroundings), console_(console) {}

  Outcome<void> operator()(const Help& help) {
    console_.out << help.text;
    return {};
  }
  Outcome<void> operator()(const ExploreOptions& options) {
    // Only what was asked for by name needs a check; the rest is measured when training begins.
    ComputeOptions computing{
        .threads = options.threads, .kernels = options.kernels, .device = options.device};
    if (!options.kernels.empty() || options.device == Device::cuda) {
      if (auto possible = surroundings_.machine.settled(computing); !possible) {
        return failed(possible.error().message);
      }
    }
    const int code = surroundings_.explore(options, surroundings_.machine.make_backend(computing));
    if (code != 0) return tl::unexpected(Failure{static_cast<ExitCode>(code), ""});
    return {};
  }
  Outcome<void> operator()(const TrainOptions& options) {
    watch_for_interrupt();
    return run_train(options, surroundings_.machine, console_);
  }
  Outcome<void> operator()(const EvalOptions& options) {
    return on_threads(options.threads, run_eval, options);
  }
  Outcome<void> operator()(const ClassifyOptions& options) {
    return on_threads(options.threads, run_classify, options);
  }
  Outcome<void> operator()(const EncodeOptions& options) {
    return on_threads(options.threads, run_encode, options);
  }
  Outcome<void> operator()(const DecodeOptions& options) {
    return run_decode(options, *surroundings_.machine.make_backend(on_cpu(kOneThread)));
  }
  Outcome<void> operator()(const SampleOptions& options) {
    return on_threads(kOneThread, run_sample, options);
  }
  Outcome<void> operator()(const ReconstructOptions& options) {
    return on_threads(kOneThread, run_reconstruct, options);
  }
  Outcome<void> operator()(const ManifoldOptions& options) {
    return on_threads(kOneThread, run_manifold, options);
  }
  Outcome<void> operator()(const InterpolateOptions& options) {
    return on_threads(kOneThread, run_interpolate, options);
  }
  Outcome<void> operator()(const SynthesizeOptions& options) {
    watch_for_interrupt();
    return run_synthesize(options, console_);
  }
  Outcome<void> operator()(const FetchOptions& options) {
    watch_for_interrupt();
    return run_fetch(options, console_);
  }
  Outcome<void> operator()(const InfoOptions& options) {
    if (options.source.source.empty()) {
      return run_machine_info(options, surroundings_.machine.info(), console_);
    }
    return on_threads(kOneThread, run_info, options);
  }

 private:
  static constexpr int kOneThread = 1;  // what does not train needs no measuring

  // What does not train is done by the CPU.
  static ComputeOptions on_cpu(int threads) { return {.threads = threads, .device = Device::cpu}; }

  // A command that Ctrl-C stops, with a backend whose engine thread has this many threads.
  template <class Options>
  Outcome<void> on_threads(int threads,
                           Outcome<void> (*command)(const Options&, Backend&, Console&),
                           const Options& options) {
    watch_for_interrupt();
    return command(options, *surroundings_.machine.make_backend(on_cpu(threads)), console_);
  }

  const Surroundings& surroundings_;
  Console& console_;
};

Outcome<void> perform(std::span<const std::string> arguments, const Surroundings& surroundings,
                      Console& console) {
  const Outcome<Request> request = parse_command_line(arguments);
  if (!request) return tl::unexpected(request.error());
  try {
    if (auto done = std::visit(Performer(surroundings, console), *request); !done) return done;
  } catch (const std::bad_alloc&) {
    return failed(tr("there is not enough memory for this"));
  } catch (const std::exception& error) {
    return failed(first_line(error));
  }
  console.out.flush();
  if (!console.out) return failed(tr("the results cannot be written to standard output"));
  return {};
}

}  // namespace

int run(std::span<const std::string> arguments, const Surroundings& surroundings,
        Console& console) {
  const Outcome<void> done = perform(arguments, surroundings, console);
  if (done) return static_cast<int>(ExitCode::done);
  if (!done.error().message.empty()) {
    console.err << "zscape: " << done.error().message << std::endl;
  }
  return static_cast<int>(done.error().code);
}

}  // namespace zscape
