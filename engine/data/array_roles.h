#pragma once

#include <string_view>

namespace zscape {

// What the key of an array says of its part and contents.
enum class PartWord { none, train, test, validation };
enum class Content { none, inputs, labels };

struct Role {
  PartWord part = PartWord::none;
  Content content = Content::none;
};

// However it is spelt: x_train, X-Train, trainX, train/images, images_train.
Role role_of(std::string_view key);

}  // namespace zscape
