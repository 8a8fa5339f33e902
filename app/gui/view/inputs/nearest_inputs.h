#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "engine/codes.h"
#include "engine/dataset.h"
#include "engine/decoder.h"

namespace zscape {

// Stands in where codes came without a decoder: a place shows the input whose code lies nearest to
// it, by exact search over all dimensions. Immutable; any thread may call.
class NearestInputs final : public Decoder {
 public:
  NearestInputs(CodesPtr codes, std::shared_ptr<const Dataset> data)
      : codes_(std::move(codes)), data_(std::move(data)) {}

  int latent() const override { return codes_->latent; }
  ImageShape shape() const override { return data_->shape; }
  int classes() const override { return 0; }
  std::size_t bytes() const override { return 0; }
  // Unlike every other decoder's while this one lives.
  std::uint64_t revision() const override { return std::uint64_t(codes_.get()) | kOwn; }
  void decode(std::span<const float> z, std::span<const int> labels,
              std::span<float> pictures) const override;

  bool is_of(const CodesPtr& codes, const std::shared_ptr<const Dataset>& data) const {
    return codes_ == codes && data_ == data;
  }

 private:
  static constexpr std::uint64_t kOwn = std::uint64_t{1} << 63;

  CodesPtr codes_;
  std::shared_ptr<const Dataset> data_;
};

}  // namespace zscape
