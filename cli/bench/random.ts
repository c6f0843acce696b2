// Numbers for benchmark loads from a seed text, the same on every machine and every run. Not for
// anything that must be unpredictable.
import { keccak256 } from "../../host/codec/keccak.ts";

/** The generator sfc32, seeded with the first half of a Keccak hash. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #counter: number;

  constructor(seed: string) {
    const words = new Int32Array(keccak256(new TextEncoder().encode(seed)).slice().buffer);
    [this.#a, this.#b, this.#c, this.#counter] = [words[0]!, words[1]!, words[2]!, words[3]!];
    for (let round = 0; round < 12; round++) this.#next();
  }

  /** An integer from 0 to `bound` - 1; bounds below 2^24 keep the bias under one in 256. */
  below(bound: number): number {
    return this.#next() % bound;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }
}
