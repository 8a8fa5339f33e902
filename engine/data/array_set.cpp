#include "engine/data/array_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iterator>
#include <limits>
#include <memory>
#include <system_error>
#include <type_traits>

#include "engine/data/array_columns.h"
#include "engine/data/array_folder.h"
#include "engine/data/array_inputs.h"
#include "engine/data/array_labels.h"
#include "engine/data/array_roles.h"
#include "engine/text.h"

namespace zscape {
namespace {

constexpr std::size_t kMostValues = std::size_t{1} << 24U;  // of one input

bool is_numeric(ElementType type) {
  return type != ElementType::text && type != ElementType::other;
}

// ---- From arrays to parts

void add_once(std::vector<std::string>& sentences, std::string sentence) {
  if (std::ranges::find(sentences, sentence) == sentences.end()) {
    sentences.push_back(std::move(sentence));
  }
}

Expected<RawPart> open_inputs(NamedArray array, bool sequences,
                              const std::shared_ptr<Offset>& offset, RawData& data) {
  if (!is_numeric(array.type)) {
    return fail(tr("'{}' holds {}; zscape reads numbers as inputs (numpy's astype converts)",
                   array.where, array_text(array)));
  }
  const auto layout = sequences ? sequence_layout_of(array.shape, array.where)
                                : layout_of(array.shape, array.where);
  if (!layout) return tl::unexpected(layout.error());
  if (layout->channels_first && layout->channels > 1) {
    add_once(data.assumed, tr("the second axis of {} holds the channels", dims_text(array.shape)));
  }
  if (layout->channels != layout->shape.channels) {
    add_once(data.left_out, tr("'{}': the fourth channel (transparency)", array.where));
  }
  RawPart part;
  part.path = array.where;
  part.count = count_of(array, *layout);
  part.shape = layout->shape;
  part.steps = layout->steps;
  part.may_be_sequences = !sequences && array.shape.size() == 3;
  part.is_float = !is_bytes(array.type);
  part.type = array.type_name.empty() ? std::string(name_of(array.type)) : array.type_name;
  const bool is_as_it_lies = layout->channels == layout->shape.channels &&
                             !(layout->channels_first && layout->channels > 1);
  if (is_as_it_lies) part.block = array.block;
  part.stream = [array, layout = *layout, offset](const TakePiece& take, const Progress& progress) {
    return stream_inputs(array, layout, *offset, take, progress);
  };
  part.read = [array = std::move(array), layout = *layout, offset](const Progress& progress) {
    return read_inputs(array, layout, *offset, progress);
  };
  return part;
}

// ---- Recognising keys

std::string list_text(std::span<const NamedArray> arrays) {
  constexpr std::size_t kMostShown = 20;
  std::vector<std::string> items;
  for (const NamedArray& array : arrays.first(std::min(arrays.size(), kMostShown))) {
    items.push_back(tr("{}, {}", array.name, array_text(array)));
  }
  if (arrays.size() > kMostShown) items.push_back(tr("and {} more", arrays.size() - kMostShown));
  return fmt::format("{}", fmt::join(items, "; "));
}

// Chooses the arrays of a set.
class Chooser {
 public:
  explicit Chooser(ArraySet set) : set_(std::move(set)), taken_(set_.arrays.size()) {}

  Expected<ChosenArrays> choose(const std::string& key) {
    return key.empty() ? recognise() : take_key(key);
  }

  std::vector<std::string> assumed() const { return assumed_; }

  // After choose().
  std::vector<std::string> left_out() const {
    std::vector<std::string> sentences = set_.left_out;
    for (std::size_t i = 0; i < taken_.size(); ++i) {
      if (taken_[i]) continue;
      const NamedArray& array = set_.arrays[i];
      const bool validates = role_of(array.name).part == PartWord::validation;
      sentences.push_back(validates ? tr("{}, {}: a validation part, and zscape holds out its own",
                                         array.name, array_text(array))
                                    : tr("{}, {}", array.name, array_text(array)));
    }
    return sentences;
  }

 private:
  bool may_be_inputs(const NamedArray& array) const {
    return is_numeric(array.type) && array.shape.size() >= 2;
  }

  std::vector<std::size_t> find(PartWord part, Content content) const {
    std::vector<std::size_t> found;
    for (std::size_t i = 0; i < set_.arrays.size(); ++i) {
      const Role role = role_of(set_.arrays[i].name);
      if (role.part != part || role.content != content) continue;
      if (content == Content::inputs && !may_be_inputs(set_.arrays[i])) continue;
      found.push_back(i);
    }
    return found;
  }

  tl::unexpected<Error> ask(const std::string& why) const {
    if (set_.arrays.empty() && !set_.left_out.empty()) {
      return fail(tr("'{}' {}: {}", set_.path, why, set_.left_out.front()));
    }
    return fail(tr("'{0}' {1}; name the inputs as {0}:KEY. Its arrays: {2}", set_.path, why,
                   list_text(set_.arrays)));
  }

  Expected<ChosenArrays> take_key(const std::string& key) {
    const auto found = std::ranges::find(set_.arrays, key, &NamedArray::name);
    if (found == set_.arrays.end()) {
      return fail(
          tr("'{}' has no array '{}'. Its arrays: {}", set_.path, key, list_text(set_.arrays)));
    }
    return with_labels(static_cast<std::size_t>(found - set_.arrays.begin()), std::nullopt);
  }

  Expected<ChosenArrays> recognise() {
    for (const PartWord part : {PartWord::train, PartWord::none, PartWord::test}) {
      const auto inputs = find(part, Content::inputs);
      if (inputs.size() > 1) return ask(tr("has several arrays that may be the inputs"));
      if (inputs.empty()) continue;
      if (part == PartWord::test) return with_labels(inputs.front(), std::nullopt);
      // Where the training part has no word of its own (Omniglot's data and testdata), a test part
      // is one of its form.
      auto test = find(PartWord::test, Content::inputs);
      if (part == PartWord::none) {
        std::erase_if(test, [&](std::size_t i) {
          const auto& ours = set_.arrays[inputs.front()].shape;
          const auto& theirs = set_.arrays[i].shape;
          return !std::equal(ours.begin() + 1, ours.end(), theirs.begin() + 1, theirs.end());
        });
      }
      if (test.size() > 1) return ask(tr("has several arrays that may be the test inputs"));
      return with_labels(inputs.front(), test.empty() ? std::nullopt : std::optional(test.front()));
    }
    std::vector<std::size_t> possible;
    for (std::size_t i = 0; i < set_.arrays.size(); ++i) {
      const bool is_other = role_of(set_.arrays[i].name).content == Content::none;
      if (is_other && may_be_inputs(set_.arrays[i])) possible.push_back(i);
    }
    if (possible.empty()) return ask(tr("has no array that may be inputs"));
    if (possible.size() > 1) return ask(tr("has several arrays that may be the inputs"));
    return with_labels(possible.front(), std::nullopt);
  }

  // The labels of these inputs: by their key, or where there is one such array of their number.
  std::optional<std::size_t> labels_of(std::size_t inputs) const {
    const NamedArray& array = set_.arrays[inputs];
    const PartWord part = role_of(array.name).part;
    auto named = find(part, Content::labels);
    std::erase(named, inputs);
    if (named.size() == 1) return named.front();
    if (named.size() > 1) {
      for (const std::size_t i : named) {
        if (label_count(set_.arrays[i].shape) == array.shape.front()) return i;
      }
    }
    if (array.name != "arr_0") return std::nullopt;
    const auto second = std::ranges::find(set_.arrays, "arr_1", &NamedArray::name);
    if (second == set_.arrays.end() || second->type == ElementType::other ||
        label_count(second->shape) != array.shape.front()) {
      return std::nullopt;
    }
    return static_cast<std::size_t>(second - set_.arrays.begin());
  }

  Expected<ChosenArrays> with_labels(std::size_t train, std::optional<std::size_t> test) {
    ChosenArrays chosen;
    const auto take = [&](std::size_t index) {
      taken_[index] = true;
      return set_.arrays[index];
    };
    auto labels = labels_of(train);
    chosen.train = take(train);
    const std::int64_t rows = chosen.train.shape.empty() ? 0 : chosen.train.shape.front();
    if (!test && !set_.sequences && labels && are_factors(set_.arrays[*labels], rows)) {
      chosen.factors = take(*labels);
      labels.reset();
    }
    if (labels) chosen.train_labels = take(*labels);
    if (test) {
      const auto test_labels = labels_of(*test);
      if (labels.has_value() != test_labels.has_value()) {
        return fail(
            tr("'{}' has labels of only one part; name one array as {}:{}, and zscape "
               "splits it",
               set_.path, set_.path, set_.arrays[train].name));
      }
      chosen.test = take(*test);
      if (test_labels) chosen.test_labels = take(*test_labels);
    }
    if (!test && !chosen.factors && !set_.sequences) take_known_factors(rows, chosen);
    for (std::size_t i = 0; i < set_.arrays.size(); ++i) {
      if (taken_[i] || role_of(set_.arrays[i].name).part == PartWord::validation) continue;
      if (!is_column(set_.arrays[i], rows)) continue;
      if (!test) {
        chosen.metadata.push_back(take(i));
      } else if (const auto other = partner_of(i, chosen.test->shape.front())) {
        chosen.metadata.push_back(take(i));
        chosen.test_metadata.push_back(take(*other));
        // One name for both parts.
        chosen.metadata.back().name = chosen.test_metadata.back().name =
            name_without_part(chosen.metadata.back().name);
      }
    }
    if (!chosen.train.name.empty()) tell(chosen);
    return chosen;
  }

  // dSprites calls its factors so.
  void take_known_factors(std::int64_t rows, ChosenArrays& chosen) {
    const auto found = std::ranges::find(set_.arrays, "latents_values", &NamedArray::name);
    if (found == set_.arrays.end() || !are_factors(*found, rows)) return;
    taken_[static_cast<std::size_t>(found - set_.arrays.begin())] = true;
    chosen.factors = *found;
  }

  // train_age: test_age.
  std::optional<std::size_t> partner_of(std::size_t column, std::int64_t rows) const {
    std::string name = set_.arrays[column].name;
    const auto at = name.find("train");
    if (at == std::string::npos) return std::nullopt;
    name.replace(at, std::string_view("train").size(), "test");
    const auto found = std::ranges::find(set_.arrays, name, &NamedArray::name);
    if (found == set_.arrays.end() || !is_column(*found, rows)) return std::nullopt;
    const auto other = static_cast<std::size_t>(found - set_.arrays.begin());
    return taken_[other] ? std::nullopt : std::optional(other);
  }

  static std::string name_without_part(std::string name) {
    const auto at = name.find("train");
    if (at != std::string::npos) name.erase(at, std::string_view("train").size());
    const auto is_joint = [](char c) { return c == '_' || c == '-' || c == '/' || c == '.'; };
    while (name.size() > 1 && is_joint(name.front())) name.erase(0, 1);
    while (name.size() > 1 && is_joint(name.back())) name.pop_back();
    return name;
  }

  void tell(const ChosenArrays& chosen) {
    if (chosen.train_labels) {
      assumed_.push_back(
          tr("{} holds the inputs, {} their labels", chosen.train.name, chosen.train_labels->name));
    } else if (chosen.factors) {
      assumed_.push_back(tr("{} holds the inputs, {} their factors, which are no classes",
                            chosen.train.name, chosen.factors->name));
    } else {
      assumed_.push_back(tr("{} holds the inputs", chosen.train.name));
    }
    if (chosen.test) assumed_.push_back(tr("{} is the test part", chosen.test->name));
  }

  ArraySet set_;
  std::vector<bool> taken_;
  std::vector<std::string> assumed_;
};

float float_of_half(std::uint16_t half) {
  const int exponent = (half >> 10) & 0x1F;
  const int fraction = half & 0x3FF;
  const float sign = (half & 0x8000) != 0 ? -1.0F : 1.0F;
  if (exponent == 0x1F) {
    return fraction == 0 ? sign * std::numeric_limits<float>::infinity()
                         : std::numeric_limits<float>::quiet_NaN();
  }
  if (exponent == 0) return sign * std::ldexp(static_cast<float>(fraction), -24);
  return sign * std::ldexp(static_cast<float>(fraction + 0x400), exponent - 25);
}

template <class Item, class Value, class Convert>
std::vector<Value> converted(std::span<const std::byte> bytes, bool swapped, Convert convert) {
  std::vector<Value> values(bytes.size() / sizeof(Item));
  for (std::size_t i = 0; i < values.size(); ++i) {
    std::array<std::byte, sizeof(Item)> own{};
    std::ranges::copy(bytes.subspan(i * sizeof(Item), sizeof(Item)), own.begin());
    if (swapped) std::ranges::reverse(own);
    values[i] = convert(std::bit_cast<Item>(own));
  }
  return values;
}

template <class Item>
std::vector<std::int64_t> integers(std::span<const std::byte> bytes, bool swapped) {
  return converted<Item, std::int64_t>(bytes, swapped, [](Item item) {
    if constexpr (std::is_same_v<Item, std::uint64_t>) {
      constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
      return static_cast<std::int64_t>(std::min(item, kMost));
    } else {
      return static_cast<std::int64_t>(item);
    }
  });
}

}  // namespace

std::string_view name_of(ElementType type) {
  constexpr std::array<std::string_view, 14> kNames = {
      "bool",   "int8",   "int16",   "int32",   "int64",   "uint8", "uint16",
      "uint32", "uint64", "float16", "float32", "float64", "text",  "other"};
  return kNames.at(static_cast<std::size_t>(type));
}

std::size_t size_of(ElementType type) {
  constexpr std::array<std::size_t, 14> kSizes = {1, 1, 2, 4, 8, 1, 2, 4, 8, 2, 4, 8, 0, 0};
  return kSizes.at(static_cast<std::size_t>(type));
}

ArrayValues values_of(ElementType type, std::span<const std::byte> bytes, bool swapped) {
  switch (type) {
    case ElementType::boolean:
      return converted<std::uint8_t, std::uint8_t>(
          bytes, false, [](std::uint8_t item) { return item != 0 ? std::uint8_t{1} : item; });
    case ElementType::uint8:
      return converted<std::uint8_t, std::uint8_t>(bytes, false, std::identity());
    case ElementType::int8:
      return integers<std::int8_t>(bytes, swapped);
    case ElementType::int16:
      return integers<std::int16_t>(bytes, swapped);
    case ElementType::int32:
      return integers<std::int32_t>(bytes, swapped);
    case ElementType::int64:
      return integers<std::int64_t>(bytes, swapped);
    case ElementType::uint16:
      return integers<std::uint16_t>(bytes, swapped);
    case ElementType::uint32:
      return integers<std::uint32_t>(bytes, swapped);
    case ElementType::uint64:
      return integers<std::uint64_t>(bytes, swapped);
    case ElementType::float16:
      return converted<std::uint16_t, float>(bytes, swapped, float_of_half);
    case ElementType::float32:
      return converted<float, float>(bytes, swapped, std::identity());
    case ElementType::float64:
      return converted<double, double>(bytes, swapped, std::identity());
    case ElementType::text:
    case ElementType::other:
      break;
  }
  return std::vector<std::uint8_t>();
}

Expected<Layout> layout_of(std::span<const std::int64_t> shape, const std::string& where) {
  const auto may_be_channels = [](std::int64_t size) {
    return size == 1 || size == 3 || size == 4;
  };
  if (std::ranges::find(shape, 0) != shape.end()) {
    return fail(tr("'{}' is an array {}: it holds no numbers; zscape needs one input at least",
                   where, dims_text(shape)));
  }
  const bool has_channels = shape.size() == 4;
  const bool channels_first =
      has_channels && !may_be_channels(shape[3]) && may_be_channels(shape[1]);
  if (shape.size() < 2 || shape.size() > 4 ||
      (has_channels && !channels_first && !may_be_channels(shape[3]))) {
    return fail(
        tr("'{}' is an array {}; zscape reads [count, inputs], [count, height, width], and [count, "
           "height, width, channels] or [count, channels, height, width] with 1, 3 or 4 channels",
           where, dims_text(shape)));
  }
  if (const auto size = product(shape.subspan(1)); !size || *size > kMostValues) {
    return fail(tr("'{}' is an array {}; zscape takes up to {} numbers for one input", where,
                   dims_text(shape), kMostValues));
  }
  Layout layout;
  layout.channels_first = channels_first;
  if (has_channels) layout.channels = static_cast<int>(channels_first ? shape[1] : shape[3]);
  layout.shape.channels = std::min(layout.channels, 3);
  if (shape.size() == 2) {
    layout.shape.height = 1;
    layout.shape.width = static_cast<int>(shape[1]);
  } else {
    layout.shape.height = static_cast<int>(shape[channels_first ? 2 : 1]);
    layout.shape.width = static_cast<int>(shape[channels_first ? 3 : 2]);
  }
  return layout;
}

std::string array_text(const NamedArray& array) {
  return tr("{} of {}", dims_text(array.shape),
            array.type_name.empty() ? name_of(array.type) : std::string_view(array.type_name));
}

std::pair<std::string, std::string> split_key(const std::string& source) {
  std::error_code ignored;
  if (std::filesystem::exists(source, ignored)) return {source, ""};
  // The first colon behind which the path ends: keys may have colons, too.
  for (std::size_t colon = source.find(':'); colon != std::string::npos;
       colon = source.find(':', colon + 1)) {
    std::string path = source.substr(0, colon);
    if (std::filesystem::is_regular_file(path, ignored)) {
      return {std::move(path), source.substr(colon + 1)};
    }
  }
  return {source, ""};
}

Expected<Layout> sequence_layout_of(std::span<const std::int64_t> shape, const std::string& where) {
  if (shape.size() != 3) {
    return fail(
        tr("'{}' is an array {}; --sequence reads [sequences, steps, values] (numpy's reshape cuts "
           "one long series into several)",
           where, dims_text(shape)));
  }
  if (shape[1] > 0 && shape[0] > std::numeric_limits<std::int64_t>::max() / shape[1]) {
    return fail(tr("'{}' is an array {}, which is too large", where, dims_text(shape)));
  }
  auto layout = layout_of(std::array{shape[0] * shape[1], shape[2]}, where);
  if (layout) layout->steps = shape[1];
  return layout;
}

Expected<RawData> raw_data_from(ChosenArrays arrays) {
  const auto offset = std::make_shared<Offset>();
  RawData data;
  data.has_open_range = true;
  data.offset = {offset, &offset->values};
  auto train = open_inputs(std::move(arrays.train), arrays.sequences, offset, data);
  if (!train) return tl::unexpected(train.error());
  data.train = *std::move(train);
  if (arrays.test) {
    auto test = open_inputs(*std::move(arrays.test), arrays.sequences, offset, data);
    if (!test) return tl::unexpected(test.error());
    data.test = *std::move(test);
  }
  if (arrays.factors) {
    const auto factors = static_cast<std::size_t>(arrays.factors->shape[1]);
    auto read = read_factors(*arrays.factors, data.train.count);
    if (!read) return tl::unexpected(read.error());
    data.train.factors = *std::move(read);
    data.factor_names = factor_names(arrays.factors->name, data.train.factors, factors);
  }
  for (const auto& [columns, part] :
       {std::pair{&arrays.metadata, &data.train},
        std::pair{&arrays.test_metadata, data.test ? &*data.test : nullptr}}) {
    if (part == nullptr) continue;
    MetadataColumns read;
    const std::int64_t steps =
        std::max<std::int64_t>(part->steps, 1);  // what is of a row is of each
    for (const NamedArray& column : *columns) {
      read_column(column, column.name, part->count / steps, read);
    }
    part->metadata = repeated(read.take(), steps);
    for (std::string& sentence : read.take_left_out()) add_once(data.left_out, std::move(sentence));
  }
  if (!arrays.train_labels) return data;
  auto train_labels = read_labels_of(*arrays.train_labels, data.train);
  if (!train_labels) return tl::unexpected(train_labels.error());
  std::optional<ReadLabels> test_labels;
  if (arrays.test_labels && data.test) {
    auto read = read_labels_of(*arrays.test_labels, *data.test);
    if (!read) return tl::unexpected(read.error());
    test_labels = *std::move(read);
  }
  put_labels(data, *std::move(train_labels), std::move(test_labels));
  return data;
}

Expected<RawData> raw_data_from(ArraySet set, const std::string& key) {
  std::string folder = set.class_names_folder;
  const bool sequences = set.sequences;
  Chooser chooser(std::move(set));
  auto chosen = chooser.choose(key);
  if (!chosen) return tl::unexpected(chosen.error());
  chosen->sequences = sequences;
  auto data = raw_data_from(*std::move(chosen));
  if (!data) return data;
  data->class_names_folder = std::move(folder);
  auto assumed = chooser.assumed();
  data->assumed.insert(data->assumed.begin(), std::make_move_iterator(assumed.begin()),
                       std::make_move_iterator(assumed.end()));
  auto left_out = chooser.left_out();
  data->left_out.insert(data->left_out.end(), std::make_move_iterator(left_out.begin()),
                        std::make_move_iterator(left_out.end()));
  return data;
}

}  // namespace zscape
