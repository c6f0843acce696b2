// The native hasher gives what the pure one gives wherever state hashes: values of every length, images, and
// witnesses of single pieces, whose batches have every size.

import { expect, it } from "vitest";
import { nativeStateHasher } from "../../../host/environment/native.ts";
import { Overlay } from "../../../host/state/overlay.ts";
import { pureStateHasher, type StateHasher } from "../../../host/state/state-hasher.ts";
import { StateImage } from "../../../host/state/state-image.ts";
import { chunkRoot, leafHash, valueCommitment } from "../../../host/state/value-commitment.ts";
import { WitnessState } from "../../../host/state/witness-state.ts";
import { hex, sha256, testKey, toChanges } from "./reference.ts";

const native = nativeStateHasher();
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => i * 31 + length);

it.runIf(process.platform === "linux" && process.arch === "x64")("is native", () => {
  expect(native).not.toBe(pureStateHasher);
});

it("commits to values of every length alike", () => {
  const lengths = [...Array(1_100).keys(), 1_793, 1_920, 2_048, 3_585, 3_840, 4_096, 65_536];
  const path = sha256(bytes(3));
  for (const length of lengths) {
    const value = bytes(length);
    for (const hash of [valueCommitment, chunkRoot]) {
      expect(hex(hash(native, value))).toBe(hex(hash(pureStateHasher, value)));
    }
    expect(hex(leafHash(native, path, value))).toBe(hex(leafHash(pureStateHasher, path, value)));
  }
});

it.each([1, 32, 33, 64, 65, 255, 256, 257, 449, 480, 512, 1_025, 2_048, 3_600, 8_192])(
  "makes and reads witnesses of pieces of values of %i bytes alike",
  (length) => {
    const keys = 20;
    const made = [native, pureStateHasher].map((hasher: StateHasher) => {
      const image = new StateImage({ hasher });
      image.apply(toChanges(Array.from({ length: keys }, (_, n) => ({ n, value: bytes(length) }))));
      const overlay = new Overlay(image);
      for (let n = 0; n < keys; n += 3) {
        const { cls, address, key } = testKey(n);
        overlay.open(cls, address, key)?.read(Math.floor((n * length) / keys), 1);
      }
      const witness = image.witness(overlay.touches());
      const seen = WitnessState.decode(witness, image.root(), hasher);
      const again = new Overlay(seen);
      const pieces: string[] = [];
      for (let n = 0; n < keys; n += 3) {
        const { cls, address, key } = testKey(n);
        const at = Math.floor((n * length) / keys);
        pieces.push(hex(again.open(cls, address, key)!.read(at, 1)));
      }
      return { witness: hex(witness), root: hex(seen.rootAfter(again)), pieces };
    });
    expect(made[0]).toEqual(made[1]);
  },
);
