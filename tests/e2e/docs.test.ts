// Every code block of the first-hour pages and of the testing page, run as a reader would: in an empty folder with the packed
// package installed, page by page from top to bottom. A fenced block with `file=` is written, `sh` is run
// line by line; `# exit N` at the end of a line says that the line ends so.
import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MINUTE_MS = 60_000;
const PAGES = ["start/contracts", "start/bundle", "start/environment", "start/embed", "testing"];

interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", file, text = ""]) => ({ language, file, text }),
  );
}

let place: string;
let tarball: string;

beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), "plasma-docs-"));
  const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", place];
  const { stdout } = await promisify(execFile)("npm", args, { maxBuffer: 2 ** 26 });
  tarball = join(place, JSON.parse(stdout)[0].filename);
  writeFileSync(join(place, "package.json"), '{"name": "reader", "private": true}\n');
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel", "error"];
  await promisify(execFile)("npm", ["install", tarball, ...quiet], { cwd: place });
}, 5 * MINUTE_MS);
afterAll(() => rmSync(place, { recursive: true, force: true }));

/** Runs one line; `cd` moves the reader. */
function runLine(folder: string, line: string): string {
  const moved = /^cd (\S+)$/.exec(line);
  if (moved?.[1] !== undefined) return resolve(folder, moved[1]);
  const [command = "", comment] = line.split(/\s+# exit /);
  const { status, stdout, stderr } = spawnSync("bash", ["-c", command], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  expect(status, `${command}\n${stdout}\n${stderr}`).toBe(Number(comment ?? 0));
  return folder;
}

describe("the pages that readers type along with", () => {
  it.each(PAGES)("%s.md does what it says", { timeout: 6 * MINUTE_MS }, (page) => {
    let folder = join(place, basename(page));
    mkdirSync(folder);
    for (const { language, file, text } of blocksOf(readFileSync(`docs/${page}.md`, "utf8"))) {
      if (file !== undefined) {
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
      } else if (language === "sh") {
        for (const line of text.trim().split("\n")) folder = runLine(folder, line);
      }
    }
  });

  it("the README's contract compiles", { timeout: MINUTE_MS }, () => {
    const contract = blocksOf(readFileSync("README.md", "utf8")).find(
      ({ language }) => language === "ts",
    );
    const folder = join(place, "readme");
    mkdirSync(join(folder, "assembly"), { recursive: true });
    writeFileSync(join(folder, "assembly/token.ts"), contract?.text ?? "");
    runLine(folder, "npx plasma build assembly/token.ts");
  });

  it("link only to files that exist", () => {
    for (const page of ["README.md", ...PAGES.map((name) => `docs/${name}.md`)]) {
      const markdown = readFileSync(page, "utf8");
      for (const [, target = ""] of markdown.matchAll(/\]\(([^)#]+)\)/g)) {
        if (/^https?:/.test(target)) continue;
        const read = () => spawnSync("test", ["-e", join(dirname(page), target)]).status;
        expect(read(), `${page} links to ${target}`).toBe(0);
      }
    }
  });
});
