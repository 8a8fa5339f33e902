#include "engine/core/curves_csv.h"

#include <fmt/format.h>

#include <cmath>
#include <optional>

namespace zscape {
namespace {

// Walks along a curve with rising steps.
class Walk {
 public:
  explicit Walk(const Curve& curve) : curve_(curve) {}

  std::optional<std::int64_t> next_step() const {
    if (next_ == curve_.size()) return std::nullopt;
    return curve_[next_].step;
  }
  // The point of this step, if it is the next one.
  const CurvePoint* take(std::int64_t step) {
    if (next_step() != step) return nullptr;
    return &curve_[next_++];
  }

 private:
  const Curve& curve_;
  std::size_t next_ = 0;
};

void add(std::string& line, const CurvePoint* point, float CurvePoint::*field) {
  line += ',';
  if (point != nullptr && std::isfinite(point->*field)) line += fmt::format("{}", point->*field);
}

}  // namespace

std::string to_csv(const Curves& curves) {
  std::string text =
      "epoch,step,loss,reconstruction,kl,mse,test_loss,test_reconstruction,test_kl,lambda,seconds,"
      "samples_per_second,validation_loss,test_sample_loss,test_sample_reconstruction,test_sample_"
      "kl\n";
  Walk train(curves.train), test(curves.test), sample(curves.test_sample),
      validation(curves.validation);
  while (true) {
    std::optional<std::int64_t> step;
    for (const Walk* walk : {&train, &test, &sample, &validation}) {
      const auto next = walk->next_step();
      if (next && (!step || *next < *step)) step = next;
    }
    if (!step) return text;
    const CurvePoint* const learned = train.take(*step);
    const CurvePoint* const tested = test.take(*step);
    const CurvePoint* const sampled = sample.take(*step);
    const CurvePoint* const validated = validation.take(*step);
    const CurvePoint* any = nullptr;
    for (const CurvePoint* point : {learned, tested, sampled, validated}) {
      if (any == nullptr) any = point;
    }
    std::string line = fmt::format("{},{}", any->epoch, *step);
    for (const auto field : {&CurvePoint::loss, &CurvePoint::reconstruction, &CurvePoint::kl}) {
      add(line, learned, field);
    }
    add(line, tested, &CurvePoint::mse);
    for (const auto field : {&CurvePoint::loss, &CurvePoint::reconstruction, &CurvePoint::kl}) {
      add(line, tested, field);
    }
    add(line, any, &CurvePoint::kl_weight);
    add(line, any, &CurvePoint::seconds);
    add(line, any->samples_per_second > 0 ? any : nullptr, &CurvePoint::samples_per_second);
    add(line, validated, &CurvePoint::loss);
    for (const auto field : {&CurvePoint::loss, &CurvePoint::reconstruction, &CurvePoint::kl}) {
      add(line, sampled, field);
    }
    text += line + '\n';
  }
}

}  // namespace zscape
