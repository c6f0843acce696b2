// Whether the native stack still has room. In a browser or Bun the stack is the platform's, and a contract
// may come close to its end before it calls the host. An overflow in the middle of our own code (a curve
// library's catch, a table that grows) could pass for an answer; one up here, before anything was done, is
// a host fault like any other, and the machine executes the transaction.

/**
 * Arguments of one call, eight bytes of stack each in every engine and compiler tier: 16 KiB, where the
 * deepest host call (key recovery) needs about 2. It costs a replay in Node some 5 %.
 */
const ARGUMENTS = new Array<number>(2_048).fill(0);

function count(...given: readonly number[]): number {
  return given.length;
}

/** Returns, or overflows the stack here and now: RangeError, or InternalError in Firefox. */
export function claimStackRoom(): void {
  Reflect.apply(count, undefined, ARGUMENTS);
}
