#include "engine/backend/torch_backend.h"

#include <fmt/format.h>
#include <torch/torch.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <utility>

#include "engine/backend/checkpoint_file.h"
#include "engine/backend/frozen_autoencoder.h"
#include "engine/backend/model_file.h"
#include "engine/backend/thread_count.h"
#include "engine/data/checksum.h"
#include "engine/data/load.h"
#include "engine/data/picture_file.h"
#include "engine/io/atomic_file.h"
#include "engine/io/safetensors.h"
#include "engine/random.h"
#include "engine/train/autograd_trainer.h"
#include "engine/train/fused_trainer.h"
#include "engine/train/pca_trainer.h"

namespace zscape {
namespace {

FrozenModelPtr freeze(Autoencoder weights, std::int64_t step) {
  static std::atomic<std::uint64_t> revision = 0;
  return std::make_shared<const FrozenAutoencoder>(std::move(weights), step, ++revision);
}

std::unique_ptr<Trainer> trainer_of(const TrainingTask& task) {
  const auto* start = dynamic_cast<const FrozenAutoencoder*>(task.start.get());
  Autoencoder model = start != nullptr ? start->model().clone() : Autoencoder(task.spec);
  if (start == nullptr) model.initialise(task.seed);
  if (task.spec.kind == ModelKind::pca) return make_pca_trainer(std::move(model), task, freeze);
  if (is_fused(task.spec)) {
    return make_fused_trainer(std::move(model), task, freeze, {.threads = at::get_num_threads()});
  }
  return make_autograd_trainer(std::move(model), task, freeze);
}

// Noise in the form of MNIST: enough to time steps with.
std::shared_ptr<const Dataset> timing_data() {
  auto data = std::make_shared<Dataset>();
  data->shape = {28, 28, 1};
  data->train.count = 512;
  Random random(0, Stream::evaluation, 0);
  data->train.pixels.resize(static_cast<std::size_t>(data->train.count * data->inputs()));
  for (auto& pixel : data->train.pixels) pixel = static_cast<std::uint8_t>(random.bits());
  return data;
}

int measured_thread_count() {
  return fastest_thread_count([](int threads) {
    constexpr int kWarmUp = 3;
    constexpr int kSteps = 15;
    use_threads(threads);
    const auto data = timing_data();
    const auto trainer = trainer_of({.spec = reference_spec(ModelKind::vae, *data, 2),
                                     .data = data,
                                     .rows = nullptr,
                                     .seed = 0,
                                     .start = nullptr});
    for (int i = 0; i < kWarmUp; ++i) trainer->step({});
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kSteps; ++i) trainer->step({});
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  });
}

// LibTorch allocates and frees megabytes at every step; served by mmap each of them costs a page
// fault a page. Raising glibc's thresholds makes training 1.2 to 1.3 times faster.
void keep_large_blocks() {
#ifdef __GLIBC__
  mallopt(M_MMAP_THRESHOLD, 256 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
#endif
}

class TorchBackend final : public Backend {
 public:
  explicit TorchBackend(const TorchBackendOptions& options) : threads_(options.threads) {}

  void enter_thread(ThreadRole role) override {
    use_threads(role == ThreadRole::engine ? threads() : 1);
  }

  std::string device() const override {
    return fmt::format("CPU, {} thread{}", threads(), threads() == 1 ? "" : "s");
  }

  // Measured when first asked for: what needs no training does not wait for it.
  int threads() const override {
    std::call_once(measured_, [this] {
      if (threads_ == 0) threads_ = measured_thread_count();
    });
    return threads_;
  }

  Expected<std::shared_ptr<const Dataset>> load_data(const DataRequest& request,
                                                     const Progress& progress) override {
    return load_dataset(request, progress);
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
    if (auto read = read_picture(path, shape, picture.pixels); !read) {
      return tl::unexpected(read.error());
    }
    return picture;
  }

  std::uint32_t checksum(const Dataset& data) const override { return zscape::checksum(data); }

  Expected<std::unique_ptr<Trainer>> make_trainer(const TrainingTask& task) override {
    if (auto valid = validate(task.spec); !valid) return tl::unexpected(valid.error());
    if (auto fits = check_fit(task.spec, *task.data); !fits) {
      return fail("the model " + fits.error().message);
    }
    if (task.rows ? task.rows->empty() : task.data->train.count == 0) {
      return fail(task.data->name + " has no training inputs");
    }
    return trainer_of(task);
  }

  Expected<OpenedModel> open_model(const std::string& path) override {
    const auto tensors = read_safetensors(path);
    if (!tensors) return tl::unexpected(tensors.error());
    auto file = from_tensor_file(*tensors, path);
    if (!file) return tl::unexpected(file.error());
    return OpenedModel{freeze(std::move(file->model), file->record.steps), file->record};
  }

  Expected<void> save_model(const FrozenModel& model, const RunRecord& record,
                            const std::string& path) override {
    const auto& frozen = dynamic_cast<const FrozenAutoencoder&>(model);
    return write_file_atomically(path, safetensors_bytes(to_tensor_file(frozen.model(), record)));
  }

  Expected<Checkpoint> open_checkpoint(const std::string& path) override {
    const auto tensors = read_safetensors(path);
    if (!tensors) return tl::unexpected(tensors.error());
    auto file = checkpoint_from(*tensors, path);
    if (!file) return tl::unexpected(file.error());
    if (file->best) file->checkpoint.best = freeze(std::move(*file->best), file->best_step);
    return std::move(file->checkpoint);
  }

  Expected<void> save_checkpoint(const Checkpoint& checkpoint, const std::string& path) override {
    const auto* best = dynamic_cast<const FrozenAutoencoder*>(checkpoint.best.get());
    const TensorFile file = to_tensor_file(checkpoint, best != nullptr ? &best->model() : nullptr);
    return write_file_atomically(path, safetensors_bytes(file));
  }

 private:
  mutable std::once_flag measured_;
  mutable int threads_;
};

}  // namespace

std::unique_ptr<Backend> make_torch_backend(const TorchBackendOptions& options) {
  keep_large_blocks();
  return std::make_unique<TorchBackend>(options);
}

}  // namespace zscape
