// Finds what the author decorated and refuses what cannot be meant: a misspelt, misplaced or second
// decorator, a second contract, a method with parameters that have no place in an ABI. Looks at syntax
// only; types are resolved later (resolve-abi.ts). Every refusal is an asc diagnostic with its code frame.

import { nearestName } from "../rules/nearest-name.ts";
import type {
  AstNode,
  AstSource,
  ClassDeclaration,
  Compiler,
  Declaration,
  DecoratorNode,
  EnumDeclaration,
  FieldDeclaration,
  FunctionDeclaration,
  Parser,
  SourceRange,
} from "./compiler.ts";
import { textOf } from "./compiler.ts";

type Place = "class" | "method" | "field";

/** Every decorator with the place it belongs to. */
const known: Readonly<Record<string, { place: Place }>> = {
  contract: { place: "class" },
  event: { place: "class" },
  error: { place: "class" },
  remote: { place: "class" },
  struct: { place: "class" },
  init: { place: "method" },
  call: { place: "method" },
  view: { place: "method" },
  upgrade: { place: "method" },
  slot: { place: "field" },
};

/** Methods of one contract: the compiler takes minutes over a dispatcher of thousands. */
const METHODS_MAX = 256;

export interface MethodUse {
  readonly node: FunctionDeclaration;
  readonly kind: "init" | "call" | "view" | "upgrade";
  readonly reentrant: boolean;
}

export interface FieldUse {
  readonly node: FieldDeclaration;
  readonly slot: string;
}

export interface ContractUse {
  readonly node: ClassDeclaration;
  readonly methods: readonly MethodUse[];
  readonly fields: readonly FieldUse[];
}

export interface RecordUse {
  readonly node: ClassDeclaration;
  readonly fields: readonly FieldDeclaration[];
  readonly indexed: ReadonlySet<string>;
}

export interface RemoteUse {
  readonly node: ClassDeclaration;
  readonly methods: readonly FunctionDeclaration[];
}

export interface Declarations {
  contract: ContractUse | undefined;
  readonly events: RecordUse[];
  readonly errors: RecordUse[];
  readonly remotes: RemoteUse[];
  readonly structs: RecordUse[];
  /** Every enum of the author's files: which of them cross the border is known when types resolve. */
  readonly enums: EnumDeclaration[];
}

/** The name without `@`; asc's range of it starts at the sign. */
function nameOf(decorator: DecoratorNode): string {
  return decorator.name.text ?? textOf(decorator.name).replace(/^@/, "");
}

/** Reads the decorations of one compilation. */
export class DeclarationReader {
  readonly found: Declarations = {
    contract: undefined,
    events: [],
    errors: [],
    remotes: [],
    structs: [],
    enums: [],
  };
  private readonly compiler: Compiler;
  private readonly parser: Parser;
  private readonly entryPath: string;

  constructor(compiler: Compiler, parser: Parser, entryPath: string) {
    this.compiler = compiler;
    this.parser = parser;
    this.entryPath = entryPath;
  }

  /** Whether anything was refused. */
  refused = false;

  refuse(node: AstNode, text: string): void {
    this.refuseAt(node.range, text);
  }

  refuseAt(range: SourceRange, text: string): void {
    this.refused = true;
    this.parser.error(this.compiler.DiagnosticCode.User_defined_0 ?? 0, range, text);
  }

  /** Reads every user source; the entry must hold the contract. */
  read(sources: readonly AstSource[]): Declarations {
    for (const source of sources) {
      if (source.isLibrary) continue;
      for (const statement of source.statements) this.readStatement(statement, source);
    }
    return this.found;
  }

  private readStatement(statement: AstNode, source: AstSource): void {
    const { NodeKind } = this.compiler;
    const declaration = statement as Declaration;
    if (statement.kind === NodeKind.ClassDeclaration) {
      this.readClass(statement as ClassDeclaration, source);
      return;
    }
    if (statement.kind === NodeKind.EnumDeclaration)
      this.found.enums.push(statement as EnumDeclaration);
    // `export default class`, namespaces and variables hold declarations one level down.
    const inner = statement as AstNode & {
      declaration?: AstNode;
      declarations?: AstNode[];
      members?: AstNode[];
    };
    this.refuseAll(declaration.decorators ?? null, "here");
    if (inner.declaration?.kind !== undefined) this.readStatement(inner.declaration, source);
    if (statement.kind === NodeKind.Variable)
      for (const one of inner.declarations ?? [])
        this.refuseAll((one as Declaration).decorators, "on a variable");
    if (statement.kind === NodeKind.NamespaceDeclaration)
      for (const one of inner.members ?? []) {
        this.refuseAll((one as Declaration).decorators ?? null, "inside a namespace");
        for (const member of (one as ClassDeclaration).members ?? [])
          this.refuseAll(member.decorators, "inside a namespace");
      }
  }

  /** Decorators of ours that a node carries, after refusing unknown, misplaced and repeated ones. */
  private decoratorsOf(list: readonly DecoratorNode[] | null, place: Place): DecoratorNode[] {
    const ours: DecoratorNode[] = [];
    for (const decorator of list ?? []) {
      if (decorator.decoratorKind !== this.compiler.DecoratorKind.Custom) continue;
      const name = nameOf(decorator);
      const entry = Object.hasOwn(known, name) ? known[name] : undefined;
      if (entry === undefined) {
        const guess = nearestName(name, Object.keys(known));
        const hint =
          guess === undefined
            ? `known are @${Object.keys(known).join(", @")}`
            : `did you mean @${guess}?`;
        this.refuse(decorator, `unknown decorator @${name}; ${hint}`);
      } else if (entry.place !== place) {
        this.refuse(decorator, `@${name} belongs on a ${entry.place}, not on a ${place}`);
      } else if (ours.length > 0) {
        const first = nameOf(ours[0] as DecoratorNode);
        this.refuse(
          decorator,
          first === name
            ? `@${name} is given twice`
            : `@${name} cannot stand together with @${first}`,
        );
      } else ours.push(decorator);
    }
    return ours;
  }

  private refuseAll(list: readonly DecoratorNode[] | null, where: string): void {
    for (const decorator of list ?? []) {
      if (decorator.decoratorKind !== this.compiler.DecoratorKind.Custom) continue;
      const name = nameOf(decorator);
      const entry = Object.hasOwn(known, name) ? known[name] : undefined;
      const hint =
        entry === undefined
          ? "no such decorator"
          : `it belongs on a ${entry.place} of a contract file`;
      this.refuse(decorator, `@${name} cannot stand ${where}; ${hint}`);
    }
  }

  private readClass(node: ClassDeclaration, source: AstSource): void {
    const [decorator] = this.decoratorsOf(node.decorators, "class");
    const role = decorator === undefined ? undefined : nameOf(decorator);
    if (role !== "contract")
      for (const member of node.members)
        this.refuseAll(
          member.decorators,
          role === undefined ? "in a class without @contract" : `in a class with @${role}`,
        );
    if (decorator === undefined || role === undefined) return;
    if (role !== "event") this.refuseArguments(decorator);
    if (node.typeParameters !== null && node.typeParameters.length > 0)
      this.refuse(node.name, `a class with @${role} cannot be generic`);
    if (node.extendsType !== null)
      this.refuse(node.extendsType, `a class with @${role} cannot extend another class`);
    if (role === "contract") this.readContract(node, decorator, source);
    else if (role === "remote") this.readRemote(node);
    else {
      const { events, errors, structs } = this.found;
      const list = role === "event" ? events : role === "error" ? errors : structs;
      this.readRecord(node, list, decorator);
    }
  }

  private refuseArguments(decorator: DecoratorNode): void {
    if (decorator.args !== null && decorator.args.length > 0)
      this.refuse(decorator, `@${nameOf(decorator)} takes no arguments`);
  }

  private is(node: Declaration, flag: string): boolean {
    return (node.flags & (this.compiler.CommonFlags[flag] ?? 0)) !== 0;
  }

  private readContract(node: ClassDeclaration, decorator: DecoratorNode, source: AstSource): void {
    if (source.normalizedPath !== this.entryPath) {
      this.refuse(decorator, `only the entry file (${this.entryPath}) may hold a @contract class`);
      return;
    }
    const first = this.found.contract;
    if (first !== undefined) {
      this.refuse(
        decorator,
        `one file builds one contract; ${first.node.name.text} is one already`,
      );
      return;
    }
    const methods: MethodUse[] = [];
    const fields: FieldUse[] = [];
    for (const member of node.members) {
      if (member.kind === this.compiler.NodeKind.FieldDeclaration)
        this.readField(member as FieldDeclaration, fields);
      else this.readMethod(member as FunctionDeclaration, methods);
    }
    this.found.contract = { node, methods, fields };
  }

  private readField(node: FieldDeclaration, fields: FieldUse[]): void {
    const [decorator] = this.decoratorsOf(node.decorators, "field");
    if (this.is(node, "Static")) {
      if (decorator !== undefined)
        this.refuse(decorator, "@slot belongs on a field that is not static");
      return;
    }
    let slot = node.name.text;
    if (decorator !== undefined) {
      const [argument, ...more] = decorator.args ?? [];
      const given = argument === undefined || more.length > 0 ? undefined : this.stringOf(argument);
      if (given === undefined || given === "") {
        this.refuse(decorator, '@slot takes the slot name as one string: @slot("name")');
        return;
      }
      slot = given;
    }
    const taken = fields.find((field) => field.slot === slot);
    if (taken !== undefined) {
      this.refuse(node.name, `slot "${slot}" is taken by field ${taken.node.name.text}`);
      return;
    }
    if (node.initializer !== null)
      this.refuse(node.initializer, `${node.name.text} is stored; set it in @init instead`);
    fields.push({ node, slot });
  }

  private stringOf(node: AstNode): string | undefined {
    const literal = node as AstNode & { value?: unknown };
    return typeof literal.value === "string" ? literal.value : undefined;
  }

  private readMethod(node: FunctionDeclaration, methods: MethodUse[]): void {
    const [decorator] = this.decoratorsOf(node.decorators, "method");
    const name = node.name.text;
    if (this.is(node, "Constructor") || name === "constructor") {
      this.refuse(
        node.name,
        "a contract has no constructor: it would run in every call; use @init",
      );
      return;
    }
    if (decorator === undefined) return;
    const kind = nameOf(decorator) as MethodUse["kind"];
    const what = ["Static", "Get", "Set", "Private", "Protected", "Abstract"].find((flag) =>
      this.is(node, flag),
    );
    if (what !== undefined) {
      this.refuse(
        node.name,
        `a method with @${kind} cannot be ${what === "Get" || what === "Set" ? "an accessor" : what.toLowerCase()}`,
      );
      return;
    }
    this.checkSignature(node);
    if (kind !== "call") this.refuseArguments(decorator);
    const isOnce = kind === "init" || kind === "upgrade";
    if (isOnce && methods.some((method) => method.kind === kind)) {
      this.refuse(decorator, `a contract has one @${kind}`);
      return;
    }
    if (methods.length === METHODS_MAX) {
      this.refuse(decorator, `a contract has at most ${METHODS_MAX} methods`);
      return;
    }
    methods.push({ node, kind, reentrant: kind === "call" && this.readReentrant(decorator) });
  }

  private checkSignature(node: FunctionDeclaration): void {
    const { Optional, Rest } = this.compiler.ParameterKind;
    if (node.typeParameters !== null && node.typeParameters.length > 0)
      this.refuse(
        node.name,
        `${node.name.text} cannot be generic: its arguments come from outside`,
      );
    for (const parameter of node.signature.parameters)
      if (
        parameter.initializer !== null ||
        parameter.parameterKind === Optional ||
        parameter.parameterKind === Rest
      )
        this.refuse(
          parameter,
          "a parameter of a contract method is always given: no default, ? or ...",
        );
  }

  private readReentrant(decorator: DecoratorNode): boolean {
    const [options, ...more] = decorator.args ?? [];
    if (options === undefined) return false;
    const object = options as AstNode & { names?: { text: string }[]; values?: AstNode[] };
    const [name] = object.names ?? [];
    const [value] = object.values ?? [];
    const text = value === undefined ? "" : textOf(value);
    if (
      more.length > 0 ||
      object.names?.length !== 1 ||
      name?.text !== "reentrant" ||
      (text !== "true" && text !== "false")
    )
      this.refuse(options, "@call takes no arguments or { reentrant: true }");
    return text === "true";
  }

  private readRecord(node: ClassDeclaration, list: RecordUse[], decorator: DecoratorNode): void {
    const fields = node.members.filter(
      (member) =>
        member.kind === this.compiler.NodeKind.FieldDeclaration && !this.is(member, "Static"),
    ) as FieldDeclaration[];
    if (nameOf(decorator) === "struct" && fields.length === 0)
      this.refuse(node.name, `${node.name.text} has no fields; a struct has at least one`);
    const indexed = new Set<string>();
    for (const argument of nameOf(decorator) === "event" ? (decorator.args ?? []) : []) {
      const name = this.stringOf(argument);
      if (name === undefined || !fields.some((field) => field.name.text === name)) {
        const names = fields.map((field) => field.name.text).join(", ");
        this.refuse(
          argument,
          `${name ?? textOf(argument)} is not a field of ${node.name.text}; its fields are ${names}`,
        );
      } else if (indexed.has(name)) this.refuse(argument, `${name} is indexed twice`);
      else indexed.add(name);
      if (indexed.size === 4) this.refuse(argument, "an event has at most three indexed fields");
    }
    const same = list.find((other) => other.node.name.text === node.name.text);
    if (same !== undefined) this.refuse(node.name, `${node.name.text} is declared twice`);
    list.push({ node, fields, indexed });
  }

  private readRemote(node: ClassDeclaration): void {
    const methods: FunctionDeclaration[] = [];
    for (const member of node.members) {
      const method = member as FunctionDeclaration;
      if (member.kind !== this.compiler.NodeKind.MethodDeclaration || method.body !== null) {
        this.refuse(
          member.name,
          "a @remote class holds abstract methods only: abstract name(…): Type;",
        );
        continue;
      }
      this.checkSignature(method);
      methods.push(method);
    }
    this.found.remotes.push({ node, methods });
  }
}
