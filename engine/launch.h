#pragma once

namespace zscape {

// How this process was started, as mpirun and srun write it into its environment.
struct Launch {
  int size = 1;  // processes; 1: this one alone
  int rank = 0;  // of this one
  bool is_first_of_host = true;
};

Launch launch_of_this_process();

}  // namespace zscape
