#include "engine/backend/torch_backend.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <atomic>
#include <ctime>
#include <filesystem>
#include <limits>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/backend/checkpoint_file.h"
#include "engine/backend/cuda_plugin.h"
#include "engine/backend/frozen_autoencoder.h"
#include "engine/backend/machine.h"
#include "engine/backend/memory.h"
#include "engine/backend/model_file.h"
#include "engine/backend/moment_file.h"
#include "engine/data/formats.h"
#include "engine/data/load.h"
#include "engine/data/picture_file.h"
#include "engine/data/zip.h"
#include "engine/eval/spectrum.h"
#include "engine/eval/team.h"
#include "engine/io/atomic_file.h"
#include "engine/io/pytorch_file.h"
#include "engine/io/safetensors.h"
#include "engine/model/aten_threads.h"
#include "engine/program/open_program.h"
#include "engine/random.h"
#include "engine/text.h"
#include "engine/training/trainers/trainers.h"

namespace zscape {
namespace {

FrozenModelPtr freeze(Autoencoder weights, std::int64_t step, EvaluationPlace place = {}) {
  return std::make_shared<const FrozenAutoencoder>(std::move(weights), step, new_revision(),
                                                   std::move(place));
}

// A Freezer of trainers on the CPU.
FrozenModelPtr keep_frozen(Autoencoder weights, std::int64_t step) {
  return freeze(std::move(weights), step);
}

const std::string kLibrary = "library";  // LibTorch computes

// Null: the library computes.
const Kernels* kernels_named(const std::string& name) {
  const auto usable = usable_kernels();
  const auto found = std::ranges::find(usable, name, &Kernels::name);
  return found == usable.end() ? nullptr : *found;
}

// What this processor can run, most likely the fastest first.
std::vector<std::string> usable_names() {
  std::vector<std::string> names;
  for (const Kernels* kernels : usable_kernels()) names.emplace_back(kernels->name);
  names.push_back(kLibrary);
  return names;
}

Autoencoder first_weights(const TrainingTask& task) {
  const auto* start = dynamic_cast<const FrozenAutoencoder*>(task.start.get());
  Autoencoder model = start != nullptr ? start->model().clone() : Autoencoder(task.spec);
  if (start == nullptr) model.initialise(task.seed);
  return model;
}

// A trainer on the CPU. options.kernels null: the library computes.
std::unique_ptr<Trainer> trainer_of(const TrainingTask& task, const FusedOptions& options) {
  Autoencoder model = first_weights(task);
  if (is_fused(task.spec) && options.kernels) {
    return make_fused_trainer(std::move(model), task, keep_frozen, options);
  }
  return make_autograd_trainer(std::move(model), task, keep_frozen);
}

Expected<std::unique_ptr<Trainer>> trainer_on(const std::shared_ptr<Accelerator>& accelerator,
                                              const TrainingTask& task, Precision precision,
                                              const EvaluationPlace& place) {
  at::globalContext().setAllowTF32CuBLAS(precision == Precision::tf32);
  at::globalContext().setAllowTF32CuDNN(precision == Precision::tf32);
  const Freezer freezer = [place](Autoencoder weights, std::int64_t step) {
    return freeze(std::move(weights), step, place);
  };
  try {
    return make_device_trainer(first_weights(task), task, freezer,
                               {accelerator, precision == Precision::bf16});
  } catch (const c10::OutOfMemoryError&) {
    return fail(tr("{} does not fit into the memory of {}; use --limit or --device cpu",
                   task.data->name, accelerator->name()));
  }
}

// Noise in the shape of MNIST, to time steps with.
std::shared_ptr<const Dataset> timing_data() {
  auto data = std::make_shared<Dataset>();
  data->shape = {28, 28, 1};
  data->train.count = 512;
  Random random(0, Stream::evaluation, 0);
  data->train.pixels.own().resize(static_cast<std::size_t>(data->train.count * data->inputs()));
  for (auto& pixel : data->train.pixels.own()) pixel = static_cast<std::uint8_t>(random.bits());
  return data;
}

// The products of one step on timing_data(): three for each layer, but two for the first.
double timed_flops() {
  constexpr double kProducts = 3 * (400 * 4 + 2 * 400 + 400 * 784) + 2 * 784 * 400;
  return 2 * kProducts * StepSettings{}.batch_size;
}

double seconds_of(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

StepTime time_step(const std::string& kernels, int threads) {
  constexpr int kSteps = 2;
  const int before = at::get_num_threads();
  use_threads(threads);
  const auto data = timing_data();
  const auto trainer = trainer_of({.spec = reference_spec(ModelKind::vae, *data, 2),
                                   .data = data,
                                   .rows = nullptr,
                                   .seed = 0,
                                   .start = nullptr},
                                  {.threads = threads, .kernels = kernels_named(kernels)});
  trainer->step({});
  constexpr double kLong = std::numeric_limits<double>::infinity();
  StepTime least{kLong, kLong};
  for (int i = 0; i < kSteps; ++i) {
    const double began = seconds_of(CLOCK_MONOTONIC);
    const double thread_began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    trainer->step({});
    least.of_thread = std::min(least.of_thread, seconds_of(CLOCK_THREAD_CPUTIME_ID) - thread_began);
    least.elapsed = std::min(least.elapsed, seconds_of(CLOCK_MONOTONIC) - began);
  }
  use_threads(before);
  return least;
}

std::string fastest_kernels() {
  return kernels_by_speed(usable_names(), timed_flops(), time_step).front().name;
}

// LibTorch allocates and frees megabytes at every step. With mmap each page costs a page fault;
// raising glibc's thresholds makes training 1.2 to 1.3 times faster.
void keep_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

class TorchBackend final : public Backend {
 public:
  explicit TorchBackend(ComputeOptions options) : options_(std::move(options)) {}

  void enter_thread(ThreadRole role) override {
    // First: CUDA's libraries no longer load after a step of autograd.
    if (role == ThreadRole::engine) accelerator();
    use_threads(role == ThreadRole::engine ? threads() : 1);
    if (role == ThreadRole::engine) use_team(threads());
  }

  std::string device() const override {
    if (const auto gpu = accelerator()) return gpu->name();
    return threads() == 1 ? tr("CPU, 1 thread") : tr("CPU, {} threads", threads());
  }

  // Measured at the first call: only training waits for it.
  int threads() const override {
    std::call_once(threads_measured_, [this] {
      if (options_.threads == 0) {
        options_.threads = fastest_thread_count(kernels(), time_step);
      }
    });
    return options_.threads;
  }

  bool repeats_steps() const override { return accelerator() == nullptr; }

  std::string take_warning() override { return warning_->take(); }

  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                     const Progress& progress) override {
    if (is_pickle_of_pytorch(request.source)) {
      return fail(
          tr("data '{}' is a file of PyTorch's torch.save, a pickle, which zscape does not read "
             "since reading one runs its code; save its tensor as an array in Python: import "
             "numpy, torch; numpy.save(\"images.npy\", torch.load(\"{}\", map_location=\"cpu\", "
             "weights_only=True).numpy())",
             request.source, request.source));
    }
    if (auto refusal = refusal_of_pytorch(request.source)) {
      return tl::unexpected(*std::move(refusal));
    }
    return load_dataset(request, progress);
  }

  bool holds_data(const std::string& path) const override {
    std::error_code error;
    return !is_data_name(path) && !std::filesystem::is_directory(path, error) &&
           !looks_like_safetensors(path) && find_data_format(path) != nullptr;
  }

  Expected<GreyPicture> load_picture(const std::string& path, int side) override {
    const auto info = read_picture_info(path);
    if (!info) return tl::unexpected(info.error());
    const int longer = std::max(info->width, info->height);
    const auto scaled = [&](int length) {
      return std::max(static_cast<int>(std::int64_t{length} * side / std::max(longer, 1)), 1);
    };
    GreyPicture picture{scaled(info->width), scaled(info->height), {}};
    const ImageShape shape{picture.height, picture.width, 1};
    picture.pixels.resize(static_cast<std::size_t>(shape.size()));
    if (auto read = read_picture(path, *info, shape, {.fit = Fit::stretch}, picture.pixels);
        !read) {
      return tl::unexpected(read.error());
    }
    return picture;
  }

  Expected<std::vector<std::uint8_t>> load_input(const std::string& path, const ImageShape& shape,
                                                 const PictureRules& rules) override {
    const auto info = read_picture_info(path);
    if (!info) return tl::unexpected(info.error());
    std::vector<std::uint8_t> pixels(static_cast<std::size_t>(shape.size()));
    if (auto read = read_picture(path, *info, shape, rules, pixels); !read) {
      return tl::unexpected(read.error());
    }
    return pixels;
  }

  std::uint32_t checksum(const Dataset& data) const override { return zscape::checksum(data); }

  Expected<Spectrum> spectrum(const Dataset& data, const SpectrumKind& kind,
                              const Progress& progress) const override {
    return spectrum_of(data, kind, progress);
  }

  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    if (auto valid = validate(task.spec); !valid) return tl::unexpected(valid.error());
    if (auto fits = check_fit(task.spec, *task.data); !fits) return tl::unexpected(fits.error());
    if (task.rows ? task.rows->empty() : task.data->train.count == 0) {
      return fail(tr("{} has no training inputs; name data with some", task.data->name));
    }
    if (options_.precision == Precision::bf16 && !is_fused(task.spec)) {
      return fail(
          tr("--precision bf16 needs fully connected layers, the ELBO with one sample of z, and a "
             "model other than pca; use fp32 for this one"));
    }
    const auto gpu = accelerator();
    if (!gpu) {
      if (auto fits = check_memory(task); !fits) return tl::unexpected(fits.error());
    }
    const bool is_program = task.spec.network == Network::program;
    if (is_program && !(task.spec.has_encoder() && task.spec.has_decoder())) {
      return fail(task.spec.has_encoder()
                      ? tr("this model has no decoder, so it cannot be trained; name one with "
                           "--decoder FILE")
                      : tr("this model has no encoder, so it cannot be trained; export both"));
    }
    if (task.ranks) {
      if (const std::string why = why_no_ranks(task.spec); !why.empty()) {
        return fail(tr("{}; start it without mpirun", why));
      }
      use_threads(threads());
      return make_ranks_trainer(first_weights(task), task, keep_frozen);
    }
    if (gpu && !task.spec.is_linear() && !is_program) {
      return trainer_on(gpu, task, options_.precision, evaluation_place());
    }
    if (task.spec.is_linear()) {
      use_threads(threads());
      return make_pca_trainer(first_weights(task), task, keep_frozen);
    }
    const Kernels* kernels = kernels_named(this->kernels());
    // Our own loops bring their threads. ATen's number would hold for MKL in the whole process, and
    // the window would wait for those threads when it decodes.
    use_threads(is_fused(task.spec) && kernels ? 1 : threads());
    return trainer_of(
        task, {.threads = threads(),
               .kernels = kernels,
               .bf16 = options_.precision == Precision::bf16 ? usable_bf16_kernels() : nullptr});
  }

  using Backend::open_model;
  Expected<OpenedModel> open_model(const std::string& path, const SaidOfModel& said) override {
    if (looks_like_zip(path)) {
      auto opened = open_program(path, said);
      if (!opened) return tl::unexpected(opened.error());
      return OpenedModel{
          freeze(std::move(opened->model), 0, evaluation_place()), {}, opened->assumed};
    }
    const auto tensors = read_safetensors(path);
    if (!tensors) return tl::unexpected(tensors.error());
    auto file = from_tensor_file(*tensors, path, said);
    if (!file) return tl::unexpected(file.error());
    return OpenedModel{freeze(std::move(file->model), file->record.steps, evaluation_place()),
                       file->record, file->assumed};
  }

  Expected<void> save_model(const FrozenModel& model, const RunRecord& record,
                            const std::string& path) override {
    if (auto fits = check_ending(path, ".safetensors"); !fits) return fits;
    const auto& frozen = dynamic_cast<const FrozenAutoencoder&>(model);
    return write_file_atomically(path, safetensors_bytes(to_tensor_file(frozen.model(), record)));
  }

  Expected<Checkpoint> open_checkpoint(const std::string& path) override {
    const auto tensors = read_safetensors(path);
    if (!tensors) return tl::unexpected(tensors.error());
    auto file = checkpoint_from(*tensors, path);
    if (!file) return tl::unexpected(file.error());
    if (file->best) {
      file->checkpoint.best = freeze(std::move(*file->best), file->best_step, evaluation_place());
    }
    return std::move(file->checkpoint);
  }

  Expected<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) override {
    const auto* best = dynamic_cast<const FrozenAutoencoder*>(checkpoint.best.get());
    const TensorFile file = to_tensor_file(checkpoint, best != nullptr ? &best->model() : nullptr);
    return write_file_atomically(path, safetensors_bytes(file));
  }

  Expected<void> save_moment(const Moment& moment, const ModelSpec& spec,
                             const std::string& path) override {
    return write_file_atomically(path, safetensors_bytes(to_tensor_file(moment, spec)));
  }

  Expected<Moment> open_moment(const std::string& path, const ModelSpec& spec) override {
    const auto tensors = read_safetensors(path);
    if (!tensors) return tl::unexpected(tensors.error());
    return moment_from(*tensors, spec, path);
  }

 private:
  const std::string& kernels() const {
    std::call_once(kernels_measured_, [this] {
      if (options_.kernels.empty()) options_.kernels = fastest_kernels();
    });
    return options_.kernels;
  }

  // Null: the CPU trains. settled() refuses a GPU that was asked for and is missing.
  std::shared_ptr<Accelerator> accelerator() const {
    if (options_.device == Device::cpu) return nullptr;
    return cuda_accelerator().value_or(nullptr);
  }

  EvaluationPlace evaluation_place() const {
    const auto gpu = accelerator();
    return {gpu ? gpu->device() : at::kCPU, warning_};
  }

  const std::shared_ptr<Warning> warning_ = std::make_shared<Warning>();
  mutable std::once_flag threads_measured_, kernels_measured_;
  mutable ComputeOptions options_;
};

}  // namespace

Expected<ComputeOptions> settled(const ComputeOptions& options) {
  const auto usable = usable_names();
  if (!options.kernels.empty() && std::ranges::find(usable, options.kernels) == usable.end()) {
    return fail(tr("--kernels {}: this processor cannot run them; it has {}", options.kernels,
                   fmt::join(usable, ", ")));
  }
  ComputeOptions result = options;
  if (options.device == Device::cuda && !cuda_accelerator()) {
    return fail(tr("--device cuda: {}; use auto or cpu", cuda_accelerator().error().message));
  }
  if (options.device != Device::cpu) {
    result.device = cuda_accelerator() ? Device::cuda : Device::cpu;
  }
  const bool is_cuda = result.device == Device::cuda;
  if (options.precision == Precision::tf32 && !is_cuda) {
    return fail(
        tr("--precision tf32: only GPUs have TF32; use fp32, or --device cuda where there is one"));
  }
  const bool is_bf16 = options.precision == Precision::bf16 && !is_cuda;
  if (is_bf16 && usable_bf16_kernels() == nullptr) {
    return fail(tr("--precision bf16: this processor has no AVX512_BF16; use fp32"));
  }
  if (is_bf16 && options.kernels == kLibrary) {
    return fail(tr("--precision bf16: --kernels library computes in fp32; leave out one of them"));
  }
  if (is_bf16 && result.kernels.empty()) result.kernels = usable.front();
  if (result.kernels.empty()) result.kernels = fastest_kernels();
  return result;
}

std::unique_ptr<Backend> make_torch_backend(const ComputeOptions& options) {
  keep_large_blocks();
  return std::make_unique<TorchBackend>(options);
}

MachineInfo machine_info() {
  keep_large_blocks();
  const auto& gpu = cuda_accelerator();  // before steps are timed: see enter_thread()
  MachineInfo info;
  info.processor = processor_name();
  info.cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  info.kernels = kernels_by_speed(usable_names(), timed_flops(), time_step);
  info.threads = fastest_thread_count(info.kernels.front().name, time_step);
  info.has_bf16 = usable_bf16_kernels() != nullptr;
  if (gpu) {
    info.gpu = (*gpu)->name();
  } else {
    info.no_gpu = gpu.error().message;
  }
  return info;
}

}  // namespace zscape
