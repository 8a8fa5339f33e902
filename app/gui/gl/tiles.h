#pragma once

#include <array>
#include <vector>

#include "app/gui/gl/plot_view.h"
#include "app/gui/gl/program.h"
#include "app/gui/gl/vertex_data.h"
#include "engine/error.h"

namespace zscape::gl {

// Draws parts of a sheet of pictures into the latent plane: pictures smoothed, rows of numbers as
// lines.
class Tiles {
 public:
  struct Tile {
    std::array<float, 4> box;   // low x, low y, high x, high y; latent plane
    std::array<float, 4> part;  // of the sheet: left, top, right, bottom
  };

  static Expected<Tiles> make();

  void upload(const std::vector<Tile>& tiles);

  // A texture with the pictures, and its size in pixels. is_row: each is a row of numbers.
  struct Sheet {
    GLuint texture = 0;
    int width = 0, height = 0;
    bool is_row = false;
  };
  // strength: 0: the ground, 1: the pictures. ink: of the lines.
  void draw(const PlotView& view, const Sheet& sheet, float strength, const Rgba& ground,
            const Rgba& ink) const;

 private:
  explicit Tiles(Program program);
  static void release(GLuint sampler) { glDeleteSamplers(1, &sampler); }

  Program program_;
  VertexData<2> data_;
  Handle<&Tiles::release> sampler_;
  GLsizei count_ = 0;
};

}  // namespace zscape::gl
