// Valid modules with random bodies: every integer operation, blocks, loops, branches, calls, tables,
// memory and globals. Typed while they are written, so that prepare accepts nearly all of them and the
// fuzzer gets behind validation; mutate-wasm.mjs breaks some again.
import {
  body,
  functionType,
  I32,
  I64,
  leb,
  moduleWith,
  name,
} from "../../scripts/hostile/wasm-bytes.mjs";

const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Opcodes by operands and result. */
const operations = [
  [[I32], I32, [0x45, 0x67, 0x68, 0x69, 0xc0, 0xc1]],
  [[I64], I64, [0x79, 0x7a, 0x7b, 0xc2, 0xc3, 0xc4]],
  [[I32, I32], I32, [...range(0x46, 0x4f), ...range(0x6a, 0x78)]],
  [[I64, I64], I64, range(0x7c, 0x8a)],
  [[I64, I64], I32, range(0x51, 0x5a)],
  [[I64], I32, [0x50, 0xa7]],
  [[I32], I64, [0xac, 0xad]],
];
const loads = [
  [I32, [0x28, 0x2c, 0x2d, 0x2e, 0x2f]],
  [I64, range(0x30, 0x35).concat(0x29)],
];
const stores = [
  [I32, [0x36, 0x3a, 0x3b]],
  [I64, [0x37, 0x3c, 0x3d, 0x3e]],
];

/** Signed LEB128 of a bigint. */
function signed(value) {
  const out = [];
  for (let rest = value; ; ) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    const last = (rest === 0n && low < 64) || (rest === -1n && low >= 64);
    out.push(last ? low : low | 128);
    if (last) return out;
  }
}

class BodyWriter {
  code = [];
  stack = [];
  /** Heights that the blocks around start at. */
  labels = [0];

  constructor(random, locals, functions) {
    this.random = random;
    this.locals = locals;
    this.functions = functions;
  }

  constant(type) {
    const { random } = this;
    const bits = type === I32 ? 32 : 64;
    const value = random.oneIn(2)
      ? BigInt(random.below(70))
      : BigInt.asIntN(bits, random.bigint(64));
    this.push(type, type === I32 ? 0x41 : 0x42, ...signed(value));
  }

  push(type, ...bytes) {
    this.code.push(...bytes);
    this.stack.push(type);
  }

  /** Puts operands of these types on the stack, out of locals and constants. */
  need(...types) {
    for (const type of types) {
      const fitting = this.locals.flatMap((local, i) => (local === type ? [i] : []));
      if (fitting.length > 0 && this.random.oneIn(2))
        this.push(type, 0x20, ...leb(this.random.pick(fitting)));
      else this.constant(type);
    }
    this.stack.length -= types.length;
  }

  memarg() {
    this.code.push(0, ...leb(this.random.pick([0, 1, 1000, 65_528, 65_536, 0xffffffff])));
  }

  statement(depth) {
    const { random } = this;
    const kind = random.below(14);
    if (kind < 4) {
      const [operands, result, codes] = random.pick(operations);
      this.need(...operands);
      this.push(result, random.pick(codes));
      return this.settle();
    }
    if (kind === 4 || kind === 5) {
      const [type, codes] = random.pick(kind === 4 ? loads : stores);
      this.need(...(kind === 4 ? [I32] : [I32, type]));
      this.code.push(random.pick(codes));
      this.memarg();
      if (kind === 5) return;
      this.stack.push(type);
      return this.settle();
    }
    if (kind === 6) return this.call();
    if (kind === 7) {
      this.need(I32, I32, I32);
      return this.code.push(0xfc, ...(random.oneIn(2) ? [10, 0, 0] : [11, 0]));
    }
    if (kind === 8) {
      this.need(I64);
      return this.code.push(0x24, random.below(2), 0x23, random.below(2), 0x1a);
    }
    if (kind === 9) {
      this.need(I32);
      return this.code.push(0x40, 0, 0x1a, 0x3f, 0, 0x1a);
    }
    if (kind < 13 && depth < 6) return this.block(depth);
    this.branch();
  }

  call() {
    const { random, functions } = this;
    const index = random.below(functions.length);
    const { type, params, results } = functions[index];
    this.need(...params);
    if (random.oneIn(3)) {
      this.need(I32);
      this.code.push(0x11, ...leb(type), 0);
    } else this.code.push(0x10, ...leb(index));
    for (const result of results) this.stack.push(result);
    if (results.length > 0) this.settle();
  }

  block(depth) {
    const { random } = this;
    const opcode = random.pick([0x02, 0x03, 0x04]);
    if (opcode === 0x04) this.need(I32);
    this.code.push(opcode, 0x40);
    this.labels.push(this.stack.length);
    for (let count = random.below(5); count > 0; count--) this.statement(depth + 1);
    if (opcode === 0x04 && random.oneIn(2)) {
      this.code.push(0x05);
      for (let count = random.below(3); count > 0; count--) this.statement(depth + 1);
    }
    this.labels.pop();
    this.code.push(0x0b);
  }

  /** Branches out of blocks only where nothing lies on the stack; behind `br` comes dead code. */
  branch() {
    const { random } = this;
    const label = random.below(this.labels.length);
    const kind = random.below(5);
    if (kind < 3) {
      this.need(I32);
      return this.code.push(0x0d, ...leb(label));
    }
    if (kind === 3 || this.labels.length === 1)
      return this.code.push(random.pick([0x01, 0x01, 0x00]));
    const targets = Array.from({ length: random.below(9) }, () => random.below(this.labels.length));
    this.need(I32);
    this.code.push(0x0e, ...leb(targets.length), ...targets, label);
  }

  /** Puts the value on top into a local, or drops it. */
  settle() {
    const type = this.stack.pop();
    const fitting = this.locals.flatMap((local, i) => (local === type ? [i] : []));
    if (fitting.length > 0) this.code.push(0x21, ...leb(this.random.pick(fitting)));
    else this.code.push(0x1a);
  }
}

/** A random module that exports `main`; its functions have no results but through locals and memory. */
export function randomModule(random) {
  const count = 1 + random.below(5);
  const types = [functionType([], []), functionType([I32], []), functionType([I32, I64], [])];
  const parameters = [[], [I32], [I32, I64]];
  const functions = Array.from({ length: count }, (_, i) => {
    const type = i === 0 ? 0 : random.below(3);
    return { type, params: parameters[type], results: [] };
  });
  const bodies = functions.map(({ params }) => {
    const declared = Array.from({ length: random.below(4) }, () => [
      1 + random.below(3),
      random.pick([I32, I64]),
    ]);
    const locals = [...params, ...declared.flatMap(([times, type]) => new Array(times).fill(type))];
    const writer = new BodyWriter(random, locals, functions);
    for (let statements = random.below(12); statements > 0; statements--) writer.statement(0);
    return body(writer.code, declared);
  });
  const table = Array.from({ length: random.below(6) }, () => random.below(count));
  return moduleWith({
    types,
    functions: functions.map(({ type }) => [type]),
    tables: [[0x70, 0, 8]],
    memories: [[1, 1, random.pick([1, 2, 40])]],
    globals: [
      [I64, 1, 0x42, 5, 0x0b],
      [I64, 1, 0x42, 0, 0x0b],
    ],
    exports: [
      [...name("main"), 0, 0],
      [...name("memory"), 2, 0],
    ],
    elements: [[0, 0x41, random.below(3), 0x0b, ...leb(table.length), ...table]],
    bodies,
    data: [[0, 0x41, 8, 0x0b, ...leb(4), ...random.bytes(4)]],
  });
}
