#include "engine/eval/classify.h"

namespace zscape {

Expected<FewLabelAccuracy> classify(const Autoencoder&, const Dataset&, const FewLabels&,
                                    const Progress&) {
  return fail("not built yet");
}

}  // namespace zscape
