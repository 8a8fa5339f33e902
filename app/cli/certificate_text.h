#pragma once

#include <ostream>

#include "app/cli/json_value.h"
#include "engine/certificate.h"

namespace zscape {

// What `zscape eval --certify` says of log p(x): under "certificate" in JSON, and as a table.
Json certificate_json(const Certificate& certificate);
void print_certificate(const Certificate& certificate, std::ostream& out);

}  // namespace zscape
