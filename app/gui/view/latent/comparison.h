#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/command.h"
#include "engine/snapshot.h"

namespace zscape {

// The model that is always open.
inline constexpr ModelId kFirstModel{0};
inline constexpr std::size_t kMostPanes = 3;  // on the screen

// The smallest id that is not in use.
ModelId free_model_id(const Snapshot& snapshot);

// A model that is worth comparing with the first.
struct Comparison {
  std::string id;    // for widgets: "ae", "lambda_0"
  std::string name;  // for people
  std::string help;
  std::string why_not;  // empty: it can be opened
  ModelSpec spec;
  std::optional<double> kl_weight;  // none: the first's
};

// Every kind with the first's sizes and, where the kind takes it, its reconstruction term; and the
// same model with λ = 0.
std::vector<Comparison> comparisons(const ModelView& first, const Dataset& data);

// Whether both are scored by the same reconstruction term of the same inputs, so that these
// compare; if not, why, as a sentence.
bool share_term(const ModelSpec& one, const ModelSpec& other);
std::string why_not_shared(const ModelSpec& one, const ModelSpec& other);

// The unit of a model's reconstruction: "nats", "MSE", "MSE of hidden pixels".
const char* term_unit(const ModelSpec& spec);

// The same model with another λ.
Comparison with_kl_weight(const ModelView& first, double kl_weight);

// Opens it with this id. restart: resets the first as well, so both are at step 0.
std::vector<Command> open_comparison(const Comparison& comparison, ModelId id, bool restart);

// Nothing is left to learn: a closed form, once it was fitted.
bool is_fitted(const ModelView& view);

// "1,200", and of an opened model also what its weights had learned before: "1,200 after 9,380".
std::string step_text(const ModelView& view);

// A model in few words: "VAE", "VAE  λ 4".
std::string short_name_of(const ModelSpec& spec);
std::string name_with_lambda(const ModelView& view);
std::string name_with_lambda(const StoredRun& run);

}  // namespace zscape
