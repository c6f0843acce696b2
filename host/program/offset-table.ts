// From a byte offset in the emitted module back to one in the original: what turns an engine's
// stack position or a profiler's sample into a line of source. Made by emit-wasm.ts. It describes
// code only; offsets outside rewritten function bodies have no original. A module of 256 KiB has some
// hundred thousand runs, so they are kept as flat numbers.

/** Numbers of one run: first emitted byte, original offset, 1 if copied or 0 if inserted. */
const RUN_FIELDS = 3;

/** Collects runs of emitted bytes in ascending order: copied ones advance with the original, inserted
 * ones all stand at one place of it. */
export class OffsetTableBuilder {
  private readonly runs: number[] = [];

  /** Bytes from `emitted` on are a copy of the bytes from `original` on. */
  copied(emitted: number, original: number): void {
    const { runs } = this;
    const last = runs.length - RUN_FIELDS;
    const continues = runs[last + 2] === 1 && emitted - original === runs[last]! - runs[last + 1]!;
    if (!continues) this.add(emitted, original, 1);
  }

  /** Bytes from `emitted` on were inserted before the instruction at `original`. */
  inserted(emitted: number, original: number): void {
    const last = this.runs.length - RUN_FIELDS;
    const continues = this.runs[last + 2] === 0 && this.runs[last + 1] === original;
    if (!continues) this.add(emitted, original, 0);
  }

  /** A run without bytes is replaced by the next. */
  private add(emitted: number, original: number, copied: number): void {
    const { runs } = this;
    if (runs[runs.length - RUN_FIELDS] === emitted) runs.length -= RUN_FIELDS;
    runs.push(emitted, original, copied);
  }

  /** Takes over the runs of a body whose first byte lands at `base`. */
  append(body: OffsetTableBuilder, base: number): void {
    const { runs } = body;
    for (let i = 0; i < runs.length; i += RUN_FIELDS) {
      this.runs.push(runs[i]! + base, runs[i + 1]!, runs[i + 2]!);
    }
  }

  /** Runs stand `base` bytes into the module; `end` is its first offset behind the last body. */
  build(base: number, end: number): OffsetTable {
    const runs = Uint32Array.from(this.runs);
    for (let i = 0; i < runs.length; i += RUN_FIELDS) runs[i]! += base;
    return new OffsetTable(runs, end);
  }
}

/** Emitted byte offset -> original byte offset, both from the start of their module. */
export class OffsetTable {
  private readonly runs: Uint32Array;
  private readonly end: number;

  constructor(runs: Uint32Array, end: number) {
    this.runs = runs;
    this.end = end;
  }

  /**
   * The original offset that `emittedByteOffset` stands for: of the same instruction when it was
   * copied, of the instruction it was inserted before otherwise (the function's final `end` for its
   * epilogue). Undefined outside rewritten bodies.
   */
  original(emittedByteOffset: number): number | undefined {
    const { runs } = this;
    const first = runs[0];
    if (first === undefined || emittedByteOffset < first || emittedByteOffset >= this.end) return;
    let low = 0;
    let high = runs.length / RUN_FIELDS;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (runs[middle * RUN_FIELDS]! <= emittedByteOffset) low = middle;
      else high = middle;
    }
    const at = low * RUN_FIELDS;
    const advance = runs[at + 2] === 1 ? emittedByteOffset - runs[at]! : 0;
    return runs[at + 1]! + advance;
  }
}
