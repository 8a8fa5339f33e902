#pragma once

#include <string>
#include <vector>

namespace zscape {

// Of the products of training; everything else is in single precision. tf32: on GPUs only.
enum class Precision { fp32, tf32, bf16 };

// What trains. automatic: the GPU where there is one that can be used.
enum class Device { automatic, cpu, cuda };

// How training is to compute.
struct ComputeOptions {
  int threads = 0;  // of the engine thread; 0: as many as are fastest, measured once
  std::string kernels =
      {};  // which of this machine's (MachineInfo); empty: the fastest, measured once
  Precision precision = Precision::fp32;
  Device device = Device::automatic;
};

// One way to train: "avx512", "avx2" or "portable", our own loops for an instruction set, or
// "library", LibTorch's.
struct KernelSpeed {
  std::string name;
  double gigaflops = 0;  // a second, in the products of whole training steps on one thread
};

// What training finds here.
struct MachineInfo {
  std::string processor;
  int cores = 1;
  std::vector<KernelSpeed> kernels;  // usable here; the one that is taken stands first
  int threads = 1;                   // that are taken
  bool has_bf16 = false;
  std::string gpu;     // its name; empty: there is none that can be used
  std::string no_gpu;  // why there is none
};

}  // namespace zscape
