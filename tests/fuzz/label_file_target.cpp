#include "engine/data/label_file.h"

#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

// As the labels of four inputs, or of three and one.
bool read_label_file(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("labels.csv", bytes);
  bool any = false;
  for (const bool has_test : {false, true}) {
    for (const char* column : {"", "2"}) {
      RawData data;
      data.train.path = "inputs";
      data.train.count = has_test ? 3 : 4;
      if (has_test) data.test.emplace().count = 1;
      if (!take_labels_of_file(path, column, data)) continue;
      any = true;
      demand(data.train.labels.size() == static_cast<std::size_t>(data.train.count),
             "each training input has its label");
      demand(!has_test || data.test->labels.size() == 1, "each test input has its label");
    }
  }
  return any;
}

}  // namespace

FuzzTarget label_file_target() {
  return {.name = "label_file", .run = read_label_file};
}

}  // namespace zscape
