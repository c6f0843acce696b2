// From a byte offset in the emitted module back to one in the original: what turns an engine's
// stack position or a profiler's sample into a line of source. Made by emit-wasm.ts. It describes
// code only; offsets outside rewritten function bodies have no original.

/** One run of emitted bytes: copied bytes advance with the original, inserted ones stand at one place. */
interface Run {
  readonly emitted: number;
  readonly original: number;
  readonly copied: boolean;
}

/** Collects runs in ascending order of emitted offset. */
export class OffsetTableBuilder {
  private readonly runs: Run[] = [];

  /** Bytes from `emitted` on are a copy of the bytes from `original` on. */
  copied(emitted: number, original: number): void {
    const last = this.runs.at(-1);
    if (last?.copied && last.original - last.emitted === original - emitted) return;
    this.add({ emitted, original, copied: true });
  }

  /** Bytes from `emitted` on were inserted before the instruction at `original`. */
  inserted(emitted: number, original: number): void {
    const last = this.runs.at(-1);
    if (last && !last.copied && last.original === original) return;
    this.add({ emitted, original, copied: false });
  }

  private add(run: Run): void {
    if (this.runs.at(-1)?.emitted === run.emitted) this.runs.pop();
    this.runs.push(run);
  }

  /** Takes over the runs of a body whose first byte lands at `base`. */
  append(body: OffsetTableBuilder, base: number): void {
    for (const run of body.runs) this.runs.push({ ...run, emitted: run.emitted + base });
  }

  /** Runs stand `base` bytes into the module; `end` is its first offset behind the last body. */
  build(base: number, end: number): OffsetTable {
    return new OffsetTable(
      this.runs.map((run) => ({ ...run, emitted: run.emitted + base })),
      end,
    );
  }
}

/** Emitted byte offset -> original byte offset, both from the start of their module. */
export class OffsetTable {
  private readonly emitted: Uint32Array;
  private readonly originals: Uint32Array;
  private readonly copied: Uint8Array;
  private readonly end: number;

  constructor(runs: readonly Run[], end: number) {
    this.emitted = Uint32Array.from(runs, (run) => run.emitted);
    this.originals = Uint32Array.from(runs, (run) => run.original);
    this.copied = Uint8Array.from(runs, (run) => (run.copied ? 1 : 0));
    this.end = end;
  }

  /**
   * The original offset that `emittedByteOffset` stands for: of the same instruction when it was
   * copied, of the instruction it was inserted before otherwise (the function's final `end` for its
   * epilogue). Undefined outside rewritten bodies.
   */
  original(emittedByteOffset: number): number | undefined {
    const first = this.emitted[0];
    if (first === undefined || emittedByteOffset < first || emittedByteOffset >= this.end) return;
    let low = 0;
    let high = this.emitted.length;
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.emitted[middle] ?? 0) <= emittedByteOffset) low = middle;
      else high = middle;
    }
    const original = this.originals[low] ?? 0;
    return this.copied[low] === 1
      ? original + emittedByteOffset - (this.emitted[low] ?? 0)
      : original;
  }
}
