// How much of each module limit a module uses, as prepare counts: for the table of `plasma check`.
// What stands in section headers is known of any module; what needs instructions, of accepted ones.
import type { FunctionLayout } from "../host/program/layout.ts";
import type { Prepared } from "../host/program/prepare.ts";
import { Opcode, WasmReader } from "../host/program/wasm-reader.ts";
import { type ModuleLimitName, moduleLimitNames, type Rules } from "../host/rules/rules.ts";
import type { WasmOverview } from "./wasm-overview.ts";

export interface LimitUse {
  readonly name: ModuleLimitName;
  readonly used: number;
  readonly max: number;
}

type Use = Partial<Record<ModuleLimitName, number>>;

interface BodyUse {
  instructions: number;
  nesting: number;
  brTableEntries: number;
  brTableEntriesTotal: number;
}

function bodyUse(wasm: Uint8Array, layout: FunctionLayout): BodyUse {
  const use: BodyUse = { instructions: 0, nesting: 0, brTableEntries: 0, brTableEntriesTotal: 0 };
  const reader = new WasmReader(wasm, layout.firstInstruction);
  let nested = 0;
  while (reader.offset < layout.end) {
    const opcode = reader.byte();
    use.instructions += 1;
    if (opcode === Opcode.block || opcode === Opcode.loop || opcode === Opcode.if) nested += 1;
    else if (opcode === Opcode.end) nested -= 1;
    else if (opcode === Opcode.br_table) {
      const entries = new WasmReader(wasm, reader.offset).u32();
      use.brTableEntries = Math.max(use.brTableEntries, entries);
      use.brTableEntriesTotal += entries;
    }
    use.nesting = Math.max(use.nesting, nested);
    reader.skipImmediates(opcode);
  }
  return use;
}

function programUse({ wasm, layout, merges }: Prepared): Use {
  const bodies = layout.functions.map((entry) => bodyUse(wasm, entry));
  const most = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), 0);
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const locals = layout.functions.map((entry) => entry.params + entry.locals);
  return {
    bodyInstructions: most(bodies.map((body) => body.instructions)),
    nesting: most(bodies.map((body) => body.nesting)),
    brTableEntries: most(bodies.map((body) => body.brTableEntries)),
    brTableEntriesTotal: sum(bodies.map((body) => body.brTableEntriesTotal)),
    locals: most(locals),
    localsTotal: sum(locals),
    params: most([...layout.functions, ...layout.imports].map((entry) => entry.params)),
    pages: layout.pagesMax,
    merges,
  };
}

/** Limits in the order of the rules; those that cannot be told of a refused module are left out. */
export function moduleUse(
  overview: WasmOverview | undefined,
  prepared: Prepared | undefined,
  rules: Rules,
): readonly LimitUse[] {
  const use: Use = {
    ...(overview === undefined
      ? {}
      : {
          wasmBytes: overview.bytes,
          functions: overview.functions,
          bodyBytes: overview.bodyBytesMax,
          types: overview.types,
          globals: overview.globals,
          table: overview.tableEntries,
          dataSegments: overview.dataSegments,
          imports: overview.imports.length,
          exports: overview.exports.length,
        }),
    ...(prepared === undefined ? {} : programUse(prepared)),
  };
  return moduleLimitNames.flatMap((name) => {
    const used = use[name];
    return used === undefined ? [] : [{ name, used, max: rules.module[name] }];
  });
}
