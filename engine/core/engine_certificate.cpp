// How well log p(x) is known, for the window.
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {

void Engine::Impl::apply(const Certify& command, const OpenRunPtr& open) {
  const std::string what = about("certify", open->run.id());
  open->run.refresh_weights();
  const FrozenModelPtr weights = open->run.view().weights;
  if (!weights || !data_) {
    tell(tr("there is no model whose log p(x) could be estimated yet"), true, what);
    return;
  }
  if (data_->test.count == 0) {
    tell(tr("{} has no test inputs whose log p(x) could be estimated", data_->name), true, what);
    return;
  }
  const std::uint64_t number = open->run.begin_certificate();
  const std::int64_t step = open->run.view().steps_before + open->run.view().position.step;
  const auto signed_by = [revision = weights->revision(), step](Certificate certificate) {
    certificate.revision = revision;
    certificate.step = step;
    return std::make_shared<const Certificate>(std::move(certificate));
  };
  const CertificateListener listen = [this, to = std::weak_ptr(open), number, signed_by,
                                      model = open->run.id()](const Certificate& grown) {
    mailbox_.deliver({model, [to, number, part = signed_by(grown)] {
                        if (const OpenRunPtr owner = to.lock()) {
                          owner->run.grow_certificate(number, part);
                        }
                      }});
  };
  submit(
      open,
      {.lane = Lane::patient,
       .key = "certify",
       .text = tr("estimating log p(x) of test inputs"),
       .if_cancelled = tr("the estimate of log p(x) was ended; what it has found so far stays")},
      [weights, data = data_, settings = command.settings, listen](const Progress& progress) {
        return weights->certify(*data, SplitName::test, settings, listen, progress);
      },
      [this, number, signed_by, what](const OpenRunPtr& owner, Expected<Certificate> made) {
        if (made) {
          settle(what);
          owner->run.grow_certificate(number, signed_by(*std::move(made)));
        }
        owner->run.end_certificate(number);
        if (!made) tell_of(owner.get(), made.error(), what);
      });
}

}  // namespace zscape
