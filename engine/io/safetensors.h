#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.h"

namespace zscape {

// The number formats that zscape reads; it writes f32.
enum class TensorType { f16, bf16, f32, f64 };

std::string_view name_of(TensorType type);  // "F16", as the file format spells it
std::size_t size_of(TensorType type);       // bytes of one number

// One named array of numbers.
struct TensorEntry {
  std::string name;
  TensorType type = TensorType::f32;
  std::vector<std::int64_t> shape;  // each ≥ 0; empty: a single number
  std::vector<std::byte> data;      // row by row, little endian
};

// A safetensors file in memory: tensors in the order of their data, and string metadata.
struct TensorFile {
  std::vector<TensorEntry> tensors;
  std::map<std::string, std::string> metadata;

  const TensorEntry* find(std::string_view name) const;  // null: no such tensor
};

TensorEntry float_tensor(std::string name, std::vector<std::int64_t> shape,
                         std::span<const float> values);

// The numbers as float. F16 and BF16 convert exactly, F64 to the nearest float.
std::vector<float> to_floats(const TensorEntry& entry);

// Reads a file's bytes and checks every claim of its header. Errors begin with name.
Expected<TensorFile> parse_safetensors(std::span<const std::byte> bytes, const std::string& name);
Expected<TensorFile> read_safetensors(const std::string& path);
// The metadata alone, without a look at the tensors.
Expected<std::map<std::string, std::string>> read_safetensors_metadata(const std::string& path);

// Names must differ, and each tensor's data must fit its type and shape.
std::vector<std::byte> safetensors_bytes(const TensorFile& file);

// Whether a file begins like a safetensors file; does not check the rest.
bool looks_like_safetensors(const std::string& path);

// Whether the numbers that a safetensors file's header claims end where the file ends.
bool is_whole_safetensors(const std::string& path);

}  // namespace zscape
