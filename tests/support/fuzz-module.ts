// Modules that binaryen makes from random bytes (`wasm-opt --translate-to-fuzz`), lowered to what
// prepare accepts: floats become integers of their width, operation by operation, the fuzzer's imports
// become functions of the module, passive data becomes active. They have the shapes that a compiler's
// fuzzer cares for and random-module.ts does not think of. Equal seeds give equal bytes.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import binaryen from "binaryen";
import { Random } from "./random.ts";

const WASM_OPT = "node_modules/binaryen/bin/wasm-opt";
const FEATURES = [
  "--mvp-features",
  "--enable-sign-ext",
  "--enable-mutable-globals",
  "--enable-bulk-memory",
];

/** Integer operation in place of each float operation, by the part behind the type. */
const OPERATIONS: Readonly<Record<string, string>> = {
  abs: "clz",
  neg: "ctz",
  ceil: "popcnt",
  floor: "clz",
  trunc: "ctz",
  nearest: "popcnt",
  sqrt: "clz",
  div: "div_u",
  min: "and",
  max: "or",
  copysign: "xor",
  lt: "lt_s",
  gt: "gt_s",
  le: "le_s",
  ge: "ge_s",
};

function lowerOperation(type: string, operation: string): string {
  const integer = type === "f32" || type === "i32" ? "i32" : "i64";
  const conversion = /^(?:trunc|trunc_sat|convert|demote|promote|reinterpret)_([if])(32|64)/.exec(
    operation,
  );
  if (conversion === null) return `${integer}.${OPERATIONS[operation] ?? operation}`;
  const from = conversion[2] === "32" ? "i32" : "i64";
  if (from === integer) return `${integer}.popcnt`;
  return integer === "i32" ? "i32.wrap_i64" : "i64.extend_i32_s";
}

function constantOf(type: string, literal: string): string {
  let hash = 0;
  for (const character of literal) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) | 0;
  return `(${type === "f32" ? "i32" : "i64"}.const ${hash})`;
}

/** A defined function in place of an imported one. */
function definedFor(name: string, signature: string): string {
  const result = /\(result (\w+)\)/.exec(signature)?.[1];
  return `(func ${name} ${signature} ${result === undefined ? "" : `(${result}.const 1)`})`;
}

/** The text of a module with floats and the fuzzer's imports lowered. */
export function lowerText(text: string): string {
  let globals = 0;
  const lowered = text
    .replace(/\((f32|f64)\.const ([^)]*)\)/g, (_, type, literal) => constantOf(type, literal))
    .replace(/\b([fi](?:32|64))\.((?:trunc|convert|demote|promote|reinterpret)_\w+)/g, (_, t, op) =>
      lowerOperation(t, op),
    )
    .replace(/\b(f32|f64)\.(\w+)/g, (_, type, operation) => lowerOperation(type, operation))
    .replace(/(?<![-$\w])f32\b/g, "i32")
    .replace(/(?<![-$\w])f64\b/g, "i64")
    .replace(
      /\(import "[^"]*" "[^"]*" \(func (\$[^\s()]+)((?: \([^()]*\))*)\)\)/g,
      (_, name, type) => definedFor(name, type.replace(/\(type [^)]*\)/, "")),
    )
    .replace(/\(data (\$\S+) "/g, '(data $1 (i32.const 64) "')
    .replace(/\(memory\.init \$\S+/g, "(memory.copy")
    .replace(/^ \(start [^)]*\)$/gm, "")
    .replace(/\(data\.drop \$\S+\)/g, "(nop)")
    .replace(/\(export "[^"]*" \((?:global|table) [^)]*\)\)/g, "");
  const getters: string[] = [];
  for (const [, type] of lowered.matchAll(/^ \(global \$\S+ \(?(?:mut )?(i32|i64)\)? /gm)) {
    getters.push(`(func (export "g${globals}") (result ${type}) (global.get ${globals}))`);
    globals += 1;
  }
  return lowered.replace(/\)\s*$/, `${getters.join("\n")})`);
}

/** Random bytes -> wasm-opt -> lowered Wasm. */
export function fuzzModule(seed: number, byteCount: number): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), "plasma-fuzz-"));
  try {
    const random = new Random(seed);
    const input = join(folder, "in.bin");
    const output = join(folder, "out.wat");
    writeFileSync(
      input,
      Uint8Array.from({ length: byteCount }, () => random.next()),
    );
    const args = [WASM_OPT, "-ttf", input, ...FEATURES, "-S", "-o", output];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    if (status !== 0) throw new TypeError(`wasm-opt failed: ${stderr}`);
    const module = binaryen.parseText(lowerText(readFileSync(output, "utf8")));
    try {
      // As in a process where no compiler has set them.
      binaryen.setDebugInfo(false);
      binaryen.setGenerateStackIR(false);
      binaryen.setOptimizeStackIR(false);
      return module.emitBinary();
    } finally {
      module.dispose();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
