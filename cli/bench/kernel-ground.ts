// What every measurement of a kernel stands on, whatever executes it: gas that never runs out, the struct
// that the dispatcher asks for, and a pause between rounds in which V8 publishes compiled code.

/** More than any kernel takes. */
export const KERNEL_GAS = 2n ** 47n;

/** The 208 bytes of `context` that a dispatcher looks at: a top-level call, which is no deployment, of value 0. */
export function kernelContext(inputLength: number): Uint8Array<ArrayBuffer> {
  const context = new Uint8Array(208);
  new DataView(context.buffer).setUint32(168, inputLength);
  context[175] = 4;
  return context;
}

/** Lets V8's background compiler publish what it has finished. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
