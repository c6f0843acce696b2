// What a contract hands to the host call `call` (docs/host-calls.md, 11): for scripts of probers and inputs of
// random contracts.

/** The 44-byte request of the host call `call`. */
export function callRequest(
  to: Uint8Array,
  { value = 0n, gas = 2n ** 64n - 1n }: { value?: bigint; gas?: bigint } = {},
): Uint8Array {
  const request = new Uint8Array(44);
  request.set(to);
  const view = new DataView(request.buffer);
  view.setBigUint64(20, value >> 64n);
  view.setBigUint64(28, value & (2n ** 64n - 1n));
  view.setBigUint64(36, gas);
  return request;
}
