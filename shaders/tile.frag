#version 330 core
// Smoothed within the picture: the neighbours in the sheet are other pictures.
in vec2 cell;
in vec2 at;
flat in vec4 inside;

uniform sampler2D sheet;
uniform float strength;       // 0: the ground, 1: the picture
uniform vec3 ground;
uniform int is_row;           // 1: the picture is a row of numbers, drawn as a line
uniform vec3 ink;             // of that line

out vec4 pixel;

// How much ink a line over the row's numbers leaves here, with a faint area below it.
float ink_of_line() {
  const float margin = 0.08;
  const int parts = 8;                           // of a pixel's width, so that no peak is lost
  vec2 place = (cell - margin) / (1.0 - 2.0 * margin);
  vec2 wide = fwidth(place);
  if (place.x < 0.0 || place.x > 1.0 || place.y < -wide.y || place.y > 1.0 + wide.y) return 0.0;
  float low = 1.0, high = 0.0;
  for (int i = 0; i <= parts; ++i) {
    float x = place.x + (float(i) / float(parts) - 0.5) * wide.x;
    float along = mix(inside.x, inside.z, clamp(x, 0.0, 1.0));
    float value = texture(sheet, vec2(along, 0.5 * (inside.y + inside.w))).r;
    low = min(low, value);
    high = max(high, value);
  }
  if (place.y >= low - 0.7 * wide.y && place.y <= high + 0.7 * wide.y) return 1.0;
  return place.y < high ? 0.2 : 0.0;
}

void main() {
  vec3 seen = is_row == 1 ? mix(ground, ink, ink_of_line())
                          : texture(sheet, clamp(at, inside.xy, inside.zw)).rgb;
  pixel = vec4(mix(ground, seen, strength), 1.0);
}
