// A reader of the first-hour pages who types along: every fenced block with `file=` is written, every line of an `sh`
// block is run in a shell where the package is installed; `# exit N` at the end of a line says that it ends so.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { expect } from "vitest";

export interface Block {
  readonly language: string;
  readonly file: string | undefined;
  readonly text: string;
}

/** The fenced blocks of a page. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = "", file, text = ""]) => ({ language, file, text }),
  );
}

/** What npx looks in: node_modules/.bin of a folder and of those around it, nearest first. */
function binFolders(folder: string): string[] {
  const around = dirname(folder) === folder ? [] : binFolders(dirname(folder));
  const own = join(folder, "node_modules/.bin");
  return existsSync(own) ? [own, ...around] : around;
}

/** npm takes what it has without asking the registry for newer facts about it: half of an installation's time. */
const NPM = { npm_config_prefer_offline: "true", npm_config_audit: "false" };

/** A shell that stands in a folder. */
export class Reader {
  #folder: string;
  #hasAskedNpx = false;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** Does what a page says, from top to bottom. */
  follow(page: string): void {
    for (const { language, file, text } of blocksOf(readFileSync(page, "utf8"))) {
      if (file !== undefined) this.write(file, text);
      else if (language === "sh") for (const line of text.trim().split("\n")) this.run(line);
    }
  }

  write(file: string, text: string): void {
    const place = join(this.#folder, file);
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, text);
  }

  /** Runs one line; `cd` moves the reader. */
  run(line: string): void {
    const moved = /^cd (\S+)$/.exec(line);
    if (moved?.[1] !== undefined) {
      this.#folder = resolve(this.#folder, moved[1]);
      return;
    }
    const [words = "", exit] = line.split(/\s+# exit /);
    const { status, stdout, stderr } = spawnSync("bash", ["-c", this.#command(words)], {
      cwd: this.#folder,
      encoding: "utf8",
      env: {
        ...process.env,
        ...NPM,
        NO_COLOR: "1",
        PATH: [...binFolders(this.#folder), process.env.PATH].join(delimiter),
      },
    });
    expect(status, `${words}\n${stdout}\n${stderr}`).toBe(Number(exit ?? 0));
  }

  /** A page's first `npx` is npm's; later ones would find the same file, half a second of npm's start later. */
  #command(words: string): string {
    if (!words.startsWith("npx plasma ")) return words;
    if (this.#hasAskedNpx) return words.replace(/^npx /, "");
    this.#hasAskedNpx = true;
    return words;
  }
}
