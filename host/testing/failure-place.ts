// Where in the project's sources a call failed, in optimised code too: the innermost place that a person wrote,
// what ran just before the library's code that failed, or at least the method. Works on what the trace and the
// source maps say; a place is a help and never part of a verdict.

import type { DebugInfo } from "../environment/environment.ts";
import { SourceLines } from "../trace/source-lines.ts";
import type { StackFrame, TracedCall } from "../trace/trace.ts";

/** Generated code stands at the declaration that it is made of, which is no place that failed. */
const DECLARATION =
  /^\s*(@\w+(\([^)]*\))?\s*)*(export\s+)?(abstract\s+)?class\b|^\s*abstract\s|^\s*@\w+(\([^)]*\))?\s*$/;
/** How far before a failure without a place of its own one is looked for. */
const BYTES_BACK = 1_500;

/** The sources of some contracts. */
export class Sources {
  readonly #lines = new Map<string, readonly string[]>();
  readonly #maps = new Map<string, SourceLines>();

  constructor(debug: readonly DebugInfo[]) {
    for (const { sourceMap, abiJson } of debug) {
      if (sourceMap === "") continue;
      const map = JSON.parse(sourceMap) as { sources?: string[]; sourcesContent?: string[] };
      map.sources?.forEach((path, i) => {
        this.#lines.set(path, (map.sourcesContent?.[i] ?? "").split("\n"));
      });
      const places = SourceLines.read(sourceMap);
      const { contract } = JSON.parse(abiJson) as { contract: string };
      if (places !== undefined) this.#maps.set(contract, places);
    }
  }

  /** Whether `path:line:column` is code that a person of the project wrote. */
  isWritten(place: string | null | undefined): place is string {
    if (place === null || place === undefined || place.startsWith("~")) return false;
    return !DECLARATION.test(this.#line(place)?.text ?? "");
  }

  /** The line at a place, with a mark below the column. */
  excerpt(place: string): readonly string[] {
    const found = this.#line(place);
    if (found === undefined) return [];
    const { line, text, column } = found;
    const indent = text.length - text.trimStart().length;
    const mark = " ".repeat(Math.max(0, column - 1 - indent));
    return [`${line} | ${text.trimStart()}`, `${" ".repeat(line.length)} | ${mark}^`];
  }

  /** The place where `call` itself failed. */
  failure(call: TracedCall): string | undefined {
    const { stack, revert } = call;
    if (revert?.kind === "abort" && !revert.file.startsWith("~")) {
      return `${this.#pathOf(revert.file)}:${revert.line}:${revert.column}`;
    }
    for (const { source, near } of stack) {
      if (this.isWritten(source)) return source;
      if (this.isWritten(near)) return near;
    }
    return this.#before(call) ?? this.#method(call);
  }

  /**
   * The last place of the method before the code that failed: methods are written into the dispatcher one
   * after the other, and a check that failed stands behind what it checks.
   */
  #before({ contract, method, stack }: TracedCall): string | undefined {
    const map = contract === null ? undefined : this.#maps.get(contract);
    const frame = stack.find(isDispatcher);
    if (map === undefined || frame?.byteOffset === null || frame === undefined) return undefined;
    const name = `${contract}.${method}`;
    for (let at = frame.byteOffset; at > frame.byteOffset - BYTES_BACK && at >= 0; at--) {
      const place = map.place(at);
      if (place?.functionName === name && this.isWritten(place.source)) return place.source;
    }
    return undefined;
  }

  /** Where the method is declared. */
  #method({ contract, method }: TracedCall): string | undefined {
    if (contract === null || method === null) return undefined;
    const head = new RegExp(`^(?:\\s|@\\w+(?:\\([^)]*\\))?)*${method}\\s*\\(`);
    for (const [path, lines] of this.#lines) {
      if (path.startsWith("~")) continue;
      const start = lines.findIndex((text) => new RegExp(`\\bclass ${contract}\\b`).test(text));
      const line = start < 0 ? -1 : lines.findIndex((text, i) => i > start && head.test(text));
      if (line >= 0) return `${path}:${line + 1}`;
    }
    return undefined;
  }

  /** Files in messages are relative to the contract's folder, those of maps to the project. */
  #pathOf(file: string): string {
    const paths = [...this.#lines.keys()];
    return (
      paths.find((path) => path === file) ?? paths.find((path) => path.endsWith(`/${file}`)) ?? file
    );
  }

  #line(place: string): { line: string; text: string; column: number } | undefined {
    const [, path = "", line = "", column = "1"] = /^(.*?):(\d+)(?::(\d+))?$/.exec(place) ?? [];
    const text = this.#lines.get(path)?.[Number(line) - 1];
    return text === undefined ? undefined : { line, text, column: Number(column) };
  }
}

const isDispatcher = ({ name, inlinedIn, byteOffset }: StackFrame): boolean =>
  byteOffset !== null && (name === "main" || inlinedIn === "main");
