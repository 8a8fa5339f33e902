#pragma once

#include <array>
#include <bitset>
#include <string>

#include "engine/model_spec.h"

namespace zscape {

// The layers of the latent view; the key of each is its place, from 1.
enum class Layer { points, ellipses, manifold, density, prior, centroids, paths, pins };
inline constexpr std::array kLayers = {Layer::points,  Layer::ellipses, Layer::manifold,
                                       Layer::density, Layer::prior,    Layer::centroids,
                                       Layer::paths,   Layer::pins};
inline constexpr std::size_t kLayerCount = kLayers.size();

struct LayerText {
  const char* id;    // for widgets and logs: "points"
  const char* name;  // for people: "Posterior ellipses"
  const char* help;
};
const LayerText& text_of(Layer layer);

// Which of them are switched on. A plain value that a session can keep.
class Layers {
 public:
  Layers() {
    for (const Layer layer : {Layer::points, Layer::prior, Layer::paths, Layer::pins}) show(layer);
  }
  bool shown(Layer layer) const { return on_[index(layer)]; }
  void show(Layer layer, bool shown = true) { on_[index(layer)] = shown; }
  void flip(Layer layer) { on_.flip(index(layer)); }

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
