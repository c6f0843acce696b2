// Where in the project's sources a call failed, in optimised code too, and the lines of source there. What the
// trace says of its functions is taken as it is (host/trace/native-stack.ts); a failed check of the language
// tells its own place. A place is a help and never part of a verdict.

import type { DebugInfo } from "../environment/environment.ts";
import { isLibrary } from "../trace/source-lines.ts";
import type { StackFrame, TracedCall } from "../trace/trace.ts";

/** The place of the project in a frame, or the last one before it. */
export function placeIn({ source, near }: StackFrame): string | null {
  return source !== null && !isLibrary(source) ? source : near;
}

/** The sources of some contracts. */
export class Sources {
  readonly #lines = new Map<string, readonly string[]>();

  constructor(debug: readonly DebugInfo[]) {
    for (const { sourceMap } of debug) {
      if (sourceMap === "") continue;
      const map = JSON.parse(sourceMap) as { sources?: string[]; sourcesContent?: string[] };
      map.sources?.forEach((path, i) => {
        this.#lines.set(path, (map.sourcesContent?.[i] ?? "").split("\n"));
      });
    }
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
    if (revert?.kind === "abort" && !isLibrary(revert.file)) {
      return `${this.#pathOf(revert.file)}:${revert.line}:${revert.column}`;
    }
    for (const frame of stack) {
      const place = placeIn(frame);
      if (place !== null) return place;
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
