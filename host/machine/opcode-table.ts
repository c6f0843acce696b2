// Every word of a program as the machine executes it: operands, regions, trap conditions in their order,
// cost class. The one table behind the page docs/machine.md, the dense dispatch numbers of the
// AssemblyScript machine (assembly/machine/opcodes.ts) and the test generators. Names and classes come
// from host/program/opcodes.ts. Data only: what a word computes is in docs/program.md.
import { opcodes } from "../program/opcodes.ts";
import type { InstructionClass } from "../rules/rules.ts";

/** What a word reads or writes beside the header and its own code word. */
export type Region = "stack" | "memory" | "globals" | "table" | "host record" | "code";

/** Why a word traps; the condition tried first stands first. All but the first two are trap code `wasm`. */
export type TrapCondition =
  | "out_of_gas"
  | "depth"
  | "unreachable"
  | "divide by zero"
  | "integer overflow"
  | "out of bounds memory access"
  | "undefined element"
  | "uninitialized element"
  | "indirect call type mismatch"
  | "of the host call";

export type ValueType = "i32" | "i64" | "any";

export interface OpcodeRow {
  readonly opcode: number;
  readonly name: string;
  /** Number in the machine's dispatch: rows from 0 in the order of the table. */
  readonly dispatch: number;
  readonly costClass: InstructionClass;
  /** Popped values, deepest first; `arity` stands for what the word's field a says. */
  readonly pops: readonly ValueType[];
  readonly pushes: readonly ValueType[];
  /** Slots touched beside popped and pushed ones. */
  readonly slots: string;
  readonly reads: readonly Region[];
  readonly writes: readonly Region[];
  readonly traps: readonly TrapCondition[];
  /** Whether the word may take several steps. */
  readonly resumes: boolean;
}

type Columns = Partial<
  Pick<OpcodeRow, "pops" | "pushes" | "slots" | "reads" | "writes" | "traps" | "resumes">
>;

const memoryTrap = ["out of bounds memory access"] as const;
const stack = ["stack"] as const;

/** Columns by name for words that no rule below covers. */
const special: Readonly<Record<string, Columns>> = {
  unreachable: { traps: ["unreachable"] },
  if: { pops: ["i32"] },
  else: {},
  end: {
    slots: "link at fp + b; with a result, it and slot fp",
    reads: stack,
    writes: stack,
  },
  br: { slots: "with a value, it and slot fp + imm", reads: stack, writes: stack },
  br_if: { pops: ["i32"], slots: "taken with a value, it and slot fp + imm", writes: stack },
  br_table: { pops: ["i32"] },
  return: { slots: "with a value, it and slot fp + imm", reads: stack, writes: stack },
  call: { slots: "link at sp", writes: stack },
  call_indirect: {
    pops: ["i32"],
    slots: "link at sp",
    reads: ["table"],
    writes: stack,
    traps: ["undefined element", "uninitialized element", "indirect call type mismatch"],
  },
  drop: {},
  select: { pops: ["any", "any", "i32"], pushes: ["any"] },
  "local.get": { pushes: ["any"], slots: "fp + a", reads: stack },
  "local.set": { pops: ["any"], slots: "fp + a", writes: stack },
  "local.tee": { pops: ["any"], pushes: ["any"], slots: "fp + a", writes: stack },
  "global.get": { pushes: ["any"], reads: ["globals"] },
  "global.set": { pops: ["any"], writes: ["globals"] },
  "memory.size": { pushes: ["i32"] },
  "memory.grow": { pops: ["i32"], pushes: ["i32"] },
  "i32.const": { pushes: ["i32"] },
  "i64.const": { pushes: ["i64"] },
  "memory.copy": {
    pops: ["i32", "i32", "i32"],
    reads: ["memory"],
    writes: ["memory"],
    traps: memoryTrap,
    resumes: true,
  },
  "memory.fill": {
    pops: ["i32", "i32", "i32"],
    writes: ["memory"],
    traps: memoryTrap,
    resumes: true,
  },
  charge: {},
  charge_check: { traps: ["out_of_gas"] },
  charge_units: { slots: "fp + a", reads: stack, traps: ["out_of_gas"] },
  depth: { traps: ["depth"] },
  locals: { slots: "b from sp, zeroed", writes: stack, resumes: true },
  function: {},
  host: {
    slots: "arguments from fp; with a result, sp",
    reads: ["stack", "memory", "host record"],
    writes: ["stack", "memory", "host record"],
    traps: ["of the host call"],
    resumes: true,
  },
};

const divisions: Readonly<Record<string, readonly TrapCondition[]>> = {
  div_s: ["divide by zero", "integer overflow"],
  div_u: ["divide by zero"],
  rem_s: ["divide by zero"],
  rem_u: ["divide by zero"],
};

const unary = new Set(["eqz", "clz", "ctz", "popcnt"]);

function numericColumns(name: string): Columns {
  const [type, operation] = name.split(".") as [ValueType, string];
  if (name === "i32.wrap_i64") return { pops: ["i64"], pushes: ["i32"] };
  if (name.startsWith("i64.extend_i32")) return { pops: ["i32"], pushes: ["i64"] };
  const compares = /^(eqz?|ne|[lg][te]_[su])$/.test(operation);
  const one = unary.has(operation) || operation.startsWith("extend");
  return {
    pops: one ? [type] : [type, type],
    pushes: [compares ? "i32" : type],
    traps: divisions[operation] ?? [],
  };
}

function columnsOf(name: string, costClass: InstructionClass): Columns {
  const type = name.slice(0, 3) as ValueType;
  if (costClass === "load") {
    return { pops: ["i32"], pushes: [type], reads: ["memory"], traps: memoryTrap };
  }
  if (costClass === "store") {
    return { pops: ["i32", type], writes: ["memory"], traps: memoryTrap };
  }
  return special[name] ?? numericColumns(name);
}

/** All words, by opcode. */
export const opcodeTable: readonly OpcodeRow[] = [...opcodes.values()].map(
  ({ opcode, name, costClass }, dispatch) => ({
    opcode,
    name,
    dispatch,
    costClass,
    pops: [],
    pushes: [],
    slots: "",
    reads: [],
    writes: [],
    traps: [],
    resumes: false,
    ...columnsOf(name, costClass),
  }),
);

const hex = (opcode: number): string => `0x${opcode.toString(16).toUpperCase().padStart(2, "0")}`;

/** The table of docs/machine.md section 3. */
export function describeOpcodes(): string {
  const lines = opcodeTable.map((row) => {
    const cells = [
      hex(row.opcode),
      row.name,
      row.costClass,
      `${row.pops.join(" ")} → ${row.pushes.join(" ")}`.trim(),
      row.slots,
      row.reads.filter((region) => region !== "stack").join(", "),
      row.writes.filter((region) => region !== "stack").join(", "),
      row.traps.join("; "),
    ];
    return `| ${cells.join(" | ")} |`.replaceAll("|  |", "| |");
  });
  const head = "| op | word | class | operands | other slots | reads | writes | traps, in order |";
  return [head, "|---|---|---|---|---|---|---|---|", ...lines].join("\n");
}

const constantName = (name: string): string => name.toUpperCase().replaceAll(".", "_");

/** The text of assembly/machine/opcodes.ts. */
export function describeDispatch(): string {
  const constants = opcodeTable.map(
    ({ name, dispatch }) => `export const ${constantName(name)}: u32 = ${dispatch};`,
  );
  const last = Math.max(...opcodeTable.map(({ opcode }) => opcode));
  const numbers = Array.from({ length: last + 1 }, (_, opcode) => {
    const row = opcodeTable.find((candidate) => candidate.opcode === opcode);
    return row === undefined ? opcodeTable.length : row.dispatch;
  });
  const lines = [];
  for (let i = 0; i < numbers.length; i += 20)
    lines.push(`  ${numbers.slice(i, i + 20).join(", ")},`);
  return [
    "// Generated from host/machine/opcode-table.ts by tests/golden/opcode-table.test.ts; do not edit.",
    "// Dispatch numbers of the words: dense, so that the interpreter's switch is one jump table.",
    ...constants,
    "/** No such word. */",
    `export const UNKNOWN: u32 = ${opcodeTable.length};`,
    "",
    `const LAST: u32 = ${last};`,
    "// biome-ignore format: generated table",
    "const DISPATCH: usize = memory.data<u8>([",
    ...lines,
    "]);",
    "",
    "/** Dispatch number of an opcode. */",
    "export function dispatchOf(opcode: u32): u32 {",
    "  return opcode > LAST ? UNKNOWN : load<u8>(DISPATCH + opcode);",
    "}",
    "",
  ].join("\n");
}
