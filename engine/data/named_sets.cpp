#include "engine/data/named_sets.h"

#include <algorithm>
#include <iterator>

#include "engine/data/formats.h"
#include "engine/data/idx.h"
#include "engine/data/user_folder.h"
#include "engine/text.h"

namespace zscape {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTrainImages = "train-images-idx3-ubyte.gz";
constexpr const char* kTrainLabels = "train-labels-idx1-ubyte.gz";
constexpr const char* kTestImages = "t10k-images-idx3-ubyte.gz";
constexpr const char* kTestLabels = "t10k-labels-idx1-ubyte.gz";

// Opens a fetched set; the error says how to fetch it.
Expected<RawData> open_named_set(const NamedSet& set) {
  const auto folder = named_set_folder(set);
  if (!folder) return tl::unexpected(folder.error());
  if (!has_all_idx_files(*folder)) {
    return fail(tr(
        "data '{}' is not here yet; `zscape fetch {}` downloads it (a folder of that name is ./{})",
        set.name, set.name, set.name));
  }
  auto data = open_idx_folder(*folder);
  if (!data) return data;
  std::int64_t classes = 0;
  for (const RawPart* part : {&data->train, &*data->test}) {
    for (const std::int64_t label : part->labels) classes = std::max(classes, label + 1);
  }
  if (classes > static_cast<std::int64_t>(set.class_names.size())) {
    return fail(
        tr("'{}' holds labels of {} classes, which {} has not; remove that folder and run `zscape "
           "fetch {}`",
           folder->string(), classes, set.name, set.name));
  }
  data->class_names = set.class_names;
  data->class_names_folder.clear();
  data->has_open_range = false;
  return data;
}

DataFormat format_of(const NamedSet& set) {
  return {.source = set.name,
          .is_name = true,
          .contents = set.contents,
          .can_open = [name = set.name](const std::string& source) { return source == name; },
          .open = [set](const DataRequest&, const Progress&) { return open_named_set(set); }};
}

}  // namespace

std::span<const NamedSet> named_sets() {
  static const std::vector<NamedSet> kSets = {
      // Y. LeCun, C. Cortes, C. Burges.
      {"mnist",
       {{kTrainImages, 9912422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"},
        {kTrainLabels, 28881, "d53e105ee54ea40749a09fcbcd1e9432"},
        {kTestImages, 1648877, "9fb629c4189551a2d022fa330f9573f3"},
        {kTestLabels, 4542, "ec29112dd5afa0611ce80d1b7f02629c"}},
       {"https://ossci-datasets.s3.amazonaws.com/mnist",
        "https://storage.googleapis.com/cvdf-datasets/mnist"},
       {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"},
       tr("70,000 handwritten digits; `zscape fetch mnist` downloads them")},
      // Xiao, Rasul, Vollgraf, 2017.
      {"fashion-mnist",
       {{kTrainImages, 26421880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"},
        {kTrainLabels, 29515, "25c81989df183df01b3e8a0aad5dffbe"},
        {kTestImages, 4422102, "bef4ecab320f06d8554ea6380940ec79"},
        {kTestLabels, 5148, "bb300cfdad3c16e7a12a480ee83cd310"}},
       {"https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets"},
       {"t-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag",
        tr("ankle boot")},
       tr("70,000 pieces of clothing; `zscape fetch fashion-mnist` downloads them")},
      // Clanuwat et al., 2018. Classes are named by sound, since the fonts have Latin letters only.
      {"kmnist",
       {{kTrainImages, 18165135, "bdb82020997e1d708af4cf47b453dcf7"},
        {kTrainLabels, 29497, "e144d726b3acfaa3e44228e80efcd344"},
        {kTestImages, 3041136, "5c965bf0a639b31b8f53240b1b52f4d7"},
        {kTestLabels, 5120, "7320c461ea6c1c855c0b718fb2a4b134"}},
       {"https://codh.rois.ac.jp/kmnist/dataset/kmnist"},
       {"o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"},
       tr("70,000 cursive hiragana; `zscape fetch kmnist` downloads them")},
  };
  return kSets;
}

const NamedSet* find_named_set(std::string_view name) {
  const auto sets = named_sets();
  const auto found = std::ranges::find(sets, name, &NamedSet::name);
  return found == sets.end() ? nullptr : &*found;
}

Expected<fs::path> named_set_folder(const NamedSet& set) {
  if (const fs::path folder = user_folder("XDG_DATA_HOME", ".local/share"); !folder.empty()) {
    return folder / set.name;
  }
  return fail(tr("the folder for '{}' is unknown: set HOME or XDG_DATA_HOME to an absolute path",
                 set.name));
}

std::vector<DataFormat> named_set_formats() {
  std::vector<DataFormat> formats;
  std::ranges::transform(named_sets(), std::back_inserter(formats), format_of);
  return formats;
}

}  // namespace zscape
