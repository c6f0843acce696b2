// Programs by code record: nothing runs that does not prepare to the record in state, and what is kept of
// programs is bounded.
import { describe, expect, it, vi } from "vitest";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { bytesHash } from "../../../host/codec/trees.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { prepareRulesBlob } from "../../../host/rules/prepare-rules.ts";
import { presetRules } from "../../../host/rules/presets.ts";
import {
  type CodeLibrary,
  type Program,
  ProgramCache,
  ProgramSource,
} from "../../../host/sandbox/program-source.ts";
import { TestChain } from "../../support/test-chain.ts";
import { wasmOf } from "../../support/wat.ts";

const rules = prepareRulesBlob(presetRules("general"));
const wasm = wasmOf(`(module (func (export "main")))`);
const other = wasmOf(`(module (memory 1) (func (export "main")))`);
const { record, recordHash } = prepareModule(wasm, rules);

/** A library of these modules and rules; counts what it was asked. */
function library(modules: readonly Uint8Array[], blobs: readonly Uint8Array[]) {
  const find = (items: readonly Uint8Array[], hashOf: (item: Uint8Array) => Uint8Array) =>
    vi.fn((hash: Uint8Array) => items.find((item) => toHex(hashOf(item)) === toHex(hash)));
  return { wasm: find(modules, bytesHash), prepareRules: find(blobs, keccak256) };
}

const source = (from: CodeLibrary, cache = new ProgramCache()) => new ProgramSource(from, cache);
const withCode = (code: string) => expect.objectContaining({ code });

describe("a program", () => {
  it("is what the Wasm of its record prepares to", () => {
    const program = source(library([other, wasm], [rules])).get(record, recordHash);
    expect(program.prepared.wasm).toBe(wasm);
    expect(program.recordHash).toEqual(recordHash);
  });

  it("cannot be had without its Wasm or its rules", () => {
    const get = (from: CodeLibrary) => () => source(from).get(record, recordHash);
    expect(get(library([other], [rules]))).toThrowError(withCode("CODE_MISSING"));
    expect(get(library([wasm], []))).toThrowError(withCode("CODE_MISSING"));
  });

  it("is not run where the record says anything else than prepare does", () => {
    for (const at of [40, 80, 120, 234 - 32 - 4]) {
      const forged = record.slice();
      forged[at] = (forged[at] as number) ^ 1;
      const get = () => source(library([wasm], [rules])).get(forged, keccak256(forged));
      expect(get).toThrowError(withCode("CODE_MISMATCH"));
    }
  });

  it("is not run on a forged record with the hash of an honest one, known or not", () => {
    const forged = record.slice();
    forged[200] = (forged[200] as number) ^ 1;
    const cache = new ProgramCache();
    const from = library([wasm], [rules]);
    expect(() => source(from, cache).get(forged, recordHash)).toThrowError(
      withCode("CODE_MISMATCH"),
    );
    source(from, cache).get(record, recordHash);
    expect(() => source(from, cache).get(forged, recordHash)).toThrowError(
      withCode("CODE_MISMATCH"),
    );
  });

  it("is asked for in every library once, though the cache has it: a bundle must carry it", () => {
    const cache = new ProgramCache();
    const first = source(library([wasm], [rules]), cache).get(record, recordHash);
    const second = library([wasm], [rules]);
    const programs = source(second, cache);
    expect(programs.get(record, recordHash)).toBe(first);
    expect(programs.get(record, recordHash)).toBe(first);
    expect(second.wasm).toHaveBeenCalledTimes(1);
    const empty = source(library([], [rules]), cache);
    expect(() => empty.get(record, recordHash)).toThrowError(withCode("CODE_MISSING"));
  });
});

describe("a program cache", () => {
  const sized = (bytes: number) => ({ prepared: { wasm: new Uint8Array(bytes) } }) as Program;

  it("drops what was used longest ago when the Wasm comes to more than its bound", () => {
    const cache = new ProgramCache(100);
    const made: string[] = [];
    const get = (name: string, bytes: number) =>
      cache.get(name, () => {
        made.push(name);
        return sized(bytes);
      });
    get("a", 40);
    get("b", 60);
    get("a", 40);
    expect(made).toEqual(["a", "b"]);
    get("c", 1);
    get("a", 40);
    expect(made).toEqual(["a", "b", "c"]);
    get("b", 60);
    expect(made).toEqual(["a", "b", "c", "b"]);
    get("c", 1);
    expect(made).toEqual(["a", "b", "c", "b", "c"]);
  });

  it("keeps the one in use though it alone is over the bound", () => {
    const cache = new ProgramCache(100);
    const large = cache.get("large", () => sized(200));
    expect(cache.get("large", () => sized(1))).toBe(large);
    cache.get("small", () => sized(1));
    expect(cache.get("large", () => sized(200))).not.toBe(large);
  });
});

describe("a view", () => {
  it("takes every gas limit that a transaction can have, and no other", async () => {
    const { core } = await TestChain.open(["alice"]);
    const to = `0x${"77".repeat(20)}` as const;
    const view = (gasLimit: bigint) => core.view({ to, input: new Uint8Array(0), gasLimit });
    expect(view(0n)).toMatchObject({ outcome: 0, gasUsed: 0n });
    expect(view(2n ** 48n - 1n)).toMatchObject({ outcome: 0, gasUsed: 0n });
    expect(() => view(2n ** 48n)).toThrowError(withCode("BYTES_OUT_OF_RANGE"));
    expect(() => view(2n ** 80n)).toThrowError(withCode("BYTES_OUT_OF_RANGE"));
    expect(() => view(-1n)).toThrowError(withCode("BYTES_OUT_OF_RANGE"));
  });
});
