// fixtures/vectors: what a stranger's implementation is checked with. UPDATE_GOLDEN=1 rewrites the files.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { blockHash } from "../../../host/chain/block-hash.ts";
import { decodeBundle, encodeBundle } from "../../../host/chain/bundle.ts";
import { addressOf, deriveKey, keySigner } from "../../../host/chain/key.ts";
import { encodeOrder, orderHash } from "../../../host/chain/order.ts";
import { encodeReceipt, eventsHash, receiptLeaf } from "../../../host/chain/receipt.ts";
import { encodeResult, resultHash } from "../../../host/chain/result.ts";
import {
  contractAddress,
  domainSeparator,
  joinDeployInput,
  readEntry,
  signTransaction,
  TRANSACTION_TYPE,
  type TransactionFields,
} from "../../../host/chain/transaction.ts";
import { toHex } from "../../../host/codec/hex.ts";
import { keccak256 } from "../../../host/codec/keccak.ts";
import { bytesHash, bytesRoot, listProof, listRoot } from "../../../host/codec/trees.ts";
import { Outcome } from "../../../host/outcome.ts";
import { alice, callFields, order, receipt, result, word } from "../chain/sample.ts";
import { join, pattern, u32 } from "./reference.ts";
import { recoverVectors, verifyVectors } from "./signature-vectors.ts";

const FOLDER = "fixtures/vectors";
const PATTERN = "pattern n: n bytes, byte i = (167 i + 59 floor(i / 256) + 13) mod 256";

function hashes() {
  const leaf = (i: number): Uint8Array => keccak256(u32(i));
  const list = (depth: number, count: number) => {
    const leaves = Array.from({ length: count }, (_, i) => leaf(i));
    const index = Math.max(0, count - 1);
    return {
      depth,
      count,
      root: toHex(listRoot(depth, leaves)),
      proof: { index, siblings: toHex(listProof(depth, leaves, index)) },
    };
  };
  return {
    about: `docs/formats.md section 1. ${PATTERN}. Leaf i of a list = keccak(u32 i)`,
    bytes: [0, 1, 32, 64, 127, 128, 129, 135, 136, 137, 256, 257, 1000, 4096, 70_000].map((n) => ({
      pattern: n,
      keccak: toHex(keccak256(pattern(n))),
      bytesRoot: toHex(bytesRoot(pattern(n))),
      bytesHash: toHex(bytesHash(pattern(n))),
    })),
    lists: [
      list(0, 0),
      list(0, 1),
      list(2, 3),
      list(4, 16),
      list(16, 0),
      list(16, 5),
      list(20, 0),
      list(20, 1),
      list(20, 1000),
    ],
  };
}

function transactionCase(name: string, bytes: Uint8Array) {
  const { hash, transaction, fault } = readEntry(bytes);
  const common = { name, bytes: toHex(bytes), hash: toHex(hash) };
  if (transaction === undefined) return { ...common, decodes: false, fault };
  return {
    ...common,
    decodes: true,
    kind: transaction.kind,
    environment: toHex(transaction.environmentId),
    publicKey: toHex(transaction.publicKey),
    sender: toHex(transaction.sender),
    to: toHex(transaction.to),
    value: String(transaction.value),
    nonce: String(transaction.nonce),
    gasLimit: String(transaction.gasLimit),
    price: String(transaction.price),
    input: toHex(transaction.input),
    digest: toHex(transaction.digest),
    signature: toHex(transaction.signature),
  };
}

function transactions() {
  const call = signTransaction(callFields, alice);
  const deploy: TransactionFields = {
    kind: "deploy",
    environmentId: word(0xe1),
    value: 0n,
    nonce: 1n,
    gasLimit: 1_000_000,
    price: 2n,
    input: joinDeployInput(pattern(300), pattern(10)),
  };
  const changed = (bytes: Uint8Array, at: number, byte: number): Uint8Array => {
    const copy = bytes.slice();
    copy[at] = byte;
    return copy;
  };
  const key = deriveKey("sample", "alice");
  return {
    about: "docs/formats.md sections 2 and 3. Signatures are RFC 6979 with SHA-256, s <= n/2",
    type: TRANSACTION_TYPE,
    domainSeparator: toHex(domainSeparator),
    key: {
      seed: "sample",
      name: "alice",
      privateKey: toHex(key),
      publicKey: toHex(keySigner(key).publicKey),
      address: toHex(addressOf(keySigner(key).publicKey)),
    },
    contractAddress: {
      environment: toHex(word(0xe1)),
      sender: toHex(alice.address),
      nonce: "258",
      address: toHex(contractAddress(word(0xe1), alice.address, 258n)),
    },
    entries: [
      transactionCase("call", call),
      transactionCase(
        "call without input",
        signTransaction({ ...callFields, input: pattern(0) }, alice),
      ),
      transactionCase("deploy", signTransaction(deploy, alice)),
      transactionCase("empty", new Uint8Array(0)),
      transactionCase("one byte short of a head", pattern(255)),
      transactionCase("a head of noise", pattern(256)),
      transactionCase("cut", call.subarray(0, call.length - 1)),
      transactionCase("trailing byte", join(call, Uint8Array.of(0))),
      transactionCase("version 2", changed(call, 0, 2)),
      transactionCase("kind 0", changed(call, 1, 0)),
      transactionCase("message", changed(call, 1, 3)),
      transactionCase("input root of other input", changed(call, 300, call[300]! ^ 1)),
      transactionCase("deploy with a recipient", changed(signTransaction(deploy, alice), 117, 1)),
      transactionCase(
        "deploy whose Wasm is longer than the input",
        signTransaction({ ...deploy, input: join(u32(6), pattern(5)) }, alice),
      ),
    ],
  };
}

function signatures() {
  return {
    about: "docs/formats.md section 3 (verify) and docs/host-calls.md number 16 (recover)",
    verify: verifyVectors.map(({ name, digest, signature, publicKey, valid }) => ({
      name,
      digest: toHex(digest),
      signature: toHex(signature),
      publicKey: toHex(publicKey),
      valid,
    })),
    recover: recoverVectors.map(({ name, digest, signature, publicKey }) => ({
      name,
      digest: toHex(digest),
      signature: toHex(signature),
      publicKey: publicKey === undefined ? null : toHex(publicKey),
    })),
  };
}

function blocks() {
  const emitter = new Uint8Array(20).fill(0xaa);
  const events = [0, 1, 4].map((count) => ({
    emitter,
    topics: Uint8Array.from(Array.from({ length: count }, (_, i) => [...word(i + 1)]).flat()),
    data: pattern(100 * count),
  }));
  const receipts = Object.values(Outcome).map((outcome) => {
    const code = outcome === Outcome.trap || outcome === Outcome.skipped ? outcome : 0;
    return encodeReceipt({ ...receipt, outcome, code });
  });
  const parent = { ...result, gasUsed: 1n };
  const bundle = encodeBundle({
    order,
    parentResult: parent,
    result,
    rules: pattern(40),
    transactions: [pattern(3), new Uint8Array(0)],
    receipts,
    witness: pattern(20),
    code: [pattern(10), pattern(11)],
    prepareRules: [pattern(7)],
    debug: [{ wasmHash: bytesHash(pattern(10)), abi: pattern(4), sourceMap: pattern(2) }],
  });
  expect(encodeBundle(decodeBundle(bundle))).toEqual(bundle);
  return {
    about: `docs/formats.md sections 4, 6 and 13. ${PATTERN}. The bundle is one in form only`,
    order: { bytes: toHex(encodeOrder(order)), hash: toHex(orderHash(order)) },
    parentResult: { bytes: toHex(encodeResult(parent)), hash: toHex(resultHash(parent)) },
    result: { bytes: toHex(encodeResult(result)), hash: toHex(resultHash(result)) },
    blockHash: toHex(blockHash(order, parent, result)),
    receipts: receipts.map((bytes) => ({ bytes: toHex(bytes), leaf: toHex(receiptLeaf(bytes)) })),
    receiptsRoot: toHex(listRoot(20, receipts.map(receiptLeaf))),
    events: events.map((event, index) => ({
      emitter: toHex(event.emitter),
      topics: Array.from({ length: event.topics.length / 32 }, (_, i) =>
        toHex(event.topics.subarray(32 * i, 32 * i + 32)),
      ),
      data: toHex(event.data),
      chain: toHex(eventsHash(events.slice(0, index + 1))),
    })),
    eventsHash: toHex(eventsHash(events)),
    bundle: toHex(bundle),
  };
}

describe("the vector files for other implementations", () => {
  it.each([
    ["hashes", hashes],
    ["transactions", transactions],
    ["signatures", signatures],
    ["blocks", blocks],
  ] as const)("hold what this one computes: %s", (name, compute) => {
    const path = `${FOLDER}/${name}.json`;
    const text = `${JSON.stringify({ v: 1, ...compute() }, null, 2)}\n`;
    if (process.env.UPDATE_GOLDEN === "1") {
      mkdirSync(FOLDER, { recursive: true });
      writeFileSync(path, text);
    }
    expect(existsSync(path), `${path} exists; write it with UPDATE_GOLDEN=1`).toBe(true);
    expect(readFileSync(path, "utf8")).toBe(text);
  });
});
