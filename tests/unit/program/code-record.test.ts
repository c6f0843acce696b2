// The code record's roots against trees computed leaf by leaf in TypeScript, and the record's own codec.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keccak256, keccak256Pair } from "../../../host/codec/keccak.ts";
import { bytesHash } from "../../../host/codec/trees.ts";
import { decodeCodeRecord, encodeCodeRecord } from "../../../host/program/code-record.ts";
import { prepareModule } from "../../../host/program/prepare.ts";
import { testPrepareRules } from "../../support/prepare-rules.ts";
import { functionType, I32, I64, leb, mainModule, moduleWith } from "../../support/wasm-bytes.ts";

const LEAF = 128;
const PAGE = 65_536;
const rules = testPrepareRules();
const SEED = 20_261_121;

/** Root of a fixed-depth keccak tree whose bytes beyond `bytes` are zero. */
function plainRoot(bytes: Uint8Array, depth: number): Uint8Array {
  let zero = keccak256(new Uint8Array(LEAF));
  let nodes = Array.from({ length: Math.ceil(bytes.length / LEAF) }, (_, i) => {
    const leaf = new Uint8Array(LEAF);
    leaf.set(bytes.subarray(i * LEAF, (i + 1) * LEAF));
    return keccak256(leaf);
  });
  for (let level = 0; level < depth; level++) {
    const children = nodes;
    const below = zero;
    nodes = Array.from({ length: Math.ceil(children.length / 2) }, (_, i) =>
      keccak256Pair(children[2 * i] ?? below, children[2 * i + 1] ?? below),
    );
    zero = keccak256Pair(below, below);
  }
  return nodes[0] ?? zero;
}

const constI32 = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    const done = rest === ((low & 0x40) === 0 ? 0 : -1);
    bytes.push(done ? low : low | 0x80);
    if (done) return [0x41, ...bytes, 0x0b];
  }
};

interface Segment {
  readonly offset: number;
  readonly bytes: readonly number[];
}

const dataEntry = ({ offset, bytes }: Segment) => [
  0,
  ...constI32(offset),
  ...leb(bytes.length),
  ...bytes,
];

function memoryOf(pages: number, segments: readonly Segment[]): Uint8Array {
  const memory = new Uint8Array(pages * PAGE);
  for (const { offset, bytes } of segments) memory.set(bytes, offset);
  return memory;
}

describe("the code record", () => {
  it("has the hash of the Wasm, of the rules, and the root of the words", () => {
    const wasm = mainModule(Array.from({ length: 300 }, () => 0x01));
    const { codeRecord, words, recordHash, record } = prepareModule(wasm, rules);
    expect(codeRecord.wasmLength).toBe(wasm.length);
    expect(codeRecord.wasmHash).toEqual(bytesHash(wasm));
    expect(codeRecord.rulesHash).toEqual(keccak256(rules));
    expect(codeRecord.wordCount).toBe(words.length / 16);
    expect(codeRecord.codeRoot).toEqual(plainRoot(words, 16));
    expect(recordHash).toEqual(keccak256(record));
  });

  it("hashes Wasm of every length around a leaf and around a power of two", () => {
    for (const length of [127, 128, 129, 255, 256, 257, 383, 384, 385, 512, 513]) {
      const rest = length - mainModule([]).length - 3;
      const wasm = mainModule(Array.from({ length: rest }, () => 0x01));
      const { codeRecord } = prepareModule(wasm, rules);
      expect(codeRecord.wasmHash).toEqual(bytesHash(wasm));
    }
  });

  it("has the root of the initial memory, later segments over earlier ones", () => {
    const segment = fc.record({
      offset: fc.oneof(
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: PAGE - 300, max: PAGE + 300 }),
      ),
      bytes: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 300 }),
    });
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const wasm = mainModule([], { memories: [[0, 2]], data: segments.map(dataEntry) });
        const { codeRecord } = prepareModule(wasm, rules);
        expect(codeRecord.memoryRoot).toEqual(plainRoot(memoryOf(2, segments), 19));
      }),
      { numRuns: 40, seed: SEED },
    );
  });

  it("has the root of a memory whose last byte is data", () => {
    const segments = [{ offset: 256 * PAGE - 1, bytes: [7] }];
    const wasm = mainModule([], { memories: [[0, ...leb(256)]], data: segments.map(dataEntry) });
    const top = new Uint8Array(LEAF);
    top[LEAF - 1] = 7;
    let node = keccak256(top);
    let zero = keccak256(new Uint8Array(LEAF));
    for (let level = 0; level < 17; level++) {
      node = keccak256Pair(zero, node);
      zero = keccak256Pair(zero, zero);
    }
    for (let level = 17; level < 19; level++) {
      node = keccak256Pair(node, zero);
      zero = keccak256Pair(zero, zero);
    }
    expect(prepareModule(wasm, rules).codeRecord.memoryRoot).toEqual(node);
  });

  it("has the root of globals as 8 little-endian bytes, i32 zero-extended", () => {
    const globals = [
      [I32, 1, ...constI32(-2)],
      [I64, 0, 0x42, 0x7f, 0x0b],
      ...Array.from({ length: 20 }, (_, i) => [I32, 0, ...constI32(i)]),
    ];
    const bytes = new Uint8Array(globals.length * 8);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xffff_fffe, true);
    view.setBigUint64(8, 0xffff_ffff_ffff_ffffn, true);
    for (let i = 0; i < 20; i++) view.setUint32(16 + 8 * i, i, true);
    const { codeRecord } = prepareModule(mainModule([], { globals }), rules);
    expect(codeRecord.globalCount).toBe(22);
    expect(codeRecord.globalsRoot).toEqual(plainRoot(bytes, 4));
  });

  it("has the root of the table as function and canonical type, ones for null", () => {
    const types = [functionType([], []), functionType([I32], []), functionType([], [])];
    const wasm = mainModule([], {
      types,
      functions: [2, 1],
      bodies: [
        [2, 0, 0x0b],
        [2, 0, 0x0b],
      ],
      tables: [[0x70, 0, 18]],
      elements: [
        [0, ...constI32(1), 2, 0, 1],
        [0, ...constI32(2), 1, 0],
      ],
    });
    const bytes = new Uint8Array(18 * 8).fill(0xff);
    bytes.set([0, 0, 0, 0, 0, 0, 0, 0], 8);
    bytes.set([0, 0, 0, 0, 0, 0, 0, 0], 16);
    const { codeRecord } = prepareModule(wasm, rules);
    expect(codeRecord.tableSize).toBe(18);
    expect(codeRecord.tableRoot).toEqual(plainRoot(bytes, 7));
  });

  it("charges entry by KiB of Wasm and initial pages", () => {
    const entry = (instructions: number, pages: number) =>
      prepareModule(
        mainModule(
          Array.from({ length: instructions }, () => 0x01),
          { memories: [[0, pages]] },
        ),
        rules,
      ).codeRecord.entryGas;
    const base = mainModule([], { memories: [[0, 0]] }).length;
    // 500 + 1 charge + 2 depth + 4 call, and 100 per KiB.
    expect(entry(0, 0)).toBe(607n);
    // A body this long has one more byte in its own size and in its section's.
    expect(entry(1_024 - base - 2, 0)).toBe(607n);
    expect(entry(1_024 - base - 1, 0)).toBe(707n);
    expect(entry(0, 3)).toBe(607n + 600n);
  });

  it("is what it decodes to, and refuses other versions and lengths", () => {
    const { record, codeRecord } = prepareModule(mainModule([]), rules);
    expect(encodeCodeRecord(codeRecord)).toEqual(record);
    const other = record.slice();
    other[0] = 2;
    expect(() => decodeCodeRecord(other)).toThrow(
      expect.objectContaining({ code: "CODE_RECORD_VERSION" }),
    );
    expect(() => decodeCodeRecord(record.subarray(1, 235))).toThrow();
    expect(() => decodeCodeRecord(Uint8Array.from([...record, 0]))).toThrow(
      expect.objectContaining({ code: "BYTES_TRAILING" }),
    );
  });

  it("is the same for the same bytes, whatever was prepared before", () => {
    const wasm = mainModule([0x41, 0, 0x1a]);
    const first = prepareModule(wasm, rules).record;
    expect(() => prepareModule(moduleWith({ globals: [[I32, 9]] }), rules)).toThrow();
    expect(prepareModule(wasm, rules).record).toEqual(first);
  });
});
