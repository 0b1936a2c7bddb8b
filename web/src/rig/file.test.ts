// @vitest-environment node

import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { RigFile, unpacked } from "./file";

function made(header: object): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(header));
  const file = new Uint8Array(8 + text.length);
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true);
  file.set(text, 8);
  return file.buffer;
}

function deflated(bytes: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array(deflateSync(Uint8Array.from(bytes)));
}

const span = { begin: 0, end: 0 };

describe("numbers of a rig file", () => {
  it("are those that were stored", async () => {
    const stored = new Uint8Array(new Float32Array([1.5, -2.5]).buffer);
    const entry = { dtype: "float32" as const, shape: [2], ...span };
    expect([...(await unpacked(stored, entry))]).toEqual([1.5, -2.5]);
  });

  it("are sums of differences, times the scale of their column", async () => {
    // differences 1, 2 and 1 - 4, then 300, 0 and -600
    const low = [1, 2, 0xfd, 300 & 255, 0, -600 & 255];
    const high = [0, 0, 0xff, 300 >> 8, 0, (-600 >> 8) & 255];
    const entry = { dtype: "int16" as const, shape: [2, 3], scale: [0.5, 10], stride: 2, ...span };
    const values = await unpacked(deflated([...low, ...high]), entry);
    expect([...values]).toEqual([0.5, 1, -1, 3000, 0, -3000]);
  });

  it("come back where differences do not fit into the type", async () => {
    const entry = { dtype: "int8" as const, shape: [1, 2], scale: [1], stride: 1, ...span };
    const values = await unpacked(deflated([127, (-127 - 127) & 255]), entry);
    expect([...values]).toEqual([127, -127]);
  });
});

describe("a rig file", () => {
  it("is told from anything else", async () => {
    const page = new TextEncoder().encode("<!doctype html><title>404</title>")
      .buffer as ArrayBuffer;
    for (const bytes of [new ArrayBuffer(0), new ArrayBuffer(4), page, made({})]) {
      await expect(RigFile.read(bytes)).rejects.toThrow("not a rig file");
    }
    const newer = made({ format: "lipsmith-rig", version: 2 });
    await expect(RigFile.read(newer)).rejects.toThrow("version 2");
  });
});
