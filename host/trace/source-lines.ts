// Source places of a module's bytes, from its source map, and the names of the functions that they stand
// in: contracts carry no names, but their maps carry the source text. Maps are strangers' data: whatever
// cannot be read gives no place. Nothing here decides anything.
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

export interface SourcePlace {
  /** `path:line:column`, counted from 1. */
  readonly source: string;
  /** `Class.method` or the function's name; undefined outside of functions. */
  readonly functionName: string | undefined;
}

export class SourceLines {
  readonly #map: TraceMap;
  readonly #functions = new Map<string, readonly (string | undefined)[]>();

  private constructor(map: TraceMap) {
    this.#map = map;
  }

  /** Undefined for what is no source map. */
  static read(json: string): SourceLines | undefined {
    try {
      // asc's maps have one line, where a column is a byte offset of the module, and a root of their own.
      return new SourceLines(new TraceMap({ ...JSON.parse(json), sourceRoot: "" }));
    } catch {
      return undefined;
    }
  }

  place(byteOffset: number): SourcePlace | undefined {
    try {
      const { source, line, column } = originalPositionFor(this.#map, {
        line: 1,
        column: byteOffset,
      });
      if (source === null) return undefined;
      return {
        source: `${source}:${line}:${column + 1}`,
        functionName: this.#functionAt(source, line),
      };
    } catch {
      return undefined;
    }
  }

  #functionAt(source: string, line: number): string | undefined {
    let functions = this.#functions.get(source);
    if (functions === undefined) {
      const text = this.#map.sourcesContent?.[this.#map.sources.indexOf(source)];
      functions = typeof text === "string" ? functionsByLine(text) : [];
      this.#functions.set(source, functions);
    }
    return functions[line];
  }
}

/** Longest text before a `{` that is looked at. */
const HEAD_MAX = 400;
const SCOPE = /\b(?:class|namespace|interface)\s+([\w$]+)/;
const FUNCTION = /([\w$]+)\s*(?:<[^()]*>)?\s*\((?:[^{}()]|\([^{}()]*\))*\)\s*(?::[^={}()]*)?$/;
const KEYWORDS = new Set(["if", "for", "while", "switch", "catch", "with"]);
/** Comments, texts, single marks, and runs of anything else. What is never closed ends with the text. */
const TOKENS =
  /\/\/[^\n]*|\/\*(?:[^*]|\*(?!\/))*(?:\*\/)?|"(?:[^"\\\n]|\\[\s\S])*"?|'(?:[^'\\\n]|\\[\s\S])*'?|`(?:[^`\\]|\\[\s\S])*`?|[{}();\n]|[^{}();"'`/\n]+|[\s\S]/g;

/** An open `{`. */
interface Block {
  /** Names of the classes around, each with a dot behind it. */
  readonly scope: string;
  /** The function whose body it is, or which it is in. */
  readonly functionName: string | undefined;
  readonly isFunction: boolean;
  /** Text before it, and the parentheses that it stands in. */
  readonly head: string;
  readonly parentheses: number;
}

const OUTSIDE: Block = {
  scope: "",
  functionName: undefined,
  isFunction: false,
  head: "",
  parentheses: 0,
};

/** By line, from 1, the innermost function that a source text has there. */
export function functionsByLine(text: string): readonly (string | undefined)[] {
  const functions: (string | undefined)[] = [undefined];
  const blocks: Block[] = [];
  let head = "";
  let parentheses = 0;
  let line: string | undefined;
  for (const [piece] of text.matchAll(TOKENS)) {
    const block = blocks.at(-1) ?? OUTSIDE;
    switch (piece) {
      case "{":
        blocks.push(openBlock(head, block, parentheses));
        head = "";
        parentheses = 0;
        break;
      case "}":
        blocks.pop();
        if (block.isFunction) line ??= block.functionName;
        // Inside parentheses it was an object or a body that is an argument: the head goes on.
        head = block.parentheses > 0 ? block.head : "";
        parentheses = block.parentheses;
        break;
      case ";":
        head = "";
        break;
      default:
        if (piece === "(") parentheses += 1;
        if (piece === ")") parentheses -= 1;
        if (!/^\/[/*]/.test(piece)) head = (head + piece).slice(-HEAD_MAX);
        for (let breaks = piece.split("\n").length - 1; breaks > 0; breaks -= 1) {
          functions.push(line ?? block.functionName);
          line = undefined;
        }
    }
  }
  functions.push(line ?? blocks.at(-1)?.functionName);
  return functions;
}

function openBlock(head: string, around: Block, parentheses: number): Block {
  const block = { ...around, isFunction: false, head, parentheses };
  if (parentheses > 0) return block;
  const text = head.trim();
  const scope = SCOPE.exec(text)?.[1];
  if (scope !== undefined) return { ...block, scope: `${around.scope}${scope}.`.slice(-HEAD_MAX) };
  const name = FUNCTION.exec(text)?.[1];
  if (name === undefined || KEYWORDS.has(name)) return block;
  return { ...block, functionName: `${around.scope}${name}`, isFunction: true };
}
