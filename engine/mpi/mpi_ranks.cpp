// The plug-in libzscape_mpi.so: opened where mpirun or srun started the program
// (engine/backend/mpi_plugin), so that the program itself needs no MPI.
#include <mpi.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>
#include <stdexcept>

#include "engine/mpi/plugin.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostAtOnce = std::size_t{1} << 30U;  // MPI counts in int
constexpr int kTag = 0;

void check(int code) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  throw std::runtime_error(std::string(text.data(), static_cast<std::size_t>(length)));
}

class MpiRanks final : public Ranks {
 public:
  MpiRanks() {
    int provided = 0;
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided));
    check(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    check(MPI_Comm_rank(MPI_COMM_WORLD, &rank_));
    check(MPI_Comm_size(MPI_COMM_WORLD, &size_));
    MPI_Comm here = MPI_COMM_NULL;
    check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &here));
    check(MPI_Comm_size(here, &size_here_));
    check(MPI_Comm_free(&here));
    std::array<char, MPI_MAX_PROCESSOR_NAME> name{};
    int length = 0;
    check(MPI_Get_processor_name(name.data(), &length));
    host_.assign(name.data(), static_cast<std::size_t>(length));
  }
  ~MpiRanks() override { MPI_Finalize(); }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  int size_here() const override { return size_here_; }
  std::string host() const override { return host_; }

  void sum(std::span<float> values) override { sum_of(values, MPI_FLOAT); }
  void sum(std::span<double> values) override { sum_of(values, MPI_DOUBLE); }

  void broadcast(std::string& bytes, int from) override {
    unsigned long long size = bytes.size();
    check(MPI_Bcast(&size, 1, MPI_UNSIGNED_LONG_LONG, from, MPI_COMM_WORLD));
    bytes.resize(size);
    in_pieces(bytes.size(), [&](std::size_t first, int count) {
      check(MPI_Bcast(bytes.data() + first, count, MPI_BYTE, from, MPI_COMM_WORLD));
    });
  }

  void send(int to, const std::string& bytes) override {
    if (bytes.size() > INT_MAX) throw std::runtime_error(tr("a message of more than 2 GB"));
    check(
        MPI_Send(bytes.data(), static_cast<int>(bytes.size()), MPI_BYTE, to, kTag, MPI_COMM_WORLD));
  }

  std::optional<RankMessage> receive() override {
    int has_come = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status{};
    check(MPI_Improbe(MPI_ANY_SOURCE, kTag, MPI_COMM_WORLD, &has_come, &message, &status));
    if (has_come == 0) return std::nullopt;
    int size = 0;
    check(MPI_Get_count(&status, MPI_BYTE, &size));
    RankMessage received{status.MPI_SOURCE, std::string(static_cast<std::size_t>(size), '\0')};
    check(MPI_Mrecv(received.bytes.data(), size, MPI_BYTE, &message, MPI_STATUS_IGNORE));
    return received;
  }

  void abort(int exit_code) override {
    MPI_Abort(MPI_COMM_WORLD, exit_code);
    std::_Exit(exit_code);
  }

 private:
  template <class Work>
  static void in_pieces(std::size_t size, const Work& work) {
    for (std::size_t first = 0; first < size; first += kMostAtOnce) {
      work(first, static_cast<int>(std::min(kMostAtOnce, size - first)));
    }
  }

  template <class Value>
  static void sum_of(std::span<Value> values, MPI_Datatype type) {
    in_pieces(values.size(), [&](std::size_t first, int count) {
      check(
          MPI_Allreduce(MPI_IN_PLACE, values.data() + first, count, type, MPI_SUM, MPI_COMM_WORLD));
    });
  }

  int rank_ = 0, size_ = 1, size_here_ = 1;
  std::string host_;
};

}  // namespace
}  // namespace zscape

extern "C" void zscape_open_mpi(std::unique_ptr<zscape::Ranks>* ranks, std::string* error) {
  try {
    *ranks = std::make_unique<zscape::MpiRanks>();
  } catch (const std::exception& thrown) {
    *error = thrown.what();
  }
}
