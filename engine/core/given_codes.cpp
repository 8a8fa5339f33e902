#include "engine/core/given_codes.h"

#include <atomic>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "engine/text.h"

namespace zscape {
namespace {

std::int64_t count_of(const Dataset& data) {
  return data.train.count + data.test.count;
}

// Where an input stands in the user's own data, both parts counted through.
std::int64_t place_of(const Dataset& data, SplitName split, std::int64_t index) {
  if (!data.train.rows.empty()) return data.split(split).row(index);
  return split == SplitName::train ? index : data.train.count + index;
}

bool have_one_order(const Dataset& rows, const Dataset& data) {
  return rows.train.count == data.train.count && rows.train.rows == data.train.rows &&
         rows.test.rows == data.test.rows;
}

// Of each place, where its row stands in `rows`.
struct RowPlace {
  SplitName split = SplitName::train;
  std::int64_t index = 0;
};
std::vector<RowPlace> rows_by_place(const Dataset& rows) {
  std::vector<RowPlace> all(static_cast<std::size_t>(count_of(rows)));
  for (const SplitName name : {SplitName::train, SplitName::test}) {
    for (std::int64_t i = 0; i < rows.split(name).count; ++i) {
      all[static_cast<std::size_t>(place_of(rows, name, i))] = {name, i};
    }
  }
  return all;
}

std::shared_ptr<Codes> codes_of(SplitName name, const Dataset& data, int latent) {
  auto codes = std::make_shared<Codes>();
  codes->split = name;
  codes->latent = latent;
  codes->indices = all_rows(data.split(name));
  // Unlike every model's.
  static std::atomic<std::uint64_t> made = 0;
  constexpr std::uint64_t kGiven = std::uint64_t{1} << 62;
  codes->revision = kGiven | ++made;
  return codes;
}

// The rows lie one after the other, as they are.
bool may_share(const Split& split) {
  return split.places.empty() && !split.offset;
}

CodesPtr shared_codes(SplitName name, const std::shared_ptr<const Dataset>& rows,
                      const Dataset& data) {
  auto codes = codes_of(name, data, rows->inputs());
  codes->mean = InputBlock<float>::shared(rows, std::span(rows->split(name).values));
  return codes;
}

CodesPtr copied_codes(SplitName name, const Dataset& rows, const Dataset& data,
                      std::span<const RowPlace> places) {
  auto codes = codes_of(name, data, rows.inputs());
  const auto latent = static_cast<std::size_t>(rows.inputs());
  std::vector<float> mean;
  mean.reserve(static_cast<std::size_t>(data.split(name).count) * latent);
  for (std::int64_t i = 0; i < data.split(name).count; ++i) {
    const RowPlace& place = places[static_cast<std::size_t>(place_of(data, name, i))];
    const Split& split = rows.split(place.split);
    const float* from = split.values.data() + split.first(place.index, latent);
    for (std::size_t j = 0; j < latent; ++j) {
      const double offset = split.offset ? (*split.offset)[j] : 0;
      mean.push_back(static_cast<float>(from[j] + offset));
    }
  }
  codes->mean = std::move(mean);
  return codes;
}

}  // namespace

Expected<GivenCodes> given_codes(const std::shared_ptr<const Dataset>& rows,
                                 const std::shared_ptr<const Dataset>& data,
                                 const std::string& name) {
  if (rows->has_images() || rows->train.values.empty()) {
    return fail(
        tr("{} holds pictures or bytes ({}), not codes; codes are rows of floating-point numbers",
           name, shape_text(rows->shape)));
  }
  const std::int64_t count = count_of(*rows);
  const bool all = count == count_of(*data);
  const bool of_train = count == data->train.count && data->train.rows.empty();
  if (!all && !of_train) {
    return fail(tr("{} holds {} codes for the {} inputs of {}; there must be one each", name, count,
                   count_of(*data), data->name));
  }
  GivenCodes codes;
  if (all && have_one_order(*rows, *data) && may_share(rows->train) && may_share(rows->test)) {
    codes.train = shared_codes(SplitName::train, rows, *data);
    codes.test = shared_codes(SplitName::test, rows, *data);
    return codes;
  }
  const std::vector<RowPlace> places = rows_by_place(*rows);
  codes.train = copied_codes(SplitName::train, *rows, *data, places);
  if (all) codes.test = copied_codes(SplitName::test, *rows, *data, places);
  return codes;
}

Expected<void> check_decoder(const ModelSpec& decoder, const GivenCodes& codes,
                             const Dataset& data) {
  if (!decoder.has_decoder()) {
    return fail(tr("--decoder: this model has no decoder; name one that has"));
  }
  if (decoder.latent != codes.train->latent) {
    return fail(tr("the decoder reads codes of {} dimensions, and these have {}", decoder.latent,
                   codes.train->latent));
  }
  if (!(decoder.shape == data.shape)) {
    return fail(tr("the decoder gives {}, and the inputs of {} are {}", shape_text(decoder.shape),
                   data.name, shape_text(data.shape)));
  }
  if (decoder.classes > 0 && decoder.classes != data.classes()) {
    return fail(tr("the decoder reads labels of {} classes, and {} has {}", decoder.classes,
                   data.name, data.classes()));
  }
  return {};
}

}  // namespace zscape
