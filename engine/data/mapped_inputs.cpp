#include "engine/data/mapped_inputs.h"

#include <zlib.h>

#include <cassert>
#include <cmath>
#include <optional>
#include <type_traits>
#include <utility>

#include "engine/data/scratch_file.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kBytesAtOnce = std::size_t{4} << 20U;

std::size_t width_of(const RawPart& part) {  // of one input, in bytes
  return static_cast<std::size_t>(part.shape.size()) * (part.is_float ? sizeof(float) : 1);
}

std::size_t bytes_of(const RawPart& part) {
  return static_cast<std::size_t>(part.count) * width_of(part);
}

std::uint64_t megabytes(std::uint64_t bytes) {
  return (bytes + (1U << 20U) - 1) >> 20U;
}

// All of a mapping as numbers.
template <class T>
InputBlock<T> block_of(std::shared_ptr<const InputMapping> mapping) {
  const auto bytes = mapping->bytes();
  const std::span numbers(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  return InputBlock<T>(std::move(mapping), numbers);
}

Expected<std::shared_ptr<const InputMapping>> map_scratch(const RawPart& part,
                                                          std::vector<std::string>& said,
                                                          const Progress& progress) {
  auto file = ScratchFile::make(bytes_of(part), part.path);
  if (!file) return tl::unexpected(file.error());
  const std::size_t width = width_of(part);
  std::uint64_t end = 0;
  const auto streamed = part.stream(
      [&](std::int64_t first, std::span<const std::byte> numbers) -> Expected<void> {
        const std::uint64_t place = static_cast<std::uint64_t>(first) * width;
        end = place + numbers.size();
        return file->write(place, numbers);
      },
      progress);
  if (!streamed) return tl::unexpected(streamed.error());
  if (end != bytes_of(part)) return fail(tr("'{}' cannot be read to its end", part.path));
  said.push_back(
      tr("{} MB of '{}' were written to a nameless file in {}, as they do not fit into the memory "
         "for data (--memory); they are read from there",
         megabytes(bytes_of(part)), part.path, file->folder()));
  return std::move(*file).map();
}

Expected<std::shared_ptr<const InputMapping>> map_where_it_lies(const RawPart& part,
                                                                std::vector<std::string>& said) {
  said.push_back(
      tr("{} MB of '{}' stay on the disk and are read from there, as they do not fit into the "
         "memory for data (--memory)",
         megabytes(bytes_of(part)), part.path));
  return InputMapping::of_file(part.block->path, part.block->begin, bytes_of(part));
}

// CRC-32 of a split's numbers, row by row.
class Sums {
 public:
  template <class T>
  void add(bool is_test, std::span<const T> row) {
    uLong& sum = is_test ? test_ : train_;
    sum = crc32_z(sum, reinterpret_cast<const Bytef*>(row.data()), row.size_bytes());
  }
  void put_into(Dataset& data) const {
    data.train.checksum = static_cast<std::uint32_t>(train_);
    data.test.checksum = static_cast<std::uint32_t>(test_);
  }

 private:
  uLong train_ = crc32_z(0, nullptr, 0), test_ = crc32_z(0, nullptr, 0);
};

// The blocks of a data set: both splits share one that holds all of a source, or have one each.
template <class T>
struct Part {
  const InputBlock<T>* block;
  bool is_test;    // where they do not share it
  bool is_shared;  // test rows are those that are not in train.places
};

template <class T>
std::vector<Part<T>> parts_of(const Dataset& data, InputBlock<T> Split::*block) {
  const bool is_shared = !data.train.places.empty();
  std::vector<Part<T>> parts = {{&(data.train.*block), false, is_shared}};
  if (!is_shared) parts.push_back({&(data.test.*block), true, false});
  return parts;
}

// visit(is_test, row in the block, numbers) for all rows of a block, in the order of the file, and
// end_piece() now and then.
template <class T, class Visit, class EndPiece>
Expected<void> visit_block(const Dataset& data, const Part<T>& part, const Progress& progress,
                           const Visit& visit, const EndPiece& end_piece) {
  const auto inputs = static_cast<std::size_t>(data.inputs());
  const std::size_t width = inputs * sizeof(T), rows = part.block->size() / inputs;
  const std::size_t at_once = std::max<std::size_t>(1, kBytesAtOnce / width);
  const InputMapping& mapping = *part.block->mapping();
  auto next_train = data.train.places.begin();
  for (std::size_t begin = 0; begin < rows; begin += at_once) {
    if (!report(progress, static_cast<double>(begin) / static_cast<double>(rows))) {
      return fail(tr("reading {} was cancelled", data.name), ErrorCode::cancelled);
    }
    const std::size_t end = std::min(rows, begin + at_once);
    mapping.expect(end * width, kBytesAtOnce);
    for (std::size_t row = begin; row < end; ++row) {
      bool is_test = part.is_test;
      if (part.is_shared) {
        is_test =
            next_train == data.train.places.end() || static_cast<std::size_t>(*next_train) != row;
        if (!is_test) ++next_train;
      }
      visit(is_test, row, std::span(*part.block).subspan(row * inputs, inputs));
    }
    mapping.leave(begin * width, (end - begin) * width);
    if (auto done = end_piece(); !done) return done;
  }
  try {
    mapping.check();
  } catch (const std::exception& gone) {
    return fail(gone.what());
  }
  return {};
}

Progress part_of_block(const Progress& progress, std::size_t number, std::size_t count) {
  return part_of(progress, static_cast<double>(number) / static_cast<double>(count),
                 static_cast<double>(number + 1) / static_cast<double>(count));
}

std::optional<float> bad_number(std::span<const std::uint8_t>, float) {
  return std::nullopt;
}

std::optional<float> bad_number(std::span<const float> row, float largest) {
  const auto bad =
      std::ranges::find_if(row, [&](float value) { return !(std::abs(value) <= largest); });
  return bad == row.end() ? std::nullopt : std::optional(*bad);
}

template <class T>
void add_ends(std::span<const T> row, const std::vector<double>* offset, Ends& ends) {
  if (offset != nullptr) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      ends.add((*offset)[i] + static_cast<double>(row[i]));
    }
    return;
  }
  T low = row.front(), high = row.front();
  for (const T value : row) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  if constexpr (std::is_floating_point_v<T>) {
    ends.whole = ends.whole && std::ranges::all_of(row, [](T x) { return x == std::floor(x); });
  }
  ends.add(static_cast<double>(low));
  ends.add(static_cast<double>(high));
}

template <class T>
Expected<MappedNumbers> survey_block(Dataset& data, InputBlock<T> Split::*block, float largest,
                                     const Progress& progress) {
  MappedNumbers found;
  Sums sums;
  const std::vector<double>* offset = data.train.offset.get();
  const auto parts = parts_of(data, block);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto done = visit_block(
        data, parts[i], part_of_block(progress, i, parts.size()),
        [&](bool is_test, std::size_t row, std::span<const T> numbers) {
          sums.add(is_test, numbers);
          if (found.bad_row < 0) {
            if (const auto bad = bad_number(numbers, largest)) {
              found.bad_row = static_cast<std::int64_t>(row);
              found.bad = *bad;
              found.is_bad_in_test = parts[i].is_test;
            }
          }
          add_ends(numbers, offset, is_test ? found.test : found.train);
        },
        [] { return Expected<void>(); });
    if (!done) return tl::unexpected(done.error());
  }
  sums.put_into(data);
  return found;
}

template <class From, class To>
Expected<void> rewrite_blocks(Dataset& data, InputBlock<From> Split::*from,
                              InputBlock<To> Split::*to, const ChangeRow<From, To>& change,
                              const Progress& progress) {
  const auto parts = parts_of(data, from);
  std::vector<InputBlock<To>> blocks;
  Sums sums;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto file = ScratchFile::make(parts[i].block->size() * sizeof(To), data.source);
    if (!file) return tl::unexpected(file.error());
    std::vector<To> piece;
    std::uint64_t place = 0;
    const auto done = visit_block(
        data, parts[i], part_of_block(progress, i, parts.size()),
        [&](bool is_test, std::size_t, std::span<const From> numbers) {
          piece.resize(piece.size() + numbers.size());
          const auto row = std::span(piece).last(numbers.size());
          change(numbers, row);
          sums.add(is_test, std::span<const To>(row));
        },
        [&] {
          auto written = file->write(place, std::as_bytes(std::span(piece)));
          place += piece.size() * sizeof(To);
          piece.clear();
          return written;
        });
    if (!done) return done;
    data.assumed.push_back(
        tr("{} MB of numbers brought to 0 … 1 were written to a nameless file in {}",
           megabytes(place), file->folder()));
    auto mapping = std::move(*file).map();
    if (!mapping) return tl::unexpected(mapping.error());
    blocks.push_back(block_of<To>(*std::move(mapping)));
  }
  for (Split* split : {&data.train, &data.test}) {
    split->*from = {};
    split->*to = split == &data.train ? blocks.front() : blocks.back();
  }
  sums.put_into(data);
  return {};
}

}  // namespace

bool belongs_on_disk(const RawData& raw, const DataRequest& request) {
  std::uint64_t bytes = 0;
  for (const RawPart* part : {&raw.train, raw.test ? &*raw.test : nullptr}) {
    if (part == nullptr) continue;
    if (part->mapped) return true;
    if (!part->stream) return false;
    bytes += bytes_of(*part);
  }
  return bytes > data_memory(request);
}

Expected<void> map_part(const RawPart& part, Split& split, std::vector<std::string>& said,
                        const Progress& progress) {
  auto mapping = part.mapped  ? part.mapped
                 : part.block ? map_where_it_lies(part, said)
                              : map_scratch(part, said, progress);
  if (!mapping) return tl::unexpected(mapping.error());
  if (part.is_float) {
    split.values = block_of<float>(*std::move(mapping));
  } else {
    split.pixels = block_of<std::uint8_t>(*std::move(mapping));
  }
  return {};
}

Expected<MappedNumbers> survey(Dataset& data, float largest, const Progress& progress) {
  assert(data.train.is_mapped());
  return data.train.pixels.empty() ? survey_block(data, &Split::values, largest, progress)
                                   : survey_block(data, &Split::pixels, largest, progress);
}

Expected<void> rewrite(Dataset& data, const ChangeRow<std::uint8_t, std::uint8_t>& change,
                       const Progress& progress) {
  return rewrite_blocks(data, &Split::pixels, &Split::pixels, change, progress);
}

Expected<void> rewrite(Dataset& data, const ChangeRow<std::uint8_t, float>& change,
                       const Progress& progress) {
  return rewrite_blocks(data, &Split::pixels, &Split::values, change, progress);
}

Expected<void> rewrite(Dataset& data, const ChangeRow<float, float>& change,
                       const Progress& progress) {
  return rewrite_blocks(data, &Split::values, &Split::values, change, progress);
}

}  // namespace zscape
