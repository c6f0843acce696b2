// Turns generated text into AST nodes that live in a user's source. asc crashes on nodes whose source it
// does not know and cannot map them to lines, so each gets the range of a user's node: an error or a stack
// frame in generated code points at the class it was generated for.
import { assert } from "../errors.ts";
import type {
  AstNode,
  ClassDeclaration,
  Declaration,
  DecoratorNode,
  FunctionDeclaration,
  Parser,
  SourceRange,
} from "./compiler.ts";

function setRanges(value: unknown, range: SourceRange, seen: Set<object>): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (Array.isArray(value)) {
    for (const item of value) setRanges(item, range, seen);
    return;
  }
  const node = value as Record<string, unknown>;
  if (typeof node.kind !== "number" || node.range === undefined) return;
  node.range = range;
  for (const key of Object.keys(node)) if (key !== "range") setRanges(node[key], range, seen);
}

let counter = 0;

/** Parses `text` as statements of a file of their own and gives every node `range`. */
export function parseStatements(parser: Parser, text: string, range: SourceRange): AstNode[] {
  const before = parser.sources.length;
  counter += 1;
  parser.parseFile(text, `~plasma/generated-${counter}.ts`, false);
  const source = parser.sources.pop();
  assert(
    source !== undefined && parser.sources.length === before,
    "generated text parses as a file",
  );
  setRanges(source.statements, range, new Set());
  return source.statements;
}

/** Decorators of a class (`@unmanaged`) from their text. */
export function parseDecorators(parser: Parser, text: string, range: SourceRange): DecoratorNode[] {
  const [statement] = parseStatements(parser, `${text} class Generated {}`, range);
  return (statement as ClassDeclaration).decorators ?? [];
}

/** Class members from their text. */
export function parseMembers(parser: Parser, text: string, range: SourceRange): Declaration[] {
  const [statement] = parseStatements(parser, `class Generated { ${text} }`, range);
  return (statement as ClassDeclaration).members;
}

/** A function body (`{ … }`) from its text. */
export function parseBody(parser: Parser, text: string, range: SourceRange): AstNode {
  const [statement] = parseStatements(parser, `function generated(): void ${text}`, range);
  const body = (statement as FunctionDeclaration).body;
  assert(body !== null, "a generated body parses");
  return body;
}
