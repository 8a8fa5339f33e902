#include "engine/data/load.h"
#include "engine/data/table.h"
#include "inputs.h"
#include "targets.h"

namespace zscape {
namespace {

bool read_csv(FuzzBytes bytes) {
  static const FuzzFolder folder;
  const std::string path = folder.put("table.csv", bytes);
  auto reader = TableReader::open(path);
  std::vector<std::string> cells;
  while (reader) {
    const auto more = reader->next(cells, ';');
    if (!more || !*more) break;
    demand(!cells.empty(), "a row has a cell");
  }
  (void)load_dataset({.source = path, .image_size = {}, .label_column = "2"});
  const auto data = load_dataset({path, {}});
  if (!data) return false;
  const auto& names = (*data)->input_names;
  demand(names.empty() || static_cast<int>(names.size()) == (*data)->inputs(),
         "each input has its name");
  return true;
}

}  // namespace

FuzzTarget csv_target() {
  return {.name = "csv", .formats = {"a .csv or .tsv table"}, .run = read_csv};
}

}  // namespace zscape
