// Randomness of the fuzzer: mulberry32 from the run's seed and the input's number, so that any input can
// be made again alone. Nothing here reads a clock or any other randomness.

export class Random {
  #state;

  /** The generator of input `index` of the run with `seed`. */
  constructor(seed, index = 0) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) >>> 0;
    this.u32();
  }

  u32() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (t ^ (t >>> 14)) >>> 0;
  }

  /** 0 <= n < bound. */
  below(bound) {
    return this.u32() % bound;
  }

  /** True once in `times` on average. */
  oneIn(times) {
    return this.below(times) === 0;
  }

  /** One of `items`, which are not empty. */
  pick(items) {
    return items[this.below(items.length)];
  }

  /** Small numbers often, large ones sometimes. */
  size(max) {
    return this.below(1 + Math.min(max, 2 ** this.below(32)));
  }

  bytes(count) {
    return Uint8Array.from({ length: count }, () => this.u32());
  }

  bigint(bits) {
    let value = 0n;
    for (let i = 0; i < bits; i += 32) value = (value << 32n) | BigInt(this.u32());
    return BigInt.asUintN(bits, value >> BigInt(this.below(bits)));
  }
}
