// A verifier's computer as a process of its own, from the side of the scenario: it is handed the ledger's log and asked
// for commands over IPC, killed with SIGKILL in the middle of its work, and started again with nothing but its folder.
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Hex } from "../../host/codec/hex.ts";
import type { Random } from "../support/random.ts";
import { addressOf, type LogRecord, type Person, type World } from "./world.ts";

/** What the process is told before the first step. */
export interface RemoteStart {
  readonly seed: number;
  readonly environment: Hex;
  readonly person: Person;
  readonly folder: string;
}

export interface RemoteStep {
  readonly time: bigint;
  readonly records: readonly LogRecord[];
}

export type RemoteReply =
  | { readonly commands: readonly Uint8Array[] }
  | { readonly failed: string };

export interface RemoteKills {
  readonly random: Random;
  readonly kills: number;
  readonly delayMs: number;
  /** Whether the signal may come in this step. */
  readonly isDue: () => boolean;
}

export class RemoteNode {
  readonly account: Hex;
  readonly folder: string;
  kills = 0;
  readonly #world: World;
  readonly #start: RemoteStart;
  readonly #plan: RemoteKills;
  #child: ChildProcess | undefined;
  #read = 0;

  constructor(world: World, environment: Hex, person: Person, plan: RemoteKills) {
    this.account = addressOf(person);
    this.folder = mkdtempSync(join(tmpdir(), "plasma-scenario-"));
    this.#world = world;
    this.#start = { seed: world.seed, environment, person, folder: this.folder };
    this.#plan = plan;
  }

  /** What it wants done; asked anew in its next life where it died meanwhile. */
  async step(time: bigint): Promise<Uint8Array[]> {
    for (;;) {
      const reply = await this.#ask(time);
      if (reply === undefined) continue;
      if ("failed" in reply) throw new Error(reply.failed);
      return reply.commands.map((command) => new Uint8Array(command));
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child !== undefined) {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.disconnect();
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Undefined where the process died. */
  #ask(time: bigint): Promise<RemoteReply | undefined> {
    const child = this.#living();
    const records = this.#world.log.slice(this.#read);
    this.#read = this.#world.log.length;
    return new Promise((resolve) => {
      const { random, kills, delayMs, isDue } = this.#plan;
      const isDoomed = this.kills < kills && isDue();
      const delay = random.below(delayMs + 1);
      const timer = isDoomed ? setTimeout(() => child.kill("SIGKILL"), delay) : undefined;
      const onExit = (): void => {
        clearTimeout(timer);
        if (isDoomed) this.kills++;
        this.#child = undefined;
        resolve(isDoomed ? undefined : { failed: "the process of the node ended by itself" });
      };
      child.once("exit", onExit);
      child.once("message", (reply) => {
        clearTimeout(timer);
        child.off("exit", onExit);
        resolve(reply as RemoteReply);
      });
      child.send({ time, records } satisfies RemoteStep);
    });
  }

  #living(): ChildProcess {
    if (this.#child !== undefined) return this.#child;
    // The script stands beside this file where the scenarios are compiled.
    const script = fileURLToPath(new URL("./remote-node-child.js", import.meta.url));
    const child = fork(script, [], { serialization: "advanced" });
    child.send(this.#start);
    this.#child = child;
    this.#read = 0;
    return child;
  }
}
