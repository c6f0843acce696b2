// Source places of a module's bytes, from its source map, and the names of the functions that they stand
// in: contracts carry no names, but their maps carry the source text. Maps are strangers' data: whatever
// cannot be read gives no place. Nothing here decides anything.
import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";

export interface SourcePlace {
  /** `path:line:column`, counted from 1. */
  readonly source: string;
  /** `Class.method` or the function's name; undefined outside of functions. */
  readonly functionName: string | undefined;
  /**
   * The class, method or field that code at this place was generated for: the build puts what it writes at the
   * name of a declaration. Undefined for code that a person wrote.
   */
  readonly generatedFor: string | undefined;
}

interface SourceText {
  readonly lines: readonly string[];
  readonly functions: readonly (string | undefined)[];
}

export class SourceLines {
  readonly #map: TraceMap;
  readonly #texts = new Map<string, SourceText>();

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
      const { lines, functions } = this.#text(source);
      return {
        source: `${source}:${line}:${column + 1}`,
        functionName: functions[line],
        generatedFor: generatedFor(lines[line - 1] ?? "", column),
      };
    } catch {
      return undefined;
    }
  }

  /** Where the project declares a method of a class. */
  methodPlace(className: string, method: string): string | undefined {
    for (const source of this.#map.sources) {
      if (source === null || isLibrary(source)) continue;
      const { lines, functions } = this.#text(source);
      const line = functions.indexOf(`${className}.${method}`);
      // The name may stand above the line of the brace that opens the body.
      for (let at = line; at > 0 && at > line - HEAD_LINES; at--) {
        const column = nameColumn(lines[at - 1] ?? "", method);
        if (column >= 0) return `${source}:${at}:${column + 1}`;
      }
    }
    return undefined;
  }

  #text(source: string): SourceText {
    let text = this.#texts.get(source);
    if (text === undefined) {
      const content = this.#map.sourcesContent?.[this.#map.sources.indexOf(source)];
      const isText = typeof content === "string";
      text = isText
        ? { lines: content.split("\n"), functions: functionsByLine(content) }
        : { lines: [], functions: [] };
      this.#texts.set(source, text);
    }
    return text;
  }
}

/** Whether a path of a source map is the SDK's or the language's. */
export const isLibrary = (source: string): boolean => source.startsWith("~");

/** Lines of a method's head, from its name to the brace. */
const HEAD_LINES = 20;
const BEFORE_NAME = /\b(?:class|abstract)\s+$/;
/** Enums get a class of generated code at the file's first statement. */
const FIRST_STATEMENT =
  /^(?:@\w|(?:import|export|enum|abstract|class|type|interface|namespace|declare)\b)/;
const STORED_FIELD = /^[\w$]+\s*!?:\s*(?:Value|StorageMap2?|StorageList|StorageSet)\s*</;

/** The declaration at `column` (from 0), where generated code stands. */
function generatedFor(line: string, column: number): string | undefined {
  const here = line.slice(column, column + HEAD_MAX);
  const isDeclaration =
    BEFORE_NAME.test(line.slice(Math.max(0, column - HEAD_MAX), column)) ||
    FIRST_STATEMENT.test(here) ||
    STORED_FIELD.test(here);
  return isDeclaration ? (/^@?[\w$]+/.exec(here)?.[0] ?? "") : undefined;
}

/** Where a line has `name(`, or -1. */
function nameColumn(line: string, name: string): number {
  for (let at = line.indexOf(`${name}(`); at >= 0; at = line.indexOf(`${name}(`, at + 1))
    if (!/[\w$.]/.test(line[at - 1] ?? "")) return at;
  return -1;
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
