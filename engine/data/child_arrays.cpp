#include "engine/data/child_arrays.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace zscape {
namespace {

ElementType type_named(const std::string& name) {
  for (int i = 0; i < static_cast<int>(ElementType::other); ++i) {
    if (name_of(static_cast<ElementType>(i)) == name) return static_cast<ElementType>(i);
  }
  return ElementType::other;
}

Expected<ArrayValues> read_numbers(ChildReader& reader, std::size_t index, ElementType type,
                                   std::int64_t first, std::int64_t count) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(count) *
                               reader.arrays()[index].row_bytes());
  if (auto done = reader.read(index, first, count, bytes); !done) {
    return tl::unexpected(done.error());
  }
  return values_of(type, bytes);
}

Expected<ArrayValues> read_texts(ChildReader& reader, std::size_t index, std::int64_t first,
                                 std::int64_t count) {
  auto texts = reader.read_text(index);
  if (!texts) return tl::unexpected(texts.error());
  const auto row = static_cast<std::ptrdiff_t>(reader.arrays()[index].row_items());
  const auto begin = texts->begin() + first * row;
  return std::vector<std::string>(std::make_move_iterator(begin),
                                  std::make_move_iterator(begin + count * row));
}

}  // namespace

NamedArray array_of(const std::shared_ptr<ChildReader>& reader, std::size_t index) {
  const ChildArray& array = reader->arrays().at(index);
  const ElementType type = type_named(array.type);
  const bool is_text = type == ElementType::text;
  return {.name = array.name,
          .where = reader->path() + ":" + array.name,
          .type = type,
          .shape = array.shape,
          .read =
              [reader, index, type, is_text](std::int64_t first, std::int64_t count) {
                return is_text ? read_texts(*reader, index, first, count)
                               : read_numbers(*reader, index, type, first, count);
              },
          .reads_slices = !is_text};
}

ArraySet array_set_of(const std::shared_ptr<ChildReader>& reader) {
  ArraySet set = {.path = reader->path(), .arrays = {}, .left_out = reader->notes()};
  for (std::size_t i = 0; i < reader->arrays().size(); ++i) {
    set.arrays.push_back(array_of(reader, i));
  }
  return set;
}

}  // namespace zscape
