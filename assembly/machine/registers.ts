// Registers of the running frame and where its regions lie in the module's memory. The interpreter holds
// them in locals while it runs and leaves them here when it stops; the host reads and writes them here.
// Layout (little-endian, for the host): 0 pc u32 | 4 sp u32 | 8 fp u32 | 12 pages u32 | 16 depth u32 |
// 20 least depth u32 | 24 gas i64 | 32 steps u64 | 40 end u32 | 44 detail u32 | 48 resume u32 |
// 52 status u32 | 56 phase u32. The interpreter looks at neither of the last two: it runs words.

export const REGISTERS: usize = memory.data(64, 8);

export const PC: usize = REGISTERS;
export const SP: usize = REGISTERS + 4;
export const FP: usize = REGISTERS + 8;
export const PAGES: usize = REGISTERS + 12;
export const DEPTH: usize = REGISTERS + 16;
/** Least depth budget since the frame began: what of the stack may have been used. */
export const LEAST_DEPTH: usize = REGISTERS + 20;
export const GAS: usize = REGISTERS + 24;
export const STEPS: usize = REGISTERS + 32;
/** Why the interpreter stopped: an END_… */
export const END_KIND: usize = REGISTERS + 40;
/** Trap code, or the number of the host call. */
export const DETAIL: usize = REGISTERS + 44;
export const RESUME: usize = REGISTERS + 48;
export const STATUS: usize = REGISTERS + 52;
export const PHASE: usize = REGISTERS + 56;

export const STATUS_PHASE: u32 = 0;
export const STATUS_RUN: u32 = 1;
export const STATUS_HALTED: u32 = 2;
export const STATUS_STUCK: u32 = 3;

/** The step limit is reached; the frame goes on. */
export const END_LIMIT: u32 = 0;
/** The outermost function returned. */
export const END_SUCCESS: u32 = 1;
export const END_TRAP: u32 = 2;
/** A host word is at pc. */
export const END_HOST: u32 = 3;
/** No run gets here. */
export const END_STUCK: u32 = 4;

export const TRAP_OUT_OF_GAS: u32 = 1;
export const TRAP_DEPTH: u32 = 2;
export const TRAP_WASM: u32 = 3;

/** What a written leaf is marked with: one bit for the trees (regions.ts), one for checkpoints. */
export const WRITTEN: u8 = 3;
export const FOR_TREE: u8 = 1;

/** Decoded words (decode.ts), memory, stack, globals, table. */
export let codeBase: usize = 0;
export let memoryBase: usize = 0;
export let stackBase: usize = 0;
export let globalsBase: usize = 0;
export let tableBase: usize = 0;
/** One byte for each 128-byte leaf of memory, WRITTEN where it was written; the same for globals. */
export let dirtyMemory: usize = 0;
export let dirtyGlobals: usize = 0;

/** Makes another frame's regions the ones that the interpreter runs on. */
export function selectRegions(
  code: usize,
  memory: usize,
  stack: usize,
  globals: usize,
  table: usize,
  memoryDirt: usize,
  globalsDirt: usize,
): void {
  codeBase = code;
  memoryBase = memory;
  stackBase = stack;
  globalsBase = globals;
  tableBase = table;
  dirtyMemory = memoryDirt;
  dirtyGlobals = globalsDirt;
}
