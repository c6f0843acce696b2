// The calls of a transaction as an indented tree, for people: who called what, what it came to, and under a
// failed call the place in the source that failed. With more detail also storage and events between the
// calls, and the lines of the source itself. What contracts say stays on one line each.

import type { DebugInfo } from "../environment/environment.ts";
import type { StackFrame, TracedCall, TracedHostCall, TransactionTrace } from "../trace/trace.ts";
import { Sources } from "./failure-place.ts";
import { fieldsText, type Names, revertText, valueText } from "./value-text.ts";

export type TreeDetail = "calls" | "storage" | "sources";

/** Calls, and lines of storage and events of one call, that are shown. */
const CALLS_SHOWN = 60;
const LINES_SHOWN = 30;
const LINE_CHARACTERS = 400;
const FRAMES_SHOWN = 6;

class Tree {
  readonly lines: string[] = [];
  readonly #trace: TransactionTrace;
  readonly #names: Names;
  readonly #detail: TreeDetail;
  readonly #sources: Sources;
  #shown = 0;

  constructor(
    trace: TransactionTrace,
    names: Names,
    detail: TreeDetail,
    debug: readonly DebugInfo[],
  ) {
    this.#trace = trace;
    this.#names = names;
    this.#detail = detail;
    this.#sources = new Sources(debug);
  }

  write(): void {
    const { skip, refusal, calls, outcome } = this.#trace;
    if (skip !== null) this.lines.push(`not executed: ${skip.check}: ${skip.message}`);
    else if (calls.length === 0) this.lines.push(outcome);
    for (const call of calls) this.#call(call, "");
    if (refusal === null) return;
    const { code, message, source, functionName, hint } = refusal;
    this.lines.push(`refused ${code}: ${message}`);
    const place = source ?? functionName;
    if (place !== null) this.lines.push(`  at ${place}`);
    this.lines.push(`  fix: ${hint}`);
  }

  #call(call: TracedCall, indent: string): void {
    this.#shown += 1;
    if (this.#shown > CALLS_SHOWN) {
      if (this.#shown === CALLS_SHOWN + 1) this.lines.push(`${indent}… later calls not shown`);
      return;
    }
    const { caller, value, gasUsed, readOnly, kind } = call;
    const parts = [
      indent === "" ? `from ${valueText(caller, this.#names)}` : undefined,
      value === 0n ? undefined : `value ${value}`,
      kind === "transfer" ? undefined : `${gasUsed} gas`,
      readOnly ? "read-only" : undefined,
    ].filter((part) => part !== undefined);
    const about = parts.length === 0 ? "" : ` [${parts.join(", ")}]`;
    this.lines.push(`${indent}${this.#title(call)}${about} ${this.#end(call)}`);
    const inner = `${indent}  `;
    if (kind !== "prepare") this.#frame(call, inner);
    this.#place(call, inner);
  }

  /** What the frame did, in order, with the calls that it made. */
  #frame({ id, calls }: TracedCall, indent: string): void {
    const children = new Map(calls.map((child) => [child.id, child]));
    let shown = 0;
    let hidden = 0;
    for (const hostCall of this.#trace.hostCalls) {
      if (hostCall.call !== id) continue;
      const child = children.get(Number(hostCall.details.call ?? -1));
      if (child !== undefined) {
        children.delete(child.id);
        this.#call(child, indent);
        continue;
      }
      const text = this.#detail === "calls" ? undefined : this.#hostCall(hostCall);
      if (text === undefined) continue;
      shown += 1;
      if (shown <= LINES_SHOWN) this.lines.push(`${indent}${text}`);
      else hidden += 1;
    }
    if (hidden > 0) this.lines.push(`${indent}… and ${hidden} more`);
    for (const child of children.values()) this.#call(child, indent);
  }

  /** Storage and events; undefined for what is machinery. */
  #hostCall({ name, details }: TracedHostCall): string | undefined {
    const { slot, key, decoded, value, event, fields } = details;
    const place = typeof slot === "string" ? this.#named(slot) : valueText(key ?? "?", this.#names);
    const content = decoded ?? value;
    switch (name) {
      case "storage_set":
        return `store ${place} = ${valueText(content ?? "?", this.#names)}`;
      case "storage_delete":
        return `delete ${place}`;
      case "value_read":
        if (typeof slot !== "string" || content === undefined) return undefined;
        return `load ${place} -> ${valueText(content, this.#names)}`;
      case "storage_open":
        return details.length === null ? `load ${place} -> nothing` : undefined;
      case "emit":
        if (typeof event !== "string") return `emit ${valueText(details.data ?? "?", this.#names)}`;
        return `emit ${event}(${fieldsText(fields as Record<string, unknown>, this.#names)})`;
      case "log":
        return `log ${valueText(details.line ?? "", this.#names)}`;
      default:
        return undefined;
    }
  }

  /** Addresses in the keys of maps by name. */
  #named(slot: string): string {
    return slot.replace(/0x[0-9a-f]{40}(?![0-9a-f])/g, (hex) => this.#names.get(hex) ?? hex);
  }

  #title({ kind, contract, to, method, args, input, inputBytes }: TracedCall): string {
    if (kind === "prepare") return `prepare(${inputBytes} bytes of Wasm)`;
    const name = this.#names.get(to) ?? contract ?? to;
    if (kind === "transfer") return `transfer to ${name}`;
    if (method === null)
      return inputBytes === 0
        ? `${name} without input`
        : `${name} ${valueText(input, this.#names)}`;
    const list = args === null ? valueText(input, this.#names) : fieldsText(args, this.#names);
    return kind === "deployment" ? `new ${name}(${list})` : `${name}.${method}(${list})`;
  }

  #end({ status, revert, trap, result, refused, kind }: TracedCall): string {
    if (status === "success")
      return result === null ? "ok" : `-> ${valueText(result, this.#names)}`;
    if (revert !== null) {
      return kind === "prepare" ? "refused" : `revert: ${revertText(revert, this.#names)}`;
    }
    if (trap !== null) {
      const condition = trap.condition === trap.code ? "" : `${trap.condition}: `;
      return `trap ${trap.code}: ${condition}${trap.message}`;
    }
    return refused === null ? status : `${status}: ${refused}`;
  }

  #place(call: TracedCall, indent: string): void {
    const { stack, kind } = call;
    if (stack.length === 0 || kind === "prepare") return;
    if (this.#detail !== "sources") {
      const place = this.#sources.failure(call);
      if (place !== undefined) this.lines.push(`${indent}at ${place}`);
      return;
    }
    const shown = stack.filter(
      ({ source, near }) => this.#sources.isWritten(source) || this.#sources.isWritten(near),
    );
    for (const frame of shown.slice(0, FRAMES_SHOWN)) this.#frameLines(frame, indent);
    if (shown.length > 0) return;
    const place = this.#sources.failure(call);
    if (place === undefined) return;
    this.lines.push(`${indent}at ${place}`);
    for (const line of this.#sources.excerpt(place)) this.lines.push(`${indent}  ${line}`);
  }

  #frameLines({ name, source, near, inlinedIn }: StackFrame, indent: string): void {
    const isOwn = this.#sources.isWritten(source);
    const behind = this.#sources.isWritten(near) ? near : undefined;
    const around = inlinedIn === null ? "" : ` inlined in ${inlinedIn}`;
    const where = source === null ? "" : ` (${source})`;
    this.lines.push(`${indent}at ${name ?? "a function"}${where}${around}`);
    if (!isOwn) this.lines.push(`${indent}  behind ${behind}`);
    for (const line of this.#sources.excerpt(isOwn ? source : (behind as string))) {
      this.lines.push(`${indent}  ${line}`);
    }
  }
}

/** The tree; one line of text for each of its lines. */
export function callTree(
  trace: TransactionTrace,
  names: Names,
  detail: TreeDetail,
  debug: readonly DebugInfo[],
): string {
  const tree = new Tree(trace, names, detail, debug);
  tree.write();
  return tree.lines.map(oneLine).join("\n");
}

function oneLine(line: string): string {
  const whole = line.replace(/[\n\r]/g, "\ufffd");
  return whole.length > LINE_CHARACTERS ? `${whole.slice(0, LINE_CHARACTERS)}…` : whole;
}
