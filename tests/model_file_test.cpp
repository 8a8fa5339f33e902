// Model files as Python saves them, and broken ones.
#include "engine/backend/model_file.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/fake_backend.h"

namespace zscape {
namespace {

TensorFile plain_file(const ModelSpec& spec) {
  Autoencoder model(spec);
  model.initialise(0);
  TensorFile file = to_tensor_file(model, {});
  file.metadata.clear();
  return file;
}

TEST(ModelFile, WithoutMetadataTheKindFollowsFromTheWidths) {
  const auto data = fake_data(8, 8, {28, 28, 1});
  for (const ModelKind kind : {ModelKind::ae, ModelKind::vae, ModelKind::cvae}) {
    ModelSpec spec = reference_spec(kind, *data, 3);
    spec.hidden = {20, 10};
    const auto file = from_tensor_file(plain_file(spec), "m");
    ASSERT_TRUE(file) << file.error().message;
    spec.class_names.clear();  // these the widths do not tell, nor what the data were
    spec.of_bytes = false;
    EXPECT_EQ(file->model.spec(), spec);
  }
}

TEST(ModelFile, WidthsOfNoKindNameTheMetadataThatWouldSettleIt) {
  TensorFile file = plain_file(reference_spec(ModelKind::vae, *fake_data(), 3));
  for (auto& tensor : file.tensors) {
    if (tensor.name == "decoder.0.weight") {
      tensor = float_tensor(tensor.name, {400, 2}, std::vector<float>(800));
    }
  }
  const auto result = from_tensor_file(file, "m");
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message.find("\"likelihood\""), std::string::npos);
}

TEST(ModelFile, RefusesWhatDoesNotFit) {
  const ModelSpec spec = reference_spec(ModelKind::vae, *fake_data(), 2);
  const auto refused = [](const TensorFile& file, const std::string& part) {
    const auto result = from_tensor_file(file, "name");
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find(part), std::string::npos) << result.error().message;
    EXPECT_EQ(result.error().message.find("name"), 0U);
  };
  TensorFile file = plain_file(spec);
  file.tensors.pop_back();
  refused(file, "lacks decoder.2.bias");
  file = plain_file(spec);
  file.tensors.push_back(float_tensor("extra", {1}, std::vector<float>(1)));
  refused(file, "9 tensors");
  file = plain_file(spec);
  file.tensors[1] = float_tensor("encoder.0.bias", {400}, std::vector<float>(400, NAN));
  refused(file, "not finite");
  file = plain_file(spec);
  file.metadata["zscape"] = "{not json";
  refused(file, "cannot be read");
  file.metadata["zscape"] = R"({"format": 99})";
  refused(file, "version 99");
  file.metadata["zscape"] = R"({"format": 1, "model": {"kind": "vae"}})";
  refused(file, "cannot be read");
  file.metadata["zscape"] =
      R"({"format":1,"model":{"kind":"vae","shape":[8,8,1],"latent":2,"classes":0,)"
      R"("hidden":[65000],"likelihood":"bernoulli","sigma":1}})";
  refused(file, "widths");
}

}  // namespace
}  // namespace zscape
