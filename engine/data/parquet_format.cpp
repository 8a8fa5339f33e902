#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/data/array_columns.h"
#include "engine/data/array_labels.h"
#include "engine/data/array_set.h"
#include "engine/data/child_archive.h"
#include "engine/data/child_arrays.h"
#include "engine/data/formats.h"
#include "engine/data/names.h"
#include "engine/data/parquet_files.h"
#include "engine/data/picture_list.h"
#include "engine/data/table_columns.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFormat = "parquet";  // as zscape-read calls it
constexpr const char* kPictureType = "picture";
constexpr double kOpenShare = 0.5;  // of the loading time

// ---- The columns

bool is_picture(const ChildArray& array) {
  return array.type == kPictureType;
}
bool is_text(const ChildArray& array) {
  return array.type == "text";
}
bool is_number(const ChildArray& array) {
  return !is_picture(array) && !is_text(array) && array.shape.size() == 1;
}

std::vector<std::int64_t> row_shape(const ChildArray& array) {
  return {array.shape.begin() + 1, array.shape.end()};
}

// Files of the same columns, whose rows follow each other.
class Part {
 public:
  static Expected<Part> open(const ParquetShards& shards, const Progress& progress) {
    Part part;
    for (const std::string& path : shards.paths) {
      auto reader = ChildReader::open(kFormat, path, progress);
      if (!reader) return tl::unexpected(reader.error());
      if (part.counts_.empty()) {
        part.columns_ = (*reader)->arrays();
        part.notes_ = (*reader)->notes();
      } else if (auto same = part.check_same(**reader, shards.paths.front()); !same) {
        return tl::unexpected(same.error());
      }
      const auto& arrays = (*reader)->arrays();
      part.counts_.push_back(arrays.empty() ? 0 : arrays.front().rows());
      part.rows_ += part.counts_.back();
    }
    part.paths_ = shards.paths;
    return part;
  }

  const std::vector<ChildArray>& columns() const { return columns_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<std::string>& paths() const { return paths_; }
  std::int64_t count(std::size_t shard) const { return counts_[shard]; }
  std::int64_t rows() const { return rows_; }
  const std::string& path() const { return paths_.front(); }

  const ChildArray* find(const std::string& name) const {
    const auto found = std::ranges::find(columns_, name, &ChildArray::name);
    return found == columns_.end() ? nullptr : &*found;
  }

  // All rows of these columns, in order, a piece at a time.
  Expected<void> read(const std::vector<std::string>& names,
                      const std::function<void(std::size_t, ArrayValues)>& take,
                      const Progress& progress) const {
    double done = 0;
    const double all = static_cast<double>(names.size()) * static_cast<double>(paths_.size());
    for (const std::string& path : paths_) {
      const auto reader = ChildReader::open(kFormat, path);
      if (!reader) return tl::unexpected(reader.error());
      for (std::size_t i = 0; i < names.size(); ++i) {
        const auto& arrays = (*reader)->arrays();
        const auto found = std::ranges::find(arrays, names[i], &ChildArray::name);
        if (found == arrays.end()) return fail(tr("'{}' changed while it was read", path));
        const NamedArray array =
            array_of(*reader, static_cast<std::size_t>(found - arrays.begin()));
        auto values = array.read(0, found->rows());
        if (!values) return tl::unexpected(values.error());
        take(i, *std::move(values));
        if (!report(progress, ++done / all)) {
          return fail(tr("reading '{}' was cancelled", path), ErrorCode::cancelled);
        }
      }
    }
    return {};
  }

 private:
  Expected<void> check_same(const ChildReader& reader, const std::string& first) const {
    for (const ChildArray& column : columns_) {
      const auto& arrays = reader.arrays();
      const auto other = std::ranges::find(arrays, column.name, &ChildArray::name);
      if (other != arrays.end() && other->type == column.type &&
          row_shape(*other) == row_shape(column)) {
        continue;
      }
      return fail(tr("'{}' and '{}' differ in their column {}; the files of a set need the same",
                     first, reader.path(), column.name));
    }
    return {};
  }

  std::vector<ChildArray> columns_;  // of the first file
  std::vector<std::string> notes_;
  std::vector<std::string> paths_;
  std::vector<std::int64_t> counts_;  // rows of each
  std::int64_t rows_ = 0;
};

template <class Value>
void append_as(std::vector<Value>& to, const ArrayValues& values) {
  std::visit(
      [&](const auto& items) {
        using Item = typename std::decay_t<decltype(items)>::value_type;
        if constexpr (!std::is_same_v<Item, std::string> && !std::is_same_v<Value, std::string>) {
          std::ranges::transform(items, std::back_inserter(to),
                                 [](Item item) { return static_cast<Value>(item); });
        } else if constexpr (std::is_same_v<Item, Value>) {
          to.insert(to.end(), items.begin(), items.end());
        }
      },
      values);
}

// Values in memory as an array.
NamedArray array_in(std::shared_ptr<const ArrayValues> values, std::vector<std::int64_t> shape,
                    ElementType type, const std::string& where) {
  NamedArray array{.name = "", .where = where, .type = type};
  array.shape = std::move(shape);
  array.read = [values = std::move(values), rows = array.shape.front()](
                   std::int64_t first, std::int64_t count) -> Expected<ArrayValues> {
    return std::visit(
        [&](const auto& items) -> ArrayValues {
          const auto width = static_cast<std::ptrdiff_t>(items.size()) /
                             static_cast<std::ptrdiff_t>(std::max<std::int64_t>(rows, 1));
          const auto begin = items.begin() + first * width;
          return std::decay_t<decltype(items)>(begin, begin + count * width);
        },
        *values);
  };
  return array;
}

// ---- What a set is

struct Labels {
  std::string column;                    // empty: no labels
  std::vector<std::string> class_names;  // as the file names them; empty: it does not
};

class Set {
 public:
  Set(const DataRequest& request, std::string key, Part train, std::optional<Part> test)
      : request_(request), key_(std::move(key)), train_(std::move(train)), test_(std::move(test)) {}

  Expected<RawData> open(const Progress& progress) {
    if (train_.rows() == 0) return fail(tr("'{}' holds no rows", train_.path()));
    if (test_) {
      for (const ChildArray& column : train_.columns()) {
        const ChildArray* other = test_->find(column.name);
        if (other != nullptr && other->type == column.type) continue;
        return fail(tr("'{}' and '{}' differ in their column {}; both parts need the same",
                       train_.path(), test_->path(), column.name));
      }
    }
    const ChildArray* chosen = nullptr;
    if (!key_.empty()) {
      chosen = train_.find(key_);
      if (chosen == nullptr) {
        return fail(tr("'{}' has no column '{}'; its columns: {}", train_.path(), key_, names()));
      }
    } else {
      for (const ChildArray& column : train_.columns()) {
        if (chosen == nullptr && is_picture(column)) chosen = &column;
      }
      for (const ChildArray& column : train_.columns()) {
        if (chosen == nullptr && column.shape.size() > 1) chosen = &column;
      }
    }
    auto data = chosen == nullptr || is_number(*chosen) ? open_table(progress)
                : is_picture(*chosen)                   ? open_pictures(*chosen, progress)
                                                        : open_arrays(*chosen, progress);
    if (data) {
      for (const std::string& note : train_.notes()) data->left_out.push_back(note);
    }
    return data;
  }

 private:
  std::string names() const {
    std::string list;
    for (const ChildArray& column : train_.columns()) {
      list += list.empty() ? column.name : ", " + column.name;
    }
    return list;
  }

  // The column of labels beside that of the inputs.
  Expected<Labels> labels_beside(const std::string& inputs, RawData& data) const {
    ColumnTable table{
        .path = train_.path(), .has_header = true, .rows = train_.rows(), .columns = {}};
    const ChildArray* named = nullptr;
    for (const ChildArray& column : train_.columns()) {
      if (column.name == inputs || column.shape.size() != 1 || is_picture(column)) continue;
      if (!column.class_names.empty() && named == nullptr) named = &column;
      TableColumn shown;
      shown.name = column.name;
      (is_text(column) ? shown.texts : shown.numbers) = train_.rows();
      shown.whole = !column.type.starts_with("float");
      shown.counts_rows = false;
      table.columns.push_back(std::move(shown));
    }
    Labels labels;
    if (named != nullptr && request_.label_column.empty()) {
      labels.column = named->name;
      data.assumed.push_back(tr("the column {} holds the labels", labels.column));
    } else if (!table.columns.empty()) {
      const auto choice = choose_labels(table, request_.label_column);
      if (!choice) return tl::unexpected(choice.error());
      if (choice->labels) labels.column = table.columns[*choice->labels].name;
      data.assumed.insert(data.assumed.end(), choice->assumed.begin(), choice->assumed.end());
    }
    if (!labels.column.empty()) labels.class_names = train_.find(labels.column)->class_names;
    for (const ChildArray& column : train_.columns()) {
      const bool comes_along = column.shape.size() == 1 && !is_picture(column);
      if (column.name == inputs || column.name == labels.column || comes_along) continue;
      data.left_out.push_back(tr("the column {}: {} holds the inputs", column.name, inputs));
    }
    return labels;
  }

  // The columns of single numbers and texts that are neither inputs nor labels.
  std::vector<MetadataColumn> metadata_of(const Part& part, const std::string& inputs,
                                          const Labels& labels,
                                          std::vector<std::string>& left_out) const {
    MetadataColumns metadata;
    for (const ChildArray& column : train_.columns()) {
      if (column.name == inputs || column.name == labels.column) continue;
      if (column.shape.size() == 1 && !is_picture(column)) add_column(part, column, metadata);
    }
    for (std::string& sentence : metadata.take_left_out()) left_out.push_back(std::move(sentence));
    return metadata.take();
  }

  // Numbers that the file names stand for their names.
  static void add_column(const Part& part, const ChildArray& column, MetadataColumns& metadata) {
    auto read = read_column(part, column.name, {});
    if (!read) return metadata.leave_out(column.name, read.error().message);
    if (column.class_names.empty()) {
      return zscape::read_column(*read, column.name, part.rows(), metadata);
    }
    const auto values = read->read(0, part.rows());
    if (!values) return metadata.leave_out(column.name, values.error().message);
    std::vector<std::int64_t> codes;
    append_as(codes, *values);
    MetadataTexts texts;
    for (const std::int64_t code : codes) {
      const bool named = code >= 0 && code < std::ssize(column.class_names);
      texts.add(named ? column.class_names[static_cast<std::size_t>(code)] : "");
    }
    metadata.add(texts.column(column.name, false));
  }

  static Expected<NamedArray> read_column(const Part& part, const std::string& name,
                                          const Progress& progress) {
    const ChildArray& column = *part.find(name);
    std::uint64_t bytes = static_cast<std::uint64_t>(part.rows()) * sizeof(double);
    for (std::size_t axis = 1; axis < column.shape.size(); ++axis) {
      bytes *= static_cast<std::uint64_t>(column.shape[axis]);
    }
    if (auto fits = check_fits_memory(part.path(), bytes); !fits) {
      return tl::unexpected(fits.error());
    }
    std::optional<ArrayValues> all;
    auto done = part.read(
        {name},
        [&](std::size_t, ArrayValues values) {
          if (!all) {
            all = std::move(values);
            return;
          }
          std::visit([&](auto& items) { append_as(items, values); }, *all);
        },
        progress);
    if (!done) return tl::unexpected(done.error());
    std::vector<std::int64_t> shape = column.shape;
    shape.front() = part.rows();
    ElementType type = ElementType::text;
    for (int i = 0; i < static_cast<int>(ElementType::other); ++i) {
      if (name_of(static_cast<ElementType>(i)) == column.type) type = static_cast<ElementType>(i);
    }
    return array_in(std::make_shared<const ArrayValues>(std::move(*all)), std::move(shape), type,
                    part.path() + ":" + name);
  }

  // Lists of numbers, as many in each row.
  Expected<RawData> open_arrays(const ChildArray& inputs, const Progress& progress) {
    RawData notes;
    const auto labels = labels_beside(inputs.name, notes);
    if (!labels) return tl::unexpected(labels.error());
    ChosenArrays chosen;
    for (const Part* part : {&train_, test_ ? &*test_ : nullptr}) {
      if (part == nullptr) continue;
      auto read = read_column(*part, inputs.name, part_of(progress, 0, kOpenShare));
      if (!read) return tl::unexpected(read.error());
      (part == &train_ ? chosen.train : chosen.test.emplace()) = std::move(*read);
      if (labels->column.empty()) continue;
      auto read_labels = read_column(*part, labels->column, {});
      if (!read_labels) return tl::unexpected(read_labels.error());
      (part == &train_ ? chosen.train_labels : chosen.test_labels) = std::move(*read_labels);
    }
    auto data = with_notes(raw_data_from(std::move(chosen)), *labels, std::move(notes));
    if (data) add_metadata(*data, inputs.name, *labels);
    return data;
  }

  void add_metadata(RawData& data, const std::string& inputs, const Labels& labels) const {
    data.train.metadata = metadata_of(train_, inputs, labels, data.left_out);
    std::vector<std::string> as_before;
    if (test_) data.test->metadata = metadata_of(*test_, inputs, labels, as_before);
  }

  // Columns of single numbers.
  Expected<RawData> open_table(const Progress& progress) {
    const auto columns = read_numbers(train_, part_of(progress, 0, kOpenShare));
    if (!columns) return tl::unexpected(columns.error());
    ColumnTable table{
        .path = train_.path(), .has_header = true, .rows = train_.rows(), .columns = {}};
    Labels labels;
    for (std::size_t i = 0; i < train_.columns().size(); ++i) {
      const ChildArray& column = train_.columns()[i];
      TableColumn shown;
      shown.name = column.name;
      if (!is_number(column)) shown.texts = train_.rows();
      for (std::size_t row = 0; row < (*columns)[i].size(); ++row) {
        shown.add_number((*columns)[i][row], static_cast<std::int64_t>(row));
      }
      if (!column.class_names.empty() && labels.column.empty()) labels.column = column.name;
      table.columns.push_back(std::move(shown));
    }
    const auto choice = choose_columns(
        table, request_.label_column.empty() ? labels.column : request_.label_column);
    if (!choice) return tl::unexpected(choice.error());
    if (choice->labels) labels.column = table.columns[*choice->labels].name;
    if (!labels.column.empty()) labels.class_names = train_.find(labels.column)->class_names;
    const bool are_pixels = look_like_pixels(table, choice->inputs);
    ChosenArrays chosen;
    for (const Part* part : {&train_, test_ ? &*test_ : nullptr}) {
      if (part == nullptr) continue;
      auto numbers = part == &train_ ? *columns : std::vector<std::vector<double>>();
      if (part != &train_) {
        auto of_test = read_numbers(*part, {});
        if (!of_test) return tl::unexpected(of_test.error());
        numbers = std::move(*of_test);
      }
      (part == &train_ ? chosen.train : chosen.test.emplace()) =
          rows_of(*part, numbers, choice->inputs, are_pixels);
      if (labels.column.empty()) continue;
      auto read_labels = read_column(*part, labels.column, {});
      if (!read_labels) return tl::unexpected(read_labels.error());
      (part == &train_ ? chosen.train_labels : chosen.test_labels) = std::move(*read_labels);
    }
    RawData notes;
    notes.assumed = choice->assumed;
    notes.left_out = choice->left_out;
    auto data = with_notes(raw_data_from(std::move(chosen)), labels, std::move(notes));
    if (data && !are_pixels) {
      for (const std::size_t i : choice->inputs) data->input_names.push_back(table.columns[i].name);
    }
    if (!data) return data;
    for (const Part* part : {&train_, test_ ? &*test_ : nullptr}) {
      if (part == nullptr) continue;
      MetadataColumns metadata;
      for (const std::size_t i : choice->metadata) {
        if (is_text(train_.columns()[i])) add_column(*part, train_.columns()[i], metadata);
      }
      (part == &train_ ? data->train : *data->test).metadata = metadata.take();
      if (part != &train_) continue;
      for (std::string& sentence : metadata.take_left_out()) {
        data->left_out.push_back(std::move(sentence));
      }
    }
    return data;
  }

  // One vector a column of train_, in its order; empty: it holds no single numbers.
  Expected<std::vector<std::vector<double>>> read_numbers(const Part& part,
                                                          const Progress& progress) const {
    std::vector<std::string> wanted;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < train_.columns().size(); ++i) {
      if (!is_number(train_.columns()[i])) continue;
      wanted.push_back(train_.columns()[i].name);
      places.push_back(i);
    }
    const std::uint64_t rows = static_cast<std::uint64_t>(part.rows());
    if (auto fits = check_fits_memory(part.path(), rows * wanted.size() * sizeof(double)); !fits) {
      return tl::unexpected(fits.error());
    }
    std::vector<std::vector<double>> columns(train_.columns().size());
    auto done = part.read(
        wanted,
        [&](std::size_t i, const ArrayValues& values) { append_as(columns[places[i]], values); },
        progress);
    if (!done) return tl::unexpected(done.error());
    return columns;
  }

  static NamedArray rows_of(const Part& part, const std::vector<std::vector<double>>& columns,
                            const std::vector<std::size_t>& inputs, bool are_pixels) {
    std::vector<double> numbers;
    std::vector<std::uint8_t> bytes;
    for (std::int64_t row = 0; row < part.rows(); ++row) {
      for (const std::size_t i : inputs) {
        const double number = columns[i][static_cast<std::size_t>(row)];
        if (are_pixels) {
          bytes.push_back(static_cast<std::uint8_t>(number));
        } else {
          numbers.push_back(number);
        }
      }
    }
    const auto width = static_cast<std::int64_t>(inputs.size());
    if (!are_pixels) {
      return array_in(std::make_shared<const ArrayValues>(std::move(numbers)), {part.rows(), width},
                      ElementType::float64, part.path());
    }
    const std::int64_t side = *side_of_pictures(inputs.size());
    return array_in(std::make_shared<const ArrayValues>(std::move(bytes)),
                    {part.rows(), side, side}, ElementType::uint8, part.path());
  }

  static Expected<RawData> with_notes(Expected<RawData> data, const Labels& labels, RawData notes) {
    if (!data) return data;
    if (!labels.class_names.empty()) data->class_names = labels.class_names;
    data->assumed.insert(data->assumed.begin(), notes.assumed.begin(), notes.assumed.end());
    data->left_out.insert(data->left_out.begin(), notes.left_out.begin(), notes.left_out.end());
    data->opened_share = kOpenShare;
    return data;
  }

  // Pictures lie as whole files in the column: they become files in a folder of our own, which are
  // read as those of a person.
  Expected<RawData> open_pictures(const ChildArray& inputs, const Progress& progress) {
    RawData notes;
    const auto labels = labels_beside(inputs.name, notes);
    if (!labels) return tl::unexpected(labels.error());
    const auto folder = PrivateFolder::make();
    if (!folder) return tl::unexpected(folder.error());
    PictureFolder found;
    std::vector<std::pair<std::string, std::string>> renamed;  // our folder, their file
    std::vector<ReadLabels> read;
    for (const Part* part : {&train_, test_ ? &*test_ : nullptr}) {
      if (part == nullptr) continue;
      PictureList& list = part == &train_ ? found.train : found.test.emplace();
      for (std::size_t shard = 0; shard < part->paths().size(); ++shard) {
        const std::string& path = part->paths()[shard];
        const fs::path place = (*folder)->path() / ("part" + std::to_string(renamed.size()));
        std::error_code problem;
        fs::create_directory(place, problem);
        const auto files =
            unpack_archive(path, place, part_of(progress, 0, kOpenShare), {}, inputs.name);
        if (!files) return tl::unexpected(files.error());
        for (std::int64_t row = 0; row < part->count(shard); ++row) {
          list.paths.push_back((place / std::to_string(row)).string());
        }
        renamed.emplace_back(place.string(), path);
      }
      if (labels->column.empty()) continue;
      auto column = read_column(*part, labels->column, {});
      if (!column) return tl::unexpected(column.error());
      auto of_part = read_labels(*column, part->rows());
      if (!of_part) return tl::unexpected(of_part.error());
      read.push_back(std::move(*of_part));
    }
    if (!read.empty()) {
      RawData named;
      if (test_) named.test.emplace();
      put_labels(named, std::move(read.front()),
                 test_ ? std::optional(std::move(read.back())) : std::nullopt);
      if (auto fine = take_labels(named, *labels, found); !fine)
        return tl::unexpected(fine.error());
    }
    std::vector<std::string> as_before;
    auto metadata = metadata_of(train_, inputs.name, *labels, notes.left_out);
    auto of_test = test_ ? metadata_of(*test_, inputs.name, *labels, as_before)
                         : std::vector<MetadataColumn>();
    if (test_) unify_metadata(metadata, of_test, notes.left_out);
    found.metadata = test_ ? joined_metadata(std::move(metadata), of_test) : std::move(metadata);
    auto data = raw_data_from(found, (*folder)->path().string(), request_,
                              part_of(progress, kOpenShare, 1));
    const auto rename = [&](std::string& text) {
      for (const auto& [own, theirs] : renamed) {
        for (std::size_t at = 0; (at = text.find(own + "/", at)) != std::string::npos;) {
          text.replace(at, own.size(), theirs + ", row ");
          text.erase(at + theirs.size() + 6, 1);
        }
      }
      const std::string all = (*folder)->path().string();
      for (std::size_t at = 0; (at = text.find(all, at)) != std::string::npos;) {
        text.replace(at, all.size(), train_.path());
      }
    };
    if (!data) {
      Error error = data.error();
      rename(error.message);
      return tl::unexpected(std::move(error));
    }
    data->class_names_folder.clear();
    for (RawPart* part : {&data->train, data->test ? &*data->test : nullptr}) {
      if (part == nullptr) continue;
      rename(part->path);
      rename(part->labels_path);
      part->files.clear();  // they are no files of a person's
    }
    for (auto* sentences : {&data->assumed, &data->left_out}) {
      for (std::string& sentence : *sentences) rename(sentence);
    }
    return with_notes(std::move(data), {}, std::move(notes));
  }

  // The labels of both parts as classes.
  Expected<void> take_labels(RawData& named, const Labels& labels, PictureFolder& found) const {
    const bool by_file = !labels.class_names.empty() && named.class_names.empty();
    found.train.class_names = by_file ? labels.class_names : named.class_names;
    found.train.labels = std::move(named.train.labels);
    std::int64_t largest = 0;
    const auto check = [&](const std::vector<std::int64_t>& all) -> Expected<void> {
      if (are_hidden(all)) return {};  // loading says so
      for (std::size_t row = 0; row < all.size(); ++row) {
        if (all[row] < 0 || all[row] > kLargestLabel) {
          return fail(
              tr("'{}' has the label {} in row {} (counted from 0) of the column {}; labels are "
                 "0 to {}",
                 train_.path(), all[row], row, labels.column, kLargestLabel));
        }
        largest = std::max(largest, all[row]);
      }
      return {};
    };
    if (auto fine = check(found.train.labels); !fine) return fine;
    if (found.test) {
      found.test->labels = std::move(named.test->labels);
      if (auto fine = check(found.test->labels); !fine) return fine;
    }
    auto& names = found.train.class_names;
    for (auto next = std::ssize(names); next <= largest; ++next) {
      names.push_back(std::to_string(next));
    }
    if (found.test) found.test->class_names = names;
    return {};
  }

  const DataRequest& request_;
  std::string key_;
  Part train_;
  std::optional<Part> test_;
};

Expected<RawData> open_files(const DataRequest& request, const Progress& progress) {
  const auto [path, key] = split_key(request.source);
  const auto files = find_parquet_files(path);
  if (!files) return tl::unexpected(files.error());
  auto train = Part::open(files->train, {});
  if (!train) return tl::unexpected(train.error());
  std::optional<Part> test;
  if (!files->test.paths.empty()) {
    auto opened = Part::open(files->test, {});
    if (!opened) return tl::unexpected(opened.error());
    test = std::move(*opened);
  }
  auto data = Set(request, key, std::move(*train), std::move(test)).open(progress);
  if (!data) return data;
  data->assumed.insert(data->assumed.end(), files->assumed.begin(), files->assumed.end());
  data->left_out.insert(data->left_out.end(), files->left_out.begin(), files->left_out.end());
  return data;
}

}  // namespace

DataFormat parquet_format() {
  return {
      .source = tr("a Parquet file"),
      .contents = tr("a column of pictures (PNG, JPEG …) and one of labels, as the image sets of "
                     "the Hugging Face hub have them, or columns of numbers; FILE.parquet:COLUMN "
                     "names the inputs, --label-column the labels. Also a folder of such files, "
                     "train-….parquet and test-….parquet. Needs ./dev with parquet"),
      .endings = {".parquet"},
      .has_named_columns = true,
      .can_open =
          [](const std::string& source) {
            const std::string path = split_key(source).first;
            return is_parquet(path);
          },
      .open = open_files};
}

}  // namespace zscape
