#version 330 core
// A density as a glow with contour lines.
in vec2 at;

uniform sampler2D density;   // in [0, 1]
uniform vec2 part;           // of the texture that the plot covers
uniform vec3 color;
uniform float levels;        // contours

out vec4 pixel;

void main() {
  // The root shows thin parts too.
  float height = sqrt(texture(density, at * part).r);
  float level = height * levels;
  float slope = max(fwidth(level), 1e-5);
  float off = abs(level - max(round(level), 1.0)) / slope;
  float line = 0.55 * clamp(1.2 - off, 0.0, 1.0);
  float alpha = max(0.5 * height, line * step(0.5, level));
  pixel = vec4(color, 1.0) * alpha;
}
