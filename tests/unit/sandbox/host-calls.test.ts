// The host calls that look at nothing but their frame: input, output, revert, hashes, recovery, enter.
// Both sides of every limit of docs/host-calls.md, every trap, and which check comes first.
import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { keySigner } from "../../../host/chain/key.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { nativeHostCrypto } from "../../../host/environment/native.ts";
import { Outcome } from "../../../host/outcome.ts";
import { MEMORY_END, Script } from "../../support/prober.ts";
import { type Case, Probers } from "./probers.ts";

const END = MEMORY_END;
const TOP = 0xffff_ffff;

const bytesUpTo = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => i * 7);
const concat = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));

let probers: Probers;
beforeAll(async () => {
  probers = await Probers.open(1);
});

describe("a range of guest memory", () => {
  it("may end where memory ends and not one byte later, and never wraps", async () => {
    const at = (ptr: number, length: number) => new Script().host("output", ptr, length).stop();
    await probers.check([
      ["the last word", at(END - 4, 4), [0]],
      ["one byte too far", at(END - 3, 4), "memory_bounds"],
      ["nothing at the end", at(END, 0), []],
      ["nothing beyond the end", at(END + 1, 0), "memory_bounds"],
      ["nothing at the top", at(TOP, 0), "memory_bounds"],
      ["a wrap to 0", at(TOP, 1), "memory_bounds"],
      ["a wrap beyond 0", at(TOP - 1, 100), "memory_bounds"],
      ["the sign bit", at(2 ** 31, 1), "memory_bounds"],
    ]);
  });

  it("includes pages that the frame has grown", async () => {
    const grown = (pages: number, length: number) =>
      new Script().grow(pages).host("input", END, 0, length);
    const [four, one] = (await probers.numbers(grown(1, 1))) as [number, number];
    expect([four, one > 0]).toEqual([4, true]);
    await probers.check([["without growth", grown(0, 1), "memory_bounds"]]);
  });
});

describe("input", () => {
  it("copies any part of the input and returns the whole length", async () => {
    const script = new Script().host("input", 0x100, 4, 8).show(0x100, 8);
    const bytes = script.bytes();
    expect(await probers.output(script)).toEqual(
      concat(Uint8Array.of(bytes.length, 0, 0, 0), bytes.subarray(4, 12)),
    );
  });

  it("traps beyond the input, after looking at memory", async () => {
    const read = (ptr: number, offset: number, length: number) =>
      new Script().host("input", ptr, offset, length);
    const size = read(0, 0, 0).bytes().length;
    await probers.check([
      ["all of it", read(0, 0, size), [size]],
      ["the last byte", read(0, size - 1, 1), [size]],
      ["one byte beyond", read(0, size - 1, 2), "data_bounds"],
      ["nothing at the end", read(0, size, 0), [size]],
      ["nothing beyond the end", read(0, size + 1, 0), "data_bounds"],
      ["an offset that wraps", read(0, TOP, 1), "data_bounds"],
      ["an offset with the sign bit", read(0, 2 ** 31, 0), "data_bounds"],
      ["both wrong", read(END, size, 1), "memory_bounds"],
      ["a length that is charged first", read(0, 0, TOP), "out_of_gas"],
    ]);
  });
});

describe("output and revert", () => {
  it("take 65,536 bytes and not one more, and look at the length first", async () => {
    const output = (ptr: number, length: number) => new Script().host("output", ptr, length).stop();
    const revert = (ptr: number, length: number) => new Script().host("revert", ptr, length);
    const fits = await probers.run(
      new Script().fill(0, 5, 65_536).host("output", 0, 65_536).stop(),
    );
    expect(fits).toMatchObject({ outcome: Outcome.success });
    expect(Buffer.compare(fits.output, new Uint8Array(65_536).fill(5))).toBe(0);
    const reverted = await probers.run(revert(0, 65_536));
    expect(reverted).toMatchObject({ outcome: Outcome.revert, code: 0 });
    expect(reverted.output).toHaveLength(65_536);
    await probers.check([
      ["output of 65,537", output(0, 65_537), "data_too_long"],
      ["output of 65,537 outside memory", output(END, 65_537), "data_too_long"],
      ["output outside memory", output(END - 7, 8), "memory_bounds"],
      ["revert of 65,537", revert(0, 65_537), "data_too_long"],
      ["revert of 65,537 outside memory", revert(TOP, 65_537), "data_too_long"],
      ["revert outside memory", revert(END - 7, 8), "memory_bounds"],
    ]);
  });

  it("keep the last output, and revert data instead of any output", async () => {
    const [first, second] = [Uint8Array.of(1, 2, 3), Uint8Array.of(9)];
    const twice = new Script().host("output", first, 3).host("output", second, 1);
    expect(await probers.output(twice.stop())).toEqual(second);
    const emptied = new Script().host("output", first, 3).host("output", 0, 0).stop();
    expect(await probers.output(emptied)).toHaveLength(0);
    const reverted = await probers.run(
      new Script().host("output", first, 3).host("revert", second, 1),
    );
    expect(reverted).toMatchObject({ outcome: Outcome.revert, output: second });
    const silent = await probers.run(new Script().host("output", first, 3).host("revert", 0, 0));
    expect(silent.output).toHaveLength(0);
    expect((await probers.run(new Script().host("output", first, 3).trap())).output).toHaveLength(
      0,
    );
  });

  it("copy: later stores into memory do not change what was given", async () => {
    const script = new Script().put(0x100, Uint8Array.of(1, 2)).host("output", 0x100, 2);
    expect(await probers.output(script.fill(0x100, 0, 2).stop())).toEqual(Uint8Array.of(1, 2));
  });

  it("revert gives back what is left of the gas, a trap takes it all", async () => {
    const gasLimit = 1_000_000;
    const [reverted, trapped] = await probers.runAll(
      [new Script().host("revert", 0, 0), new Script().trap()],
      { gasLimit },
    );
    expect(reverted?.gasUsed).toBeLessThan(80_000n);
    expect(trapped).toMatchObject({ outcome: Outcome.trap, gasUsed: BigInt(gasLimit) });
  });
});

describe.each(["keccak256", "sha256"] as const)("%s", (name) => {
  const hash = (bytes: Uint8Array): Uint8Array =>
    name === "keccak256"
      ? keccak256(bytes)
      : Uint8Array.from(createHash("sha256").update(bytes).digest());

  it.each([0, 1, 135, 136, 1_023, 1_024])("hashes %i bytes", async (length) => {
    const bytes = bytesUpTo(length);
    const script = new Script()
      .put(0x100, bytes)
      .host(name, 0x100, length, 0x1000)
      .show(0x1000, 32);
    expect(await probers.output(script)).toEqual(hash(bytes));
  });

  it("may write its result over its argument", async () => {
    const script = new Script().put(0x100, bytesUpTo(64)).host(name, 0x100, 64, 0x110);
    expect(await probers.output(script.show(0x110, 32))).toEqual(hash(bytesUpTo(64)));
  });

  it("traps beyond 1,024 bytes before it looks at memory", async () => {
    const at = (ptr: number, length: number, out: number) =>
      new Script().host(name, ptr, length, out);
    await probers.check([
      ["1,025 bytes", at(0, 1_025, 0), "data_too_long"],
      ["1,025 bytes outside memory", at(END, 1_025, END), "data_too_long"],
      ["the last 1,024 bytes", at(END - 1_024, 1_024, END - 32), []],
      ["an argument outside memory", at(END - 1_023, 1_024, 0), "memory_bounds"],
      ["a result outside memory", at(0, 1, END - 31), "memory_bounds"],
      ["nothing, with a result outside memory", at(0, 0, TOP), "memory_bounds"],
    ]);
  });
});

describe("secp256k1_recover", () => {
  const signer = keySigner(new Uint8Array(32).fill(3));
  const digest = keccak256(Uint8Array.of(1));
  const pair = signer.sign(digest);
  const v = [27, 28].find((candidate) => {
    const key = nativeHostCrypto.recover(digest, concat(pair, Uint8Array.of(candidate)));
    return key !== undefined && Buffer.compare(key, signer.publicKey) === 0;
  }) as number;
  const signature = concat(pair, Uint8Array.of(v));

  it("gives 1 and the public key", async () => {
    const script = new Script().host("secp256k1_recover", digest, signature, 0x100).show(0x100, 64);
    expect(await probers.output(script)).toEqual(
      concat(Uint8Array.of(1, 0, 0, 0), signer.publicKey),
    );
  });

  it.each([
    ["another v", concat(pair, Uint8Array.of(26))],
    ["v as 0 or 1", concat(pair, Uint8Array.of(v - 27))],
    ["r of zero", concat(new Uint8Array(32), pair.subarray(32), Uint8Array.of(v))],
    ["r of all ones", concat(new Uint8Array(32).fill(255), pair.subarray(32), Uint8Array.of(v))],
    ["s of zero", concat(pair.subarray(0, 32), new Uint8Array(32), Uint8Array.of(v))],
    ["s above n / 2", concat(pair.subarray(0, 32), new Uint8Array(32).fill(254), Uint8Array.of(v))],
  ])("gives 0 and writes nothing for %s", async (_, bad) => {
    const script = new Script().fill(0x100, 0xaa, 64).host("secp256k1_recover", digest, bad, 0x100);
    expect(await probers.output(script.show(0x100, 64))).toEqual(
      concat(new Uint8Array(4), new Uint8Array(64).fill(0xaa)),
    );
  });

  it("traps where one of its three ranges leaves memory", async () => {
    const at = (digestAt: number, signatureAt: number, out: number) =>
      new Script().host("secp256k1_recover", digestAt, signatureAt, out);
    await probers.check([
      ["all at the end", at(END - 32, END - 65, END - 64), [0]],
      ["the digest", at(END - 31, 0, 0), "memory_bounds"],
      ["the signature", at(0, END - 64, 0), "memory_bounds"],
      ["the key, though there is none", at(0, 0, END - 63), "memory_bounds"],
    ]);
  });
});

describe("enter", () => {
  it("takes two flags and no other", async () => {
    const enter = (flags: number) => new Script().host("enter", flags);
    const cases: Case[] = [0, 1, 2, 3].map((flags) => [`flags ${flags}`, enter(flags), []]);
    for (const flags of [4, 5, 0x100, 2 ** 31, TOP]) {
      cases.push([`flags ${flags}`, enter(flags), "bad_argument"]);
    }
    await probers.check(cases);
  });

  it("makes a frame read-only for good", async () => {
    const set = (script: Script) => script.host("storage_set", 0, 0, 0);
    await probers.check([
      ["after view", set(new Script().host("enter", 2)), "read_only"],
      ["after view and reentrant", set(new Script().host("enter", 3)), "read_only"],
      [
        "after view, then reentrant",
        set(new Script().host("enter", 2).host("enter", 1)),
        "read_only",
      ],
      [
        "after view, then nothing",
        set(new Script().host("enter", 2).host("enter", 0)),
        "read_only",
      ],
      ["after reentrant", set(new Script().host("enter", 1)), []],
      ["what came before view stays", set(new Script()).host("enter", 2), []],
    ]);
  });
});

describe("output_read", () => {
  it("finds nothing before the first sub-call", async () => {
    const read = (ptr: number, offset: number, length: number) =>
      new Script().host("output_read", ptr, offset, length);
    await probers.check([
      ["nothing", read(0, 0, 0), [0]],
      ["one byte", read(0, 0, 1), "data_bounds"],
      ["nothing at offset 1", read(0, 1, 0), "data_bounds"],
      ["outside memory too", read(END, 0, 1), "memory_bounds"],
    ]);
  });
});

describe("call", () => {
  it("traps where request or input leave memory", async () => {
    const call = (request: number, ptr: number, length: number) =>
      new Script().host("call", request, ptr, length);
    await probers.check([
      ["all at the end", call(END - 44, END, 0), [0]],
      ["the request", call(END - 43, 0, 0), "memory_bounds"],
      ["the input", call(0, END - 1, 2), "memory_bounds"],
      ["a wrapping input", call(0, TOP, 1), "memory_bounds"],
    ]);
  });
});
