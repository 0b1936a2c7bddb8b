/**
 * A picture made twice as wide or as high: its pixels at even places, at odd ones interpolated, and
 * sharpened by what the bilinear look-up blurs afterwards. In the end only opaque ones are drawn.
 */

import { precise } from "./common";

export const doubleFragment = /* glsl */ `
${precise}
in vec2 place;
uniform sampler2D image;
// (1, 0) doubles the width, (0, 1) the height
uniform ivec2 axis;
// where the image begins in what is drawn on
uniform ivec2 origin;
out vec4 colour;

const float TAPS[6] = float[6](13.0, -43.0, 158.0, 158.0, -43.0, 13.0);

vec4 pixelAt(ivec2 at) {
  return texelFetch(image, clamp(at, ivec2(0), textureSize(image, 0) - 1), 0);
}

void main() {
  ivec2 fine = ivec2(floor(place + 0.5)) - origin;
  ivec2 at = fine / (1 + axis);
  vec4 pixel = pixelAt(at);
  if (axis.y == 1 && pixel.a < 0.5) discard;
  if (fine != at * (1 + axis)) {
    vec3 sum = vec3(0.0);
    for (int i = 0; i < 6; i++) sum += TAPS[i] * pixelAt(at + (i - 2) * axis).rgb;
    pixel.rgb = clamp(sum / 256.0, 0.0, 1.0);
  }
  colour = pixel;
}
`;
