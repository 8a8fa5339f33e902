#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/certificate.h"
#include "engine/command.h"
#include "engine/curves.h"
#include "engine/dataset.h"
#include "engine/evidence.h"
#include "engine/figures.h"
#include "engine/forecast.h"
#include "engine/frozen_model.h"
#include "engine/history.h"
#include "engine/input_errors.h"
#include "engine/input_gaps.h"
#include "engine/input_jacobian.h"
#include "engine/latent_fields.h"
#include "engine/neighbours.h"
#include "engine/reconstruction.h"
#include "engine/stored_runs.h"
#include "engine/trainer.h"

namespace zscape {

// loading → paused ⇄ running. loading: there is no trainer yet.
enum class RunState { loading, paused, running };

constexpr bool can_start(RunState state) {
  return state == RunState::paused;
}
constexpr bool can_pause(RunState state) {
  return state == RunState::running;
}
constexpr bool can_step(RunState state) {
  return state == RunState::paused;
}
constexpr bool can_reset(RunState state) {
  return state != RunState::loading;
}
constexpr bool can_save(RunState state) {
  return state != RunState::loading;
}

// The answer to a Decode command.
struct DecodedPictures {
  std::uint64_t revision = 0;  // of the weights
  std::vector<float> z;        // [n, k], as asked
  std::vector<int> labels;
  std::vector<float> pixels;  // [n, d], each in [0, 1]
  std::uint64_t samples = 0;  // as asked
};

// The answer to a FindGeodesic command.
struct FoundGeodesic {
  std::uint64_t revision = 0;  // of the weights
  std::int64_t step = 0;       // likewise
  std::vector<float> stops;    // as asked
  int label = 0;
  std::vector<float> z;  // [frames, k]; empty: the search failed, see the notices
};

// The last time that a run or its weights were written or read.
struct SavedWeights {
  std::uint64_t number = 0;  // rises with each attempt; 0: never
  bool is_done = false;      // false: the attempt failed
  std::string path;
  std::int64_t step = 0;  // of the weights in the file; a failed attempt keeps it
  std::string error;      // why KeepRun failed
};

// The losses that stand in the file of an opened model.
struct FileLosses {
  Losses test = kNotMeasured;
  std::int64_t step = -1;       // of the weights behind these losses; -1: the file does not say
  std::int64_t saved_step = 0;  // of the weights in the file
  std::string data;             // Dataset::name
  bool other_data = false;      // than the model has now
};

// The answer to an Evaluate command.
struct Evaluation {
  Figures figures;
  std::uint64_t revision = 0;  // of the weights
  std::int64_t step = 0;       // likewise, with those before this run
  std::uint64_t seed = 0;      // as asked
};

// One open model as the window sees it; heavy parts are shared and immutable.
struct ModelView {
  ModelId id;
  std::uint64_t serial = 0;  // rises with each opened model, since an id may be reused
  ModelSpec spec;
  RunState state = RunState::loading;
  StepSettings settings;        // of the next step
  KlSchedule kl_schedule;       // of settings.kl_weight; constant once λ was set by hand
  double final_kl_weight = 1;   // the schedule's last λ
  HoldOut hold_out;             // of this run
  HoldOut next_hold_out;        // of the run that Reset would begin
  std::int64_t train_rows = 0;  // inputs that this run learns from; 0 while loading
  std::uint64_t seed = 0;       // of this run
  std::uint64_t next_seed = 0;  // of the run that Reset would begin
  TrainingPosition position;
  // Steps and epochs of an opened model before this run began, else 0.
  std::int64_t steps_before = 0, epochs_before = 0;
  std::optional<FileLosses> opened;  // until another run begins; nothing: not from a file
  SavedWeights saved;                // by SaveModel and OpenModel
  SavedWeights kept;                 // by KeepRun and ResumeRun
  std::uint64_t returned_to = 0;     // the stored run that it was when it began; 0: none
  std::uint64_t returns = 0;         // rises with each ReturnTo of this model
  std::size_t bytes_to_keep = 0;  // that putting it away takes without its past, about; 0: nothing
  double samples_per_second = 0;  // over the last second or so; 0 while not training

  Curves curves;
  std::shared_ptr<const Curves> ghost;  // the run before the last reset; null: none
  ModelSpec ghost_spec;                 // of that run

  FrozenModelPtr weights;        // the newest published weights; null while loading, or in the past
  FrozenModelPtr codes_decoder;  // that came with codes of another program; it does not learn
  DecoderPtr past_decoder;       // of the past moment that the window shows; null: the present
  CodesPtr train_sample;         // a fixed sample of training inputs, refreshed while training
  CodesPtr test_sample;          // likewise of the test split
  CodesPtr train_codes;          // the whole splits, encoded after a pause; null while training
  CodesPtr test_codes;
  CodesPtr encoded;                                     // the newest answer to Encode; null: none
  std::shared_ptr<const DecodedPictures> decoded;       // the newest; null: never asked
  std::shared_ptr<const DecodedPictures> decoded_grid;  // likewise, of the grid
  std::shared_ptr<const DecodedPictures> decoded_samples;  // likewise, of the tab Samples
  InputErrorsPtr errors;                                   // likewise
  InputGapsPtr train_gaps, test_gaps;                      // likewise, of either split
  std::shared_ptr<const FoundGeodesic> geodesic;           // likewise
  std::shared_ptr<const Reconstruction> reconstructed;     // likewise
  NeighboursPtr neighbours;                                // likewise
  EvidencePtr evidence;                                    // likewise
  InputJacobianPtr jacobian, mean_jacobian;                // likewise
  LatentFields fields;                                     // likewise, of MeasureField
  std::shared_ptr<const Evaluation> evaluation;            // likewise
  bool is_evaluating = false;                              // the answer is still to come
  CertificatePtr certificate;                              // likewise, or what there is of it
  bool is_certifying = false;

  std::shared_ptr<const Moments> history = std::make_shared<const Moments>();  // of this run
  // Steps that are kept whole, rising: ReturnToStep repeats the steps from there on. Never null.
  std::shared_ptr<const std::vector<std::int64_t>> whole_steps =
      std::make_shared<const std::vector<std::int64_t>>();

  InputGapsPtr gaps(SplitName split) const {
    return split == SplitName::train ? train_gaps : test_gaps;
  }

  // What draws what is shown; null: nothing yet, or codes came without a decoder.
  DecoderPtr decoder() const { return past_decoder ? past_decoder : drawing_model(); }
  FrozenModelPtr drawing_model() const { return weights ? weights : codes_decoder; }
};

// A message to show once. The window remembers the last number that it has shown.
struct Notice {
  std::uint64_t number = 0;  // rising from 1
  bool is_error = false;
  std::string text;  // one sentence
  // What has failed ("data", "opening 1"): the notice is over once that has worked. Empty: nothing
  // that could work later.
  std::string about = {};
};

// Long work under way in the background.
struct Activity {
  std::uint64_t id = 0;  // rising from 1; Cancel names it
  std::string text;      // "loading mnist"
  double fraction = -1;  // done, in [0, 1]; negative: unknown
  bool can_cancel = true;
};

// Everything that the engine shows at one moment. Immutable once published.
struct Snapshot {
  std::uint64_t revision = 0;           // rises with each published snapshot
  std::string device;                   // "CPU, 2 threads"
  std::shared_ptr<const Dataset> data;  // null until loaded
  std::vector<ModelView> models;        // ModelId{0} first; three at most
  std::optional<Activity> activity;
  std::vector<Notice> notices;  // the newest few, oldest first
  // When something that had failed worked again, by Notice::about; counted as Notice::number.
  std::map<std::string, std::uint64_t> settled = {};
  std::shared_ptr<const StoredRuns> stored = std::make_shared<const StoredRuns>();  // never null

  // The answers to MeasureSpectrum for these data, one of each kind that was asked for.
  std::vector<SpectrumPtr> spectra = {};

  // Null: not measured yet.
  SpectrumPtr spectrum(const SpectrumKind& kind) const {
    for (const SpectrumPtr& measured : spectra) {
      if (measured->kind == kind) return measured;
    }
    return nullptr;
  }

  const ModelView* find(ModelId id) const {
    for (const ModelView& view : models) {
      if (view.id == id) return &view;
    }
    return nullptr;
  }
};
using SnapshotPtr = std::shared_ptr<const Snapshot>;

}  // namespace zscape
