#pragma once

#include <optional>
#include <span>
#include <string>

namespace zscape {

// Bytes that another rank sent.
struct RankMessage {
  int from = 0;
  std::string bytes;
};

// The processes that mpirun or srun has started to work together, seen from one of them. They may
// run on several hosts that share no files. Only the thread that opened them may call. "Together":
// every rank must call it, in the same order, and waits for the others. Throws std::runtime_error
// with one line if a message cannot go through.
class Ranks {
 public:
  virtual ~Ranks() = default;  // together

  virtual int rank() const = 0;       // 0 … size() − 1; rank 0 prints and writes
  virtual int size() const = 0;       // ≥ 2
  virtual int size_here() const = 0;  // ranks on this host
  virtual std::string host() const = 0;
  bool is_first() const { return rank() == 0; }

  // Together: the sums over all ranks replace the values, in place and by one reduction. Every rank
  // gets the same bits, and so does every repetition with as many ranks.
  virtual void sum(std::span<float> values) = 0;
  virtual void sum(std::span<double> values) = 0;

  // Together: every rank gets the bytes of rank `from`.
  virtual void broadcast(std::string& bytes, int from) = 0;

  // Waits until the bytes are on their way, which may be until the other rank receives.
  virtual void send(int to, const std::string& bytes) = 0;

  // The oldest message that has come; nothing: none has. Does not wait.
  virtual std::optional<RankMessage> receive() = 0;

  // Ends all ranks at once; the launcher says so in words of its own.
  [[noreturn]] virtual void abort(int exit_code) = 0;
};

}  // namespace zscape
