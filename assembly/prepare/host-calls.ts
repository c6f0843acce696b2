// The host calls of docs/host-calls.md that a contract may import from module "env": number,
// signature and which argument is charged by unit. Every parameter and result is an i32.

export let hostNumber: u32 = 0;
export let hostParams: u32 = 0;
export let hostResults: u32 = 0;
/** Parameter that is charged by unit, NO_UNITS if none. */
export let hostUnitsParam: u32 = 0;
export let hostUnitsShift: u32 = 0;

export const NO_UNITS: u32 = 0xff;

let nameAt: usize = 0;
let nameBytes: u32 = 0;

/** Whether the ASCII bytes at `start` spell `text`. */
export function spells(start: usize, length: u32, text: string): bool {
  if (<u32>text.length != length) return false;
  const units = changetype<usize>(text);
  for (let i: u32 = 0; i < length; i++) {
    if (<u32>load<u8>(start + i) != <u32>load<u16>(units + (i << 1))) return false;
  }
  return true;
}

function row(n: u32, name: string, params: u32, results: u32, unitsParam: u32, shift: u32): bool {
  if (!spells(nameAt, nameBytes, name)) return false;
  hostNumber = n;
  hostParams = params;
  hostResults = results;
  hostUnitsParam = unitsParam;
  hostUnitsShift = shift;
  return true;
}

/** Fills the variables above for the name; false if no host call has it. */
export function findHostCall(start: usize, length: u32): bool {
  nameAt = start;
  nameBytes = length;
  return (
    row(1, "input", 3, 1, 2, 7) ||
    row(2, "output", 2, 0, 1, 7) ||
    row(3, "revert", 2, 0, 1, 7) ||
    row(4, "context", 1, 0, NO_UNITS, 0) ||
    row(5, "storage_open", 1, 1, NO_UNITS, 0) ||
    row(6, "value_read", 3, 0, 2, 5) ||
    row(7, "storage_set", 3, 0, 2, 5) ||
    row(8, "storage_delete", 1, 0, NO_UNITS, 0) ||
    row(9, "account", 2, 0, NO_UNITS, 0) ||
    row(10, "emit", 4, 0, 3, 7) ||
    row(11, "call", 3, 1, 2, 7) ||
    row(12, "output_read", 3, 1, 2, 7) ||
    row(13, "enter", 1, 0, NO_UNITS, 0) ||
    row(14, "keccak256", 3, 0, 1, 7) ||
    row(15, "sha256", 3, 0, 1, 7) ||
    row(16, "secp256k1_recover", 3, 1, NO_UNITS, 0) ||
    row(17, "log", 2, 0, 1, 7) ||
    row(18, "send_message", 3, 1, 2, 7) ||
    row(19, "upgrade", 1, 1, NO_UNITS, 0)
  );
}
