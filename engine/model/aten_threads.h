#pragma once

namespace zscape {

// Sets the number of ATen threads of the calling thread. ATen keeps a process-wide default that a
// thread takes over at its first parallel call, even after it was set by hand; so this makes that
// first call before it sets.
void use_threads(int count);

// So many ATen threads on the calling thread while this lives. One for what is too short to share:
// OpenMP's threads spin for a while behind each piece of work.
class WithThreads {
 public:
  explicit WithThreads(int count);
  ~WithThreads();
  WithThreads(const WithThreads&) = delete;
  WithThreads& operator=(const WithThreads&) = delete;

 private:
  int before_;
};

}  // namespace zscape
