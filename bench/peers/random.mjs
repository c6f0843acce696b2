// Numbers that follow from a seed (mulberry32 over an FNV-1a hash of it): the peers' loads must be equal
// from run to run, not unpredictable.

/** @returns {{ below: (bound: number) => number }} below: from 0 up to, not including, `bound` */
export function seededRandom(seed) {
  let state = 0x811c9dc5;
  for (const byte of Buffer.from(seed)) state = Math.imul(state ^ byte, 0x01000193);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { below: (bound) => Math.floor(next() * bound) };
}
