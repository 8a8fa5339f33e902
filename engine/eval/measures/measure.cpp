#include "engine/eval/measures/measure.h"

#include "engine/text.h"

namespace zscape {

Expected<Measured> measured(const Autoencoder&, const MeasureRequest& request, const Dataset&,
                            const MeasureSettings&, const Progress&) {
  return fail(tr("{} cannot be measured yet", request.measure));
}

}  // namespace zscape
