/** Draws one eye in any pose, into the picture that the face is drawn from. */

import {
  type Camera,
  Mesh,
  type RawShaderMaterial,
  type Texture,
  Vector2,
  Vector4,
  type WebGLRenderer,
  type WebGLRenderTarget,
} from "three";
import { EyePose } from "./eyes";
import type { EyeHeader, RigFile } from "./file";
import { frameUniforms, material } from "./materials";
import type { Brush, FinePicture } from "./picture";
import type { Pose } from "./pose";
import { quad } from "./quads";
import { eyeFragment } from "./shaders/eye";
import { dropImage, imageTexture, target } from "./textures";

export class EyeLayer {
  readonly #eye: EyeHeader;
  readonly #pose = new EyePose();
  readonly #textures: Texture[];
  readonly #material: RawShaderMaterial;
  readonly #mesh: Mesh;
  readonly #target: WebGLRenderTarget;
  readonly #brush: Brush;

  static async open(file: RigFile, eye: EyeHeader, picture: FinePicture): Promise<EyeLayer> {
    const images = [eye.colour, eye.maps, eye.lids, ...(eye.behind ? [eye.behind] : [])];
    const textures = await Promise.all(images.map((image) => imageTexture(file, image)));
    return new EyeLayer(eye, textures, picture);
  }

  private constructor(eye: EyeHeader, textures: Texture[], picture: FinePicture) {
    this.#eye = eye;
    this.#textures = textures;
    const [colour, maps, lids, behind] = textures;
    const { rect, iris } = eye;
    const width = eye.maps.width / 2;
    const height = eye.maps.height;
    const size = new Vector2(rect.width, rect.height);
    const origin = new Vector2(rect.left, rect.top);
    const left = Math.round(rect.left * picture.scale.x);
    const top = Math.round(rect.top * picture.scale.y);
    this.#target = target(width, height, false);
    this.#brush = picture.brush(this.#target.texture, { left, top, width, height });
    this.#material = material(eyeFragment, {
      ...frameUniforms(rect.width, rect.height, 1),
      ballColour: { value: colour },
      maps: { value: maps },
      lids: { value: lids },
      lidColumns: { value: eye.lid_columns },
      picture: { value: picture.source },
      pictureOrigin: { value: origin },
      pictureScale: { value: picture.scale },
      behind: { value: behind ?? picture.source },
      behindOrigin: { value: behind ? new Vector2() : origin },
      rests: { value: true },
      size: { value: size },
      along: { value: new Vector2(...eye.along) },
      down: { value: new Vector2(...eye.down) },
      uv: { value: new Vector2(...eye.uv) },
      iris: { value: new Vector4(iris.u, iris.v, iris.radius, iris.aspect) },
      ends: { value: new Vector2(...eye.ends) },
      highlightShare: { value: eye.highlight_share },
      shift: { value: new Vector2() },
      lowered: { value: 0 },
      raised: { value: 0 },
      state: { value: 0 },
    });
    this.#mesh = new Mesh(
      quad({ left: 0, top: 0, width: rect.width, height: rect.height }),
      this.#material,
    );
    this.#mesh.frustumCulled = false;
  }

  /** True when the eye looks otherwise than before. */
  update(pose: Pose): boolean {
    return this.#pose.set(this.#eye, pose);
  }

  /** Put the eye into the picture. */
  draw(renderer: WebGLRenderer, camera: Camera): void {
    const { uniforms } = this.#material;
    uniforms.rests!.value = !this.#pose.moves;
    uniforms.shift!.value.set(this.#pose.shiftU, this.#pose.shiftV);
    uniforms.lowered!.value = this.#pose.lowered;
    uniforms.raised!.value = this.#pose.raised;
    uniforms.state!.value = this.#pose.state;
    renderer.setRenderTarget(this.#target);
    renderer.render(this.#mesh, camera);
    this.#brush.paint(renderer, camera);
  }

  dispose(): void {
    this.#textures.forEach(dropImage);
    this.#target.dispose();
    this.#brush.dispose();
    this.#material.dispose();
    this.#mesh.geometry.dispose();
  }
}
