// Bundles that show nothing: cut at every part, with forged lengths and counts, of another kind, with a
// second encoding of the same content, or resealed around rules, receipts and witnesses that are none.
// All are made of one honest bundle of three transfers, fixtures/hostile/base/transfers.bundle, which
// `plasma run fixtures/hostile/base/transfers.json -o DIR` writes as DIR/1.bundle.
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { dist } from "./run-case.mjs";
import { concat } from "./wasm-bytes.mjs";

const load = (path) => import(pathToFileURL(join(dist, path)).href);
const { decodeBundle, encodeBundle } = await load("host/chain/bundle.js");
const { transactionHash } = await load("host/chain/transaction.js");
const { fromHex } = await load("host/codec/hex.js");
const { keccak256 } = await load("host/codec/keccak.js");
const trees = await load("host/codec/trees.js");
const { prepareRulesBlob } = await load("host/rules/prepare-rules.js");
const { presetRules } = await load("host/rules/presets.js");
const { nativeStateHasher } = await load("host/environment/native.js");
const { WitnessState } = await load("host/state/witness-state.js");

const root = resolve(import.meta.dirname, "../..");
export const base = new Uint8Array(
  readFileSync(join(root, "fixtures/hostile/base/transfers.bundle")),
);
const bundle = decodeBundle(base);
const MAX = [0xff, 0xff, 0xff, 0xff];
const u32 = (n) => [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];

const HEADER = 11;
const ORDER = 181;
const RESULT = 105;
const PARENT_AT = HEADER + ORDER;
const RESULT_AT = PARENT_AT + RESULT;
const RULES_AT = RESULT_AT + RESULT;
const LIST_AT = RULES_AT + 4 + bundle.rules.length;
const listBytes = bundle.transactions.reduce((sum, entry) => sum + 4 + entry.length, 4);
const RECEIPTS_AT = LIST_AT + listBytes;
const WITNESS_AT = RECEIPTS_AT + 4 + 108 * bundle.receipts.length;
const CODE_AT = WITNESS_AT + 4 + bundle.witness.length;
const PREPARE_AT = CODE_AT + 4;
const DEBUG_AT = PREPARE_AT + 4;

/** The honest bundle with `bytes` written over it at `at`. */
function over(at, bytes, source = base) {
  const copy = source.slice();
  copy.set(bytes, at);
  return copy;
}
/** The honest bundle with `bytes` in place of `count` bytes at `at`. */
const splice = (at, count, bytes) => concat(base.subarray(0, at), bytes, base.subarray(at + count));
/** The honest bundle with other parts, encoded as they are. */
const changed = (parts) => encodeBundle({ ...bundle, ...parts });
const withOrder = (order) => changed({ order: { ...bundle.order, ...order } });
/** Rules that the order names, whatever they are. */
const sealedRules = (rules) =>
  changed({ rules, order: { ...bundle.order, rulesHash: keccak256(rules) } });
/** A body that the order names, with as many receipts as given. */
const sealedBody = (transactions, receipts) =>
  changed({
    transactions,
    receipts,
    order: {
      ...bundle.order,
      transactionCount: transactions.length,
      transactionsRoot: trees.listRoot(20, transactions.map(transactionHash)),
    },
  });
/** Receipts that the result names. */
const sealedReceipts = (receipts) =>
  changed({
    receipts,
    result: { ...bundle.result, receiptsRoot: trees.listRoot(20, receipts.map(keccak256)) },
  });
const rules = (at, bytes) => over(at, bytes, bundle.rules);
const witness = (edit) => changed({ witness: edit(bundle.witness) });

const cut = (title, length) => [`cut-${title}`, base.subarray(0, length), "BYTES_TRUNCATED"];
const damaged = [
  ["empty", [], "FILE_MAGIC"],
  ["cut-in-magic", base.subarray(0, 7), "FILE_MAGIC"],
  cut("in-header", 10),
  cut("in-order", HEADER + 100),
  cut("in-parent-result", PARENT_AT + 1),
  cut("in-result", RESULT_AT + 104),
  cut("in-rules", RULES_AT + 20),
  cut("in-transactions", LIST_AT + 50),
  cut("in-receipts", RECEIPTS_AT + 100),
  cut("in-witness", WITNESS_AT + 60),
  cut("before-code", CODE_AT),
  cut("before-prepare-rules", PREPARE_AT),
  cut("before-debug", DEBUG_AT),
  ["trailing-byte", concat(base, [0]), "BYTES_TRAILING"],
  ["twice", concat(base, base), "BYTES_TRAILING"],
  ["other-magic", over(0, [0x50, 0x4b, 3, 4]), "FILE_MAGIC"],
  ["other-kind", over(8, [2]), "FILE_KIND"],
  ["unknown-kind", over(8, [0xff]), "FILE_KIND"],
  ["other-format", over(9, [0xff, 0xff]), "FILE_FORMAT"],
  ["order-version", over(HEADER, [2]), "ORDER_INVALID"],
  ["order-height-0", over(HEADER + 33, new Uint8Array(8)), "ORDER_INVALID"],
  ["order-count-over-maximum", over(HEADER + 145, MAX), "ORDER_INVALID"],
  ["parent-result-version", over(PARENT_AT, [0]), "RESULT_INVALID"],
  ["result-version", over(RESULT_AT, [9]), "RESULT_INVALID"],
];

const forged = [
  ["forged-rules-length", over(RULES_AT, MAX), "BYTES_TRUNCATED"],
  ["forged-transaction-count", over(LIST_AT, MAX), "BYTES_TOO_LONG"],
  ["forged-transaction-count-allowed", over(LIST_AT, u32(2 ** 20)), "BYTES_TRUNCATED"],
  ["forged-transaction-length", over(LIST_AT + 4, MAX), "BYTES_TRUNCATED"],
  ["forged-receipt-count", over(RECEIPTS_AT, MAX), "BYTES_TOO_LONG"],
  ["forged-receipt-count-allowed", over(RECEIPTS_AT, u32(2 ** 20)), "BYTES_TRUNCATED"],
  ["forged-witness-length", over(WITNESS_AT, MAX), "BYTES_TRUNCATED"],
  ["forged-code-count", over(CODE_AT, MAX), "BYTES_TOO_LONG"],
  ["forged-code-length", splice(CODE_AT, 4, [...u32(1), ...MAX]), "BYTES_TRUNCATED"],
  ["forged-prepare-rules-count", over(PREPARE_AT, MAX), "BYTES_TOO_LONG"],
  ["forged-debug-count", splice(DEBUG_AT, 1, [1, ...MAX]), "BYTES_TOO_LONG"],
  [
    "forged-debug-length",
    splice(DEBUG_AT, 1, [1, ...u32(1), ...new Uint8Array(32), ...MAX, ...MAX]),
    "BYTES_TRUNCATED",
  ],
  ["debug-flag-2", over(DEBUG_AT, [2]), "BUNDLE_INVALID"],
  ["debug-empty", splice(DEBUG_AT, 1, [1, 0, 0, 0, 0]), "BUNDLE_INVALID"],
  ["debug-twice", splice(DEBUG_AT, 1, [1, ...u32(2), ...new Uint8Array(80)]), "BUNDLE_INVALID"],
  ["code-twice", splice(CODE_AT, 4, [...u32(2), ...u32(1), 7, ...u32(1), 7]), "BUNDLE_INVALID"],
  ["code-unused", changed({ code: [Uint8Array.of(0, 0x61, 0x73, 0x6d)] }), "CODE_UNUSED"],
  ["prepare-rules-unused", changed({ prepareRules: [Uint8Array.of(1)] }), "CODE_UNUSED"],
];

/** Prepare rules of the past under which storage_set (call 7) cost 1. */
function cheapPrepareRules() {
  const blob = prepareRulesBlob(presetRules("general"));
  blob.set(u32(1), 3 + 41 + 1 + 6 * 9 + 1);
  return blob;
}

const { receipts, transactions } = bundle;
const sealed = [
  ["prepare-rules-cheap", changed({ prepareRules: [cheapPrepareRules()] }), "RULES_RANGE"],
  // storage_set is the seventh of the host calls, which stand behind version, semantics and 20 classes.
  ["rules-cheap-sealed", sealedRules(rules(43 + 6 * 8, u32(1))), "RULES_RANGE"],
  ["rules-junk", changed({ rules: Uint8Array.of(1, 2, 3) }), "RULES_HASH_MISMATCH"],
  ["rules-empty-sealed", sealedRules(new Uint8Array(0)), "BYTES_TRUNCATED"],
  ["rules-long-sealed", sealedRules(concat(bundle.rules, [0])), "BYTES_TRAILING"],
  ["rules-version-sealed", sealedRules(rules(0, [0xff, 0xff])), "RULES_VERSION_UNKNOWN"],
  [
    "rules-zeros-sealed",
    sealedRules(concat(bundle.rules.subarray(0, 8), new Uint8Array(bundle.rules.length - 8))),
    "RULES_RANGE",
  ],
  [
    "rules-ones-sealed",
    sealedRules(
      concat(bundle.rules.subarray(0, 8), new Uint8Array(bundle.rules.length - 8).fill(255)),
    ),
    "BYTES_NOT_CANONICAL",
  ],
  ["receipt-missing", changed({ receipts: receipts.slice(1) }), "TRANSACTIONS_ROOT_MISMATCH"],
  [
    "receipt-too-many",
    changed({ receipts: [...receipts, receipts[0]] }),
    "TRANSACTIONS_ROOT_MISMATCH",
  ],
  ["receipts-reordered", changed({ receipts: [...receipts].reverse() }), "RECEIPTS_ROOT_MISMATCH"],
  [
    "receipt-junk",
    changed({ receipts: receipts.with(0, new Uint8Array(108).fill(255)) }),
    "RECEIPTS_ROOT_MISMATCH",
  ],
  [
    "receipt-junk-sealed",
    sealedReceipts(receipts.with(0, new Uint8Array(108).fill(255))),
    "RECEIPT_MISMATCH",
    3,
  ],
  [
    "transaction-missing",
    changed({ transactions: transactions.slice(1), receipts: receipts.slice(1) }),
    "TRANSACTIONS_ROOT_MISMATCH",
  ],
  [
    "transactions-swapped",
    changed({ transactions: [...transactions].reverse() }),
    "TRANSACTIONS_ROOT_MISMATCH",
  ],
  ["order-of-others", withOrder({ environmentId: new Uint8Array(32) }), "RECEIPT_MISMATCH", 3],
  ["witness-empty", changed({ witness: new Uint8Array(0) }), "WITNESS_LENGTH"],
  ["witness-trailing", witness((bytes) => concat(bytes, [0])), "WITNESS_LENGTH"],
  ["witness-shape-length", witness((bytes) => over(0, MAX, bytes)), "WITNESS_LENGTH"],
  [
    "witness-leaf-count",
    witness((bytes) => over(leafCountAt(bytes), MAX, bytes)),
    "WITNESS_LENGTH",
  ],
  [
    "witness-leaf-form",
    witness((bytes) => over(leafCountAt(bytes) + 4 + 32, [9], bytes)),
    "WITNESS_LEAF",
  ],
  [
    "witness-shape-bits",
    witness((bytes) =>
      concat(
        u32(shapeLength(bytes) + 1),
        bytes.subarray(4, 4 + shapeLength(bytes)),
        [0],
        bytes.subarray(4 + shapeLength(bytes)),
      ),
    ),
    "WITNESS_SHAPE",
  ],
  [
    "witness-all-branches",
    witness((bytes) =>
      concat(
        bytes.subarray(0, 4),
        new Uint8Array(shapeLength(bytes)).fill(255),
        bytes.subarray(4 + shapeLength(bytes)),
      ),
    ),
    "WITNESS_SHAPE",
  ],
  [
    "witness-long-shape",
    witness((bytes) =>
      concat(u32(65_536), new Uint8Array(65_536).fill(255), bytes.subarray(4 + shapeLength(bytes))),
    ),
    "WITNESS_SHAPE",
  ],
  ["witness-other-state", withParentState(new Uint8Array(32)), "WITNESS_ROOT_MISMATCH"],
  [
    "witness-no-leaves",
    changed({ witness: Uint8Array.of(...u32(1), 0, ...u32(0), ...u32(0)) }),
    "WITNESS_ROOT_MISMATCH",
  ],
  ["witness-accounts-of-63-bytes", accountsOf(63), "STATE_IMPOSSIBLE"],
  ["witness-nothing-sealed", emptyWitness(), "RECEIPT_MISMATCH", 3],
];

function withParentState(stateRoot) {
  return changed({ parentResult: { ...bundle.parentResult, stateRoot } });
}
/** An empty state, honestly shown: nobody has the balance to pay. */
function emptyWitness() {
  const parentResult = { ...bundle.parentResult, stateRoot: new Uint8Array(32) };
  return changed({ parentResult, witness: Uint8Array.of(...u32(1), 0, ...u32(0), ...u32(0)) });
}
/**
 * The honest bundle on a parent state of other account lengths: its witness is in order and the parent
 * result names its root, so nothing but reading the state can tell.
 */
function accountsOf(length) {
  const forged = bundle.witness.slice();
  const view = new DataView(forged.buffer);
  const firstLeaf = leafCountAt(forged) + 4;
  // Path, form 1, then the length; the bytes that a shorter value leaves over are zero in this account.
  view.setUint32(firstLeaf + 33, length);
  try {
    WitnessState.decode(forged, new Uint8Array(32), nativeStateHasher());
  } catch ({ message }) {
    const stateRoot = fromHex(/got root (0x[0-9a-f]{64})/.exec(message)[1]);
    return changed({ witness: forged, parentResult: { ...bundle.parentResult, stateRoot } });
  }
  throw new RangeError("the forged witness opens the empty state");
}

function shapeLength(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
function leafCountAt(bytes) {
  const hashesAt = 4 + shapeLength(bytes);
  return hashesAt + 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(hashesAt);
}

/** A debug part is never read: it may be any size and the block still stands. */
const hugeDebug = () =>
  changed({
    debug: [
      {
        wasmHash: new Uint8Array(32),
        abi: new Uint8Array(48 * 1_048_576),
        sourceMap: new Uint8Array(0),
      },
    ],
  });
const manyEmpty = () => {
  const many = new Array(100_000).fill(new Uint8Array(0));
  return sealedBody(many, new Array(100_000).fill(receipts[2]));
};
const manyCode = () => splice(CODE_AT, 4, concat(u32(1_000_000), new Uint8Array(4_000_000)));
const large = [
  ["huge-debug-part", hugeDebug, null, 0],
  ["100k-empty-transactions", manyEmpty, "BODY_TOO_LARGE"],
  ["1m-empty-code", manyCode, "BUNDLE_INVALID"],
  ["32-megabytes-of-zeros", () => new Uint8Array(32 * 1_048_576), "FILE_MAGIC"],
];

const replayed = ([title, bytes, code, exit = 1], generated = false) => ({
  name: `bundles/${title}`,
  files: { [`bundles/${title}.bundle`]: bytes },
  args: ["replay", `bundles/${title}.bundle`],
  exit,
  code,
  generated,
});
/** Other commands that read a bundle. */
const read = (command, title, bytes, code, more = []) => ({
  name: `bundles/${command}-${title}`,
  files: { [`bundles/${command}-${title}.bundle`]: bytes },
  args: [command, `bundles/${command}-${title}.bundle`, ...more],
  exit: 1,
  code,
});

export const bundleCases = [
  ...[damaged, forged, sealed].flat().map((row) => replayed(row)),
  ...large.map((row) => replayed(row, true)),
  read("inspect", "cut", base.subarray(0, 1_000), "BYTES_TRUNCATED"),
  read("inspect", "other-kind", over(8, [3]), "ORDER_INVALID"),
  {
    // A receipt that is none has an empty place in the table; the rest can be looked at.
    ...read(
      "inspect",
      "receipt-junk",
      changed({ receipts: receipts.with(0, new Uint8Array(108).fill(255)) }),
      null,
    ),
    exit: 0,
  },
  read("tamper", "cut", base.subarray(0, 1_000), "BYTES_TRUNCATED", [
    "--lie",
    "wrong-gas",
    "-o",
    "lie.bundle",
  ]),
  read("tamper", "rules", sealedRules(Uint8Array.of(1)), "BYTES_TRUNCATED", [
    "--lie",
    "skipped-write",
    "-o",
    "lie.bundle",
  ]),
];
