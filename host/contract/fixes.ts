// What to write instead, under asc's own diagnostics: what other languages have and AssemblyScript has not, names
// that were not imported, packages that do not exist. Text in, text out; what is not known stays as it is.
import { readSdkFile } from "./source-files.ts";

type Fix = (match: RegExpExecArray) => string | undefined;

const fixes: readonly (readonly [RegExp, Fix])[] = [
  [
    /Not implemented: Closures/,
    () => "give the function what it needs as arguments, or make it a method",
  ],
  [
    /Not implemented: Exceptions/,
    () =>
      "a call that fails reverts whole; of a @remote method, Result<T> hands the failure to you",
  ],
  [
    /Not implemented: Iterators/,
    () => "count instead: for (let i = 0; i < list.length; i++) list[i]",
  ],
  [
    /Not implemented: union types/i,
    () => "use one type, a @struct with a kind, or T | null of a class",
  ],
  [
    /Not implemented: Regular expressions/,
    () => "compare characters: text.charCodeAt(i); or check it in the client",
  ],
  [
    /Cannot find name 'JSON'/,
    () => "return a @struct: the ABI encodes it, and clients make JSON of it",
  ],
  [/Cannot find name 'any'/, () => "write the type out: AssemblyScript has no any"],
  [/Cannot find name '(\w+)'/, ([, name = ""]) => importFix(name)],
  [
    /File '~lib\/(?!plasmavm\/assembly)(@?[\w./-]+)\.ts' not found/,
    () => 'contracts import the SDK from "plasmavm/assembly"',
  ],
  [
    /Operator '(\S+)' cannot be applied to types? '~lib\/plasmavm\/assembly\/math\/\w+\/(\w+)'/,
    ([, operator = "", type = ""]) => operatorFix(operator, type),
  ],
  [
    /Type '(.+) \| null' is not assignable to type/,
    () => "test it first: if (!value) …; after that write value!",
  ],
  [/Object is possibly 'null'/, () => "test it first: if (!value) …; after that write value!"],
  [
    /Conversion from type '(\w+)' to '(\w+)' (?:requires an explicit cast|will require an explicit cast)/,
    ([, from = "", to = ""]) => `<${to}>value cuts a ${from} that does not fit; check it before`,
  ],
  [
    /Type '<object>' is not assignable/,
    () => "declare a class and use new: objects have no literals",
  ],
  [
    /An identifier or keyword cannot immediately follow a numeric literal/,
    () => "leave the n out; wide numbers are u128.from(10)",
  ],
  [/\bnumber cannot be /, () => "number is a float here; use u64, i64 or u128"],
];

/** Names that contracts import. */
function sdkNames(): readonly string[] {
  const index =
    readSdkFile("node_modules/plasmavm/assembly/index.ts") ??
    readSdkFile("node_modules/plasmavm/assembly.ts");
  return [...(index ?? "").matchAll(/export \{([^}]*)\}/g)].flatMap(([, names = ""]) =>
    names.split(",").map((name) => name.trim()),
  );
}

function importFix(name: string): string | undefined {
  return sdkNames().includes(name) ? `import { ${name} } from "plasmavm/assembly"` : undefined;
}

const methods: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "rem",
  "**": "pow",
  "<": "lt",
  ">": "gt",
  "<=": "le",
  ">=": "ge",
  "<<": "shl",
  ">>": "shr",
  "&": "and",
  "|": "or",
  "^": "xor",
};

function operatorFix(operator: string, type: string): string {
  const method = methods[operator.replace(/=$/, "")] ?? methods[operator] ?? "add";
  return `${type} has methods, which revert where the result does not fit: a.${method}(b)`;
}

/** asc's diagnostics with a line `fix: …` under those that are known. */
export function withFixes(diagnostics: string): string {
  return diagnostics
    .split(/^(?=(?:ERROR|WARNING) )/m)
    .map((one) => {
      const end = one.trimEnd();
      for (const [pattern, fix] of fixes) {
        const match = pattern.exec(end);
        const text = match === null ? undefined : fix(match);
        if (text !== undefined) return `${end}\n fix: ${text}${one.slice(end.length)}`;
      }
      return one;
    })
    .join("");
}
