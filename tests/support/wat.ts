// WAT in, Wasm out and back, through binaryen: for tests that say in text what a module is.
import binaryen from "binaryen";

/** The Wasm of a module in text form. */
export function wasmOf(wat: string): Uint8Array {
  const module = binaryen.parseText(wat);
  try {
    return module.emitBinary();
  } finally {
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
