#include "engine/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>
#include <utility>

namespace zscape {
namespace {

// Walks along a curve with rising steps.
class Walk {
 public:
  explicit Walk(const Curve& curve) : curve_(curve) {}

  std::optional<std::int64_t> next_step() const {
    if (next_ == curve_.size()) return std::nullopt;
    return curve_[next_].step;
  }
  // The point of this step, if it is the next one.
  const CurvePoint* take(std::int64_t step) {
    if (next_step() != step) return nullptr;
    return &curve_[next_++];
  }

 private:
  const Curve& curve_;
  std::size_t next_ = 0;
};

void add(std::string& line, const CurvePoint* point, float CurvePoint::*field) {
  line += ',';
  if (point != nullptr && std::isfinite(point->*field)) line += fmt::format("{}", point->*field);
}

void add_losses(std::string& line, const CurvePoint* point) {
  for (const auto field : {&CurvePoint::loss, &CurvePoint::reconstruction, &CurvePoint::kl}) {
    add(line, point, field);
  }
}

void add_code_names(std::string& line, const Codes& codes) {
  for (int i = 1; i <= codes.latent; ++i) line += fmt::format(",mu_{}", i);
  for (int i = 1; i <= codes.latent && !codes.sigma.empty(); ++i) {
    line += fmt::format(",sigma_{}", i);
  }
}

// Whether a label's number does not say which class it is.
bool names_classes(const Dataset& data) {
  for (std::size_t i = 0; i < data.class_names.size(); ++i) {
    if (data.class_names[i] != std::to_string(i)) return true;
  }
  return false;
}

std::string label_names(const Dataset& data) {
  return names_classes(data) ? ",label,class" : ",label";
}

// The label of an input, if it has one, with its name, and its code.
void add_code(std::string& line, const Codes& codes, std::size_t row, const Dataset& data) {
  const auto latent = static_cast<std::size_t>(codes.latent);
  const int label = data.split(codes.split).label((*codes.indices)[row]);
  line += label >= 0 ? fmt::format(",{}", label) : ",";
  if (names_classes(data)) {
    line += ',';
    if (label >= 0) line += csv_field(data.class_names[static_cast<std::size_t>(label)]);
  }
  for (const std::span<const float> part :
       {std::span<const float>(codes.mean), std::span<const float>(codes.sigma)}) {
    if (part.empty()) continue;
    for (std::size_t i = 0; i < latent; ++i) {
      line += fmt::format(",{}", part[row * latent + i]);
    }
  }
}

void add_metadata_names(std::string& line, const Dataset& data) {
  for (const MetadataColumn& column : data.train.metadata) line += ',' + csv_field(column.name);
}

void add_metadata(std::string& line, const Split& split, std::int64_t index) {
  const auto row = static_cast<std::size_t>(index);
  for (const MetadataColumn& column : split.metadata) {
    line += ',';
    if (!column.is_text()) {
      if (!std::isnan(column.numbers[row])) line += fmt::format("{}", column.numbers[row]);
    } else if (const std::int32_t place = column.places[row]; place >= 0) {
      line += csv_field((*column.texts)[static_cast<std::size_t>(place)]);
    }
  }
}

}  // namespace

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string field = "\"";
  for (const char letter : text) {
    if (letter == '"') field += '"';
    field += letter;
  }
  return field + '"';
}

std::string to_csv(const Curves& curves) {
  std::string text =
      "epoch,step,loss,reconstruction,kl,mse,test_loss,test_reconstruction,test_kl,lambda,seconds,"
      "samples_per_second,validation_loss,test_sample_loss,test_sample_reconstruction,test_sample_"
      "kl\n";
  Walk train(curves.train), test(curves.test), sample(curves.test_sample),
      validation(curves.validation);
  while (true) {
    std::optional<std::int64_t> step;
    for (const Walk* walk : {&train, &test, &sample, &validation}) {
      const auto next = walk->next_step();
      if (next && (!step || *next < *step)) step = next;
    }
    if (!step) return text;
    const CurvePoint* const learned = train.take(*step);
    const CurvePoint* const tested = test.take(*step);
    const CurvePoint* const sampled = sample.take(*step);
    const CurvePoint* const validated = validation.take(*step);
    const CurvePoint* any = nullptr;
    for (const CurvePoint* point : {learned, tested, sampled, validated}) {
      if (any == nullptr) any = point;
    }
    std::string line = fmt::format("{},{}", any->epoch, *step);
    add_losses(line, learned);
    add(line, tested, &CurvePoint::mse);
    add_losses(line, tested);
    add(line, any, &CurvePoint::kl_weight);
    add(line, any, &CurvePoint::seconds);
    add(line, any->samples_per_second > 0 ? any : nullptr, &CurvePoint::samples_per_second);
    add(line, validated, &CurvePoint::loss);
    add_losses(line, sampled);
    text += line + '\n';
  }
}

std::vector<CodePlace> in_data_order(std::span<const Codes> parts, const Dataset& data) {
  std::vector<CodePlace> places;
  for (const Codes& codes : parts) {
    for (std::size_t i = 0; i < codes.indices->size(); ++i) places.push_back({&codes, i});
  }
  if (parts.size() < 2 || data.train.rows.empty()) return places;
  std::ranges::sort(places, {}, [&](const CodePlace& place) {
    return data.split(place.codes->split).row((*place.codes->indices)[place.place]);
  });
  return places;
}

std::string place_names(const Dataset& data) {
  if (data.steps > 0) return "index,split,row,sequence,step";
  return data.train.files.empty() ? "index,split,row" : "index,split,row,file";
}

std::string place_fields(const Dataset& data, SplitName split, std::int64_t index) {
  const Split& part = data.split(split);
  std::string fields =
      fmt::format("{},{},{}", index, split == SplitName::train ? "train" : "test", part.row(index));
  if (data.steps > 0) {
    fields += fmt::format(",{},{}", part.row(index) / data.steps, part.row(index) % data.steps);
  }
  if (!part.files.empty()) fields += ',' + csv_field(part.files[static_cast<std::size_t>(index)]);
  return fields;
}

std::string codes_csv(std::span<const CodePlace> places, const Dataset& data) {
  std::string text = place_names(data) + label_names(data);
  if (!places.empty()) add_code_names(text, *places.front().codes);
  add_metadata_names(text, data);
  for (const auto& [codes, place] : places) {
    const std::int64_t index = (*codes->indices)[place];
    text += '\n' + place_fields(data, codes->split, index);
    add_code(text, *codes, place, data);
    add_metadata(text, data.split(codes->split), index);
  }
  return text + '\n';
}

std::string inputs_csv(std::span<const MeasuredInputs> parts, const Dataset& data) {
  std::string text = place_names(data) + label_names(data);
  if (!parts.empty()) add_code_names(text, parts.front().codes);
  text += ",mse";
  add_metadata_names(text, data);
  text += '\n';
  for (const auto& [codes, mse] : parts) {
    for (std::size_t row = 0; row < codes.indices->size(); ++row) {
      text += place_fields(data, codes.split, (*codes.indices)[row]);
      add_code(text, codes, row, data);
      text += fmt::format(",{}", mse[row]);
      add_metadata(text, data.split(codes.split), (*codes.indices)[row]);
      text += '\n';
    }
  }
  return text;
}

Expected<MeasuredInputs> measure_inputs(const FrozenModel& model, const Dataset& data,
                                        SplitName split, const Indices& rows, std::uint64_t seed,
                                        const Progress& progress) {
  auto codes = model.encode(data, split, rows, part_of(progress, 0, 0.5));
  if (!codes) return tl::unexpected(codes.error());
  auto errors = measure_errors(model, data, split, rows, seed, part_of(progress, 0.5, 1));
  if (!errors) return tl::unexpected(errors.error());
  return MeasuredInputs{std::move(*codes), std::move(errors->mse)};
}

}  // namespace zscape
