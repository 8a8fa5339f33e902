#include "app/cli/model_command.h"
#include "engine/random.h"
#include "engine/text.h"

namespace zscape {
namespace {

class SampleCommand : public ModelCommand {
 public:
  explicit SampleCommand(CLI::App& app) : ModelCommand(app) {
    options_.number("--count", count_, 1, 100'000, tr("How many pictures."), "64");
    add_label(tr("each in turn"));
    add_seed();
    add_image_size();
    add_out(tr("The picture FILE.png, or FILE.csv or FILE.npy of the numbers in the data's units."),
            {".png", ".csv", ".npy"});
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const ModelSpec& spec = work.spec();
    const auto label = label_of(spec);
    if (!label) return tl::unexpected(label.error());
    if (!spec.has_prior()) {
      work.console.err << tr("note: {} has no prior; codes drawn from N(0, I) show the holes "
                             "between its own codes",
                             name_of(spec.kind))
                       << std::endl;
    }
    const auto count = static_cast<std::size_t>(count_);
    std::vector<float> z(count * static_cast<std::size_t>(spec.latent));
    Random(parameters_.values().seed, Stream::evaluation, 0).fill_normal(z);
    std::vector<int> labels(spec.reads_label() ? count : 0);
    for (std::size_t i = 0; i < labels.size(); ++i) {  // without --label, each class in turn
      labels[i] = label->value_or(static_cast<int>(i) % spec.classes);
    }
    return write_decoded(work.model, z, labels);
  }

  std::int64_t count_ = 64;
};

}  // namespace

const MakeCommand make_sample = make<SampleCommand>;

}  // namespace zscape
