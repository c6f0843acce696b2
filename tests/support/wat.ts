// WAT in, Wasm out and back, through binaryen: for tests that say in text what a module is.
import binaryen from "binaryen";

/** The Wasm of a module in text form, as it is written: a compiler in this process leaves binaryen shortening code. */
export function wasmOf(wat: string): Uint8Array {
  const shortens = binaryen.getOptimizeStackIR();
  const module = binaryen.parseText(wat);
  try {
    binaryen.setOptimizeStackIR(false);
    return module.emitBinary();
  } finally {
    binaryen.setOptimizeStackIR(shortens);
    module.dispose();
  }
}

/** The same with an exported getter for each mutable global: the oracle compares globals, which executors read so. */
export function wasmWithGetters(wat: string): Uint8Array {
  const getters = [...wat.matchAll(/\(global \$(\w+) \(mut (i\d\d)\)/g)].map(
    ([, name, type], i) => `(func (export "g${i}") (result ${type}) (global.get $${name}))`,
  );
  return wasmOf(wat.replace(/\)\s*$/, `${getters.join(" ")})`));
}

/** The text of a module as binaryen reads it: folded, with its own names. */
export function watOf(wasm: Uint8Array): string {
  const module = binaryen.readBinaryWithFeatures(wasm, binaryen.Features.All);
  try {
    return module.emitText();
  } finally {
    module.dispose();
  }
}
