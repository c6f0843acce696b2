// The parts of asc that the transform touches, as this room sees them. asc's own enums shift between
// versions (0.28.16 renumbered NodeKind), so every number is read from the installed package at run time;
// the shapes below are what 0.28.20 has, and package.json pins that version exactly.
// Loaded on first use: nothing else of the library needs a compiler in memory.
import { assert, EngineError } from "../errors.ts";

export interface SourceRange {
  start: number;
  end: number;
  source: AstSource;
}

export interface AstNode {
  kind: number;
  range: SourceRange;
}

export interface AstSource extends AstNode {
  readonly normalizedPath: string;
  readonly internalPath: string;
  readonly text: string;
  readonly isLibrary: boolean;
  statements: AstNode[];
}

export interface Identifier extends AstNode {
  readonly text: string;
}

export interface DecoratorNode extends AstNode {
  readonly decoratorKind: number;
  readonly name: AstNode & { readonly text?: string };
  readonly args: AstNode[] | null;
}

export interface TypeNode extends AstNode {
  readonly isNullable: boolean;
  readonly name?: { readonly identifier: Identifier };
  readonly typeArguments?: TypeNode[] | null;
}

export interface Declaration extends AstNode {
  readonly name: Identifier;
  decorators: DecoratorNode[] | null;
  flags: number;
}

export interface FieldDeclaration extends Declaration {
  readonly type: TypeNode | null;
  initializer: AstNode | null;
}

export interface ParameterNode extends AstNode {
  readonly parameterKind: number;
  readonly name: Identifier;
  readonly type: TypeNode;
  readonly initializer: AstNode | null;
}

export interface FunctionDeclaration extends Declaration {
  readonly typeParameters: readonly unknown[] | null;
  readonly signature: { readonly parameters: ParameterNode[]; returnType: TypeNode };
  body: AstNode | null;
}

export interface EnumDeclaration extends Declaration {
  readonly values: readonly (Declaration & { readonly initializer: AstNode | null })[];
}

export interface ClassDeclaration extends Declaration {
  readonly typeParameters: readonly unknown[] | null;
  readonly extendsType: AstNode | null;
  members: Declaration[];
}

export interface ResolvedClass {
  readonly internalName: string;
  readonly typeArguments: ResolvedType[] | null;
  readonly prototype: { readonly internalName: string; readonly declaration: AstNode };
}

export interface ResolvedType {
  readonly isReference: boolean;
  readonly isNullableReference: boolean;
  getClass(): ResolvedClass | null;
  toString(): string;
}

export interface Parser {
  readonly sources: AstSource[];
  parseFile(text: string, path: string, isEntry: boolean): void;
  error(code: number, range: SourceRange | null, text: string): void;
  warning(code: number, range: SourceRange | null, text: string): void;
}

export interface Program {
  readonly parser: Parser;
  readonly filesByName: Map<string, unknown>;
  readonly resolver: {
    resolveType(node: TypeNode, flow: null, context: unknown): ResolvedType | null;
    resolveTypeName(
      name: NonNullable<TypeNode["name"]>,
      flow: null,
      context: unknown,
      reportMode: number,
    ): { readonly declaration?: AstNode & { readonly type?: TypeNode } } | null;
  };
}

/** Binaryen's module as asc hands it to `afterCompile`, before it is optimised. */
export interface CompiledModule {
  runPasses(names: readonly string[]): void;
}

/** The part of Binaryen that asc lends to transforms it constructs itself. */
export interface Binaryen {
  setPassArgument(name: string, value: string): void;
}

export interface Transform {
  afterParse?(parser: Parser): void;
  afterInitialize?(program: Program): void;
  afterCompile?(module: CompiledModule): void;
}

type Numbers = Readonly<Record<string, number>>;

export interface Compiler {
  readonly version: string;
  main(
    argv: readonly string[],
    options: {
      readFile(name: string, baseDir: string): string | null;
      writeFile(name: string, contents: Uint8Array | string): void;
      listFiles(): readonly string[];
      transforms: readonly (Transform | (new () => Transform))[];
    },
  ): Promise<{
    error: Error | null;
    stdout: { toString(): string };
    stderr: { toString(): string };
  }>;
  readonly NodeKind: Numbers;
  readonly CommonFlags: Numbers;
  readonly DecoratorKind: Numbers;
  readonly DiagnosticCode: Numbers;
  readonly ParameterKind: Numbers;
  readonly ReportMode: Numbers;
}

/** The version that package.json pins: another one makes other bytes of the same source. */
const ASC_VERSION = "0.28.20";

/** @throws BUILD_COMPILER for an asc that something else has put in the place of ours */
export function checkCompilerVersion(version: string): void {
  if (version === ASC_VERSION) return;
  throw new EngineError({
    code: "BUILD_COMPILER",
    message: `got asc ${version}, expected ${ASC_VERSION}: one source must give one module`,
    where: { field: "assemblyscript" },
    details: { got: version, expected: ASC_VERSION },
  });
}

let loaded: Promise<Compiler> | undefined;

async function load(): Promise<Compiler> {
  const [asc, core] = await Promise.all([
    import("assemblyscript/asc") as unknown as Promise<{ default: Compiler } & Compiler>,
    import("assemblyscript") as unknown as Promise<Record<string, Numbers>>,
  ]);
  checkCompilerVersion(asc.version);
  const numbers = (name: string): Numbers => {
    const table = core[name];
    assert(table !== undefined, `assemblyscript exports ${name}`);
    return table;
  };
  return {
    version: asc.version,
    main: asc.main,
    NodeKind: numbers("NodeKind"),
    CommonFlags: numbers("CommonFlags"),
    DecoratorKind: numbers("DecoratorKind"),
    DiagnosticCode: numbers("DiagnosticCode"),
    ParameterKind: numbers("ParameterKind"),
    ReportMode: numbers("ReportMode"),
  };
}

/** The installed asc, loaded once. */
export function loadCompiler(): Promise<Compiler> {
  loaded ??= load();
  return loaded;
}

/** The source text of a node. */
export function textOf(node: AstNode): string {
  return node.range.source.text.slice(node.range.start, node.range.end);
}
