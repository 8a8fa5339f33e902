#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "app/cli/model_command.h"
#include "engine/csv.h"
#include "engine/data/npy.h"
#include "engine/io/atomic_file.h"
#include "engine/text.h"

namespace zscape {
namespace {

enum class Part { test, train, all };

// float32 [N, 2k], μ and then σ of each input; [N, k] for kinds without σ. Of sequences
// [N, steps, 2k].
std::vector<std::byte> as_npy(std::span<const CodePlace> places, const ModelSpec& spec,
                              const Dataset& data) {
  const auto latent = static_cast<std::size_t>(spec.latent);
  std::vector<float> values;
  values.reserve(2 * places.size() * latent);
  for (const auto& [codes, place] : places) {
    for (const std::span<const float> part :
         {std::span<const float>(codes->mean), std::span<const float>(codes->sigma)}) {
      if (part.empty()) continue;
      const auto begin = part.begin() + static_cast<std::ptrdiff_t>(place * latent);
      values.insert(values.end(), begin, begin + spec.latent);
    }
  }
  const std::int64_t columns = std::int64_t{spec.latent} * (spec.has_prior() ? 2 : 1);
  std::vector<std::int64_t> shape = {static_cast<std::int64_t>(places.size()), columns};
  if (data.steps > 0) shape = {shape.front() / data.steps, data.steps, columns};
  return npy_bytes(shape, values);
}

class EncodeCommand : public ModelCommand {
 public:
  explicit EncodeCommand(CLI::App& app) : ModelCommand(app) {
    add_data();
    options_.choice<Part>("--split", part_,
                          {{"test", Part::test}, {"train", Part::train}, {"all", Part::all}},
                          tr("Which inputs; all: both, in the order of the data."), "test");
    add_threads(1);  // measuring would take longer than the work
    add_out(tr("The table to write, FILE.csv or FILE.npy."), {".csv", ".npy"});
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const auto data = load_data(work);
    if (!data) return tl::unexpected(data.error());
    std::vector<SplitName> splits;
    if (part_ != Part::test) splits.push_back(SplitName::train);
    if (part_ != Part::train) splits.push_back(SplitName::test);
    std::vector<Codes> parts;
    for (const SplitName split : splits) {
      auto codes = work.model.encode(
          **data, split, nullptr,
          work.line.progress(tr("encoding {}, {} split", (*data)->name, name_of(split))));
      if (!codes) return ended_by(codes.error());
      for (const std::span<const float> numbers :
           {std::span<const float>(codes->mean), std::span<const float>(codes->sigma)}) {
        if (auto finite = check_finite(numbers, kCodesNotFinite); !finite) {
          return finite;
        }
      }
      parts.push_back(*std::move(codes));
    }
    const auto places = in_data_order(parts, **data);
    if (ending_of(out_) == ".npy") {
      return outcome_of(write_file_atomically(out_, as_npy(places, work.spec(), **data)));
    }
    const std::string text = codes_csv(places, **data);
    return outcome_of(write_file_atomically(out_, std::as_bytes(std::span(text))));
  }

  Part part_ = Part::test;
};

}  // namespace

const MakeCommand make_encode = make<EncodeCommand>;

}  // namespace zscape
