// Transactions against their format: offsets, EIP-712 by hand, every reason not to decode.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressOf, deriveKey, publicKeyOf } from "../../../host/chain/key.ts";
import {
  contractAddress,
  decodeTransaction,
  encodeTransaction,
  joinDeployInput,
  readEntry,
  signTransaction,
  splitDeployInput,
  type Transaction,
  type TransactionFields,
  transactionDigest,
  transactionHash,
} from "../../../host/chain/transaction.ts";
import { bufferSize } from "../../../host/codec/crypto.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { nobleSignatureChecker } from "../../../host/codec/signature.ts";
import { EngineError } from "../../../host/errors.ts";
import { join, keccak, naiveBytesRoot, pattern, seed, u32 } from "../codec/reference.ts";
import { alice, callFields, word } from "./sample.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const number = (value: bigint): Uint8Array =>
  Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * (31 - i))) & 0xffn));
const padded = (bytes: Uint8Array): Uint8Array => join(new Uint8Array(32 - bytes.length), bytes);

const deployFields: TransactionFields = {
  kind: "deploy",
  environmentId: word(0xe1),
  value: 0n,
  nonce: 0n,
  gasLimit: 1_000_000,
  price: 1n,
  input: joinDeployInput(pattern(300), pattern(10)),
};

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  return "none";
};

/** A decoded call or deployment as what encodes to it. */
function asSent(transaction: Transaction) {
  const { kind } = transaction;
  if (kind === "message") throw new TypeError("a message is made by settlement");
  const { environmentId, to, value, nonce, gasLimit, price, input, publicKey, signature } =
    transaction;
  return {
    ...{ kind, environmentId, to, value, nonce, gasLimit, price, input },
    ...{ publicKey, signature },
  };
}

describe("a transaction", () => {
  it("has every field at the offset that the format gives", () => {
    const bytes = signTransaction(callFields, alice);
    expect(bytes.length).toBe(456);
    const slice = (from: number, size: number): string => toHex(bytes.subarray(from, from + size));
    expect(slice(0, 2)).toBe("0x0101");
    expect(slice(2, 32)).toBe(toHex(callFields.environmentId));
    expect(slice(34, 64)).toBe(toHex(alice.publicKey));
    expect(slice(98, 20)).toBe(toHex(callFields.to!));
    expect(slice(118, 16)).toBe("0x00000010000000000000000000000005");
    expect(slice(134, 8)).toBe("0x0000000000000007");
    expect(slice(142, 6)).toBe("0x010000000003");
    expect(slice(148, 8)).toBe("0x8000000000000009");
    expect(slice(156, 4)).toBe("0x000000c8");
    expect(slice(160, 32)).toBe(toHex(naiveBytesRoot(callFields.input)));
    expect(slice(256, 200)).toBe(toHex(callFields.input));
  });

  it("has the EIP-712 digest of its struct, computed by hand", () => {
    const { environmentId, to, value, nonce, gasLimit, price, input } = callFields;
    const domain = keccak(
      keccak(utf8("EIP712Domain(string name,string version)")),
      keccak(utf8("Plasma")),
      keccak(utf8("1")),
    );
    const type =
      "Transaction(bytes32 environment,uint8 kind,address to,uint128 value,uint64 nonce,uint64 gasLimit,uint64 price,uint32 inputLength,bytes32 inputRoot)";
    const struct = keccak(
      keccak(utf8(type)),
      environmentId,
      number(1n),
      padded(to!),
      number(value),
      number(nonce),
      number(BigInt(gasLimit)),
      number(price),
      number(BigInt(input.length)),
      naiveBytesRoot(input),
    );
    const digest = keccak(Uint8Array.of(0x19, 0x01), domain, struct);
    expect(toHex(transactionDigest(callFields))).toBe(toHex(digest));
    const decoded = decodeTransaction(signTransaction(callFields, alice));
    expect(toHex(decoded!.digest)).toBe(toHex(digest));
    expect(nobleSignatureChecker.verify(digest, decoded!.signature, alice.publicKey)).toBe(true);
  });

  it("decodes to the fields it was made of, with sender and signature", () => {
    const decoded = decodeTransaction(signTransaction(callFields, alice))!;
    expect(decoded).toMatchObject({ ...callFields, publicKey: alice.publicKey });
    expect(decoded.sender).toEqual(alice.address);
    expect(decoded.sender).toEqual(keccak(alice.publicKey).slice(12));
    const deploy = decodeTransaction(signTransaction(deployFields, alice))!;
    expect(deploy).toMatchObject({ ...deployFields, to: new Uint8Array(20) });
  });

  it("survives encoding and decoding with any field values", () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const bits = (n: number) => fc.bigInt({ min: 0n, max: 2n ** BigInt(n) - 1n });
    const fields = fc.record({
      kind: fc.constant("call" as const),
      environmentId: bytes(32),
      to: bytes(20),
      value: bits(128),
      nonce: bits(64),
      gasLimit: fc.maxSafeInteger().map((n) => Math.abs(n) % 2 ** 48),
      price: bits(64),
      input: fc.uint8Array({ maxLength: 400 }),
      publicKey: bytes(64),
      signature: bytes(64),
    });
    fc.assert(
      fc.property(fields, (value) => {
        const encoded = encodeTransaction(value);
        const { transaction, hash } = readEntry(encoded);
        expect(transaction).toMatchObject(value);
        expect(encodeTransaction(asSent(transaction!))).toEqual(encoded);
        expect(hash).toEqual(transactionHash(encoded));
        expect(transaction!.digest).toEqual(transactionDigest(value));
      }),
      { seed, numRuns: 200 },
    );
  });

  it("is the same whether it fits the module's buffer or not", () => {
    for (const length of [bufferSize - 257, bufferSize - 256, bufferSize - 255, 300_000]) {
      const fields = { ...callFields, input: pattern(length) };
      const encoded = signTransaction(fields, alice);
      const { hash, transaction } = readEntry(encoded);
      const root = naiveBytesRoot(fields.input);
      const expected = keccak(u32(encoded.length), keccak(encoded.subarray(0, 256)), root);
      expect(toHex(hash)).toBe(toHex(expected));
      expect(transactionHash(encoded)).toEqual(hash);
      expect(transaction!.digest).toEqual(transactionDigest(fields));
      expect(transaction!.sender).toEqual(alice.address);
    }
  });

  it("is refused before signing when a field does not fit", () => {
    const bad = (change: Partial<Record<keyof TransactionFields, unknown>>): string =>
      codeOf(() => signTransaction({ ...callFields, ...change } as TransactionFields, alice));
    expect(bad({})).toBe("none");
    expect(bad({ value: 2n ** 128n })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ value: -1n })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ nonce: 2n ** 64n })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ price: 2n ** 64n })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ gasLimit: 2 ** 48 })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ gasLimit: 1.5 })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ environmentId: new Uint8Array(31) })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ to: new Uint8Array(21) })).toBe("BYTES_OUT_OF_RANGE");
    expect(bad({ to: undefined })).toBe("TRANSACTION_INVALID");
    expect(bad({ kind: "deploy" })).toBe("TRANSACTION_INVALID");
    expect(codeOf(() => signTransaction(callFields, new Uint8Array(32)))).toBe("KEY_INVALID");
  });
});

describe("a body entry", () => {
  const call = signTransaction(callFields, alice);
  const deploy = signTransaction(deployFields, alice);
  const changed = (bytes: Uint8Array, at: number, byte: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = byte;
    return copy;
  };

  it("has the hash of the format whatever its bytes", () => {
    for (const length of [0, 1, 31, 255, 256, 257, 383, 384, 385, 1000]) {
      const bytes = pattern(length);
      const expected = keccak(
        u32(length),
        keccak(bytes.subarray(0, 256)),
        naiveBytesRoot(bytes.subarray(256)),
      );
      expect(toHex(transactionHash(bytes)), `length ${length}`).toBe(toHex(expected));
      expect(readEntry(bytes).hash).toEqual(expected);
    }
  });

  it("says why it is no transaction", () => {
    const fault = (bytes: Uint8Array): string | undefined => readEntry(bytes).fault;
    expect(fault(call)).toBeUndefined();
    expect(fault(deploy)).toBeUndefined();
    expect(fault(new Uint8Array(0))).toBe("shorter than a head");
    expect(fault(call.subarray(0, 255))).toBe("shorter than a head");
    expect(fault(changed(call, 0, 2))).toBe("version");
    expect(fault(changed(call, 1, 0))).toBe("kind");
    expect(fault(changed(call, 1, 4))).toBe("kind");
    expect(fault(changed(call, 1, 3))).toBe("head of a message");
    expect(fault(changed(call, 1, 4))).toBe("kind");
    expect(fault(changed(deploy, 117, 1))).toBe("recipient of a deploy");
    expect(fault(changed(call, 159, 0))).toBe("input length");
    expect(fault(call.subarray(0, call.length - 1))).toBe("input length");
    expect(fault(join(call, Uint8Array.of(0)))).toBe("input length");
    expect(fault(changed(call, 160, call[160]! ^ 1))).toBe("input root");
    expect(fault(changed(call, 300, call[300]! ^ 1))).toBe("input root");
  });

  it("is no deploy when its input is shorter than it says", () => {
    const withInput = (input: Uint8Array): string | undefined =>
      readEntry(signTransaction({ ...deployFields, input }, alice)).fault;
    expect(withInput(new Uint8Array(0))).toBe("deploy input");
    expect(withInput(new Uint8Array(3))).toBe("deploy input");
    expect(withInput(new Uint8Array(4))).toBeUndefined();
    expect(withInput(join(u32(5), new Uint8Array(4)))).toBe("deploy input");
    expect(withInput(join(u32(5), new Uint8Array(5)))).toBeUndefined();
    expect(withInput(join(u32(0xffff_ffff), new Uint8Array(5)))).toBe("deploy input");
  });

  it("never makes the reader throw, and what decodes encodes to the same bytes", () => {
    const edits = fc.array(fc.tuple(fc.nat(call.length - 1), fc.nat(255)), { maxLength: 4 });
    fc.assert(
      fc.property(edits, fc.nat(call.length), fc.boolean(), (changes, length, cut) => {
        const bytes = (cut ? call.subarray(0, length) : call).slice();
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        const { transaction, hash } = readEntry(bytes);
        expect(hash).toEqual(transactionHash(bytes));
        if (transaction !== undefined)
          expect(encodeTransaction(asSent(transaction))).toEqual(bytes);
      }),
      { seed, numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (bytes) => {
        readEntry(bytes);
      }),
      { seed, numRuns: 300 },
    );
  });

  it("does not change the input it is given", () => {
    const copy = call.slice();
    readEntry(call);
    expect(call).toEqual(copy);
  });
});

describe("a deploy", () => {
  it("carries Wasm and arguments that split as they were joined", () => {
    const input = joinDeployInput(pattern(33), pattern(5));
    expect(splitDeployInput(input)).toEqual({ wasm: pattern(33), initArguments: pattern(5) });
    expect(splitDeployInput(joinDeployInput(new Uint8Array(0), new Uint8Array(0)))).toEqual({
      wasm: new Uint8Array(0),
      initArguments: new Uint8Array(0),
    });
  });

  it("places its contract at an address of environment, sender and nonce", () => {
    const sender = new Uint8Array(20).fill(5);
    const nonce = Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2);
    const expected = keccak(Uint8Array.of(1), word(6), sender, nonce).slice(12);
    expect(contractAddress(word(6), sender, 258n)).toEqual(expected);
    expect(contractAddress(word(6), sender, 259n)).not.toEqual(expected);
    expect(contractAddress(word(7), sender, 258n)).not.toEqual(expected);
  });
});

describe("a scenario key", () => {
  it("derives from length-prefixed seed and name", () => {
    const expected = keccak(
      utf8("plasma scenario key"),
      u32(4),
      utf8("demo"),
      u32(5),
      utf8("alice"),
    );
    expect(toHex(deriveKey("demo", "alice"))).toBe(toHex(expected));
    expect(deriveKey("demoa", "lice")).not.toEqual(deriveKey("demo", "alice"));
  });

  it("gives the address of its public key", () => {
    const publicKey = publicKeyOf(deriveKey("demo", "alice"));
    expect(publicKey.length).toBe(64);
    expect(addressOf(publicKey)).toEqual(keccak(publicKey).slice(12));
  });
});
