#version 330 core
uniform vec4 color;   // premultiplied

out vec4 pixel;

void main() {
  pixel = color;
}
