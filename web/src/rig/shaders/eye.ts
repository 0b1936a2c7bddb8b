/** One eye in the pixels of its rectangle: the ball with its iris moved, behind the lids. */

import { precise } from "./common";

export const eyeFragment = /* glsl */ `
${precise}
in vec2 place;
// left half and right half: colour / 2 and highlights / 2 + 0.5
uniform sampler2D ballColour;
// left half: shade, opening, what can change; right half: how far skin follows the lids
uniform sampler2D maps;
// the picture, and the same without glasses and hair, which begins elsewhere
uniform sampler2D picture;
uniform vec2 pictureOrigin;
uniform vec2 pictureScale;
uniform sampler2D behind;
uniform vec2 behindOrigin;
uniform bool rests;
// states of closing, through on the left and over on the right
uniform sampler2D lids;
uniform int lidColumns;
uniform float state;

uniform vec2 size;
uniform vec2 along;
uniform vec2 down;
uniform vec2 uv;
uniform vec4 iris;
uniform vec2 ends;
uniform vec2 shift;
uniform float highlightShare;
uniform float lowered;
uniform float raised;
out vec4 colour;

const float RIGID = 1.12;

// an image that shows the eye's rectangle in the given half of it, or in all
vec3 halfAt(sampler2D image, vec2 at, float part) {
  vec2 pixels = vec2(textureSize(image, 0)) * vec2(0.5, 1.0);
  vec2 pixel = clamp((at + 0.5) / size * pixels, vec2(0.5), pixels - 0.5);
  return texture(image, (pixel + vec2(part * pixels.x, 0.0)) / (pixels * vec2(2.0, 1.0))).rgb;
}

// cubic convolution with a = -0.75 over the colours of the ball
vec4 weights(float t) {
  const float A = -0.75;
  vec4 x = vec4(1.0 + t, t, 1.0 - t, 2.0 - t);
  vec2 outer = ((A * x.xw - 5.0 * A) * x.xw + 8.0 * A) * x.xw - 4.0 * A;
  vec2 inner = ((A + 2.0) * x.yz - (A + 3.0)) * x.yz * x.yz + 1.0;
  return vec4(outer.x, inner, outer.y);
}

vec3 ballAt(vec2 at) {
  vec2 pixels = vec2(textureSize(ballColour, 0)) * vec2(0.5, 1.0);
  vec2 pixel = (at + 0.5) / size * pixels - 0.5;
  vec2 first = floor(pixel);
  vec4 x = weights(pixel.x - first.x);
  vec4 y = weights(pixel.y - first.y);
  ivec2 last = ivec2(pixels) - 1;
  vec3 sum = vec3(0.0);
  for (int j = 0; j < 4; j++) {
    for (int i = 0; i < 4; i++) {
      ivec2 from = clamp(ivec2(first) + ivec2(i - 1, j - 1), ivec2(0), last);
      sum += x[i] * y[j] * texelFetch(ballColour, from, 0).rgb;
    }
  }
  return 2.0 * sum;
}

vec3 pixelAt(sampler2D image, vec2 origin, vec2 at) {
  vec2 pixel = (at + origin + 0.5) * pictureScale;
  return texture(image, pixel / vec2(textureSize(image, 0))).rgb;
}

vec3 openEye(vec2 at) {
  vec3 source = pixelAt(behind, behindOrigin, at);
  if (shift == vec2(0.0)) return source;
  vec3 masks = halfAt(maps, at, 0.0);
  if (masks.g <= 0.0) return source;
  vec2 eye = uv + vec2(dot(at, along), dot(at, down));
  vec2 off = (eye - iris.xy) / vec2(iris.w * iris.z, iris.z);
  float ratio = length(off - shift / vec2(iris.w * iris.z, iris.z));
  float side = clamp(off.x * iris.w, -1.0, 1.0);
  float end = mix(ends.x, ends.y, 0.5 + 0.5 * side);
  float share = 1.0 - smoothstep(0.0, 1.0, (ratio - RIGID) / (end - RIGID));
  vec2 moved = shift.x * along + shift.y * down;
  vec3 highlights = 2.0 * halfAt(ballColour, at - highlightShare * moved, 1.0) - 256.0 / 255.0;
  vec3 ball = (ballAt(at - share * moved) + highlights) * masks.r;
  return clamp(mix(source, ball, masks.g), 0.0, 1.0);
}

ivec2 stateOrigin(int index, ivec2 pixels) {
  return ivec2(index % lidColumns, index / lidColumns) * pixels;
}

void main() {
  float changes = halfAt(maps, place, 0.0).b;
  if (rests || changes < 0.5) {
    colour = vec4(pixelAt(picture, pictureOrigin, place), step(0.5, changes));
    return;
  }
  vec3 shares = halfAt(maps, place, 1.0);
  vec2 at = place - (lowered * shares.r - raised * shares.g) * down;
  vec3 seen = openEye(at);

  ivec2 pixels = textureSize(maps, 0) / ivec2(2, 1);
  ivec2 pixel = clamp(ivec2((place + 0.5) / size * vec2(pixels)), ivec2(0), pixels - 1);
  int first = int(floor(state));
  ivec2 one = stateOrigin(first, pixels) + pixel;
  ivec2 two = stateOrigin(min(first + 1, int(ceil(state))), pixels) + pixel;
  ivec2 beside = ivec2(pixels.x * lidColumns, 0);
  float share = state - float(first);
  vec3 through = mix(texelFetch(lids, one, 0).rgb, texelFetch(lids, two, 0).rgb, share);
  vec3 lid = mix(texelFetch(lids, one + beside, 0).rgb, texelFetch(lids, two + beside, 0).rgb, share);
  colour = vec4(clamp(through * seen + lid, 0.0, 1.0), 1.0);
}
`;
