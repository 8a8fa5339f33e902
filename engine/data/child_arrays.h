#pragma once

#include <cstddef>
#include <memory>

#include "engine/data/array_set.h"
#include "engine/data/child_reader.h"

namespace zscape {

// An array that a child reads. It keeps the child alive, and is read on the thread that opened it.
NamedArray array_of(const std::shared_ptr<ChildReader>& reader, std::size_t index);

// All of them; what the child could not offer stands in left_out.
ArraySet array_set_of(const std::shared_ptr<ChildReader>& reader);

}  // namespace zscape
