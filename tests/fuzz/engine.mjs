// The parts of the built package that the fuzzer drives, under one roof. They are internal modules: what
// hostile bytes reach lies behind the library's surface.
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const modules = [
  "abi/abi-type",
  "abi/decode-event",
  "abi/decode-result",
  "abi/decode-revert",
  "abi/encode-call",
  "abi/parse-abi",
  "chain/block-receipts",
  "chain/bundle",
  "chain/genesis",
  "chain/key",
  "chain/order",
  "chain/produce-block",
  "chain/program-use",
  "chain/read-body",
  "chain/receipt",
  "chain/replay-bundle",
  "chain/result",
  "chain/transaction",
  "codec/file-header",
  "codec/hex",
  "codec/keccak",
  "codec/signature",
  "codec/trees",
  "contract/custom-section",
  "environment/native",
  "errors",
  "outcome",
  "program/code-record",
  "program/emit-wasm",
  "program/names",
  "program/prepare",
  "program/prepare-module",
  "rules/encode-rules",
  "rules/parse-rules",
  "rules/prepare-rules",
  "rules/presets",
  "sandbox/account",
  "sandbox/event-list",
  "sandbox/frame",
  "sandbox/program-source",
  "sandbox/v8-runner",
  "state/memory-store",
  "state/overlay",
  "state/witness-state",
];
const commands = ["scenario/parse-scenario", "wasm-overview"];

/** The result of a block; the ABI room has a decodeResult too. */
const renamed = {
  "chain/result": { decodeResult: "decodeBlockResult", encodeResult: "encodeBlockResult" },
};

function add(engine, path, exports) {
  for (const [name, value] of Object.entries(exports)) {
    const own = renamed[path]?.[name] ?? name;
    if (Object.hasOwn(engine, own)) throw new RangeError(`${own} comes from two modules`);
    engine[own] = value;
  }
}

/** Every export of those modules in one object; prepare's own bytes are `prepareBytes`. */
export async function loadEngine(dist) {
  const engine = {};
  const load = (path) => import(pathToFileURL(join(dist, `${path}.js`)).href);
  for (const path of modules) {
    const { prepareModule, ...exports } = await load(`host/${path}`);
    add(engine, path, exports);
    // Two modules export this name: the function, and the bytes of the module that it runs.
    if (typeof prepareModule === "function") engine.prepareModule = prepareModule;
    else if (prepareModule !== undefined) engine.prepareBytes = prepareModule;
  }
  for (const path of commands) {
    add(engine, path, await load(`cli/${path}`));
  }
  return engine;
}
