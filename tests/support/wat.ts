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

/** The text of a module as binaryen reads it: folded, with its own names. */
export function watOf(wasm: Uint8Array): string {
  const module = binaryen.readBinaryWithFeatures(wasm, binaryen.Features.All);
  try {
    return module.emitText();
  } finally {
    module.dispose();
  }
}
