// A state of a block's run for people, as a debugger shows it: the step that comes next, where it stands in
// contract and source, the values at hand. Only form: host/trace/trace-state.ts found it out.
import type { Colors } from "picocolors/types.js";
import { SYSTEM_ADDRESS } from "../host/chain/genesis.ts";
import { type Hex, toHex } from "../host/codec/hex.ts";
import type { TracedPlace, TracedState, TracedValue } from "../host/trace/traced-state.ts";
import { counted } from "./output.ts";
import { hostCallText, joined, oneLine, row, stackLine } from "./trace-text.ts";

/** Locals, operands and globals of each list that are shown; --json has all. */
const VALUES_SHOWN = 64;
/** From here on hexadecimal says more than the digits alone. */
const HEX_FROM = 10n;

/** Signed, with the slot's bits in hexadecimal; an operand of unknown type as it stands. */
function valueText({ type, value }: TracedValue): string {
  const bits = type === "i64" ? 64 : 32;
  const number = type === null ? value : BigInt.asIntN(bits, value);
  const isSmall = number > -HEX_FROM && number < HEX_FROM;
  return isSmall ? String(number) : `${number} (0x${value.toString(16)})`;
}

function valueLines(title: string, values: readonly TracedValue[]): string[] {
  if (values.length === 0) return [];
  const shown = values.slice(0, VALUES_SHOWN);
  const width = String(shown.length - 1).length;
  const lines = shown.map(
    (value, i) => `  ${String(i).padStart(width)}  ${value.type ?? "   "}  ${valueText(value)}`,
  );
  const more = values.length - shown.length;
  return ["", title, ...lines, ...(more > 0 ? [`  … and ${more} more: see --json`] : [])];
}

/** prepare is ours, and runs as the contract of every deployment. */
const PREPARE = toHex(SYSTEM_ADDRESS);

function named(contract: string | null, address: Hex): string {
  if (address === PREPARE) return `prepare ${address}`;
  return contract === null ? address : `${contract} ${address}`;
}

function placeLines(place: TracedPlace): string[] {
  const { contract, address, pc, functions, functionsOmitted, pages, depthLeft } = place;
  const [innermost, ...around] = functions;
  const outer = around.map((frame) => `  ${stackLine(frame)}`);
  if (functionsOmitted > 0) {
    outer.splice(outer.length / 2, 0, `  … ${counted(functionsOmitted, "function")} between`);
  }
  const byte = innermost?.byteOffset;
  const inWasm = byte == null ? "" : `, byte 0x${byte.toString(16)} of the Wasm`;
  return [
    ...(innermost === undefined ? [] : [row("at", stackLine(innermost).slice("at ".length))]),
    row("word", `${pc}${inWasm}`),
    row("contract", named(contract, address)),
    row("memory", `${counted(pages, "page")}, ${depthLeft} slots of the stack budget left`),
    ...(outer.length === 0 ? [] : ["", "called from", ...joined(outer)]),
    ...valueLines("locals", place.locals),
    ...valueLines("stack, top first", place.stack),
    ...valueLines("globals", place.globals),
  ];
}

function positionText({
  step,
  height,
  kind,
  transaction,
  firstStep,
  lastStep,
}: TracedState): string {
  const where = `step ${step} of the run of block ${height}`;
  if (transaction !== null)
    return `${where}, in transaction ${transaction} (steps ${firstStep} to ${lastStep})`;
  return `${where}, ${kind === "end" ? "halted" : "behind the last transaction"}`;
}

/** The whole state. */
export function stateText(state: TracedState, colors: Colors): string {
  const { kind, instruction, about, hostCall, callDepth, gas, place, callers, stateHash } = state;
  const args = Object.entries(hostCall?.args ?? {}).map(([name, value]) => `${name} ${value}`);
  const given =
    hostCall === null || Object.keys(hostCall.details).length === 0 ? undefined : hostCall;
  const waiting = callers.map(({ contract, address }) => named(contract, address));
  return [
    positionText(state),
    row("next", colors.bold(instruction)),
    ...(about === null ? [] : [row("does", about)]),
    ...(args.length === 0 ? [] : [row("args", args.join(", "))]),
    ...(given === undefined ? [] : [row("given", hostCallText(given))]),
    ...(kind === "end" ? [] : [row("gas", `${gas} left`)]),
    row("hash", stateHash),
    ...(callDepth === 0 ? [] : [row("depth", counted(callDepth, "contract"))]),
    ...(waiting.length === 0 ? [] : [row("waiting", waiting.join(", "))]),
    ...(place === null ? [] : placeLines(place)),
  ]
    .map(oneLine)
    .join("\n");
}
