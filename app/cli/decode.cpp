#include <algorithm>
#include <cmath>

#include "app/cli/model_command.h"
#include "engine/text.h"

namespace zscape {
namespace {

class DecodeCommand : public ModelCommand {
 public:
  explicit DecodeCommand(CLI::App& app) : ModelCommand(app) {
    options_
        .add("--z", "N,…", tr("The latent code."), "",
             [this](std::string_view text) {
               const auto z = numbers_from<float>(text);
               if (!z ||
                   !std::ranges::all_of(*z, [](float value) { return std::isfinite(value); })) {
                 return tr("a list of finite numbers, as in 0.5,-1.2");
               }
               z_ = *z;
               return "";
             })
        ->required();
    add_label();
    add_image_size();
    add_out(tr("The picture FILE.png, or FILE.csv or FILE.npy of the numbers in the data's units."),
            {".png", ".csv", ".npy"});
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const ModelSpec& spec = work.spec();
    if (z_.size() != static_cast<std::size_t>(spec.latent)) {
      return wrong_usage(tr("--z: the model's codes have length {}, and this one has length {}",
                            spec.latent, z_.size()));
    }
    const auto label = needed_label_of(spec);
    if (!label) return tl::unexpected(label.error());
    return write_decoded(work.model, z_, repeated(spec, *label, 1));
  }

  std::vector<float> z_;
};

}  // namespace

const MakeCommand make_decode = make<DecodeCommand>;

}  // namespace zscape
