// A trace for people: what became of the transaction, its calls as a tree with the host calls that each
// frame made between them, and where what failed was in the source. Only form: host/trace found it out.
import type { Colors } from "picocolors/types.js";
import { type DecodedRevert, describeRevert } from "../host/abi/decode-revert.ts";
import type { AbiValue } from "../host/abi/decode-value.ts";
import type {
  Named,
  StackFrame,
  TracedCall,
  TracedHostCall,
  TransactionTrace,
} from "../host/trace/trace.ts";
import { counted } from "./output.ts";

/** Host calls of one frame that are shown; --json has all that the trace lists. */
const HOST_CALLS_SHOWN = 40;
/** Calls of the tree that are shown. */
const CALLS_SHOWN = 200;
const TEXT_CHARACTERS = 66;
const LINE_CHARACTERS = 1_000;

export interface TraceTextOptions {
  readonly colors: Colors;
  /** Show the gas that is left at each host call, and each frame's own. */
  readonly gas: boolean;
}

/** Shortens hex in the middle; the rest of a value stays whole. */
function shortHex(text: string, bytes?: number): string {
  if (text.length <= TEXT_CHARACTERS) return text;
  const size = bytes ?? Math.floor((text.length - 2) / 2);
  // The trace itself cuts what is very long; then its end is not at hand.
  return `${text.slice(0, 22)}…${text.endsWith("…") ? "" : text.slice(-8)} (${size} bytes)`;
}

/** A decoded value on one line. */
export function valueText(value: AbiValue): string {
  if (typeof value === "string")
    return /^0x[0-9a-f]*…?$/.test(value) ? shortHex(value) : JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item: AbiValue) => valueText(item)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${fieldsText(value as Named)}}`;
}

const fieldsText = (fields: Named): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}: ${valueText(value)}`)
    .join(", ");

const arrow = (details: Named, field: string, text: (value: AbiValue) => string): string =>
  field in details ? ` -> ${text(details[field] as AbiValue)}` : "";

const placeText = ({ slot, key }: Named): string =>
  typeof slot === "string" ? slot : key === null ? "a key outside of memory" : String(key);

function storedText({ decoded, value, bytes }: Named): string {
  if (decoded !== undefined) return valueText(decoded);
  return value === null ? "a range outside of memory" : shortHex(String(value), Number(bytes));
}

const hexText = (value: AbiValue | undefined, bytes?: AbiValue): string =>
  value === null || value === undefined
    ? "a range outside of memory"
    : shortHex(String(value), bytes === undefined ? undefined : Number(bytes));

function copied(details: Named): string {
  const { length, offset, of } = details;
  if (length === 0) return of === undefined ? "0 bytes" : `-> ${String(of)} bytes in all`;
  const from = offset === 0 ? "" : ` from ${String(offset)}`;
  const data = arrow(details, "data", (bytes) => hexText(bytes, length ?? 0));
  return `${String(length)} bytes${from}${data}`;
}
const hashed = (details: Named): string =>
  `${details.bytes} bytes${arrow(details, "hash", (hash) => hexText(hash))}`;

/** What stands behind the name of a host call. */
const hostCallTexts: Readonly<Record<string, (details: Named) => string>> = {
  input: copied,
  output_read: copied,
  output: ({ data, bytes }) => hexText(data, bytes),
  revert: ({ data, bytes }) => hexText(data, bytes),
  storage_open: (details) =>
    `${placeText(details)}${arrow(details, "length", (length) => (length === null ? "absent" : `${length} bytes`))}`,
  value_read: (details) => {
    const where = typeof details.slot === "string" ? details.slot : "";
    const part = `${details.length} bytes from ${details.offset}`;
    return `${where === "" ? part : where}${"value" in details ? ` -> ${storedText(details)}` : ""}`;
  },
  storage_set: (details) => `${placeText(details)} = ${storedText(details)}`,
  storage_delete: placeText,
  account: (details) => {
    const { address, balance, hasCode } = details;
    const found =
      balance === undefined
        ? ""
        : ` -> balance ${balance}, ${hasCode === true ? "code" : "no code"}`;
    return `${hexText(address)}${found}`;
  },
  emit: ({ event, fields, topics, data }) => {
    if (typeof event === "string") return `${event}(${fieldsText(fields as Named)})`;
    const list = Array.isArray(topics) ? topics.map((topic) => hexText(topic as string)) : [];
    return `topics [${list.join(", ")}], data ${hexText(data)}`;
  },
  call: ({ to }) => (to === null ? "with a request outside of memory" : `to ${String(to)}`),
  enter: ({ flags }) => String(flags),
  keccak256: hashed,
  sha256: hashed,
  secp256k1_recover: (details) =>
    `${hexText(details.digest)}${arrow(details, "publicKey", (key) => (key === null ? "no key" : hexText(key)))}`,
  upgrade: ({ codeOf, upgraded }) =>
    `to the code of ${hexText(codeOf)}${upgraded === false ? " -> no code there" : ""}`,
  log: ({ line }) => JSON.stringify(line),
};

/** A host call with what it was given and gave back. */
export function hostCallText({ name, details }: Pick<TracedHostCall, "name" | "details">): string {
  const text = hostCallTexts[name]?.(details) ?? "";
  return text === "" ? name : `${name} ${text}`;
}

/** Names of contracts by address, from the calls that ran. */
function contractsOf(calls: readonly TracedCall[], names = new Map<string, string>()) {
  for (const call of calls) {
    if (call.contract !== null) names.set(call.to, call.contract);
    contractsOf(call.calls, names);
  }
  return names;
}

function titleOf({ kind, contract, to, method, args, input, inputBytes }: TracedCall): string {
  if (kind === "prepare") return `prepare(${inputBytes} bytes of Wasm)`;
  if (kind === "transfer") return `transfer to ${to}`;
  const name = contract ?? to;
  if (method === null)
    return inputBytes === 0 ? `${name} without input` : `${name} ${shortHex(input, inputBytes)}`;
  return `${name}.${method}(${args === null ? shortHex(input, inputBytes) : fieldsText(args)})`;
}

const revertText = (revert: DecodedRevert): string =>
  revert.kind === "error" ? `${revert.name}(${fieldsText(revert.fields)})` : describeRevert(revert);

function endOf(call: TracedCall, colors: Colors): string {
  const { status, revert, trap, result, refused } = call;
  if (status === "success") {
    return result === null
      ? colors.green("success")
      : `${colors.green("success")} ${valueText(result)}`;
  }
  if (revert !== null) {
    return `${colors.red("revert")}${call.kind === "prepare" ? "" : ` ${revertText(revert)}`}`;
  }
  if (trap !== null) {
    const condition = trap.condition === trap.code ? "" : `${trap.condition}: `;
    return `${colors.red(`trap(${trap.code})`)} ${condition}${trap.message}`;
  }
  return `${colors.red(status)}${refused === null ? "" : `: ${refused}`}`;
}

/** The tree of calls with the host calls of each frame. */
class TreeText {
  readonly lines: string[] = [];
  readonly #trace: TransactionTrace;
  readonly #options: TraceTextOptions;
  readonly #hostCalls = new Map<number, TracedHostCall[]>();
  #shown = 0;

  constructor(trace: TransactionTrace, options: TraceTextOptions) {
    this.#trace = trace;
    this.#options = options;
    for (const hostCall of trace.hostCalls) {
      const list = this.#hostCalls.get(hostCall.call);
      if (list === undefined) this.#hostCalls.set(hostCall.call, [hostCall]);
      else list.push(hostCall);
    }
  }

  write(): void {
    for (const call of this.#trace.calls) this.#call(call, "  ");
    const { hostCallsOmitted } = this.#trace;
    if (hostCallsOmitted > 0) {
      this.lines.push(`  ${counted(hostCallsOmitted, "later host call")} not listed`);
    }
  }

  #call(call: TracedCall, indent: string): void {
    this.#shown += 1;
    if (this.#shown > CALLS_SHOWN) {
      if (this.#shown === CALLS_SHOWN + 1) this.lines.push(`${indent}… later calls: see --json`);
      return;
    }
    const { colors, gas } = this.#options;
    const { id, kind, contract, to, value, gasUsed, gasForwarded, words, readOnly, calls } = call;
    this.lines.push(`${indent}#${id} ${colors.bold(titleOf(call))}  ${endOf(call, colors)}`);
    const own = calls.reduce((left, child) => left - child.gasUsed, gasUsed);
    const parts = [
      contract === null || kind === "transfer" ? undefined : `at ${to}`,
      value === 0n ? undefined : `value ${value}`,
      kind === "transfer" ? undefined : `${gasUsed} of ${gasForwarded} gas`,
      gas && calls.length > 0 ? `${own} its own` : undefined,
      kind === "transfer" ? undefined : counted(Number(words), "word"),
      readOnly ? "read-only" : undefined,
    ].filter((part) => part !== undefined);
    const inner = `${indent}   `;
    if (parts.length > 0) this.lines.push(`${inner}${colors.dim(parts.join(", "))}`);
    this.#frame(call, inner);
  }

  #frame({ id, kind, calls }: TracedCall, indent: string): void {
    const hostCalls = this.#hostCalls.get(id) ?? [];
    if (kind === "prepare") {
      // Ours, and the same for every module: hashes of what it reads and makes.
      this.lines.push(`${indent}${counted(hostCalls.length, "host call")}: see --json`);
      return;
    }
    const children = new Map(calls.map((child) => [child.id, child]));
    let shown = 0;
    for (const hostCall of hostCalls) {
      const child = children.get(Number(hostCall.details.call ?? -1));
      if (hostCall.name === "call" && child !== undefined) {
        children.delete(child.id);
        this.#call(child, indent);
        continue;
      }
      shown += 1;
      if (shown > HOST_CALLS_SHOWN) continue;
      const gas = this.#options.gas ? `${String(hostCall.gasLeft).padStart(9)} left  ` : "";
      this.lines.push(`${indent}${gas}${hostCallText(hostCall)}`);
    }
    const hidden = shown - HOST_CALLS_SHOWN;
    if (hidden > 0)
      this.lines.push(`${indent}… and ${counted(hidden, "host call")} more: see --json`);
    for (const child of children.values()) this.#call(child, indent);
  }
}

/** The failed calls that the outcome goes back to, innermost first: a revert that callers passed on. */
function failedChain(calls: readonly TracedCall[]): TracedCall[] {
  const last = calls.at(-1);
  if (last === undefined || last.status === "success" || last.stack.length === 0) return [];
  const inner = last.calls.at(-1);
  const passedOn =
    inner?.status === "trap" || (inner?.status === "revert" && inner.output === last.output);
  return passedOn ? [...failedChain([inner]), last] : [last];
}

/** A running function with its place. */
export function stackLine(frame: StackFrame): string {
  const { function: index, name, byteOffset, source, inlinedIn, near } = frame;
  const place = byteOffset === null ? undefined : `byte 0x${byteOffset.toString(16)}`;
  const around = inlinedIn === null ? "" : ` inlined in ${inlinedIn}`;
  const behind = `${around}${near === null ? "" : `, behind ${near}`}`;
  if (source !== null)
    return `${name === null ? `at ${source}` : `at ${name} (${source})`}${behind}`;
  const what = name ?? `function ${index}`;
  return place === undefined ? `at ${what}` : `at ${what}, ${place}`;
}

/** Neighbours that are equal on one line: a recursion. */
export function joined(lines: readonly string[]): string[] {
  const out: string[] = [];
  let times = 1;
  lines.forEach((line, i) => {
    if (line === lines[i + 1]) times += 1;
    else {
      out.push(times === 1 ? line : `${line}, ${times} times`);
      times = 1;
    }
  });
  return out;
}

function stackLines(trace: TransactionTrace): string[] {
  return failedChain(trace.calls).flatMap((call) => {
    if (call.kind === "prepare") return [];
    const { id, contract, to, stack, stackOmitted } = call;
    const lines = stack.map((frame) => `  ${stackLine(frame)}`);
    if (stackOmitted > 0) {
      lines.splice(lines.length / 2, 0, `  … ${counted(stackOmitted, "function")} between`);
    }
    return ["", `stack of #${id} ${contract ?? to}, innermost first`, ...joined(lines)];
  });
}

export const row = (name: string, text: string): string => `  ${name.padEnd(9)}${text}`;

function headLines(trace: TransactionTrace, contracts: ReadonlyMap<string, string>): string[] {
  const { head, skip, refusal, gasUsed, gasIntrinsic } = trace;
  const { steps, firstStep, lastStep, words } = trace;
  const before = gasIntrinsic === 0n ? "" : `, ${gasIntrinsic} of them before anything ran`;
  const lines = [row("hash", trace.hash)];
  if (head !== null) {
    const { kind, sender, to, nonce, value, gasLimit, price, inputBytes } = head;
    const contract = contracts.get(to);
    lines.push(
      row("from", `${sender}, nonce ${nonce}`),
      row(
        kind === "deploy" ? "deploys" : "to",
        `${to}${contract === undefined ? "" : ` (${contract})`}`,
      ),
      row("input", counted(inputBytes, "byte")),
      row("value", String(value)),
      row("gas", `${gasUsed} of ${gasLimit} at price ${price}${before}`),
    );
  }
  const ran = words === 0n ? "" : `, ${counted(Number(words), "word")} of its contracts`;
  lines.push(row("steps", `${steps}: ${firstStep} to ${lastStep} of the block's run${ran}`));
  if (skip !== null) {
    lines.push(row("skipped", skip.message));
    if (skip.got !== null) lines.push(row("got", skip.got), row("expected", skip.expected ?? ""));
  }
  if (refusal !== null) {
    const { code, message, function: index, functionName, byteOffset, source, hint } = refusal;
    const where = [
      index === null
        ? undefined
        : `function ${index}${functionName === null ? "" : ` (${functionName})`}`,
      byteOffset === null ? undefined : `byte 0x${byteOffset.toString(16)}`,
      source ?? undefined,
    ].filter((part) => part !== undefined);
    lines.push(
      row("refused", `${code}: ${message}`),
      row("where", where.join(", ")),
      row("fix", hint),
    );
  }
  return lines;
}

function eventLines({ events }: TransactionTrace): string[] {
  if (events.length === 0) return [];
  const shown = events
    .slice(0, HOST_CALLS_SHOWN)
    .map(({ emitter, contract, name, fields, topics, data }) => {
      const what =
        name === null || fields === null
          ? `${counted(topics.length, "topic")}, data ${shortHex(data)}`
          : `${name}(${fieldsText(fields)})`;
      return `  ${contract ?? emitter}: ${what}`;
    });
  const more = events.length - shown.length;
  return ["", "events", ...shown, ...(more > 0 ? [`  … and ${more} more: see --json`] : [])];
}

/** What a contract says must not look like a line of ours, nor fill the screen. */
export function oneLine(line: string): string {
  const whole = line.replace(/[\n\r]/g, "\ufffd");
  return whole.length > LINE_CHARACTERS ? `${whole.slice(0, LINE_CHARACTERS)}…` : whole;
}

/** The whole trace. */
export function traceText(trace: TransactionTrace, options: TraceTextOptions): string {
  const { colors } = options;
  const color = trace.outcome === "success" ? colors.green : colors.red;
  const tree = new TreeText(trace, options);
  tree.write();
  return [
    `transaction ${trace.transaction} of block ${trace.height}: ${color(trace.outcome)}`,
    ...headLines(trace, contractsOf(trace.calls)),
    ...(trace.calls.length === 0 ? [] : ["", "calls", ...tree.lines]),
    ...stackLines(trace),
    ...eventLines(trace),
  ]
    .map(oneLine)
    .join("\n");
}
