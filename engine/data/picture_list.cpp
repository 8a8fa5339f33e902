#include "engine/data/picture_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/data/names.h"
#include "engine/data/picture_file.h"
#include "engine/data/side_table.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNamed = 5;  // of what a note lists

// The length of the digits at the start of a text, and where they begin after zeros.
std::pair<std::size_t, std::size_t> digits_of(std::string_view text) {
  std::size_t length = 0, first = 0;
  while (length < text.size() && text[length] >= '0' && text[length] <= '9') ++length;
  while (first < length && text[first] == '0') ++first;
  return {length, first};
}

// The order in which people count: 1, 2, 10.
bool comes_before(std::string_view one, std::string_view other) {
  std::string_view a = one, b = other;
  while (!a.empty() && !b.empty()) {
    const auto [a_length, a_first] = digits_of(a);
    const auto [b_length, b_first] = digits_of(b);
    if (a_length > 0 && b_length > 0) {
      const auto a_digits = a.substr(a_first, a_length - a_first);
      const auto b_digits = b.substr(b_first, b_length - b_first);
      if (a_digits.size() != b_digits.size()) return a_digits.size() < b_digits.size();
      if (a_digits != b_digits) return a_digits < b_digits;
      a.remove_prefix(a_length);
      b.remove_prefix(b_length);
      continue;
    }
    if (a.front() != b.front()) return a.substr(0, 1) < b.substr(0, 1);
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.empty() != b.empty() ? a.empty() : one < other;
}

std::string small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char letter) {
    return static_cast<char>(std::tolower(letter));
  });
  return text;
}

// What operating systems leave in folders.
bool is_of_system(const std::string& name) {
  const std::string small = small_letters(name);
  return name.starts_with('.') || small == "thumbs.db" || small == "desktop.ini" ||
         small == "__macosx";
}

std::string named(const std::vector<std::string>& names) {
  const auto first = std::span(names).first(std::min(names.size(), kMostNamed));
  if (first.size() == names.size()) return fmt::format("{}", fmt::join(names, ", "));
  return tr("{} and {} more", fmt::join(first, ", "), names.size() - first.size());
}

// A folder's pictures, sorted by name, and its sub-folders as people count them, without hidden
// ones.
struct Listing {
  std::vector<fs::path> pictures;
  std::vector<fs::path> folders;
  std::vector<std::string> other_endings;  // one a file that is no picture
};

Expected<Listing> list_folder(const fs::path& folder) {
  Listing listing;
  std::error_code problem;
  for (auto entry = fs::directory_iterator(folder, problem);
       !problem && entry != fs::directory_iterator(); entry.increment(problem)) {
    const std::string name = entry->path().filename().string();
    if (is_of_system(name)) continue;
    std::error_code ignored;
    if (entry->is_directory(ignored)) {
      listing.folders.push_back(entry->path());
    } else if (has_picture_name(name) && entry->is_regular_file(ignored)) {
      listing.pictures.push_back(entry->path());
    } else if (name != "labels.txt" && !is_side_table_name(name)) {
      const std::string ending = small_letters(entry->path().extension().string());
      listing.other_endings.push_back(ending.empty() ? name : ending);
    }
  }
  if (problem) {
    return fail(tr("the folder '{}' cannot be read: {}", folder.string(), problem.message()));
  }
  std::ranges::sort(listing.pictures);
  std::ranges::sort(listing.folders, [](const fs::path& a, const fs::path& b) {
    return comes_before(a.filename().native(), b.filename().native());
  });
  return listing;
}

// Walks a folder for pictures and remembers what it passes by.
class PictureSearch {
 public:
  // The pictures of a folder, of its sub-folders, or of theirs.
  Expected<PictureList> list(const fs::path& folder) {
    list_ = {};
    const auto top = listing_of(folder);
    if (!top) return tl::unexpected(top.error());
    append(top->pictures);
    for (const fs::path& inner : top->folders) {
      const std::string name = as_utf8(inner.filename().string());
      const auto of_class = listing_of(inner);
      if (!of_class) return tl::unexpected(of_class.error());
      if (auto added = add_class(name, folder, *top, inner, *of_class); !added) {
        return tl::unexpected(added.error());
      }
      bool is_empty = of_class->pictures.empty();
      for (const fs::path& deep : of_class->folders) {
        const auto deeper = listing_of(deep);
        if (!deeper) return tl::unexpected(deeper.error());
        const std::string deep_name = name + "/" + as_utf8(deep.filename().string());
        const Listing& above = top->pictures.empty() ? *of_class : *top;
        if (auto added =
                add_class(deep_name, top->pictures.empty() ? inner : folder, above, deep, *deeper);
            !added) {
          return tl::unexpected(added.error());
        }
        is_empty = is_empty && deeper->pictures.empty();
        note_deeper(deep_name, *deeper);
      }
      if (is_empty) empty_.push_back(name);
    }
    return std::move(list_);
  }

  // What was passed by in all searches.
  std::vector<std::string> left_out() const {
    std::vector<std::string> notes;
    if (!endings_.empty()) {
      std::vector<std::string> counts;
      std::int64_t files = 0;
      for (const auto& [ending, count] : endings_) {
        counts.push_back(fmt::format("{} {}", ending, count));
        files += count;
      }
      notes.push_back(
          tr("files left out, no pictures by their names: {} ({})", files, named(counts)));
    }
    if (!empty_.empty()) {
      notes.push_back(tr("sub-folders left out, without pictures: {}", named(empty_)));
    }
    if (!too_deep_.empty()) {
      notes.push_back(tr("sub-folders left out, more than two levels deep: {}", named(too_deep_)));
    }
    return notes;
  }

 private:
  Expected<Listing> listing_of(const fs::path& folder) {
    auto listing = list_folder(folder);
    if (!listing) return listing;
    for (const std::string& ending : listing->other_endings) ++endings_[ending];
    return listing;
  }

  // Adds the pictures of a sub-folder as a class, unless the folder above it has some itself.
  Expected<void> add_class(const std::string& name, const fs::path& folder, const Listing& above,
                           const fs::path& inner, const Listing& pictures) {
    if (pictures.pictures.empty()) return {};
    if (!above.pictures.empty()) {
      return fail(
          tr("'{}' holds pictures both directly ('{}') and in its sub-folder '{}'; put each "
             "picture into a sub-folder for its class, or none",
             folder.string(), above.pictures.front().filename().string(),
             inner.lexically_relative(folder).string()));
    }
    list_.labels.insert(list_.labels.end(), pictures.pictures.size(),
                        static_cast<std::int64_t>(list_.class_names.size()));
    list_.class_names.push_back(name);
    append(pictures.pictures);
    return {};
  }

  void append(const std::vector<fs::path>& pictures) {
    for (const fs::path& path : pictures) list_.paths.push_back(path.string());
  }

  void note_deeper(const std::string& name, const Listing& listing) {
    for (const fs::path& folder : listing.folders) {
      const auto inner = list_folder(folder);
      if (inner && inner->pictures.empty() && inner->folders.empty()) continue;
      too_deep_.push_back(name + "/" + as_utf8(folder.filename().string()));
    }
  }

  PictureList list_;
  std::map<std::string, std::int64_t> endings_;
  std::vector<std::string> empty_, too_deep_;
};

// Refuses a class that `other` does not have.
Expected<void> check_classes(const PictureList& holder, const std::string& holder_name,
                             const PictureList& other, const std::string& other_name,
                             const fs::path& folder) {
  for (const std::string& name : holder.class_names) {
    if (std::ranges::find(other.class_names, name) != other.class_names.end()) continue;
    return fail(tr("'{}' has pictures in {}/{}, and none in {}/{}; both need the same classes",
                   folder.string(), holder_name, name, other_name, name));
  }
  return {};
}

// The sub-folders of a folder that say what their pictures are for; empty: there is none.
struct Parts {
  fs::path train, test;
  std::vector<std::string> others;  // names beside those two
  std::size_t pictures = 0;         // directly in the folder
};

Expected<Parts> parts_of(const fs::path& folder) {
  const auto listing = list_folder(folder);
  if (!listing) return tl::unexpected(listing.error());
  const auto find = [&](std::string_view name) {
    fs::path found;
    for (const fs::path& inner : listing->folders) {
      const std::string own = inner.filename().string();
      if (own == name || (found.empty() && small_letters(own) == name)) found = inner;
    }
    return found;
  };
  Parts parts{find("train"), find("test"), {}, listing->pictures.size()};
  for (const std::string_view name : {"val", "valid", "validation"}) {
    if (parts.test.empty()) parts.test = find(name);
  }
  for (const fs::path& inner : listing->folders) {
    if (inner != parts.train && inner != parts.test) {
      parts.others.push_back(as_utf8(inner.filename().string()));
    }
  }
  return parts;
}

// The pictures of the sub-folders for training and testing; nothing if both hold none.
Expected<std::optional<PictureFolder>> find_two_sets(const fs::path& folder, const Parts& parts) {
  PictureSearch search;
  auto train = search.list(parts.train);
  if (!train) return tl::unexpected(train.error());
  auto test = search.list(parts.test);
  if (!test) return tl::unexpected(test.error());
  if (train->paths.empty() && test->paths.empty()) return std::nullopt;
  const std::string train_name = parts.train.filename().string();
  const std::string test_name = parts.test.filename().string();
  for (const auto& [list, name] : {std::pair{&*train, train_name}, std::pair{&*test, test_name}}) {
    if (list->paths.empty()) {
      return fail(tr("'{}' holds no pictures in its sub-folder {}", folder.string(), name));
    }
  }
  if (auto fine = check_classes(*train, train_name, *test, test_name, folder); !fine) {
    return tl::unexpected(fine.error());
  }
  if (auto fine = check_classes(*test, test_name, *train, train_name, folder); !fine) {
    return tl::unexpected(fine.error());
  }
  PictureFolder found{std::move(*train), std::move(*test), {}, search.left_out()};
  if (small_letters(test_name) != "test") {
    found.assumed = tr("the test part is {}", test_name);
  }
  if (!parts.others.empty()) {
    found.left_out.push_back(tr("sub-folders left out, beside {} and {}: {}", train_name, test_name,
                                named(parts.others)));
  }
  if (parts.pictures > 0) {
    found.left_out.push_back(
        tr("pictures left out, beside {} and {}: {}", train_name, test_name, parts.pictures));
  }
  return found;
}

}  // namespace

Expected<std::optional<PictureFolder>> find_pictures(const fs::path& folder) {
  const auto parts = parts_of(folder);
  if (!parts) return tl::unexpected(parts.error());
  if (!parts->train.empty() && !parts->test.empty()) {
    auto two = find_two_sets(folder, *parts);
    if (!two || *two) return two;
  }
  // A lone folder train is no class.
  const bool is_lone =
      !parts->train.empty() && parts->test.empty() && parts->others.empty() && parts->pictures == 0;
  PictureSearch search;
  auto list = search.list(is_lone ? parts->train : folder);
  if (!list) return tl::unexpected(list.error());
  if (list->paths.empty()) return std::nullopt;
  return PictureFolder{std::move(*list), std::nullopt, {}, search.left_out()};
}

}  // namespace zscape
