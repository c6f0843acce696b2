// Runs one hostile command line and says how it ended: in a process of its own, as a user would, with
// its time and its peak of memory; or in this process through the same functions, which is quick. It
// also tells what the command left behind. Decides nothing: hostile-fixtures.mjs and tests compare.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";

const root = resolve(import.meta.dirname, "../..");
/** The built package under test. */
export const dist = resolve(root, process.env.PLASMA_DIST ?? "dist");
const PEAK = join(import.meta.dirname, "peak.mjs");
/** V8's heap of the command; the peak of the whole process is measured beside it. */
const HEAP_MEBIBYTES = 512;
/** Wall clock after which a command counts as hanging, however busy the machine is. */
const WALL_LIMIT_MS = 30_000;

/** What a `--json` document says went wrong: an error, a refusal, a finding, an outcome. */
export function codeOf(document) {
  const { error, refusals, blocks } = document ?? {};
  if (error !== undefined) return error.code;
  if (refusals?.[0] !== undefined) return refusals[0].code;
  return blocks?.at(-1)?.finding?.code ?? null;
}

/** Every path under `folder`. */
const listing = (folder) => readdirSync(folder, { recursive: true }).sort().join("\n");

/** Whether the command left more behind than it says. */
function leftBehind(entry, folder, before) {
  if (entry.leaves !== undefined)
    rmSync(join(folder, entry.leaves), { recursive: true, force: true });
  return listing(folder) !== before;
}

const at = (folder, cwd) => (cwd === undefined ? folder : join(folder, cwd));

/** Runs a case as `plasma … --json` in a process of its own. */
export async function runInProcess(entry, folder) {
  const before = listing(folder);
  const peakFile = join(tmpdir(), `plasma-peak-${process.pid}-${Math.trunc(performance.now())}`);
  const cli = join(dist, "cli/main.js");
  const flags = [`--max-old-space-size=${HEAP_MEBIBYTES}`, "--import", pathToFileURL(PEAK).href];
  const started = performance.now();
  const child = spawn(process.execPath, [...flags, cli, ...entry.args, "--json"], {
    cwd: at(folder, entry.cwd),
    env: { ...process.env, PEAK_FILE: peakFile, NODE_OPTIONS: "" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const stdout = [];
  child.stdout.on("data", (part) => stdout.push(part));
  child.stderr.resume();
  child.stdin.on("error", () => undefined);
  child.stdin.end(entry.stdin ?? "");
  const timer = setTimeout(() => child.kill("SIGKILL"), WALL_LIMIT_MS);
  const exit = await new Promise((done) => child.on("close", done));
  clearTimeout(timer);
  const wallMs = performance.now() - started;
  return {
    exit,
    ...readDocument(Buffer.concat(stdout).toString("utf8")),
    wallMs,
    ...readPeak(peakFile, wallMs),
    leftBehind: leftBehind(entry, folder, before),
  };
}

/** stdout must be exactly one document, whatever was wrong. */
function readDocument(stdout) {
  const lines = stdout.split("\n");
  if (lines.length !== 2 || lines[1] !== "")
    return { code: `(${lines.length - 1} lines of stdout)` };
  try {
    return { code: codeOf(JSON.parse(stdout)) };
  } catch {
    return { code: "(no JSON on stdout)" };
  }
}

function readPeak(file, wallMs) {
  try {
    const { cpuMs, peakMebibytes } = JSON.parse(readFileSync(file, "utf8"));
    // On a busy machine the wall clock measures its other work.
    return { milliseconds: Math.min(cpuMs, wallMs), peakMebibytes };
  } catch {
    return { milliseconds: wallMs, peakMebibytes: Number.NaN };
  } finally {
    rmSync(file, { force: true });
  }
}

const load = (path) => import(pathToFileURL(join(dist, path)).href);

/** Runs cases one after another in this process through the functions behind `plasma`. */
export async function* runTogether(entries, folder) {
  const [{ readCommandLine }, { commandsFor }, { enterFolder }, output] = await Promise.all([
    load("cli/program.js"),
    load("cli/commands.js"),
    load("cli/working-folder.js"),
    load("cli/output.js"),
  ]);
  const nothing = () => undefined;
  const context = {
    json: true,
    quiet: true,
    colors: (await import("picocolors")).default.createColors(false),
    line: nothing,
    note: nothing,
    progress: () => ({ update: nothing, stop: nothing }),
  };
  for (const entry of entries) {
    process.chdir(at(folder, entry.cwd));
    const before = listing(folder);
    const cpu = process.cpuUsage();
    const started = performance.now();
    let ended;
    try {
      const argv = [...entry.args, "--json"];
      const request = readCommandLine(argv, await commandsFor(argv));
      if (request.kind !== "run") ended = { exit: 0, code: null };
      else {
        enterFolder(request.folder);
        const result = await request.command.run(context, request.args, request.options);
        const document = JSON.parse(output.documentText(result.document));
        ended = { exit: result.exitCode ?? 0, code: codeOf(document) };
      }
    } catch (error) {
      const { exitCode, code, message, stack } = output.failureOf(error);
      ended = { exit: exitCode, code, message, stack };
    }
    const wallMs = performance.now() - started;
    const { user, system } = process.cpuUsage(cpu);
    process.chdir(root);
    yield {
      ...ended,
      milliseconds: Math.min(wallMs, (user + system) / 1000),
      leftBehind: leftBehind(entry, folder, before),
    };
  }
}
