#include "engine/command.h"

namespace zscape {

std::string name_of(const Command& command) {
  return std::visit([](const auto& any) { return std::string(any.kName); }, command);
}

}  // namespace zscape
