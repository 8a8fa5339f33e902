#pragma once

#include "app/cli/console.h"
#include "app/cli/machine.h"
#include "app/cli/options.h"
#include "app/cli/outcome.h"
#include "engine/backend.h"

namespace zscape {

// The commands. Each calls Backend::enter_thread for the calling thread first, writes results to
// console.out and progress to console.err, and leaves the error line to the caller.

// A run that goes on takes threads, kernels and precision from its checkpoint.
Outcome<void> run_train(const TrainOptions& options, const Machine& machine, Console& console);
Outcome<void> run_eval(const EvalOptions& options, Backend& backend, Console& console);
Outcome<void> run_classify(const ClassifyOptions& options, Backend& backend, Console& console);
Outcome<void> run_encode(const EncodeOptions& options, Backend& backend, Console& console);
Outcome<void> run_decode(const DecodeOptions& options, Backend& backend);
Outcome<void> run_sample(const SampleOptions& options, Backend& backend, Console& console);
Outcome<void> run_reconstruct(const ReconstructOptions& options, Backend& backend,
                              Console& console);
Outcome<void> run_manifold(const ManifoldOptions& options, Backend& backend, Console& console);
Outcome<void> run_interpolate(const InterpolateOptions& options, Backend& backend,
                              Console& console);
Outcome<void> run_synthesize(const SynthesizeOptions& options, Console& console);
Outcome<void> run_fetch(const FetchOptions& options, Console& console);
Outcome<void> run_info(const InfoOptions& options, Backend& backend, Console& console);
Outcome<void> run_machine_info(const InfoOptions& options, const MachineInfo& machine,
                               Console& console);

}  // namespace zscape
