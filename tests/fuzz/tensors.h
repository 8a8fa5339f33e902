#pragma once

#include <sstream>

#include "engine/io/safetensors.h"
#include "inputs.h"

namespace zscape {

// A file of tensors whose metadata and shapes libFuzzer can change without hitting on the lengths
// in a header, which the target safetensors reads. Parts: the metadata under a key; then a line
// "NAME SIDE SIDE …" for each tensor of zeros, or of NaN where it ends in "nan".
inline TensorFile tensor_file(FuzzBytes bytes, const std::string& key) {
  constexpr std::int64_t kMostNumbers = 1 << 16;
  const auto parts = parts_of(bytes, 2);
  TensorFile file;
  if (!parts[0].empty()) file.metadata[key] = text_of(parts[0]);
  std::istringstream lines(text_of(parts[1]));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::vector<float> values(1);
    std::vector<std::int64_t> shape;
    std::string name;
    words >> name;
    for (std::int64_t side = 0; words >> side;) {
      const auto size = static_cast<std::int64_t>(values.size());
      if (side < 0 || side > kMostNumbers || size * side > kMostNumbers) return file;
      values.resize(values.size() * static_cast<std::size_t>(side));
      shape.push_back(side);
    }
    if (line.ends_with("nan")) std::ranges::fill(values, std::nanf(""));
    if (file.find(name) == nullptr) file.tensors.push_back(float_tensor(name, shape, values));
  }
  return file;
}

}  // namespace zscape
