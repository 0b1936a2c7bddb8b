/** A portrait that talks on a canvas: draws the poses of a rig file. */

import {
  Camera,
  type DataTexture,
  Group,
  Mesh,
  type RawShaderMaterial,
  type Texture,
  Vector2,
  Vector3,
  WebGLRenderer,
} from "three";
import { EyeLayer } from "./eye-layer";
import { RigFile, SPRITES } from "./file";
import { Interior } from "./interior";
import { MouthLight } from "./light";
import { TABLE_LENGTH } from "./lips";
import { frameUniforms, gridUniform, material, type Uniforms } from "./materials";
import { FinePicture } from "./picture";
import { neutralPose, readPose } from "./pose";
import { quad, ring } from "./quads";
import { mouthFragment } from "./shaders/mouth";
import { faceFragment, headFragment } from "./shaders/skin";
import { dropImage, imageTexture, nodeTexture } from "./textures";
import { Warp } from "./warp";

/** From this many pixels of the picture on, one of the canvas takes the mean of four places. */
const SMALLER = 1.3;

interface Pictures {
  picture: FinePicture;
  sprites: Texture;
  eyes: EyeLayer[];
}

export class RigView {
  /** Size of the rig's picture, px. */
  readonly width: number;
  readonly height: number;

  readonly #renderer: WebGLRenderer;
  readonly #camera = new Camera();
  readonly #picture: FinePicture;
  readonly #eyes: EyeLayer[];
  readonly #sprites: Texture;
  readonly #warp: Warp;
  readonly #interior: Interior;
  readonly #light: MouthLight;
  readonly #nodes: DataTexture[] = [];
  readonly #layers: Mesh[];
  readonly #scene = new Group();
  readonly #mouth: Uniforms;
  readonly #spread = { value: 0 };
  readonly #pose = neutralPose();

  /**
   * Read a rig file and show its picture on the canvas.
   *
   * @throws Error when the file is not a rig or the canvas has no WebGL 2.
   */
  static async open(
    canvas: HTMLCanvasElement | OffscreenCanvas,
    bytes: ArrayBuffer,
  ): Promise<RigView> {
    const file = await RigFile.read(bytes);
    // pictures are decoded beside the start of the graphics
    const decoding = decode(file);
    const renderer = new WebGLRenderer({
      canvas,
      alpha: false,
      antialias: false,
      depth: false,
      stencil: false,
    });
    return new RigView(renderer, file, await decoding);
  }

  private constructor(
    renderer: WebGLRenderer,
    file: RigFile,
    { picture, sprites, eyes }: Pictures,
  ) {
    const { header } = file;
    this.width = header.width;
    this.height = header.height;
    this.#renderer = renderer;
    this.#picture = picture;
    this.#sprites = sprites;
    this.#eyes = eyes;
    this.#warp = new Warp(file);
    this.#interior = new Interior(file);
    this.#light = new MouthLight(file);
    renderer.autoClear = false;
    renderer.sortObjects = false;
    const { head, face, mouth } = header;
    this.#mouth = this.#mouthUniforms(file);
    const whole = { left: 0, top: 0, width: header.width, height: header.height };
    const frame = frameUniforms(header.width, header.height, -1);
    const shared: Uniforms = {
      ...frame,
      fine: { value: picture.texture },
      fineScale: { value: picture.scale },
      spread: this.#spread,
      gains: { value: this.#nodeTexture(this.#warp.gain, header.shading.grid) },
      gainGrid: gridUniform(header.shading.grid),
    };
    const layer = (values: Float32Array, { grid }: { grid: typeof face.grid }): Uniforms => ({
      ...shared,
      back: { value: this.#nodeTexture(values, grid) },
      grid: gridUniform(grid),
    });
    this.#layers = [
      mesh(ring(whole, face.rect), material(headFragment, layer(this.#warp.head, head))),
      mesh(ring(face.rect, mouth.rect), material(faceFragment, layer(this.#warp.face, face))),
      mesh(quad(mouth.rect), material(mouthFragment, { ...shared, ...this.#mouth })),
    ];
    this.#scene.add(...this.#layers);
    this.resize(header.picture.width, header.picture.height);
    picture.fill(renderer, this.#camera);
  }

  /** Draw one row of a track's poses, in the order of `POSE_COLUMNS`. */
  draw(row: ArrayLike<number>): void {
    const pose = this.#pose;
    readPose(row, pose);
    this.#warp.update(pose);
    const { lips, rigid } = this.#warp;
    this.#interior.place(pose, rigid);
    const open = this.#light.measure(pose, lips);
    for (const texture of this.#nodes) texture.needsUpdate = true;
    this.#setMouth(open);
    this.#drawEyes();
    this.#renderer.setRenderTarget(null);
    this.#renderer.render(this.#scene, this.#camera);
  }

  /** Size of the canvas in its own px; by default that of the pictures in the file. */
  resize(widthPx: number, heightPx: number): void {
    this.#renderer.setSize(widthPx, heightPx, false);
    const pxOfPicture = this.width / widthPx;
    const isSmaller = pxOfPicture * this.#picture.scale.x > SMALLER;
    this.#spread.value = isSmaller ? 0.25 * pxOfPicture : 0;
  }

  dispose(): void {
    for (const eye of this.#eyes) eye.dispose();
    for (const texture of this.#nodes) texture.dispose();
    dropImage(this.#sprites);
    for (const { geometry, material } of this.#layers) {
      geometry.dispose();
      (material as RawShaderMaterial).dispose();
    }
    this.#picture.dispose();
    this.#renderer.dispose();
  }

  #drawEyes(): void {
    let changed = false;
    for (const eye of this.#eyes) changed = eye.update(this.#pose) || changed;
    if (!changed) return;
    // all of them: their rectangles may overlap
    for (const eye of this.#eyes) eye.draw(this.#renderer, this.#camera);
  }

  #setMouth(open: boolean): void {
    const { lips } = this.#warp;
    const light = this.#light;
    const uniforms = this.#mouth;
    uniforms.corner!.value.set(lips.cornerX, lips.cornerY);
    uniforms.along!.value.set(lips.alongX, lips.alongY);
    uniforms.mouthLength!.value = lips.length;
    uniforms.open!.value = open;
    uniforms.showsTip!.value = this.#interior.showsTip;
    SPRITES.forEach((name, index) => {
      uniforms.toSprite!.value.set(this.#interior.placements[name], 9 * index);
    });
    const middle = 0.5 * light.step - 0.5;
    uniforms.lightGrid!.value.set(light.left + middle, light.top + middle, light.step);
    uniforms.lightUsed!.value.set(light.columns, light.rows);
  }

  #mouthUniforms(file: RigFile): Uniforms {
    const { mouth, interior } = file.header;
    const rects = SPRITES.flatMap((name) => {
      const { left_px, top_px, width_px, height_px } = interior.sprites[name];
      return [left_px, top_px, left_px + width_px - 1, top_px + height_px - 1];
    });
    const { lips } = this.#warp;
    const light = this.#light;
    const cells = { columns: light.stride, rows: light.height };
    return {
      upperBack: { value: this.#nodeTexture(this.#warp.upperLip, mouth.grid) },
      lowerBack: { value: this.#nodeTexture(this.#warp.lowerLip, mouth.grid) },
      grid: gridUniform(mouth.grid),
      edges: { value: this.#nodeTexture(lips.table, { columns: TABLE_LENGTH, rows: 1 }) },
      corner: { value: new Vector2() },
      along: { value: new Vector2() },
      mouthLength: { value: 1 },
      edgePx: { value: lips.edgePx },
      open: { value: false },
      sprites: { value: this.#sprites },
      toSprite: { value: new Float32Array(9 * SPRITES.length) },
      spriteRect: { value: new Float32Array(rects) },
      showsTip: { value: false },
      lightCells: { value: this.#nodeTexture(light.values, cells) },
      lightGrid: { value: new Vector3() },
      lightUsed: { value: new Vector2() },
      shadeTint: { value: new Vector3(...interior.shade_tint) },
    };
  }

  #nodeTexture(values: Float32Array, grid: { columns: number; rows: number }): DataTexture {
    const texture = nodeTexture(this.#renderer, values, grid.columns, grid.rows);
    this.#nodes.push(texture);
    return texture;
  }
}

async function decode(file: RigFile): Promise<Pictures> {
  const { interior, eyes } = file.header;
  const sprites = imageTexture(file, interior.atlas);
  const picture = await FinePicture.open(file);
  const layers = eyes.map((eye) => EyeLayer.open(file, eye, picture));
  return { picture, sprites: await sprites, eyes: await Promise.all(layers) };
}

function mesh(geometry: Mesh["geometry"], material: RawShaderMaterial): Mesh {
  const made = new Mesh(geometry, material);
  made.frustumCulled = false;
  return made;
}
