// Contracts that repeat one thing, so that it can be timed: a loop of so many rounds as the input says around a
// body that stands in it several times. Bodies are words of the text format in a row (`local.get $a i32.eqz`),
// assembled here into Wasm with nothing added or left out, so that a probe's gas is what its text says. Used by
// the benches `calls` and `gas`; that a module is valid is for prepare to say.
import { assert } from "../../host/errors.ts";
import { opcodes } from "../../host/program/opcodes.ts";
import { EMPTY_BLOCK, ValueType, WasmWriter } from "../../host/program/wasm-writer.ts";
import { type HostCallName, hostCallNames } from "../../host/rules/host-call-names.ts";

/** A function beside `main`; all of its values are i32. */
export interface ProbeFunction {
  readonly params: number;
  readonly results: 0 | 1;
  /** Declared locals beside the parameters. */
  readonly locals?: number;
  readonly body: string;
}

/** What a probe's module is made of. */
export interface ProbeSource {
  /** `main` is the body and nothing else, for a contract that others call. */
  readonly bare?: true;
  /** Once, before the loop. */
  readonly setup?: string;
  /** What is repeated. It leaves the operand stack as it found it. */
  readonly body: string;
  /** How often the body stands in the loop; 1 where absent. */
  readonly unroll?: number;
  /** 64 KiB pages at first and at most; one and one where absent. */
  readonly pages?: readonly [initial: number, max: number];
  /** `call @0`, `call @1` …; the table holds them in turn. */
  readonly functions?: readonly ProbeFunction[];
  readonly tableSize?: number;
  /** Bytes at PROBE_DATA in the initial memory. */
  readonly data?: Uint8Array;
  /** Bytes of a custom section, for a module of a given size. */
  readonly padding?: number;
}

/** The input of a probe stands at 0: rounds and a number to start from, u32 little-endian; then what it likes. */
export const PROBE_INPUT_BYTES = 8;
/** Behind what `main` itself uses; probes may use all memory from here on. */
export const PROBE_DATA = 64;

/** Locals of `main`: rounds left, start, and what bodies work with: i32, i32, i64, i64, i32, i32. */
const localNames = ["$n", "$start", "$a", "$b", "$c", "$d", "$p", "$q"];
const LOCAL_TYPES = [
  ...[ValueType.i32, ValueType.i32, ValueType.i32, ValueType.i32],
  ...[ValueType.i64, ValueType.i64, ValueType.i32, ValueType.i32],
];

/** Parameters and results of the host calls, in the order of their numbers. */
const hostShapes: readonly (readonly [params: number, results: number])[] = [
  ...([
    [3, 1],
    [2, 0],
    [2, 0],
    [1, 0],
    [1, 1],
    [3, 0],
    [3, 0],
    [1, 0],
    [2, 0],
    [4, 0],
  ] as const),
  ...([
    [3, 1],
    [3, 1],
    [1, 0],
    [3, 0],
    [3, 0],
    [3, 1],
    [2, 0],
    [3, 1],
    [1, 1],
  ] as const),
];

const opcodeByName = new Map([...opcodes.values()].map(({ name, opcode }) => [name, opcode]));

/** What stands around the body: input, rounds (none: neither setup nor body, as when it is deployed), and an output that depends on every local. */
const PROLOGUE = `i32.const 0 i32.const 0 i32.const ${PROBE_INPUT_BYTES} call $input drop
  i32.const 0 i32.load 0 local.set $n i32.const 4 i32.load 0 local.set $start
  local.get $n if`;
const LOOP_END = "local.get $n i32.const 1 i32.sub local.tee $n br_if 0 end end";
const EPILOGUE = `i32.const 0 local.get $a local.get $b i32.add local.get $p i32.add local.get $q i32.add i32.store 0
  i32.const 8 local.get $c local.get $d i64.add i64.store 0 i32.const 0 i32.const 16 call $output`;

/** The Wasm of a probe. */
export function probeWasm(source: ProbeSource): Uint8Array {
  const { functions = [], setup = "", body, unroll = 1 } = source;
  const repeated = [PROLOGUE, setup, "loop", ...Array(unroll).fill(body), LOOP_END, EPILOGUE].join(
    " ",
  );
  const main = source.bare === true ? body : repeated;
  const imports = importsOf([main, ...functions.map((one) => one.body)].join(" "));
  const shapes = shapesOf({ imports, functions });
  const types = [...new Set(shapes)];
  const typeOf = shapes.map((shape) => types.indexOf(shape));
  const places = { imports, functions, typeOf };
  const module = new WasmWriter().bytes(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00);
  module.section(1, typeSection(types));
  module.section(2, importSection(places));
  const own = new WasmWriter().u32(functions.length + 1);
  for (const type of typeOf.slice(imports.length)) own.u32(type);
  module.section(3, own);
  const { tableSize = 0, pages = [1, 1] } = source;
  if (tableSize > 0)
    module.section(4, new WasmWriter().bytes(1, 0x70, 0x01).u32(tableSize).u32(tableSize));
  module.section(5, new WasmWriter().bytes(1, 0x01).u32(pages[0]).u32(pages[1]));
  module.section(
    6,
    new WasmWriter().bytes(2, ValueType.i32, 1, 0x41, 7, 0x0b, ValueType.i64, 1, 0x42, 9, 0x0b),
  );
  module.section(
    7,
    new WasmWriter()
      .u32(1)
      .name("main")
      .byte(0)
      .u32(imports.length + functions.length),
  );
  if (tableSize > 0) module.section(9, elementSection(tableSize, places));
  const code = new WasmWriter().u32(functions.length + 1);
  for (const one of functions) code.sized(functionBody(one, places));
  code.sized(mainBody(main, places));
  module.section(10, code);
  if (source.data !== undefined) {
    module.section(
      11,
      new WasmWriter().bytes(1, 0x00, 0x41).s32(PROBE_DATA).byte(0x0b).sized(source.data),
    );
  }
  if (source.padding !== undefined) {
    module.section(0, new WasmWriter().name("padding").raw(new Uint8Array(source.padding)));
  }
  return module.finish();
}

/** Where names of a body lead to. */
interface Places {
  readonly imports: readonly HostCallName[];
  readonly functions: readonly ProbeFunction[];
  /** The type of each function, imports first. */
  readonly typeOf: readonly number[];
}

/** The host calls of a text, in the order of their numbers. */
const importsOf = (text: string): HostCallName[] => {
  const words = new Set(text.split(/\s+/));
  return hostCallNames.filter((name) => words.has(`$${name}`));
};

const valueTypes = (count: number): number[] => [count, ...Array(count).fill(ValueType.i32)];

/** The shapes of functions, each once: imports first, then functions, then `main`. */
function shapesOf({
  imports,
  functions,
}: Pick<Places, "imports" | "functions">): readonly string[] {
  return [
    ...imports.map((name) => hostShapes[hostCallNames.indexOf(name)]!.join()),
    ...functions.map(({ params, results }) => `${params},${results}`),
    "0,0",
  ];
}

function typeSection(types: readonly string[]): WasmWriter {
  const section = new WasmWriter().u32(types.length);
  for (const type of types) {
    const [params, results] = type.split(",").map(Number) as [number, number];
    section
      .byte(0x60)
      .bytes(...valueTypes(params))
      .bytes(...valueTypes(results));
  }
  return section;
}

function importSection({ imports, typeOf }: Places): WasmWriter {
  const section = new WasmWriter().u32(imports.length);
  imports.forEach((name, i) => {
    section.name("env").name(name).byte(0).u32(typeOf[i]!);
  });
  return section;
}

function elementSection(size: number, { imports, functions }: Places): WasmWriter {
  const section = new WasmWriter().bytes(1, 0x00, 0x41, 0x00, 0x0b).u32(size);
  for (let i = 0; i < size; i++) section.u32(imports.length + (i % functions.length));
  return section;
}

function functionBody({ params, locals = 0, body }: ProbeFunction, places: Places): Uint8Array {
  const writer = new WasmWriter();
  if (locals > 0) writer.u32(1).u32(locals).byte(ValueType.i32);
  else writer.u32(0);
  assert(params + locals <= 256, "a probe's function has few locals");
  assemble(body, places, writer);
  return writer.byte(0x0b).finish();
}

function mainBody(text: string, places: Places): Uint8Array {
  const writer = new WasmWriter().u32(LOCAL_TYPES.length);
  for (const type of LOCAL_TYPES) writer.u32(1).byte(type);
  assemble(text, places, writer);
  return writer.byte(0x0b).finish();
}

/** Appends the instructions of a text. */
function assemble(text: string, places: Places, writer: WasmWriter): void {
  const words = text
    .split(/\s+/)
    .filter((word) => word !== "")
    [Symbol.iterator]();
  const next = (): string => words.next().value ?? "";
  for (let word = next(); word !== ""; word = next()) {
    if (word === "block" || word === "loop") {
      writer.bytes(word === "block" ? 0x02 : 0x03, EMPTY_BLOCK);
      continue;
    }
    const opcode = opcodeByName.get(word);
    assert(opcode !== undefined, `a probe has the instruction ${JSON.stringify(word)}`);
    if (opcode >= 0x100) writer.bytes(0xfc, opcode & 0xff, ...(opcode === 0x10a ? [0, 0] : [0]));
    else operands(opcode, next, places, writer.byte(opcode));
  }
}

function operands(opcode: number, next: () => string, places: Places, writer: WasmWriter): void {
  const isAccess = opcode >= 0x28 && opcode <= 0x3e;
  if (isAccess) writer.u32(0).u32(Number(next()));
  else if (opcode === 0x04) writer.byte(EMPTY_BLOCK);
  else if (opcode === 0x3f || opcode === 0x40) writer.byte(0);
  else if (opcode === 0x41) writer.s32(Number(next()));
  else if (opcode === 0x42) writer.s64(Number(next()));
  else if (opcode === 0x10) writer.u32(functionIndex(next(), places));
  else if (opcode === 0x11) writer.u32(places.typeOf[functionIndex(next(), places)]!).byte(0);
  else if (opcode === 0x0e) branchTable(next(), writer);
  else if (opcode >= 0x20 && opcode <= 0x22) writer.u32(localIndex(next()));
  else if (opcode === 0x0c || opcode === 0x0d || opcode === 0x23 || opcode === 0x24) {
    writer.u32(Number(next()));
  }
}

/** `0,1,2`: the last is the default. */
function branchTable(text: string, writer: WasmWriter): void {
  const labels = text.split(",").map(Number);
  writer.u32(labels.length - 1);
  for (const label of labels) writer.u32(label);
}

const localIndex = (word: string): number =>
  word.startsWith("$") ? localNames.indexOf(word) : Number(word);

/** `$name` is a host call, `@k` function k. */
function functionIndex(word: string, { imports }: Places): number {
  if (word.startsWith("@")) return imports.length + Number(word.slice(1));
  return imports.indexOf(word.slice(1) as HostCallName);
}
