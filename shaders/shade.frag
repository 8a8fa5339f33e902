#version 330 core
// Values of the latent plane as a shade with contour lines.
in vec2 at;

uniform sampler2D values;    // in [-1, 1]
uniform float levels;        // contours from 0 to 1
uniform vec3 below;          // the colour of values below 0 …
uniform vec3 above;          // … and above
uniform vec3 middle;         // of the contour at 0
uniform float strength;      // alpha at 1

out vec4 pixel;

void main() {
  float value = texture(values, at).r;
  float level = value * levels;
  float slope = max(fwidth(level), 1e-5);
  float nearest = round(level);
  float line = 0.55 * clamp(1.2 - abs(level - nearest) / slope, 0.0, 1.0);
  // What is cut off at the ends has no contours.
  bool inside = abs(value) < 0.995 && slope > 1e-4;
  float alpha = max(strength * abs(value), inside ? line : 0.0);
  vec3 color = inside && nearest == 0.0 && line > 0.05 ? middle : value < 0.0 ? below : above;
  pixel = vec4(color, 1.0) * alpha;
}
