// Whether the native stack still has room. In a browser or Bun the stack is the platform's, and a contract
// may come close to its end before it calls the host. An overflow in the middle of our own code (a curve
// library's catch, a table that grows) could pass for an answer; one up here, before anything was done, is
// a host fault like any other, and the machine executes the transaction.

/**
 * Frames of the probe. The smallest frame of any engine is about 48 bytes, so at least 96 KiB are known to
 * be free; the deepest host call (key recovery) needs under 32. Measured: 4 µs, and 40 at a cold start.
 */
const PROBE_FRAMES = 2_000;

// The addition keeps this a call and no tail call, which JavaScriptCore would turn into a jump.
function probe(frames: number): number {
  return frames === 0 ? 0 : probe(frames - 1) + 1;
}

/** Returns, or overflows the stack here and now: RangeError, or InternalError in Firefox. */
export function claimStackRoom(): void {
  probe(PROBE_FRAMES);
}
