/** The picture that a face is drawn from, at twice its resolution, so that moving does not blur. */

import {
  type Camera,
  Mesh,
  type RawShaderMaterial,
  type Texture,
  Vector2,
  type WebGLRenderer,
  type WebGLRenderTarget,
} from "three";
import type { ImageEntry, Rect, RigFile } from "./file";
import { frameUniforms, material } from "./materials";
import { quad } from "./quads";
import { doubleFragment } from "./shaders/double";
import { dropImage, imageTexture, target } from "./textures";

export class FinePicture {
  /** The picture as it is in the file. */
  readonly source: Texture;
  /** px of `source` for one of the rig's picture. */
  readonly scale: Vector2;

  readonly #size: ImageEntry;
  readonly #fine: WebGLRenderTarget;

  static async open(file: RigFile): Promise<FinePicture> {
    return new FinePicture(file, await imageTexture(file, file.header.picture));
  }

  private constructor(file: RigFile, source: Texture) {
    const { picture, width, height } = file.header;
    this.source = source;
    this.#size = picture;
    this.scale = new Vector2(picture.width / width, picture.height / height);
    this.#fine = target(2 * picture.width, 2 * picture.height, true);
  }

  /** The picture at twice its resolution. */
  get texture(): Texture {
    return this.#fine.texture;
  }

  /** Show the whole of the file's picture. */
  fill(renderer: WebGLRenderer, camera: Camera): void {
    const { width, height } = this.#size;
    const whole = this.brush(this.source, { left: 0, top: 0, width, height });
    whole.paint(renderer, camera);
    whole.dispose();
  }

  /** What puts an image over a rectangle, px of `source`, wherever the image is opaque. */
  brush(image: Texture, rect: Rect): Brush {
    return new Brush(image, rect, this.#fine);
  }

  dispose(): void {
    dropImage(this.source);
    this.#fine.dispose();
  }
}

/** Doubles an image into its place, first its width, then its height. */
export class Brush {
  readonly #wide: WebGLRenderTarget;
  readonly #fine: WebGLRenderTarget;
  readonly #widen: Mesh;
  readonly #heighten: Mesh;

  constructor(image: Texture, { left, top, width, height }: Rect, fine: WebGLRenderTarget) {
    this.#fine = fine;
    this.#wide = target(2 * width, height, false);
    const wide = { left: 0, top: 0, width: 2 * width, height };
    const both = { left: 2 * left, top: 2 * top, width: 2 * width, height: 2 * height };
    this.#widen = doubling(image, new Vector2(1, 0), wide, this.#wide);
    this.#heighten = doubling(this.#wide.texture, new Vector2(0, 1), both, fine);
  }

  paint(renderer: WebGLRenderer, camera: Camera): void {
    renderer.setRenderTarget(this.#wide);
    renderer.render(this.#widen, camera);
    renderer.setRenderTarget(this.#fine);
    renderer.render(this.#heighten, camera);
  }

  dispose(): void {
    this.#wide.dispose();
    for (const { geometry, material } of [this.#widen, this.#heighten]) {
      geometry.dispose();
      (material as RawShaderMaterial).dispose();
    }
  }
}

function doubling(image: Texture, axis: Vector2, rect: Rect, into: WebGLRenderTarget): Mesh {
  const uniforms = {
    ...frameUniforms(into.width, into.height, 1),
    image: { value: image },
    axis: { value: axis },
    origin: { value: new Vector2(rect.left, rect.top) },
  };
  const mesh = new Mesh(quad(rect), material(doubleFragment, uniforms));
  mesh.frustumCulled = false;
  return mesh;
}
