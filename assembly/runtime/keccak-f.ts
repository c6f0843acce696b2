// keccak-f[1600] for contracts that hash more than the host does at once: small rather than fast, since its
// bytes are part of every contract that uses it (assembly/crypto/keccak.ts, the engine's own, is the other
// way round). Tables lie inside functions, so that contracts without it carry none of them.

/** Round constants of iota (FIPS 202, 3.2.5). */
function roundConstants(): usize {
  return memory.data<u64>([
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
  ]);
}

/** Rotations of rho in the order in which pi walks the lanes, each with the lane it leads to. */
function walk(): usize {
  return memory.data<u8>([
    1, 10, 3, 7, 6, 11, 10, 17, 15, 18, 21, 3, 28, 5, 36, 16, 45, 8, 55, 21, 2, 24, 14, 4, 27, 15,
    41, 23, 56, 19, 8, 13, 25, 12, 43, 2, 62, 20, 18, 14, 39, 22, 61, 9, 20, 6, 44, 1,
  ]);
}

function chi(row: usize): void {
  const a = load<u64>(row);
  const b = load<u64>(row, 8);
  const c = load<u64>(row, 16);
  const d = load<u64>(row, 24);
  const e = load<u64>(row, 32);
  store<u64>(row, a ^ (~b & c));
  store<u64>(row, b ^ (~c & d), 8);
  store<u64>(row, c ^ (~d & e), 16);
  store<u64>(row, d ^ (~e & a), 24);
  store<u64>(row, e ^ (~a & b), 32);
}

/** The parity of the column of lane `at`. */
function parity(at: usize): u64 {
  return (
    load<u64>(at) ^ load<u64>(at, 40) ^ load<u64>(at, 80) ^ load<u64>(at, 120) ^ load<u64>(at, 160)
  );
}

/** XORs `value` into the column of lane `at`. */
function mix(at: usize, value: u64): void {
  for (const end = at + 200; at < end; at += 40) store<u64>(at, load<u64>(at) ^ value);
}

/** Permutes the 25 little-endian lanes at `state`. */
export function keccakF(state: usize): void {
  const constants = roundConstants();
  const steps = walk();
  for (let round: usize = 0; round < 192; round += 8) {
    const a = parity(state);
    const b = parity(state + 8);
    const c = parity(state + 16);
    const d = parity(state + 24);
    const e = parity(state + 32);
    mix(state, e ^ rotl(b, 1));
    mix(state + 8, a ^ rotl(c, 1));
    mix(state + 16, b ^ rotl(d, 1));
    mix(state + 24, c ^ rotl(e, 1));
    mix(state + 32, d ^ rotl(a, 1));
    let lane = load<u64>(state, 8);
    for (let step: usize = 0; step < 48; step += 2) {
      const to = state + ((<usize>load<u8>(steps + step, 1)) << 3);
      const next = load<u64>(to);
      store<u64>(to, rotl(lane, <u64>load<u8>(steps + step)));
      lane = next;
    }
    for (let row: usize = 0; row < 200; row += 40) chi(state + row);
    store<u64>(state, load<u64>(state) ^ load<u64>(constants + round));
  }
}
