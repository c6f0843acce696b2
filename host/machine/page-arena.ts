// Which pages of the machine module's memory are free. Programs and frames are placed here by the host,
// since the module allocates nothing itself. First fit over a short sorted list: a run holds some dozens
// of pieces at most. Everything free is zero: who gives something back zeroes it first.
import { assert, EngineError } from "../errors.ts";
import { PAGE_BYTES } from "../limits.ts";

interface Piece {
  at: number;
  pages: number;
}

/** Most pages of a WebAssembly memory. */
const PAGES_MAX = 65_536;

export class PageArena {
  readonly #memory: WebAssembly.Memory;
  readonly #free: Piece[] = [];
  #end: number;

  /** `start` is the first address that may be given away, a multiple of the page size. */
  constructor(memory: WebAssembly.Memory, start: number) {
    assert(start % PAGE_BYTES === 0, "the arena starts at a page");
    this.#memory = memory;
    this.#end = start / PAGE_BYTES;
  }

  /**
   * Address of at least `bytes` bytes, a multiple of the page size.
   * @throws HOST_FAULT when the host has no memory left
   */
  take(bytes: number): number {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
    const fit = this.#free.findIndex((piece) => piece.pages >= pages);
    if (fit >= 0) {
      const piece = this.#free[fit]!;
      const at = piece.at;
      piece.at += pages;
      piece.pages -= pages;
      if (piece.pages === 0) this.#free.splice(fit, 1);
      return at * PAGE_BYTES;
    }
    const at = this.#end;
    const missing = at + pages - this.#memory.buffer.byteLength / PAGE_BYTES;
    if (missing > 0) this.#grow(at + pages, missing);
    this.#end = at + pages;
    return at * PAGE_BYTES;
  }

  /** Gives back what `take(bytes)` gave. */
  give(address: number, bytes: number): void {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES));
    const at = address / PAGE_BYTES;
    let i = this.#free.findIndex((piece) => piece.at > at);
    if (i < 0) i = this.#free.length;
    this.#free.splice(i, 0, { at, pages });
    this.#join(i);
    if (i > 0) this.#join(i - 1);
  }

  #join(i: number): void {
    const piece = this.#free[i]!;
    const next = this.#free[i + 1];
    if (next === undefined || piece.at + piece.pages !== next.at) return;
    piece.pages += next.pages;
    this.#free.splice(i + 1, 1);
  }

  #grow(end: number, missing: number): void {
    // Ahead of need by a quarter: each growth replaces every view of the memory.
    const ahead = Math.min(Math.max(missing, Math.floor(end / 4)), PAGES_MAX - end + missing);
    for (const pages of [ahead, missing]) {
      if (pages < missing) continue;
      try {
        this.#memory.grow(pages);
        return;
      } catch {
        // Tried again with the least that is needed, then given up.
      }
    }
    throw new EngineError({
      code: "HOST_FAULT",
      message: `the machine needs ${missing * PAGE_BYTES} more bytes of memory than the host has`,
    });
  }
}
