// What this processor can do at most, to hold training against: fused multiply-adds in registers,
// and the best single-precision matrix product that is at hand. Answers bench/training.py line by
// line, as the peers do (peers/bursts.py):
//
//   fma SECONDS          {"gflops": …, "by": "avx512"}
//   sgemm SECONDS BATCH  {"gflops": …, "by": …}: the best of LibTorch's product and of zscape's
//                        own on the step's shapes, and LibTorch's on large squares
//
//   limits_bench THREADS
#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/kernels/team.h"

// LibTorch's MKL asks this whether it may take its fast path; on AMD processors it would not. Only
// here, where the question is what the machine can do.
extern "C" int mkl_serv_intel_cpu_true() {
  return 1;
}

namespace zscape {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point began) {
  return std::chrono::duration<double>(Clock::now() - began).count();
}

// ---- Fused multiply-adds ----

constexpr int kChains = 12;  // more than latency × units; they stay in registers, and none at rest
constexpr int kRepeats = 20'000;

// The body of one instruction set's loop; returns what it has worked out, so that none is left out.
#define ZSCAPE_FMA_LOOP(lanes)                                                        \
  using Vector = float __attribute__((vector_size((lanes) * sizeof(float))));         \
  Vector chains[kChains], scale, shift;                                               \
  for (int lane = 0; lane < (lanes); ++lane) {                                        \
    scale[lane] = 0.999F;                                                             \
    shift[lane] = 0.001F;                                                             \
    for (int i = 0; i < kChains; ++i) chains[i][lane] = 2.0F + static_cast<float>(i); \
  }                                                                                   \
  for (int repeat = 0; repeat < kRepeats; ++repeat) {                                 \
    for (int i = 0; i < kChains; ++i) chains[i] = chains[i] * scale + shift;          \
  }                                                                                   \
  float sum = 0;                                                                      \
  for (int i = 0; i < kChains; ++i) {                                                 \
    for (int lane = 0; lane < (lanes); ++lane) sum += chains[i][lane];                \
  }                                                                                   \
  return sum

struct FmaLoop {
  const char* name;
  int lanes;
  float (*run)();
};

#if defined(__x86_64__)
__attribute__((target("avx512f,prefer-vector-width=512"))) float fma_avx512() {
  ZSCAPE_FMA_LOOP(16);
}
__attribute__((target("avx2,fma"))) float fma_avx2() {
  ZSCAPE_FMA_LOOP(8);
}
#endif
float fma_plain() {
  ZSCAPE_FMA_LOOP(4);
}

FmaLoop widest_loop() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f")) return {"AVX-512", 16, fma_avx512};
  if (__builtin_cpu_supports("fma")) return {"AVX2", 8, fma_avx2};
#endif
  return {"128-bit vectors", 4, fma_plain};
}

struct Speed {
  double gflops = 0;
  std::string by;
};

Speed fma_peak(double seconds, Team& team) {
  const FmaLoop loop = widest_loop();
  std::vector<double> speeds(static_cast<std::size_t>(team.size()));
  std::vector<float> results(speeds.size());
  team.run([&](int member) {
    const auto began = Clock::now();
    std::int64_t runs = 0;
    float result = 0;
    do {
      result += loop.run();
      ++runs;
    } while (seconds_since(began) < seconds);
    const auto at = static_cast<std::size_t>(member);
    results[at] = result;
    speeds[at] = 2.0 * loop.lanes * kChains * kRepeats * static_cast<double>(runs) /
                 seconds_since(began) / 1e9;
  });
  Speed speed{0, loop.name};
  for (const double each : speeds) speed.gflops += each;
  return results[0] == 1.0F ? Speed{} : speed;  // never, but the compiler does not know
}

// ---- Matrix products ----

// The reference VAE's layers.
struct Layer {
  int inputs, outputs;
};
constexpr Layer kLayers[] = {{784, 400}, {400, 4}, {2, 400}, {400, 784}};

// Of the products of a step: forward, and back to weights and inputs; the first layer needs no
// input gradient.
double step_gflop(int batch) {
  double products = -static_cast<double>(kLayers[0].inputs) * kLayers[0].outputs;
  for (const Layer& layer : kLayers) products += 3.0 * layer.inputs * layer.outputs;
  return 2e-9 * products * batch;
}

// One way to multiply, and how much of it one call does.
struct Way {
  std::string name;
  double gflop;
  std::function<void()> run;
};

Way library_square(int side) {
  const at::Tensor a = at::randn({side, side}), b = at::randn({side, side});
  at::Tensor c = at::empty({side, side});
  return {"LibTorch's on a square of " + std::to_string(side), 2e-9 * side * side * side,
          [=]() mutable { at::mm_out(c, a, b); }};
}

Way library_step(int batch) {
  struct Tensors {
    at::Tensor x, y, w, gradient;  // gradient: of w
  };
  std::vector<Tensors> layers;
  for (const Layer& layer : kLayers) {
    layers.push_back({at::randn({batch, layer.inputs}), at::randn({batch, layer.outputs}),
                      at::randn({layer.outputs, layer.inputs}),
                      at::empty({layer.outputs, layer.inputs})});
  }
  return {"LibTorch's on the step's shapes", step_gflop(batch), [=]() mutable {
            for (std::size_t i = 0; i < layers.size(); ++i) {
              Tensors& of = layers[i];
              at::mm_out(of.y, of.x, of.w.t());
              at::mm_out(of.gradient, of.y.t(), of.x);
              if (i > 0) at::mm_out(of.x, of.y, of.w);
            }
          }};
}

// One thread's panels of one layer.
struct Panels {
  Layer layer;
  int count;
  std::vector<float> x, y, w, gradient;
  std::vector<float> tiles;  // of x: [⌈inputs / kPanel⌉, kPanel samples, kPanel] a panel

  Panels(Layer of, int panels) : layer(of), count(panels) {
    const auto floats = [](int a, int b) {
      return std::vector<float>(static_cast<std::size_t>(a) * static_cast<std::size_t>(b), 0.5F);
    };
    x = floats(layer.inputs, count * kPanel);
    tiles = floats(tile_floats(), count);
    y = floats(layer.outputs, count * kPanel);
    w = gradient = floats(layer.outputs, layer.inputs);
  }

  int tile_floats() const { return (layer.inputs + kPanel - 1) / kPanel * kPanel * kPanel; }

  void multiply(const Kernels& kernels, bool inputs_too) {
    const int in = layer.inputs, out = layer.outputs;
    Product forward;
    forward.a = w.data();
    forward.a_row = in;
    forward.a_column = 1;
    forward.b = x.data();
    forward.b_row = kPanel;
    forward.b_panel = std::int64_t{in} * kPanel;
    forward.c = y.data();
    forward.c_row = kPanel;
    forward.c_panel = std::int64_t{out} * kPanel;
    forward.rows = out;
    forward.columns = count * kPanel;
    forward.length = in;
    kernels.multiply(forward);

    Product weights;
    weights.a = y.data();
    weights.a_row = kPanel;
    weights.a_column = 1;
    weights.a_segment = forward.c_panel;
    weights.b = tiles.data();
    weights.b_row = kPanel;
    weights.b_panel = kPanel * kPanel;
    weights.b_segment = tile_floats();
    weights.c = gradient.data();
    weights.c_row = in;
    weights.rows = out;
    weights.columns = in;
    weights.length = kPanel;
    weights.segments = count;
    kernels.multiply(weights);
    if (!inputs_too) return;

    Product back = forward;
    back.a_row = 1;
    back.a_column = in;
    back.b = y.data();
    back.b_panel = forward.c_panel;
    back.c = x.data();
    back.c_panel = forward.b_panel;
    back.rows = in;
    back.length = out;
    kernels.multiply(back);
  }
};

Way own_step(const Kernels& kernels, int batch, Team& team) {
  const int panels = std::max(batch / kPanel, team.size());
  std::vector<std::vector<Panels>> lanes;
  for (int lane = 0; lane < team.size(); ++lane) {
    const int share = panels * (lane + 1) / team.size() - panels * lane / team.size();
    auto& mine = lanes.emplace_back();
    for (const Layer& layer : kLayers) mine.emplace_back(layer, share);
  }
  return {std::string("zscape's ") + kernels.name + " kernel on the step's shapes",
          step_gflop(panels * kPanel), [&kernels, &team, lanes]() mutable {
            team.run([&](int lane) {
              auto& mine = lanes[static_cast<std::size_t>(lane)];
              for (std::size_t i = 0; i < mine.size(); ++i) mine[i].multiply(kernels, i > 0);
            });
          }};
}

Speed best_product(double seconds, int batch, Team& team) {
  std::vector<Way> ways = {library_step(batch), library_square(1024), library_square(2048)};
  for (const Kernels* kernels : usable_kernels().first(1)) {
    ways.push_back(own_step(*kernels, batch, team));
  }
  Speed best;
  for (Way& way : ways) {
    way.run();
    const auto began = Clock::now();
    int runs = 0;
    do {
      way.run();
      ++runs;
    } while (seconds_since(began) < seconds / static_cast<double>(ways.size()));
    const double gflops = way.gflop * runs / seconds_since(began);
    std::cerr << way.name << ": " << gflops << " GFLOP/s\n";
    if (gflops > best.gflops) best = {gflops, way.name};
  }
  return best;
}

}  // namespace
}  // namespace zscape

int main(int count, char** arguments) {
  const int threads = count > 1 ? std::max(1, std::atoi(arguments[1])) : 1;
  at::get_num_threads();  // the default of the process, before it is set by hand
  at::set_num_threads(threads);
  zscape::Team team(threads);
  std::cout << "{\"ready\": true}" << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    double seconds = 1;
    int batch = 128;
    words >> what >> seconds >> batch;
    const zscape::Speed speed = what == "fma" ? zscape::fma_peak(seconds, team)
                                              : zscape::best_product(seconds, batch, team);
    std::cout << "{\"gflops\": " << speed.gflops << ", \"by\": \"" << speed.by << "\"}"
              << std::endl;
  }
}
