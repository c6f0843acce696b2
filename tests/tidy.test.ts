// Rules about the source that no linter knows: file headers, banned words, which room may import
// which, and that docs/errors.md names exactly the codes there are. A finding reads
// `path:line: what is wrong, what to do`. UPDATE_GOLDEN=1 rewrites the table of codes.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Explanation, explanations } from "../cli/explanations.ts";
import { root, type SourceFile, sourceFiles } from "./support/source-files.ts";

const update = process.env.UPDATE_GOLDEN === "1";

/** Top to bottom: a room imports only itself and rooms before it. */
const rooms = [
  "codec",
  "rules",
  "abi",
  "state",
  "program",
  "sandbox",
  "chain",
  "machine",
  "trace",
  "dispute",
  "settlement",
  "environment",
  "node",
  "contract",
  "testing",
  "verify",
];
const pureRooms = [
  "codec",
  "rules",
  "abi",
  "state",
  "program",
  "sandbox",
  "chain",
  "machine",
  "trace",
  "dispute",
  "settlement",
  "verify",
];
// The store keeps files; nothing else in its room may.
const impureFiles = ["host/state/lmdb-store.ts", "host/state/store-files.ts"];

const host = sourceFiles(["host"], [".ts"]);
const cli = sourceFiles(["cli"], [".ts"]).filter((file) => !file.path.startsWith("cli/templates/"));
const assembly = sourceFiles(["assembly"], [".ts"]);
const tests = sourceFiles(["tests"], [".ts"]);
const scripts = sourceFiles(["scripts"], [".mjs"]);
const ownCode = [...host, ...cli, ...assembly, ...scripts];

/** Every line that matches, as `path:line: advice`. */
function findings(files: readonly SourceFile[], pattern: RegExp, advice: string): string[] {
  return files.flatMap((file) =>
    file.lines.flatMap((line, i) =>
      pattern.test(line) ? [`${file.path}:${i + 1}: ${advice}`] : [],
    ),
  );
}

const roomOf = (path: string): string | undefined => /^host\/([a-z]+)\//.exec(path)?.[1];

interface Import {
  readonly from: string;
  readonly line: number;
  readonly target: string;
}

function importsOf(file: SourceFile): Import[] {
  const pattern = /(?:from|import)\s*\(?\s*"([^"$]+)"/g;
  return [...file.text.matchAll(pattern)].map((match) => ({
    from: file.path,
    line: file.text.slice(0, match.index).split("\n").length,
    target: match[1]!.startsWith(".")
      ? join(file.path, "..", match[1]!).replaceAll("\\", "/")
      : match[1]!,
  }));
}

describe("the source", () => {
  it("opens every file with a header of 1 to 8 comment lines", () => {
    const wrong = [...ownCode, ...tests].flatMap((file) => {
      const lines = file.lines[0]?.startsWith("#!") ? file.lines.slice(1) : file.lines;
      const end = lines.findIndex((line) => !line.startsWith("//"));
      return end < 1 || end > 8 ? [`${file.path}: got ${end} header lines, expected 1 to 8`] : [];
    });
    expect(wrong).toEqual([]);
  });

  it("has no notes to self", () => {
    const files = [...ownCode, ...tests].filter((file) => file.path !== "tests/tidy.test.ts");
    expect(findings(files, /\b(TODO|FIXME|XXX|HACK)\b/, "finish it or remove it")).toEqual([]);
  });

  it("keeps files of host and cli under 450 lines", () => {
    const long = [...host, ...cli].filter((file) => file.lines.length > 450);
    expect(long.map((file) => `${file.path}: ${file.lines.length} lines, split it`)).toEqual([]);
  });

  it("throws EngineErrors and assertions, never a bare Error", () => {
    const pattern = /throw new (Error|TypeError|RangeError)\(/;
    expect(findings([...host, ...cli], pattern, "throw an EngineError with a code")).toEqual([]);
  });

  it("uses no enums, namespaces or default exports, which type stripping cannot keep", () => {
    const pattern = /^\s*(export\s+)?(const\s+)?(enum|namespace)\s+\w+|^export default /;
    expect(findings([...host, ...cli], pattern, "use a const object or a named export")).toEqual(
      [],
    );
  });

  it("has no files or folders named utils, helpers, misc or manager", () => {
    const vague = [...ownCode, ...tests].filter((file) =>
      /\b(utils?|helpers?|misc|manager)\b/.test(file.path),
    );
    expect(vague.map((file) => file.path)).toEqual([]);
  });

  it("reads no clock and no randomness in rooms up to chain", () => {
    const pure = host.filter((file) => pureRooms.includes(roomOf(file.path) ?? ""));
    const pattern = /\b(Date\.now|new Date|Math\.random|performance\.now|setTimeout|fetch)\b\s*\(/;
    expect(findings(pure, pattern, "pass it in as a parameter")).toEqual([]);
    // How keys hash, which nobody can see (decision 0038), and the token of who holds a store.
    const known = ["host/state/key-table.ts", "host/state/lmdb-store.ts"];
    const others = pure.filter(({ path }) => !known.includes(path));
    const drawn = /\b(getRandomValues|random(Bytes|Int|UUID))\b\s*\(/;
    expect(findings(others, drawn, "pass it in as a parameter")).toEqual([]);
  });

  it("never names the stranger's package on npm in an install command", () => {
    const pages = sourceFiles(["docs", "cli", "assembly"], [".md", ".ts", ".json"]);
    const pattern = /npm (i|install|add) (-\w+ )*plasma\b(?!vm)/;
    expect(findings(pages, pattern, "the package is plasmavm")).toEqual([]);
  });
});

describe("the rooms", () => {
  it("import only rooms above them", () => {
    const wrong = host.flatMap(importsOf).flatMap(({ from, line, target }) => {
      const own = roomOf(from);
      const other = roomOf(target);
      if (own === undefined || other === undefined || own === other) return [];
      return rooms.indexOf(other) < rooms.indexOf(own)
        ? []
        : [`${from}:${line}: ${own} imports ${other}, which stands below it`];
    });
    expect(wrong).toEqual([]);
  });

  it("are all in the list that gives their order", () => {
    const unknown = host
      .map((file) => roomOf(file.path))
      .filter((room) => room !== undefined && !rooms.includes(room));
    expect([...new Set(unknown)]).toEqual([]);
  });

  it("never import the command line, nor tests", () => {
    const wrong = [...host, ...cli]
      .flatMap(importsOf)
      .filter(
        ({ from, target }) =>
          target.startsWith("tests/") || (from.startsWith("host/") && target.startsWith("cli/")),
      );
    expect(wrong).toEqual([]);
  });

  it("use node: modules and native packages only below chain and in the store", () => {
    const native = /^(node:|lmdb$|secp256k1$|@chainsafe\/hashtree)/;
    const wrong = host
      .filter((file) => roomOf(file.path) === undefined || pureRooms.includes(roomOf(file.path)!))
      .filter((file) => !impureFiles.includes(file.path) && file.path !== "host/index.ts")
      .flatMap(importsOf)
      .filter(({ target }) => native.test(target))
      .map(({ from, line, target }) => `${from}:${line}: imports ${target} in a pure room`);
    expect(wrong).toEqual([]);
  });

  it("end relative imports in .ts", () => {
    const wrong = [...host, ...cli]
      .flatMap(importsOf)
      .filter(({ target }) => /^(host|cli)\//.test(target) && !target.endsWith(".ts"));
    expect(wrong.map(({ from, line, target }) => `${from}:${line}: ${target}`)).toEqual([]);
  });
});

describe("docs/errors.md", () => {
  const marked = /(<!-- codes: .* -->\n)[\s\S]*(<!-- end of codes -->)/;
  const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

  function table(title: string, rows: readonly Explanation[]): string {
    const data = rows.map(({ code, number, meaning, fix }) =>
      number === null
        ? `| \`${code}\` | ${cell(fix)} |`
        : `| ${number} | \`${code}\` | ${cell(meaning)} | ${cell(fix)} |`,
    );
    const numbered = rows[0]?.number !== null;
    const head = numbered ? "| number | code | meaning | fix |" : "| code | fix |";
    const rule = numbered ? "| --- | --- | --- | --- |" : "| --- | --- |";
    return [`## ${title}`, "", head, rule, ...data].join("\n");
  }

  it("has a row for every code and no other", () => {
    const of = (kind: Explanation["kind"]) => explanations.filter((entry) => entry.kind === kind);
    const text = [
      table("Errors", of("error")),
      table("Outcomes", of("outcome")),
      table("Traps", of("trap")),
      table("Skips", of("skip")),
    ].join("\n\n");
    const file = join(root, "docs/errors.md");
    const page = readFileSync(file, "utf8");
    const wanted = page.replace(marked, (_, open, close) => `${open}\n${text}\n\n${close}`);
    if (update) writeFileSync(file, wanted);
    expect(update ? wanted : page, "run UPDATE_GOLDEN=1 npx vitest run tests/tidy.test.ts").toBe(
      wanted,
    );
  });

  it("belongs to codes that some source throws", () => {
    const text = [...host, ...cli]
      .filter((file) => file.path !== "host/errors.ts")
      .map((file) => file.text)
      .join("\n");
    const unused = explanations
      .filter(({ kind, code }) => kind === "error" && !text.includes(`"${code}"`))
      .map(({ code }) => code);
    expect(unused).toEqual([]);
  });
});
