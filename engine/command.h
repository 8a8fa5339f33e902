#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/certificate.h"
#include "engine/codes.h"
#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/decoder.h"
#include "engine/forecast.h"
#include "engine/hold_out.h"
#include "engine/kl_schedule.h"
#include "engine/latent_fields.h"
#include "engine/model_spec.h"
#include "engine/path.h"
#include "engine/said_of_model.h"

namespace zscape {

// Names one open model. The first is ModelId{0} and always there; AddModel opens others.
struct ModelId {
  std::uint32_t value = 0;
  auto operator<=>(const ModelId&) const = default;
};

// Everything that the window may ask of the engine: plain values, so that a session can be recorded
// and replayed. Commands take effect between two steps, in the order posted. A Set… command
// replaces a waiting one of its type for the same model (SetParameter: and key).
struct Start {
  ModelId model;
};  // train until Pause; waits for data
struct Pause {
  ModelId model;
};
struct Step {
  ModelId model;
};  // one step, then paused
struct Reset {
  ModelId model;
};  // new weights from the seed, step 0
struct SetKlWeight {
  ModelId model;
  double kl_weight;
};  // λ ≥ 0, from the next step on; ends a schedule
struct SetKlSchedule {
  ModelId model;
  KlSchedule schedule;
};  // from the next step on: λ is the present final λ times the schedule's factor
struct SetHoldOut {
  ModelId model;
  HoldOut hold_out;
};  // used by the next Reset or ReplaceModel
struct SetParameter {
  ModelId model;
  std::string key;   // as engine/training/parameters.h has them
  std::string text;  // the value
};
struct ReplaceModel {
  ModelId model;
  ModelSpec spec;
};  // shape and classes are taken from the data
struct LoadData {
  ModelId model;
  DataRequest request;
};  // for all models
struct SaveModel {
  ModelId model;
  std::string path;
};
struct OpenModel {
  ModelId model;
  std::string path;
  SaidOfModel said = {};
};

// Writes the whole run, from which ResumeRun goes on to the same bits: weights, moments, position,
// λ, curves. The answer is ModelView::kept. Says nothing.
struct KeepRun {
  ModelId model;
  std::string path;
  // How files for its whole states begin, in the folder of `path`; each is written once, and goes
  // when the run no longer has the state. Empty: none are written.
  std::string states = {};
};
// The answer is ModelView::kept. Where its data have changed since it learned from them, a new run
// begins with its weights.
struct ResumeRun {
  ModelId model;
  std::string path;
};

// Goes back to a run that was put away (engine/stored_runs.h), with its data, and puts away the
// present one. If the model is not open, it opens beside the first. The run goes on to the bits
// that it would have given without the break.
struct ReturnTo {
  ModelId model;
  std::uint64_t run = 0;  // StoredRun::id
};
// Goes back to an earlier step of the run, which trains on from there; the present run is put away
// whole. The step is reached from a state before it by taking the steps between once more, in the
// background.
struct ReturnToStep {
  ModelId model;
  std::int64_t step = 0;
};
// Opens another future of a model beside it: its run as it was at that step, from which it goes on
// with what is named here. Both take the same batches and noise unless the seed is another. The
// step is reached as ReturnToStep reaches it. It runs if the first model does.
struct Fork {
  ModelId model;  // a new one; three may be open
  ModelId of;
  std::int64_t step = 0;                   // its present one or before
  std::optional<double> kl_weight = {};    // λ, which ends a schedule
  std::optional<std::uint64_t> seed = {};  // of batches and noise from there on
  std::optional<double> noise = {};        // dae: Noise::amount; mae: mask_ratio
};
// A pinned run stays when room is needed.
struct PinRun {
  ModelId model;
  std::uint64_t run = 0;
  bool pinned = true;
};
// The memory for runs that are put away and, a half of it, for the past of those that are open.
struct SetStoreSize {
  ModelId model;
  std::size_t bytes = 0;
};

// Pictures that the decoder is too slow to make within a frame. The answer is ModelView::decoded,
// or decoded_grid for the grid. A newer request replaces a waiting one.
struct Decode {
  ModelId model;
  std::vector<float> z;          // [n, k]
  std::vector<int> labels;       // [n] for cvae, else empty
  bool grid = false;             // for the grid under the points
  DecoderPtr decoder = nullptr;  // a past decoder of this model; null: the newest
  // The number of a request for the tab Samples, rising from 1: the answer is
  // ModelView::decoded_samples then. 0: not for it.
  std::uint64_t samples = 0;
};

// The codes of some inputs by the newest weights, as of the sequences on show. The answer is
// ModelView::encoded. A newer request replaces a waiting one.
struct Encode {
  ModelId model;
  SplitName split = SplitName::train;
  std::vector<std::int64_t> rows;  // rising
};

// The reconstruction error of each input whose code is shown: the whole split if it is encoded,
// else the sample. The answer is ModelView::errors. A newer request replaces an older one.
struct MeasureErrors {
  ModelId model;
  SplitName split = SplitName::train;
};

// Both gaps between log p(x) and the ELBO of inputs, by the newest weights: of the first of an
// order that all models of these data share, so that more inputs hold the fewer. The answer is
// ModelView::test_gaps or train_gaps, and for the test split a point of Curves::gaps. Ignored while
// one of the same split is measured.
struct MeasureGaps {
  ModelId model;
  SplitName split = SplitName::test;
  std::int64_t inputs = 100;  // at most
};

// All figures of `zscape eval` for the test split, by the present weights. The answer is
// ModelView::evaluation. A newer request replaces an older one.
struct Evaluate {
  ModelId model;
  int importance_samples = 64;  // ≥ 1, of log p(x)
  std::uint64_t seed = 0;
};

// How well log p(x) of the test split is known, by the present weights (engine/certificate.h). The
// answer is ModelView::certificate, which grows while it is measured. A newer request ends an older
// one.
struct Certify {
  ModelId model;
  CertificateSettings settings = {};
};

// Writes ModelView::certificate as a table: Markdown if the path ends in .md, else CSV.
struct ExportCertificate {
  ModelId model;
  std::string path;
};

// The shortest path through some codes (engine/walk.h). The answer is ModelView::geodesic. A new
// request ends the former search; a request without stops does nothing else.
struct FindGeodesic {
  ModelId model;
  std::vector<float> stops;  // [n ≥ 2, k]
  int label = 0;             // of cvae, else ignored
  int frames = 2;            // ≥ 2
};

// Writes the pictures along a path, drawn by the present weights: a strip (.png) or an animation
// (.gif).
struct ExportPath {
  ModelId model;
  std::vector<float> stops;  // [n ≥ 2, k]
  PathMode mode = PathMode::linear;
  int label = 0;
  int frames = 2;
  std::string path;
};

// Cancels the work that Snapshot::activity showed with this id, if can_cancel; does nothing if the
// work is done.
struct Cancel {
  ModelId model;
  std::uint64_t activity = 0;  // Activity::id
};

// Corrupts one input and reconstructs it. The answer is ModelView::reconstructed. A newer request
// replaces a waiting one.
struct Reconstruct {
  ModelId model;
  SplitName split = SplitName::train;
  std::int64_t index = 0;
  double amount = 0;       // of the noise (dae) or of the hidden patches (mae)
  std::uint64_t seed = 0;  // of their draw

  bool operator==(const Reconstruct&) const = default;
};

// The inputs nearest to one, by their numbers and by their codes, among those that have a code
// here. The answer is ModelView::neighbours. A newer request ends the former search.
struct FindNeighbours {
  ModelId model;
  std::int64_t index = 0;               // of the split that the codes are of
  CodesPtr codes;                       // that the window shows
  std::shared_ptr<const Dataset> data;  // that they are of
  int count = 1;                        // ≥ 1, of either kind
};

// What λ is measured against: a spectrum of the training inputs, once for each data set. The answer
// is Snapshot::spectra; a request for one that is there or under way does nothing.
struct MeasureSpectrum {
  ModelId model;
  SpectrumKind kind;
};

// What a layer shows of latent space (latent_fields.h), by the newest weights. The answer is in
// ModelView::fields. A newer request replaces an older one of its kind.
struct MeasureField {
  ModelId model;
  FieldQuestion question;
};

// ∂x̂/∂x of one input, or its mean over evenly spread inputs of the split (input_jacobian.h), by the
// newest weights. The answer is ModelView::jacobian or mean_jacobian. A newer request replaces a
// waiting one of its sort.
struct MeasureJacobian {
  ModelId model;
  SplitName split = SplitName::train;
  std::optional<std::int64_t> index = {};  // nothing: the mean
};

// The exact posterior and evidence of one input. The answer is ModelView::evidence. A newer request
// replaces a waiting one. Only for models with a prior of one or two dimensions.
struct FindEvidence {
  ModelId model;
  std::shared_ptr<const Dataset> data;  // the input's; of a drawn picture a set of one
  SplitName split = SplitName::train;
  std::int64_t index = 0;
  std::uint64_t number = 0;  // comes back as Evidence::request
};

struct ExportCurves {
  ModelId model;
  std::string path;
};  // the run's curves as CSV (csv.h)

// Writes inputs with their codes and reconstruction errors by the present weights as CSV
// (csv.h).
struct ExportInputs {
  ModelId model;
  std::vector<std::int64_t> train;  // rows of the training split, rising
  std::vector<std::int64_t> test;   // rows of the test split, rising
  std::string path;
};

// Opens another model to compare with ModelId{0}: the same data, seed, rows, batch size and
// learning rate, hence the same batches. It begins at step 0, and runs if the first one runs.
// Without a kl_weight it takes the first one's λ and schedule. With a path it is the saved model of
// that file, paused, and nothing is opened where the data do not fit it.
struct AddModel {
  ModelId model;   // a new one; three may be open
  ModelSpec spec;  // shape and classes are taken from the data; of a saved model the file's is
  std::optional<double> kl_weight = {};
  std::string path = {};
};

// Closes a model and puts its run away. ModelId{0} stays.
struct RemoveModel {
  ModelId model;
};

using Command =
    std::variant<Start, Pause, Step, Reset, SetKlWeight, SetKlSchedule, SetParameter, ReplaceModel,
                 LoadData, SaveModel, OpenModel, Decode, MeasureErrors, FindGeodesic, ExportPath,
                 Cancel, SetHoldOut, Reconstruct, ExportCurves, ExportInputs, AddModel, RemoveModel,
                 KeepRun, ResumeRun, ReturnTo, PinRun, SetStoreSize, Evaluate, ReturnToStep, Encode,
                 FindNeighbours, Fork, Certify, ExportCertificate, MeasureSpectrum, MeasureField,
                 MeasureGaps, FindEvidence, MeasureJacobian>;

// The command's name for logs: "start", "set_kl_weight", …
std::string name_of(const Command& command);

}  // namespace zscape
