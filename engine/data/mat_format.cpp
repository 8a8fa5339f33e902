#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/data/array_folder.h"
#include "engine/data/array_set.h"
#include "engine/data/child_arrays.h"
#include "engine/data/child_reader.h"
#include "engine/text.h"

namespace zscape {
namespace {

using namespace std::string_view_literals;

bool looks_like_mat(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::array<char, 19> bytes{};
  if (!file.read(bytes.data(), bytes.size())) return false;
  const std::string_view first(bytes.data(), bytes.size());
  // Version 4 begins with no word of its own.
  return first == "MATLAB 5.0 MAT-file"sv || first == "MATLAB 7.3 MAT-file"sv ||
         path.ends_with(".mat");
}

// Which axis of a variable counts the inputs: MATLAB has no rule, so the labels tell.
class Orientation {
 public:
  // sequences: [sequences, steps, values], so that an axis is looked for from the first.
  Orientation(const std::vector<ChildArray>& arrays, bool sequences) : from_first_(sequences) {
    for (const ChildArray& array : arrays) {
      const bool labels = names_labels(array.name);
      if (is_vector(array)) {
        const std::int64_t length = std::ranges::max(array.shape);
        (labels ? of_labels_ : of_vectors_).insert(length);
      } else {
        (labels ? of_labels_ : of_inputs_).insert(array.shape.begin(), array.shape.end());
      }
    }
  }

  // [1, n] and [n, 1].
  static bool is_vector(const ChildArray& array) {
    return array.shape.size() == 2 && std::ranges::min(array.shape) == 1;
  }

  struct Axis {
    std::size_t axis = 0;
    bool is_guess = false;  // the last one, since nothing tells
  };

  Axis axis_of(const ChildArray& array) const {
    if (is_vector(array)) return {array.shape[0] == 1 ? std::size_t{1} : std::size_t{0}, false};
    const auto& other = names_labels(array.name) ? of_inputs_ : of_labels_;
    for (const auto& lengths : {other, of_vectors_}) {
      // From the last, as MATLAB's own pictures have it.
      for (std::size_t i = 0; i < array.shape.size(); ++i) {
        const std::size_t axis = from_first_ ? i : array.shape.size() - 1 - i;
        if (array.shape[axis] > 1 && lengths.contains(array.shape[axis])) return {axis, false};
      }
    }
    return {from_first_ ? 0 : array.shape.size() - 1, true};
  }

 private:
  static bool names_labels(std::string name) {
    std::ranges::transform(name, name.begin(), [](unsigned char letter) {
      return static_cast<char>(std::tolower(letter));
    });
    for (const std::string_view part : {"train"sv, "test"sv, "_"sv}) {
      if (const auto place = name.find(part); place != std::string::npos) {
        name.erase(place, part.size());
      }
    }
    return name == "y" || name == "gnd" || name.starts_with("label") ||
           name.starts_with("target") || name.starts_with("class");
  }

  bool from_first_;
  std::set<std::int64_t> of_labels_, of_vectors_, of_inputs_;
};

// A sentence where an array was turned by no more than a guess.
struct Guess {
  std::string where;
  std::string sentence;
};

std::string sentence_of(const std::string& name, const std::vector<std::int64_t>& shape,
                        std::size_t axis) {
  if (shape.size() == 2) return tr("each column of '{}' {} is one input", name, dims_text(shape));
  if (axis == 0) return tr("the first axis of '{}' {} counts the inputs", name, dims_text(shape));
  return tr("the last axis of '{}' {} counts the inputs", name, dims_text(shape));
}

Expected<RawData> open_file(const DataRequest& request, const Progress& progress) {
  const auto [path, key] = split_key(request.source);
  const auto opened = ChildReader::open("mat", path, progress);
  if (!opened) return tl::unexpected(opened.error());
  const std::shared_ptr<ChildReader>& reader = *opened;
  const std::vector<ChildArray> arrays = reader->arrays();
  const Orientation orientation(arrays, request.sequence);
  ArraySet set = {.path = path, .arrays = {}, .left_out = reader->notes()};
  set.sequences = request.sequence;
  std::vector<Guess> guesses;
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i].shape.size() < 2) continue;  // MATLAB has none
    const auto [axis, is_guess] = orientation.axis_of(arrays[i]);
    reader->put_first(i, axis);
    NamedArray array = array_of(reader, i);
    array.reads_slices = false;  // libmatio reads a variable as a whole
    if (Orientation::is_vector(arrays[i])) array.shape.pop_back();
    if (is_guess) {
      guesses.push_back({array.where, sentence_of(array.name, arrays[i].shape, axis)});
    }
    set.arrays.push_back(std::move(array));
  }
  auto data = raw_data_from(std::move(set), key);
  if (!data) return data;
  for (Guess& guess : guesses) {
    const bool is_taken =
        guess.where == data->train.path || (data->test && guess.where == data->test->path);
    if (is_taken) data->assumed.push_back(std::move(guess.sentence));
  }
  return data;
}

}  // namespace

DataFormat mat_format() {
  return {
      .source = tr("a MAT file"),
      .contents = tr("MATLAB's variables of inputs and labels, versions 4 to 7.3, found by their "
                     "names; FILE.mat:NAME names the inputs. The axis as long as the labels "
                     "counts the inputs; without labels each column is one"),
      .endings = {".mat"},
      .reads_sequences = true,
      .can_open = [](const std::string& source) { return looks_like_mat(split_key(source).first); },
      .open = open_file};
}

}  // namespace zscape
