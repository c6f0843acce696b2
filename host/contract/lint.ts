// Mistakes that asc accepts and that would only show in a call: what does not exist in a contract (clock, chance,
// console), a view that writes, sums of balances that wrap, an init that anyone can call. Looks at syntax only,
// so it refuses nothing but what cannot be meant, and warns of the rest.
import type {
  AstNode,
  AstSource,
  Compiler,
  FunctionDeclaration,
  Parser,
  TypeNode,
} from "./compiler.ts";
import { textOf } from "./compiler.ts";
import type { ContractUse, DeclarationReader } from "./declarations.ts";

/** What the language has and a contract has not, with what to write instead. */
const ABSENT: Readonly<Record<string, string>> = {
  "Math.random": "there is no chance in a block that replays; derive numbers from a committed seed",
  Math: "Math works on floats; use integers, or Fixed from plasmavm/assembly",
  Date: "a contract has no clock; ctx.time is the time of the block in seconds",
  console: "nobody reads it; emit an event",
  process: "a contract has no process; ctx has what it knows of its surroundings",
  parseFloat: "it works on floats; take a number as argument, or Fixed",
  parseInt: "it works on floats; take a number as argument",
};

/** Methods of storage that change it. */
const WRITES: ReadonlySet<string> = new Set([
  "set",
  "remove",
  "push",
  "pop",
  "swapRemove",
  "add",
  "clear",
]);
/** Storage classes: their pointers are slots, so one that is made points nowhere. */
const STORAGE = /^new (Value|StorageMap2?|StorageList|StorageSet)\b/;
const PLAIN = /^[ui](8|16|32|64)$/;

/** The parts of expression nodes that are looked at; which are there depends on the kind. */
interface Expression extends AstNode {
  readonly expression?: Expression;
  readonly property?: { readonly text: string };
  readonly text?: string;
  readonly left?: Expression;
  readonly right?: Expression;
}

/** Every node below `root`, itself included. Children are found by their form: asc has no visitor. */
function* nodesIn(root: AstNode, seen = new Set<object>()): Generator<Expression> {
  if (seen.has(root)) return;
  seen.add(root);
  yield root;
  for (const [name, value] of Object.entries(root)) {
    if (name === "range" || typeof value !== "object" || value === null) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      const isNode = typeof child === "object" && child !== null && "kind" in child;
      if (isNode && "range" in child) yield* nodesIn(child as AstNode, seen);
    }
  }
}

export class Lint {
  private readonly compiler: Compiler;
  private readonly parser: Parser;
  private readonly reader: DeclarationReader;

  constructor(compiler: Compiler, parser: Parser, reader: DeclarationReader) {
    this.compiler = compiler;
    this.parser = parser;
    this.reader = reader;
  }

  check(sources: readonly AstSource[], contract: ContractUse | undefined): void {
    for (const source of sources) if (!source.isLibrary) this.checkAbsent(source);
    if (contract === undefined) return;
    for (const { node, kind } of contract.methods) {
      if (kind === "view") this.checkView(contract, node, node, new Set());
      if (kind === "call" && /^(init|initiali[sz]e|constructor|setup)$/i.test(node.name.text))
        this.warn(
          node.name,
          `anyone can call ${node.name.text}, at any time; @init runs once, when it is deployed`,
        );
    }
    this.checkSums(contract);
  }

  private warn(node: AstNode, text: string): void {
    this.parser.warning(this.compiler.DiagnosticCode.User_defined_0 ?? 0, node.range, text);
  }

  private isKind(node: AstNode | undefined, kind: string): boolean {
    return node !== undefined && node.kind === this.compiler.NodeKind[kind];
  }

  private checkAbsent(source: AstSource): void {
    for (const statement of source.statements)
      for (const node of nodesIn(statement)) {
        if (this.isKind(node, "New")) this.checkNew(node, source);
        const name = this.absentName(node);
        if (name === undefined || declares(source.text, name.split(".")[0]!)) continue;
        this.reader.refuse(
          node,
          `${name} does not exist in a contract: ${ABSENT[name] ?? ABSENT[name.split(".")[0]!]}`,
        );
      }
  }

  private checkNew(node: Expression, { text }: AstSource): void {
    const name = STORAGE.exec(textOf(node))?.[1];
    if (name === undefined || new RegExp(`\\bclass\\s+${name}\\b`).test(text)) return;
    this.reader.refuse(
      node,
      `storage is not made; declare a field of the contract instead: name: ${name}<…>`,
    );
  }

  /** `Math.random`, `Math`, … where the node is a use of it. */
  private absentName(node: Expression): string | undefined {
    const { expression } = node;
    if (!this.isKind(expression, "Identifier")) return undefined;
    const base = expression?.text ?? "";
    if (this.isKind(node, "Call"))
      return base.startsWith("parse") && base in ABSENT ? base : undefined;
    if (!this.isKind(node, "PropertyAccess") || !Object.hasOwn(ABSENT, base)) return undefined;
    return `${base}.${node.property?.text}`;
  }

  /** The stored field that a chain of calls and accesses begins at: `balances` of `this.balances.at(x).get(y)`. */
  private storedField(contract: ContractUse, node: Expression | undefined) {
    let at = node;
    for (;;) {
      if (this.isKind(at, "Call")) at = at?.expression;
      else if (!this.isKind(at, "PropertyAccess")) return undefined;
      else if (this.isKind(at?.expression, "This")) break;
      else at = at?.expression;
    }
    return contract.fields.find(({ node: field }) => field.name.text === at?.property?.text);
  }

  /** Writes of a view, in itself or in a method of the contract that it calls. */
  private checkView(
    contract: ContractUse,
    view: FunctionDeclaration,
    body: FunctionDeclaration,
    seen: Set<AstNode>,
  ): void {
    if (seen.has(body) || body.body === null) return;
    seen.add(body);
    for (const node of nodesIn(body.body)) {
      if (!this.isKind(node, "Call")) continue;
      const callee = node.expression;
      const method = callee?.property?.text ?? "";
      const isEmit = this.isKind(callee, "Identifier") && callee?.text === "emit";
      const isWrite =
        WRITES.has(method) && this.storedField(contract, callee?.expression) !== undefined;
      if (isEmit || isWrite)
        this.reader.refuse(
          node,
          `${view.name.text} is a @view and cannot ${isEmit ? "emit" : "write"}; declare it @call, or leave this out`,
        );
      if (!this.isKind(callee?.expression, "This")) continue;
      const helper = contract.node.members.find((member) => member.name.text === method);
      if (this.isKind(helper, "MethodDeclaration"))
        this.checkView(contract, view, helper as FunctionDeclaration, seen);
    }
  }

  /** `+ - *` of plain integers that an address has: what wraps there makes money. */
  private checkSums(contract: ContractUse): void {
    for (const member of contract.node.members) {
      if (!this.isKind(member, "MethodDeclaration")) continue;
      for (const node of nodesIn(member)) {
        if (!this.isKind(node, "Binary") || !/^\s*[+*-](?!=)/.test(operatorOf(node))) continue;
        const balance = [node.left, node.right].find((side) => this.isBalance(contract, side));
        if (balance !== undefined)
          this.warn(
            node,
            "this wraps around in silence; use checked.add, sub or mul, or u128, which revert",
          );
      }
    }
  }

  private isBalance(contract: ContractUse, node: Expression | undefined): boolean {
    if (!this.isKind(node, "Call") || node?.expression?.property?.text !== "get") return false;
    const type = this.storedField(contract, node)?.node.type as TypeNode | null | undefined;
    const [key, value] = type?.typeArguments ?? [];
    if (key === undefined || value === undefined) return false;
    return textOf(key) === "Address" && PLAIN.test(textOf(value));
  }
}

/** The text between the operands. */
function operatorOf({ left, right, range }: Expression): string {
  if (left === undefined || right === undefined) return "";
  return range.source.text.slice(left.range.end, right.range.start).replace(/^\)+/, "");
}

/** Whether a source has a class, variable or import of this name. */
function declares(text: string, name: string): boolean {
  return new RegExp(
    `\\b(class|namespace|const|let|function)\\s+${name}\\b|\\bimport\\b[^;]*\\b${name}\\b`,
  ).test(text);
}
