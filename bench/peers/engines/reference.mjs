// Five short loops whose times on another machine are known (the one that targets and research figures
// come from), so that figures of one machine can be read on another. Nanoseconds per operation.
import { hash, randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { compileAssemblyScript } from "../compile-assemblyscript.mjs";

const require = createRequire(import.meta.url);
const secp256k1 = require("secp256k1");
const hashtree = require("@chainsafe/hashtree");

const NODES = 1_024;

function timed(count, run) {
  const start = performance.now();
  for (let i = 0; i < count; i++) run();
  return ((performance.now() - start) * 1e6) / count;
}

export async function open({ scale }) {
  const wasm = await compileAssemblyScript(new URL("../cpu/fib.ts", import.meta.url));
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasm));
  const block = randomBytes(64);
  const key = Buffer.alloc(32, 7);
  const digest = keccak_256(block);
  const publicKey = secp256k1.publicKeyCreate(key);
  const { signature } = secp256k1.ecdsaSign(digest, key);
  const input = randomBytes(64 * NODES);
  const output = new Uint8Array(32 * NODES);
  return {
    facts: {},
    round: () => ({
      nobleKeccak: timed(4_000 * scale, () => keccak_256(block)),
      nodeSha256: timed(20_000 * scale, () => hash("sha256", block, "buffer")),
      secp256k1Verify: timed(200 * scale, () =>
        secp256k1.ecdsaVerify(signature, digest, publicKey),
      ),
      hashtreeNode: timed(200 * scale, () => hashtree.hashInto(input, output)) / NODES,
      fib30: timed(3 * scale, () => exports.fib(30)),
    }),
    check() {
      if (exports.fib(30) !== 832_040) throw new Error("fib(30) is wrong");
    },
  };
}
