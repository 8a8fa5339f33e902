#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "engine/data/array_set.h"
#include "engine/data/names.h"
#include "engine/data/table.h"
#include "engine/data_memory.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".amat";

// The numbers of an .amat file, Larochelle's text: a row a line, with blanks between them.
struct Matrix {
  std::string path;
  std::int64_t rows = 0;
  std::size_t columns = 0;
  bool are_bytes = true;            // all are whole, 0 … 255
  std::vector<std::uint8_t> bytes;  // while they are
  std::vector<float> numbers;       // else
  double at(std::size_t place) const { return are_bytes ? bytes[place] : numbers[place]; }

  void add(double number) {
    const bool fits = number >= 0 && number <= 255 && number == std::floor(number);
    if (are_bytes && !fits) {
      are_bytes = false;
      numbers.assign(bytes.begin(), bytes.end());
      bytes = {};
    }
    if (are_bytes) {
      bytes.push_back(static_cast<std::uint8_t>(number));
    } else {
      numbers.push_back(static_cast<float>(number));
    }
  }
};
using MatrixPtr = std::shared_ptr<const Matrix>;

Expected<MatrixPtr> read_matrix(const std::string& path, const Progress& progress) {
  auto reader = TableReader::open(path);
  if (!reader) return tl::unexpected(reader.error());
  auto matrix = std::make_shared<Matrix>();
  matrix->path = path;
  std::vector<std::string> cells;
  for (;;) {
    const auto more = reader->next(cells, ' ');
    if (!more) return tl::unexpected(more.error());
    if (!*more) break;
    std::size_t column = 0;
    for (const std::string& cell : cells) {
      if (cell.empty()) continue;  // several blanks stand for one
      ++column;
      const auto number = number_in(cell, false);
      if (!number || !std::isfinite(*number)) {
        return fail(tr("'{}' has '{}' in line {}, column {}, which is no finite number", path,
                       as_utf8(cell), reader->line(), column));
      }
      matrix->add(*number);
    }
    if (matrix->rows == 0) matrix->columns = column;
    if (column != matrix->columns) {
      return fail(tr("'{}': line {} has {} columns, and the first has {}", path, reader->line(),
                     column, matrix->columns));
    }
    ++matrix->rows;
    if (matrix->rows % 1024 == 0) {
      const std::size_t held = matrix->bytes.size() + matrix->numbers.size() * sizeof(float);
      if (auto fits = check_fits_memory(path, held); !fits) return tl::unexpected(fits.error());
    }
    if (matrix->rows % 1024 == 0 && !report(progress, reader->share())) {
      return fail(tr("reading '{}' was cancelled", path), ErrorCode::cancelled);
    }
  }
  if (matrix->rows == 0) return fail(tr("'{}' holds no numbers", path));
  return matrix;
}

std::optional<std::int64_t> side_of(std::size_t columns) {
  const auto side = std::llround(std::sqrt(static_cast<double>(columns)));
  if (side < 2 || static_cast<std::size_t>(side * side) != columns) return std::nullopt;
  return side;
}

// Pictures with the class behind their pixels, as in Larochelle's other sets.
bool has_labels(const Matrix& matrix) {
  if (side_of(matrix.columns) || matrix.columns < 2 || !side_of(matrix.columns - 1)) return false;
  for (std::int64_t row = 0; row < matrix.rows; ++row) {
    const double last = matrix.at((static_cast<std::size_t>(row) + 1) * matrix.columns - 1);
    if (last < 0 || last > 255 || last != std::floor(last)) return false;
  }
  return true;
}

// Columns first … end of a matrix as an array of this shape.
NamedArray array_in(const MatrixPtr& matrix, std::size_t begin, std::size_t end,
                    std::vector<std::int64_t> shape) {
  NamedArray array{.name = "", .where = matrix->path};
  array.type = matrix->are_bytes ? ElementType::uint8 : ElementType::float32;
  array.shape = std::move(shape);
  array.read = [matrix, begin, end](std::int64_t first,
                                    std::int64_t count) -> Expected<ArrayValues> {
    const auto part = [&](const auto& all) -> ArrayValues {
      std::decay_t<decltype(all)> values;
      values.reserve(static_cast<std::size_t>(count) * (end - begin));
      for (std::int64_t row = first; row < first + count; ++row) {
        const auto place = all.begin() + row * static_cast<std::ptrdiff_t>(matrix->columns);
        values.insert(values.end(), place + static_cast<std::ptrdiff_t>(begin),
                      place + static_cast<std::ptrdiff_t>(end));
      }
      return values;
    };
    return matrix->are_bytes ? part(matrix->bytes) : part(matrix->numbers);
  };
  return array;
}

NamedArray inputs_of(const MatrixPtr& matrix, bool labelled) {
  const std::size_t columns = matrix->columns - (labelled ? 1 : 0);
  std::vector<std::int64_t> shape = {matrix->rows, static_cast<std::int64_t>(columns)};
  if (const auto side = side_of(columns)) shape = {matrix->rows, *side, *side};
  return array_in(matrix, 0, columns, std::move(shape));
}

NamedArray labels_of(const MatrixPtr& matrix) {
  return array_in(matrix, matrix->columns - 1, matrix->columns, {matrix->rows});
}

// A set's files: NAME_train.amat, NAME_valid.amat, NAME_test.amat.
struct AmatFiles {
  std::string train, valid, test;
};

bool has_ending(const fs::path& path) {
  return path.extension() == kEnding;
}

// Those beside a file of that set; the file alone where its name says nothing.
AmatFiles beside(const fs::path& path) {
  constexpr std::string_view kTrain = "_train";
  const std::string stem = path.stem().string();
  AmatFiles files{.train = path.string(), .valid = "", .test = ""};
  if (!stem.ends_with(kTrain)) return files;
  const auto other = [&](std::string_view part) {
    const fs::path wanted =
        path.parent_path() / (stem.substr(0, stem.size() - kTrain.size()) + std::string(part));
    std::error_code ignored;
    return fs::is_regular_file(wanted, ignored) ? wanted.string() : std::string();
  };
  files.valid = other("_valid.amat");
  files.test = other("_test.amat");
  return files;
}

// The file of a folder whose set is meant; empty: it holds none.
std::string train_file_in(const fs::path& folder) {
  std::vector<std::string> paths;
  std::error_code problem;
  for (fs::directory_iterator it(folder, problem), end; !problem && it != end;
       it.increment(problem)) {
    if (has_ending(it->path()) && it->path().stem().string().ends_with("_train")) {
      paths.push_back(it->path().string());
    }
  }
  return paths.size() == 1 ? paths.front() : "";
}

Expected<RawData> open_amat(const DataRequest& request, const Progress& progress) {
  std::error_code ignored;
  const bool is_folder = fs::is_directory(request.source, ignored);
  const AmatFiles files = beside(is_folder ? train_file_in(request.source) : request.source);
  constexpr double kTrainShare = 0.8, kShare = 0.95;
  const auto train = read_matrix(files.train, part_of(progress, 0, kTrainShare));
  if (!train) return tl::unexpected(train.error());
  const bool labelled = has_labels(**train);
  ChosenArrays arrays;
  arrays.train = inputs_of(*train, labelled);
  if (labelled) arrays.train_labels = labels_of(*train);
  if (!files.test.empty()) {
    const auto test = read_matrix(files.test, part_of(progress, kTrainShare, kShare));
    if (!test) return tl::unexpected(test.error());
    if ((*test)->columns != (*train)->columns) {
      return fail(tr("'{}' has {} columns, and '{}' has {}", files.test, (*test)->columns,
                     files.train, (*train)->columns));
    }
    arrays.test = inputs_of(*test, labelled);
    if (labelled) arrays.test_labels = labels_of(*test);
  }
  auto data = raw_data_from(std::move(arrays));
  if (!data) return data;
  data->opened_share = kShare;
  if (labelled) data->assumed.push_back(tr("the last column holds the labels"));
  if (!files.test.empty()) {
    data->assumed.push_back(
        tr("{} is the test part", as_utf8(fs::path(files.test).filename().string())));
  }
  if (!files.valid.empty()) {
    data->left_out.push_back(tr("{}: a validation part, and zscape holds out its own",
                                as_utf8(fs::path(files.valid).filename().string())));
  }
  return data;
}

}  // namespace

DataFormat amat_folder_format() {
  return {
      .source = tr("a folder of .amat files"),
      .contents = tr("NAME_train.amat, with NAME_test.amat where it is: Larochelle's text, as of "
                     "his binarised MNIST"),
      .can_open = [](const std::string& source) { return !train_file_in(source).empty(); },
      .open = open_amat};
}

DataFormat amat_file_format() {
  return {.source = tr("an .amat file"),
          .contents = tr("a row an input, numbers with blanks between them; square pictures, with "
                         "the label behind them where it is"),
          .endings = {std::string(kEnding)},
          .can_open =
              [](const std::string& source) {
                std::error_code ignored;
                return has_ending(source) && fs::is_regular_file(source, ignored);
              },
          .open = open_amat};
}

}  // namespace zscape
