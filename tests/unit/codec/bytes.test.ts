// Writer and reader, hex, comparison and file header: round trips, both ends of every width, refusals.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  FileKind,
  fileKindOf,
  openFile,
  writeFileHeader,
} from "../../../host/codec/file-header.ts";
import { compareBytes, equalBytes, fromHex, toHex } from "../../../host/codec/hex.ts";
import { ByteReader } from "../../../host/codec/reader.ts";
import { ByteWriter } from "../../../host/codec/writer.ts";
import { EngineError } from "../../../host/errors.ts";
import { pattern, seed } from "./reference.ts";

const errorOf = (action: () => unknown): EngineError => {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error;
    throw error;
  }
  expect.unreachable("the action throws");
};
const codeOf = (action: () => unknown): string => errorOf(action).code;

describe("the writer and the reader", () => {
  it("write big-endian and read back what was written", () => {
    const bytes = new ByteWriter(1)
      .u8(1)
      .u16(0x0203)
      .u32(0x04050607)
      .u48(0x08090a0b0c0d)
      .u64(0x0e0f101112131415n)
      .u128(0x161718191a1b1c1d1e1f202122232425n)
      .fixed(Uint8Array.of(0x26, 0x27), 2)
      .bytes(Uint8Array.of(0x28))
      .finish();
    expect(toHex(bytes)).toBe(
      "0x0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262700000001" +
        "28",
    );
    const reader = new ByteReader(bytes);
    expect(reader.u8()).toBe(1);
    expect(reader.u16()).toBe(0x0203);
    expect(reader.u32()).toBe(0x04050607);
    expect(reader.u48()).toBe(0x08090a0b0c0d);
    expect(reader.u64()).toBe(0x0e0f101112131415n);
    expect(reader.u128()).toBe(0x161718191a1b1c1d1e1f202122232425n);
    expect(reader.fixed(2)).toEqual(Uint8Array.of(0x26, 0x27));
    expect(reader.bytes(1)).toEqual(Uint8Array.of(0x28));
    reader.end();
  });

  it("agree on every integer of every width", () => {
    const bits = (n: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(n) - 1n });
    const small = (n: number) =>
      fc.double({ min: 0, max: 2 ** n - 1, noNaN: true }).map(Math.floor);
    fc.assert(
      fc.property(small(8), small(16), small(32), small(48), bits(64), bits(128), (...n) => {
        const writer = new ByteWriter(0);
        const bytes = writer.u8(n[0]).u16(n[1]).u32(n[2]).u48(n[3]).u64(n[4]).u128(n[5]).finish();
        const reader = new ByteReader(bytes);
        const read = [reader.u8(), reader.u16(), reader.u32(), reader.u48()];
        expect([...read, reader.u64(), reader.u128()]).toEqual(n);
        reader.end();
      }),
      { seed, numRuns: 300 },
    );
  });

  it("take both ends of every width and refuse what lies beyond", () => {
    const top = (size: number): bigint => 2n ** BigInt(8 * size) - 1n;
    const writer = (): ByteWriter => new ByteWriter();
    expect(toHex(writer().u64(top(8)).u128(top(16)).finish())).toBe(`0x${"ff".repeat(24)}`);
    expect(toHex(writer().u8(0).u16(0).u32(0).u48(0).u64(0n).finish())).toBe(
      `0x${"00".repeat(21)}`,
    );
    for (const write of [
      () => writer().u8(256),
      () => writer().u8(-1),
      () => writer().u8(0.5),
      () => writer().u8(Number.NaN),
      () => writer().u16(2 ** 16),
      () => writer().u32(2 ** 32),
      () => writer().u48(2 ** 48),
      () => writer().u64(2n ** 64n),
      () => writer().u64(-1n),
      () => writer().u128(2n ** 128n),
      () => writer().u128(-1n),
      () => writer().fixed(new Uint8Array(3), 2),
    ]) {
      expect(codeOf(write)).toBe("BYTES_OUT_OF_RANGE");
    }
  });

  it("refuse bytes that end inside a field, at every place, with the offset", () => {
    const bytes = pattern(16);
    for (const [size, read] of [
      [1, (r: ByteReader) => r.u8()],
      [2, (r: ByteReader) => r.u16()],
      [4, (r: ByteReader) => r.u32()],
      [6, (r: ByteReader) => r.u48()],
      [8, (r: ByteReader) => r.u64()],
      [16, (r: ByteReader) => r.u128()],
      [9, (r: ByteReader) => r.fixed(9)],
    ] as const) {
      read(new ByteReader(bytes.subarray(0, size)));
      const error = errorOf(() => read(new ByteReader(bytes.subarray(0, size - 1), { file: "f" })));
      expect(error.code).toBe("BYTES_TRUNCATED");
      expect(error.where).toEqual({ file: "f", byteOffset: 0 });
      expect(error.details).toEqual({ got: `${size - 1} bytes left`, expected: `${size}` });
    }
  });

  it("check a declared length against its maximum and the rest before taking bytes", () => {
    const declared = (length: number): ByteReader =>
      new ByteReader(new ByteWriter().u32(length).raw(new Uint8Array(4)).finish());
    expect(declared(4).bytes(4).length).toBe(4);
    expect(codeOf(() => declared(4).bytes(3))).toBe("BYTES_TOO_LONG");
    expect(codeOf(() => declared(5).bytes(5))).toBe("BYTES_TRUNCATED");
    expect(codeOf(() => declared(0xffff_ffff).bytes(0xffff_ffff))).toBe("BYTES_TRUNCATED");
    expect(declared(2).count(2, 2)).toBe(2);
    expect(codeOf(() => declared(2).count(1, 2))).toBe("BYTES_TOO_LONG");
    expect(codeOf(() => declared(2).count(2, 3))).toBe("BYTES_TRUNCATED");
    expect(codeOf(() => declared(0xffff_ffff).count(0xffff_ffff, 1))).toBe("BYTES_TRUNCATED");
  });

  it("refuse trailing bytes", () => {
    const reader = new ByteReader(Uint8Array.of(1, 2));
    reader.u8();
    const error = errorOf(() => reader.end());
    expect(error.code).toBe("BYTES_TRAILING");
    expect(error.where.byteOffset).toBe(1);
    reader.u8();
    reader.end();
  });
});

describe("hex", () => {
  it("gives back the bytes it was made of, in either case", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const text = toHex(bytes);
        expect(text).toMatch(/^0x([0-9a-f]{2})*$/);
        expect(fromHex(text, bytes.length)).toEqual(bytes);
        expect(fromHex(`0x${text.slice(2).toUpperCase()}`)).toEqual(bytes);
      }),
      { seed, numRuns: 100 },
    );
  });

  it("refuses other text", () => {
    for (const text of [
      "",
      "0",
      "00",
      "0X00",
      "0x0",
      "0x0g",
      "0xg0",
      "0x 0",
      "0x/0",
      "0x:0",
      "0x@0",
      "0x`0",
      " 0x00",
    ]) {
      expect(
        codeOf(() => fromHex(text)),
        text,
      ).toBe("HEX_INVALID");
    }
    expect(codeOf(() => fromHex(7 as unknown as string))).toBe("HEX_INVALID");
    expect(codeOf(() => fromHex("0x00", 2))).toBe("HEX_INVALID");
    expect(errorOf(() => fromHex(`0x${"00".repeat(10_000)}`, 2)).message.length).toBeLessThan(200);
  });
});

describe("byte comparison", () => {
  it("is lexicographic and a prefix comes first", () => {
    const sorted = ["0x", "0x00", "0x0000", "0x00ff", "0x01", "0xff", "0xff00"].map((t) =>
      fromHex(t),
    );
    for (const [i, a] of sorted.entries()) {
      for (const [j, b] of sorted.entries()) {
        expect(Math.sign(compareBytes(a, b))).toBe(Math.sign(i - j));
        expect(equalBytes(a, b)).toBe(i === j);
      }
    }
  });
});

describe("a file header", () => {
  const writer = new ByteWriter();
  writeFileHeader(writer, FileKind.bundle);
  const header = writer.finish();
  const changed = (at: number, byte: number): Uint8Array => {
    const copy = header.slice();
    copy[at] = byte;
    return copy;
  };

  it("is PLASMAVM, kind and format", () => {
    expect(toHex(header)).toBe("0x504c41534d41564d010001");
    expect(fileKindOf(header)).toBe(FileKind.bundle);
    openFile(header, FileKind.bundle).end();
  });

  it("is refused with the reason", () => {
    const open = (bytes: Uint8Array): string => codeOf(() => openFile(bytes, FileKind.bundle));
    expect(open(new Uint8Array(0))).toBe("FILE_MAGIC");
    expect(open(changed(7, 0))).toBe("FILE_MAGIC");
    expect(open(changed(8, 2))).toBe("FILE_KIND");
    expect(open(changed(8, 9))).toBe("FILE_KIND");
    expect(open(changed(10, 2))).toBe("FILE_FORMAT");
    expect(open(header.subarray(0, 10))).toBe("BYTES_TRUNCATED");
    expect(fileKindOf(changed(0, 0))).toBeUndefined();
    expect(fileKindOf(changed(8, 6))).toBeUndefined();
    expect(fileKindOf(header.subarray(0, 8))).toBeUndefined();
  });
});
