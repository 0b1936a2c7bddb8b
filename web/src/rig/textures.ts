/** Pictures and node values as textures; their first row is the top one. */

import {
  ClampToEdgeWrapping,
  DataTexture,
  FloatType,
  LinearFilter,
  NearestFilter,
  RedFormat,
  RGFormat,
  Texture,
  type WebGLRenderer,
  WebGLRenderTarget,
} from "three";
import type { ImageEntry, RigFile } from "./file";

/** The texture of a picture in the file. */
export async function imageTexture(file: RigFile, entry: ImageEntry): Promise<Texture> {
  const texture = new Texture(await file.image(entry));
  texture.flipY = false;
  texture.generateMipmaps = false;
  texture.minFilter = texture.magFilter = LinearFilter;
  texture.wrapS = texture.wrapT = ClampToEdgeWrapping;
  texture.needsUpdate = true;
  return texture;
}

/** Give back the memory of a picture's texture. */
export function dropImage(texture: Texture): void {
  (texture.image as ImageBitmap).close();
  texture.dispose();
}

/** A texture of one or two numbers a node, interpolated; set `needsUpdate` when they change. */
export function nodeTexture(
  renderer: WebGLRenderer,
  values: Float32Array,
  columns: number,
  rows: number,
): DataTexture {
  const pairs = values.length === 2 * columns * rows;
  const texture = new DataTexture(values, columns, rows, pairs ? RGFormat : RedFormat, FloatType);
  // where full floats cannot be interpolated, half ones can
  if (!renderer.extensions.has("OES_texture_float_linear")) {
    texture.internalFormat = pairs ? "RG16F" : "R16F";
  }
  texture.minFilter = texture.magFilter = LinearFilter;
  texture.wrapS = texture.wrapT = ClampToEdgeWrapping;
  texture.needsUpdate = true;
  return texture;
}

/** A picture to draw on. */
export function target(width: number, height: number, smooth: boolean): WebGLRenderTarget {
  const filter = smooth ? LinearFilter : NearestFilter;
  return new WebGLRenderTarget(width, height, {
    minFilter: filter,
    magFilter: filter,
    depthBuffer: false,
    stencilBuffer: false,
    generateMipmaps: false,
  });
}
