#pragma once

namespace zscape {

// Sets the number of ATen threads of the calling thread. ATen keeps a process-wide default that a
// thread takes over at its first parallel call, even after it was set by hand; so this makes that
// first call before it sets.
void use_threads(int count);

// One ATen thread on the calling thread while this lives: for what is too short to share, since
// OpenMP's threads spin for a while behind each piece of work.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace zscape
