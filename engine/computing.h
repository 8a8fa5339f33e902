#pragma once

#include <string>
#include <vector>

namespace zscape {

// Of the products of training; everything else is in single precision.
enum class Precision { fp32, bf16 };

// How training is to compute.
struct ComputeOptions {
  int threads = 0;  // of the engine thread; 0: as many as are fastest, measured once
  std::string kernels =
      {};  // which of this machine's (MachineInfo); empty: the fastest, measured once
  Precision precision = Precision::fp32;
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
};

}  // namespace zscape
