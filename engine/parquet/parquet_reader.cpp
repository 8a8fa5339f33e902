#include <arrow/array.h>
#include <arrow/io/file.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <array>
#include <exception>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/parquet/plugin.h"
#include "engine/text.h"

namespace zscape {
namespace {

using namespace std::string_view_literals;
using arrow::Array;
using arrow::Type;
using nlohmann::json;

constexpr std::int64_t kRowsAtOnce = 256;
constexpr std::int64_t kBuffer = std::int64_t{1} << 20U;

// NumPy's name; null: no number.
const char* number_type(Type::type type) {
  switch (type) {
    case Type::BOOL:
      return "bool";
    case Type::UINT8:
      return "uint8";
    case Type::INT8:
      return "int8";
    case Type::UINT16:
      return "uint16";
    case Type::INT16:
      return "int16";
    case Type::UINT32:
      return "uint32";
    case Type::INT32:
      return "int32";
    case Type::UINT64:
      return "uint64";
    case Type::INT64:
      return "int64";
    case Type::HALF_FLOAT:
      return "float16";
    case Type::FLOAT:
      return "float32";
    case Type::DOUBLE:
      return "float64";
    default:
      return nullptr;
  }
}

bool is_text(const arrow::DataType& type) {
  if (type.id() == Type::DICTIONARY) {
    return is_text(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return type.id() == Type::STRING || type.id() == Type::LARGE_STRING;
}

bool begins_as_picture(std::string_view bytes) {
  constexpr std::array kBegins = {"\x89PNG"sv, "\xFF\xD8\xFF"sv, "GIF8"sv,
                                  "BM"sv,      "II*\0"sv,        "MM\0*"sv};
  return std::ranges::any_of(kBegins, [&](auto begin) { return bytes.starts_with(begin); }) ||
         (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP"));
}

// Of an array of bytes; none where there is no value.
std::optional<std::string_view> bytes_at(const Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::nullopt;
  if (array.type_id() == Type::BINARY) {
    return static_cast<const arrow::BinaryArray&>(array).GetView(row);
  }
  return static_cast<const arrow::LargeBinaryArray&>(array).GetView(row);
}

bool holds_bytes(const arrow::DataType& type) {
  return type.id() == Type::BINARY || type.id() == Type::LARGE_BINARY;
}

std::string text_at(const Array& array, std::int64_t row) {
  if (array.type_id() == Type::DICTIONARY) {
    const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
    const auto& values = *coded.dictionary();
    const std::int64_t place = coded.GetValueIndex(row);
    if (place < 0 || place >= values.length() || values.IsNull(place)) return "";
    return text_at(values, place);
  }
  if (array.type_id() == Type::STRING) {
    return static_cast<const arrow::StringArray&>(array).GetString(row);
  }
  return static_cast<const arrow::LargeStringArray&>(array).GetString(row);
}

void add_leaves(const parquet::arrow::SchemaField& field, std::vector<int>& leaves) {
  if (field.is_leaf()) leaves.push_back(field.column_index);
  for (const auto& child : field.children) add_leaves(child, leaves);
}

// The names that the Hugging Face hub gives to the numbers of a column; empty: it has none.
std::vector<std::string> names_of_hub(const arrow::Schema& schema, const std::string& column) {
  const auto metadata = schema.metadata();
  if (!metadata) return {};
  const auto text = metadata->Get("huggingface");
  if (!text.ok()) return {};
  const json told = json::parse(*text, nullptr, false);
  try {
    return told.at("info").at("features").at(column).at("names");
  } catch (const json::exception&) {
    return {};
  }
}

struct Column {
  std::vector<int> leaves;  // of the file's own columns
  ArrayInfo info;
};

class ParquetReader final : public FileReader {
 public:
  explicit ParquetReader(std::string path) : path_(std::move(path)) {}

  Expected<void> open() {
    auto* pool = arrow::system_memory_pool();
    auto file = arrow::io::ReadableFile::Open(path_, pool);
    if (!file.ok()) return refused(file.status());
    parquet::ReaderProperties properties(pool);
    properties.enable_buffered_stream();
    properties.set_buffer_size(kBuffer);
    parquet::arrow::FileReaderBuilder builder;
    if (const auto opened = builder.Open(*file, properties); !opened.ok()) return refused(opened);
    parquet::ArrowReaderProperties of_arrow(/*use_threads=*/false);
    of_arrow.set_pre_buffer(false);
    of_arrow.set_batch_size(kRowsAtOnce);
    const auto built = builder.memory_pool(pool)->properties(of_arrow)->Build(&file_);
    return built.ok() ? Expected<void>() : refused(built);
  }

  Expected<FileInfo> list() override {
    std::shared_ptr<arrow::Schema> schema;
    if (const auto got = file_->GetSchema(&schema); !got.ok()) return refused(got);
    rows_ = file_->parquet_reader()->metadata()->num_rows();
    if (rows_ < 0) return fail(tr("'{}' says that it has {} rows", path_, rows_));
    FileInfo info;
    const auto& fields = file_->manifest().schema_fields;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      Column column;
      add_leaves(fields[i], column.leaves);
      column.info.name = fields[i].field->name();
      column.info.shape = {rows_};
      auto known = describe(*fields[i].field->type(), column);
      if (!known) return tl::unexpected(known.error());
      if (!*known) {
        info.notes.push_back(tr("the column {}: of the type {}, which zscape does not read",
                                column.info.name, fields[i].field->type()->ToString()));
        continue;
      }
      column.info.class_names = names_of_hub(*schema, column.info.name);
      info.arrays.push_back(column.info);
      columns_.push_back(std::move(column));
    }
    return info;
  }

  Expected<void> read(std::size_t array, std::size_t axis, std::int64_t first, std::int64_t rows,
                      const Sink& sink) override {
    if (axis != 0) return fail(tr("'{}': the rows of a column come first", path_));
    return for_each_batch(columns_.at(array), first, rows,
                          [&](const std::shared_ptr<Array>& part, std::int64_t row) {
                            return send_numbers(part, columns_.at(array).info, 1, row, sink);
                          });
  }

  Expected<std::vector<std::string>> read_text(std::size_t array) override {
    const Column& column = columns_.at(array);
    std::vector<std::string> texts;
    auto done =
        for_each_batch(column, 0, rows_,
                       [&](const std::shared_ptr<Array>& part, std::int64_t row) -> Expected<void> {
                         for (std::int64_t i = 0; i < part->length(); ++i) {
                           if (part->IsNull(i)) return no_value(column.info.name, row + i);
                           texts.push_back(text_at(*part, i));
                         }
                         return {};
                       });
    if (!done) return tl::unexpected(done.error());
    return texts;
  }

  Expected<void> read_files(const std::string& name, const FileSink& sink) override {
    const auto found = std::ranges::find_if(
        columns_, [&](const Column& column) { return column.info.name == name; });
    if (found == columns_.end() || found->info.type != kPictureType) {
      return fail(tr("'{}' has no column '{}' of pictures", path_, name));
    }
    return for_each_batch(
        *found, 0, rows_,
        [&](const std::shared_ptr<Array>& part, std::int64_t row) -> Expected<void> {
          const auto bytes = bytes_in(part);
          for (std::int64_t i = 0; i < part->length(); ++i) {
            const auto value = part->IsNull(i) ? std::nullopt : bytes_at(*bytes, i);
            if (!value) continue;
            sink(row + i, std::as_bytes(std::span(value->data(), value->size())));
          }
          return {};
        });
  }

 private:
  tl::unexpected<Error> refused(const arrow::Status& status) const {
    std::string message = status.message();
    std::ranges::replace(message, '\n', ' ');
    return fail(tr("'{}' cannot be read as a Parquet file: {}", path_, message));
  }

  tl::unexpected<Error> no_value(const std::string& column, std::int64_t row) const {
    return fail(
        tr("'{}' has no value in row {} (counted from 0) of the column {}", path_, row, column));
  }

  // The bytes of pictures: the column itself, or the field `bytes` of its records.
  static std::shared_ptr<Array> bytes_in(const std::shared_ptr<Array>& part) {
    if (part->type_id() != Type::STRUCT) return part;
    return static_cast<const arrow::StructArray&>(*part).GetFieldByName("bytes");
  }

  // False: a type that is left out.
  Expected<bool> describe(const arrow::DataType& type, Column& column) {
    if (const char* number = number_type(type.id())) {
      column.info.type = number;
      return true;
    }
    if (is_text(type)) {
      column.info.type = "text";
      return true;
    }
    const bool is_record = type.id() == Type::STRUCT;
    if (is_record || holds_bytes(type)) {
      if (is_record) {
        const auto bytes = static_cast<const arrow::StructType&>(type).GetFieldByName("bytes");
        if (!bytes || !holds_bytes(*bytes->type())) return false;
      }
      column.info.type = kPictureType;
      return holds_pictures(column);
    }
    return describe_list(column);
  }

  // Whether the first value of a column is a picture.
  Expected<bool> holds_pictures(const Column& column) {
    bool known = false, is_picture = false;
    auto done =
        for_each_batch(column, 0, std::min(rows_, kRowsAtOnce),
                       [&](const std::shared_ptr<Array>& part, std::int64_t) -> Expected<void> {
                         const auto bytes = bytes_in(part);
                         for (std::int64_t i = 0; i < part->length() && !known; ++i) {
                           const auto value = part->IsNull(i) ? std::nullopt : bytes_at(*bytes, i);
                           if (!value) continue;
                           known = true;
                           is_picture = begins_as_picture(*value);
                         }
                         return {};
                       });
    if (!done) return tl::unexpected(done.error());
    return is_picture;
  }

  // Lists of numbers; their lengths are those of the first row, and reading checks the others.
  Expected<bool> describe_list(Column& column) {
    bool is_known = false;
    auto done = for_each_batch(
        column, 0, std::min<std::int64_t>(rows_, 1),
        [&](const std::shared_ptr<Array>& part, std::int64_t) -> Expected<void> {
          std::shared_ptr<Array> level = part;
          while (level->length() > 0 && !level->IsNull(0)) {
            if (level->type_id() == Type::LIST) {
              const auto& lists = static_cast<const arrow::ListArray&>(*level);
              column.info.shape.push_back(lists.value_length(0));
              level = lists.values()->Slice(lists.value_offset(0));
            } else if (level->type_id() == Type::FIXED_SIZE_LIST) {
              const auto& lists = static_cast<const arrow::FixedSizeListArray&>(*level);
              column.info.shape.push_back(lists.value_length(0));
              level = lists.values()->Slice(lists.value_offset(0));
            } else {
              break;
            }
          }
          if (const char* number = number_type(level->type_id())) {
            column.info.type = number;
            is_known = true;
          }
          return {};
        });
    if (!done) return tl::unexpected(done.error());
    return is_known;
  }

  // Rows of a column, in parts. row: of the part's first.
  template <class Take>
  Expected<void> for_each_batch(const Column& column, std::int64_t first, std::int64_t rows,
                                Take take) {
    if (rows == 0) return {};
    const auto metadata = file_->parquet_reader()->metadata();
    std::vector<int> groups;
    std::int64_t row = 0, passed = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      const std::int64_t count = metadata->RowGroup(group)->num_rows();
      if (passed + count > first && passed < first + rows) {
        if (groups.empty()) row = passed;
        groups.push_back(group);
      }
      passed += count;
    }
    auto reader = file_->GetRecordBatchReader(groups, column.leaves);
    if (!reader.ok()) return refused(reader.status());
    while (row < first + rows) {
      auto batch = (*reader)->Next();
      if (!batch.ok()) return refused(batch.status());
      if (!*batch || (*batch)->num_columns() != 1 || (*batch)->num_rows() == 0) break;
      const std::shared_ptr<Array>& part = (*batch)->column(0);
      const std::int64_t begin = std::max<std::int64_t>(first - row, 0);
      const std::int64_t end = std::min(part->length(), first + rows - row);
      if (begin < end) {
        if (const auto valid = part->Validate(); !valid.ok()) return refused(valid);
        auto taken = take(part->Slice(begin, end - begin), row + begin);
        if (!taken) return taken;
      }
      row += part->length();
    }
    if (row >= first + rows) return {};
    return fail(
        tr("'{}' is cut short: the column {} ends behind {} rows", path_, column.info.name, row));
  }

  // level: the dimension of the shape that the lists of this array are.
  Expected<void> send_numbers(const std::shared_ptr<Array>& array, const ArrayInfo& info,
                              std::size_t level, std::int64_t row, const Sink& sink) {
    for (std::int64_t i = 0; array->null_count() > 0 && i < array->length(); ++i) {
      if (array->IsNull(i)) return no_value(info.name, row + (level == 1 ? i : 0));
    }
    if (array->length() == 0) return {};
    if (level < info.shape.size()) {
      const std::int64_t wanted = info.shape[level];
      const auto inner = [&](const auto& lists) -> Expected<std::shared_ptr<Array>> {
        for (std::int64_t i = 0; i < lists.length(); ++i) {
          if (lists.value_length(i) == wanted) continue;
          return fail(
              tr("'{}': the column {} holds lists of {} and, near row {} (counted from 0), of "
                 "{} numbers; inputs need as many in each row",
                 path_, info.name, wanted, row + (level == 1 ? i : 0), lists.value_length(i)));
        }
        return lists.values()->Slice(lists.value_offset(0), lists.length() * wanted);
      };
      const auto values = array->type_id() == Type::LIST
                              ? inner(static_cast<const arrow::ListArray&>(*array))
                              : inner(static_cast<const arrow::FixedSizeListArray&>(*array));
      if (!values) return tl::unexpected(values.error());
      return send_numbers(*values, info, level + 1, row, sink);
    }
    if (array->type_id() == Type::BOOL) {
      const auto& flags = static_cast<const arrow::BooleanArray&>(*array);
      std::vector<std::byte> bytes;
      for (std::int64_t i = 0; i < flags.length(); ++i) bytes.push_back(std::byte{flags.Value(i)});
      sink(bytes);
      return {};
    }
    const auto& data = *array->data();
    const auto size = static_cast<std::size_t>(
        static_cast<const arrow::FixedWidthType&>(*array->type()).bit_width() / 8);
    sink(std::span(reinterpret_cast<const std::byte*>(data.buffers.at(1)->data()) +
                       static_cast<std::size_t>(data.offset) * size,
                   static_cast<std::size_t>(data.length) * size));
    return {};
  }

  std::string path_;
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::int64_t rows_ = 0;
  std::vector<Column> columns_;
};

}  // namespace
}  // namespace zscape

void zscape_open_parquet(const std::string& path, std::unique_ptr<zscape::FileReader>* reader,
                         std::string* error) {
  try {
    auto opened = std::make_unique<zscape::ParquetReader>(path);
    if (const auto done = opened->open(); !done) {
      *error = done.error().message;
      return;
    }
    *reader = std::move(opened);
  } catch (const std::exception& problem) {
    *error = zscape::tr("'{}' cannot be read as a Parquet file: {}", path, problem.what());
  }
}
