#pragma once

#include <string>
#include <vector>

namespace zscape {

// The precision of products in training; everything else has single precision. tf32: GPUs only.
enum class Precision { fp32, tf32, bf16 };

// What trains. automatic: a GPU if one can be used.
enum class Device { automatic, cpu, cuda };

// How training is to compute.
struct ComputeOptions {
  int threads = 0;           // of the engine thread; 0: the fastest number, measured once
  std::string kernels = {};  // one of MachineInfo::kernels; empty: the fastest, measured once
  Precision precision = Precision::fp32;
  Device device = Device::automatic;
};

// Kernels to train with: our own loops ("avx512", "avx2", "portable") or LibTorch ("library").
struct KernelSpeed {
  std::string name;
  double gigaflops = 0;  // per second, in the products of training steps on one thread
};

// What this machine offers for training.
struct MachineInfo {
  std::string processor;
  int cores = 1;
  std::vector<KernelSpeed> kernels;  // usable here; training takes the first
  int threads = 1;                   // that training takes
  bool has_bf16 = false;
  std::string gpu;     // its name; empty: there is none that can be used
  std::string no_gpu;  // why there is none
};

}  // namespace zscape
