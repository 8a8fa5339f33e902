#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/dataset.h"

// Columns of metadata on their way into a data set: what a file says of each input beside the
// numbers that a network reads and the label.
namespace zscape {

inline constexpr std::size_t kMostMetadataColumns = 64;
inline constexpr std::size_t kMostMetadataBytes = std::size_t{1} << 28U;  // of all columns
inline constexpr std::size_t kLongestMetadataText = 256;                  // bytes; the rest is cut

// The cells of a column, each distinct text once.
class MetadataTexts {
 public:
  void add(std::string_view cell);
  std::size_t count() const { return places_.size(); }
  const std::vector<std::string>& distinct() const { return texts_; }
  const std::vector<std::int32_t>& places() const { return places_; }
  std::size_t bytes() const { return bytes_ + sizeof(std::int32_t) * places_.size(); }
  // Of so many texts that no more are taken in; what it holds is useless.
  bool is_too_large() const { return bytes() > kMostMetadataBytes; }

  // Numbers where every cell spells one or is missing (empty, NA, null …), else texts. rows: the
  // cells of this column in their new order; null: all, as they are.
  MetadataColumn column(std::string name, bool decimal_comma,
                        const std::vector<std::int64_t>* rows = nullptr) const;

 private:
  std::vector<std::string> texts_;
  std::vector<std::int32_t> places_;
  std::unordered_map<std::string, std::int32_t> known_;
  std::size_t bytes_ = 0;
};

// The columns of a part, held to the bounds.
class MetadataColumns {
 public:
  // Leaves out, with a sentence, what is beyond the bounds and what says nothing of any input.
  void add(MetadataColumn column);
  void leave_out(const std::string& name, const std::string& why);

  std::vector<MetadataColumn> take() { return std::move(columns_); }
  std::vector<std::string> take_left_out() { return std::move(left_out_); }

 private:
  std::vector<MetadataColumn> columns_;
  std::size_t bytes_ = 0;
  std::vector<std::string> left_out_;
};

// These rows of a column.
MetadataColumn rows_of(const MetadataColumn& column, std::span<const std::int64_t> rows);

// Each row so many times, one after the other.
std::vector<MetadataColumn> repeated(std::vector<MetadataColumn> columns, std::int64_t times);

// Gives two parts of a set the same columns, whose texts have the same places. Says which columns
// only one of them has.
void unify_metadata(std::vector<MetadataColumn>& train, std::vector<MetadataColumn>& test,
                    std::vector<std::string>& left_out);

// Both parts one after the other, of the same columns.
std::vector<MetadataColumn> joined_metadata(std::vector<MetadataColumn> train,
                                            const std::vector<MetadataColumn>& test);

// For people: "age (numbers, 1 … 90)", "sex (text, 2 different)".
std::string metadata_text(const Dataset& data, std::size_t column);

// How many inputs of both splits have a value there, and the ends of its numbers.
struct MetadataFacts {
  std::int64_t missing = 0;
  std::size_t different = 0;  // texts that occur
  double least = 0, greatest = 0;
};
MetadataFacts facts_of(const Dataset& data, std::size_t column);

}  // namespace zscape
