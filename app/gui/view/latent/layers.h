#pragma once

#include <array>
#include <bitset>
#include <string>

#include "engine/model_spec.h"

namespace zscape {

// The layers of the latent view. The first eight have the digits from 1 as their keys.
enum class Layer {
  points,
  ellipses,
  manifold,
  density,
  prior,
  centroids,
  paths,
  pins,
  lens,      // the true posterior of one input beside the encoder's
  forces,    // the pulls of reconstruction and prior at the codes
  trips,     // z → x̂ → μ(x̂)
  stretch,   // √det(JᵀJ) of the decoder
  mismatch,  // log q(z) − log p(z)
};
inline constexpr std::array kLayers = {
    Layer::points,    Layer::ellipses, Layer::manifold, Layer::density, Layer::prior,
    Layer::centroids, Layer::paths,    Layer::pins,     Layer::lens,    Layer::forces,
    Layer::trips,     Layer::stretch,  Layer::mismatch};
inline constexpr std::size_t kLayerCount = kLayers.size();

// What a layer answers; the menu lists them by it.
enum class LayerGroup { there, truth, why };
inline constexpr std::array kLayerGroups = {LayerGroup::there, LayerGroup::truth, LayerGroup::why};
const char* name_of(LayerGroup group);  // for people: "What is there"

struct LayerText {
  const char* id;    // for widgets and logs: "points"
  const char* name;  // for people: "Posterior ellipses"
  const char* key;   // that flips it, as people know it: "1"
  LayerGroup group;
  const char* help;
};
const LayerText& text_of(Layer layer);

// Whether it covers the plane with values; at most one such layer is on.
constexpr bool is_field(Layer layer) {
  return layer == Layer::density || layer == Layer::stretch || layer == Layer::mismatch;
}

// Which of them are switched on. A plain value that a session can keep.
class Layers {
 public:
  Layers() {
    for (const Layer layer : {Layer::points, Layer::prior, Layer::paths, Layer::pins}) show(layer);
  }
  bool shown(Layer layer) const { return on_[index(layer)]; }
  void show(Layer layer, bool shown = true) {  // a field ends the one that was on
    if (shown && is_field(layer)) {
      for (const Layer other : kLayers) {
        if (is_field(other)) on_.reset(index(other));
      }
    }
    on_[index(layer)] = shown;
  }
  void flip(Layer layer) { show(layer, !shown(layer)); }

  bool ellipses_of_all = false;  // else of the selection, the nearest point and pinned inputs
  bool card = true;              // beside the pointer, of the input that it means

  bool operator==(const Layers&) const = default;

 private:
  static std::size_t index(Layer layer) { return static_cast<std::size_t>(layer); }
  std::bitset<kLayerCount> on_;
};

// Why a layer has nothing to show; empty: it has. spatial: in three dimensions.
std::string why_not(Layer layer, const ModelSpec& spec, bool has_labels, bool spatial = false);

}  // namespace zscape
