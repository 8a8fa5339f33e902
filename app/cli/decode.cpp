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
    add_out(tr("The PNG to write."));
  }

 private:
  Outcome<void> work(const ModelWork& work) const override {
    const ModelSpec& spec = work.spec();
    if (z_.size() != static_cast<std::size_t>(spec.latent)) {
      return wrong_usage(tr("--z: the model's codes have length {}, and this one has length {}",
                            spec.latent, z_.size()));
    }
    if (auto fits = need_label(spec); !fits) return fits;
    const auto picture = decode_all(work.model, z_, label_);
    if (!picture) return tl::unexpected(picture.error());
    return write_picture(picture_grid(*picture, spec.shape));
  }

  std::vector<float> z_;
};

}  // namespace

const MakeCommand make_decode = make<DecodeCommand>;

}  // namespace zscape
