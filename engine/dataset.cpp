#include "engine/dataset.h"

#include <fmt/core.h>

#include <filesystem>
#include <limits>
#include <system_error>

#include "engine/text.h"

namespace zscape {

std::string shape_text(const ImageShape& shape) {
  if (shape.height == 1 && shape.channels == 1) {
    return shape.width == 1 ? std::string(tr("1 number")) : tr("{} numbers", shape.width);
  }
  return fmt::format("{}×{}{}", shape.height, shape.width,
                     shape.channels == 1 ? "" : fmt::format("×{}", shape.channels));
}

std::vector<float> centres(const Scaling& scaling, const Split& split) {
  std::vector<float> centres(scaling.mean.size());
  for (std::size_t i = 0; i < centres.size(); ++i) {
    centres[i] = static_cast<float>(scaling.mean[i] - (split.offset ? (*split.offset)[i] : 0));
  }
  return centres;
}

std::vector<float> divisors(const Scaling& scaling) {
  std::vector<float> divisors = scaling.deviation;
  for (std::size_t i = 0; i < scaling.constant.size(); ++i) {
    if (scaling.is_constant(i)) divisors[i] = std::numeric_limits<float>::infinity();
  }
  return divisors;
}

std::vector<float> Dataset::picture(SplitName which, std::int64_t index) const {
  const auto size = static_cast<std::size_t>(inputs());
  std::vector<float> shown(size);
  if (split(which).values.empty()) {
    const auto bytes = image(which, index);
    for (std::size_t i = 0; i < size; ++i) shown[i] = static_cast<float>(bytes[i]) / 255.0F;
    return shown;
  }
  const auto values = std::span(split(which).values).subspan(split(which).first(index, size), size);
  if (!scaling) return {values.begin(), values.end()};
  const std::vector<float> centre = centres(*scaling, split(which)), divisor = divisors(*scaling);
  for (std::size_t i = 0; i < size; ++i) {
    shown[i] = shown_value((values[i] - centre[i]) / divisor[i]);
  }
  return shown;
}

DataRequest as_loaded(DataRequest request, const Dataset& data) {
  if (data.range) request.range = data.range;
  request.sequence = data.steps > 0;
  if (data.memory) request.memory = data.memory;
  if (!request.labels_file.empty()) {  // it may be read again from elsewhere
    std::error_code problem;
    const auto whole = std::filesystem::absolute(request.labels_file, problem);
    if (!problem) request.labels_file = whole.lexically_normal().string();
  }
  if (!data.pictures) {
    request.fit.reset();
    request.ground.reset();
    return request;
  }
  request.image_size = ImageSize{data.shape.height, data.shape.width};
  request.fit = data.pictures->fit;
  request.ground = data.pictures->ground;
  return request;
}

DataRequest as_kept(DataRequest request) {
  if (!request.fit) request.fit = Fit::stretch;
  return request;
}

}  // namespace zscape
