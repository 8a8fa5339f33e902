#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/checkpoint.h"
#include "engine/code_range.h"
#include "engine/data_request.h"
#include "engine/dataset.h"
#include "engine/error.h"
#include "engine/forecast.h"
#include "engine/frozen_model.h"
#include "engine/history.h"
#include "engine/said_of_model.h"
#include "engine/trainer.h"

namespace zscape {

// The run that made a saved model; part of the file's metadata.
struct RunRecord {
  std::string data;  // Dataset::name
  std::uint64_t seed = 0;
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
  double kl_weight = 1;
  Losses test = kNotMeasured;
  CodeRange codes;              // of the training split
  std::int64_t test_step = -1;  // of the weights behind `test`; -1: the file does not say
  std::optional<PictureRules> pictures = {};  // Dataset::pictures of its data
  std::int64_t limit = 0;                     // training inputs drawn by the seed (--limit); 0: all
  // The course of λ as --lambda-schedule has it, and where it leads; empty: λ stood still.
  std::string kl_schedule = {};
  double final_kl_weight = 1;
};

struct OpenedModel {
  FrozenModelPtr model;
  RunRecord record;
  std::string assumed = {};  // what a file without zscape's metadata leaves open; a sentence
};

// A grey picture from a file.
struct GreyPicture {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // [height, width]
};

// A thread's use of the backend: the engine thread trains with several ATen threads, every other
// thread has one.
enum class ThreadRole { engine, helper };

// What the engine and the command line need from the numerical library and from files. Implemented
// on LibTorch (make_torch_backend) and by the tests' fake. Any thread may call.
class Backend {
 public:
  virtual ~Backend() = default;

  // The first call of each thread that uses models. The engine role may measure the machine, which
  // takes about a second.
  virtual void enter_thread(ThreadRole role) = 0;

  virtual std::string device() const = 0;  // "CPU"
  virtual int threads() const = 0;         // of the engine thread

  // Whether another trainer may take the same steps on another thread beside the first: a GPU's
  // recorded steps need the device for themselves.
  virtual bool repeats_steps() const { return true; }

  // A new sentence for people about how it computes, once; empty: nothing new.
  virtual std::string take_warning() { return {}; }

  virtual Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                             const Progress& progress) = 0;

  // Whether a file holds data rather than a model; so it may hold codes. Quick for any path.
  virtual bool holds_data(const std::string&) const { return false; }

  // A picture file as an input of a folder of pictures: [shape].
  virtual Expected<std::vector<std::uint8_t>> load_input(const std::string& path,
                                                         const ImageShape& shape,
                                                         const PictureRules& rules) = 0;

  // A picture file (docs/DESIGN.md) in grey, scaled so that its longer side has `side` pixels.
  virtual Expected<GreyPicture> load_picture(const std::string& path, int side) = 0;

  // A number that depends on the inputs and labels.
  virtual std::uint32_t checksum(const Dataset& data) const = 0;

  // What a KL weight is measured against (forecast.h); may take minutes for large inputs.
  virtual Expected<Spectrum> spectrum(const Dataset& data, const SpectrumKind& kind,
                                      const Progress& progress) const = 0;

  virtual Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) = 0;

  virtual Expected<OpenedModel> open_model(const std::string& path, const SaidOfModel& said) = 0;
  Expected<OpenedModel> open_model(const std::string& path) { return open_model(path, {}); }

  // Completely or not at all.
  virtual Expected<void> save_model(const FrozenModel& model, const RunRecord& record,
                                    const std::string& path) = 0;

  virtual Expected<Checkpoint> open_checkpoint(const std::string& path) = 0;
  virtual Expected<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) = 0;

  // A moment of a run's past, with its decoder in half precision. What is opened belongs to a model
  // of this spec, and its codes are numbers for each of their rows.
  virtual Expected<void> save_moment(const Moment& moment, const ModelSpec& spec,
                                     const std::string& path) = 0;
  virtual Expected<Moment> open_moment(const std::string& path, const ModelSpec& spec) = 0;
};

}  // namespace zscape
