#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/metadata.h"

// Arrays beside the inputs that no network reads: known factors, and columns of metadata.
namespace zscape {

// Whether an array holds a number or text for each of `count` inputs: [count], [count, 1] or
// [1, count].
bool is_column(const NamedArray& array, std::int64_t count);

// Whether an array called labels holds several numbers for each input, as 3dshapes' does, which
// name no class: neither one column nor rows of zeros and ones.
bool are_factors(const NamedArray& array, std::int64_t count);

// [count, K] as floats.
Expected<std::vector<float>> read_factors(const NamedArray& array, std::int64_t count);

// The names of K factors: those of 3dshapes and of dSprites where the numbers are theirs, else "KEY
// 1" … "KEY K". numbers: [count, K].
std::vector<std::string> factor_names(const std::string& key, std::span<const float> numbers,
                                      std::size_t factors);

// Reads a column and adds it under this name, or says why it is left out.
void read_column(const NamedArray& array, const std::string& name, std::int64_t count,
                 MetadataColumns& columns);

}  // namespace zscape
