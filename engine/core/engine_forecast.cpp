// What a KL weight is measured against: the data's spectrum, once for each data set.
#include <algorithm>
#include <utility>

#include "engine/core/engine_impl.h"
#include "engine/text.h"

namespace zscape {

std::vector<SpectrumPtr> Engine::Impl::shown_spectra() const {
  std::vector<SpectrumPtr> shown;
  if (spectra_of_.lock() != data_) return shown;
  for (const AskedSpectrum& asked : spectra_) {
    if (asked.answer) shown.push_back(asked.answer);
  }
  return shown;
}

void Engine::Impl::apply(const MeasureSpectrum& command, const OpenRunPtr&) {
  if (!data_) return;
  if (spectra_of_.lock() != data_) spectra_.clear();
  spectra_of_ = data_;
  const auto is_it = [kind = command.kind](const AskedSpectrum& asked) {
    return asked.kind == kind;
  };
  if (std::ranges::any_of(spectra_, is_it)) return;
  spectra_.push_back({command.kind, nullptr});
  worker_.submit(
      {.lane = Lane::patient,
       .text = tr("measuring the spectrum of {}", data_->name),
       .if_cancelled = tr("measuring the spectrum was cancelled")},
      [this, data = data_, kind = command.kind](const Progress& progress) {
        return backend_->spectrum(*data, kind, progress);
      },
      [this, is_it, about = std::weak_ptr(data_),
       kind = command.kind](Expected<Spectrum> measured) {
        if (about.lock() != spectra_of_.lock()) return;
        const auto asked = std::ranges::find_if(spectra_, is_it);
        if (asked == spectra_.end()) return;
        if (!measured && measured.error().code == ErrorCode::superseded) {
          spectra_.erase(asked);
          return;
        }
        if (!measured) {
          Spectrum none;
          none.kind = kind;
          none.why_not = measured.error().message;
          measured = std::move(none);
        }
        asked->answer = std::make_shared<const Spectrum>(*std::move(measured));
      });
}

}  // namespace zscape
