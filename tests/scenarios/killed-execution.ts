// An environment in a process of its own that is killed with SIGKILL now and then: while it executes, or while it merges
// what is final. When exactly the signal arrives is the machine's business; what must hold afterwards is not.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EnvironmentProcess } from "../../host/environment/environment-process.ts";
import type { GenesisInput } from "../../host/environment/genesis-input.ts";
import type { StateQuery } from "../../host/environment/prove-state.ts";
import type { ProcessLimits } from "../../host/environment/supervised-process.ts";
import type { ExecutedOrder, Execution, OrderToExecute } from "../../host/node/execution.ts";
import type { Random } from "../support/random.ts";

export type KillMoment = "execute" | "finalise";

export interface KillPlan {
  readonly random: Random;
  readonly moment: KillMoment;
  /** How many times. */
  readonly kills: number;
  /** The signal comes so many milliseconds after the request, at most. */
  readonly delayMs: number;
}

export class KilledExecution implements Execution {
  readonly environment: EnvironmentProcess;
  readonly folder: string;
  /** Kills that hit a request under way. */
  kills = 0;
  readonly #plan: KillPlan;

  private constructor(environment: EnvironmentProcess, folder: string, plan: KillPlan) {
    this.environment = environment;
    this.folder = folder;
    this.#plan = plan;
  }

  static async open(
    genesis: GenesisInput,
    plan: KillPlan,
    limits: Partial<ProcessLimits> = {},
  ): Promise<KilledExecution> {
    const folder = mkdtempSync(join(tmpdir(), "plasma-scenario-"));
    const environment = await openProcess(genesis, folder, limits);
    return new KilledExecution(environment, folder, plan);
  }

  get id() {
    return this.environment.id;
  }

  get head() {
    return this.environment.head;
  }

  ready(): Promise<void> {
    return this.environment.ready();
  }

  execute(order: OrderToExecute): Promise<ExecutedOrder> {
    return this.#perhapsKilled("execute", () => this.environment.execute(order));
  }

  executed(height: bigint): Promise<ExecutedOrder | undefined> {
    return this.environment.executed(height);
  }

  finalise(height: bigint): Promise<void> {
    return this.#perhapsKilled("finalise", () => this.environment.finalise(height));
  }

  proveState(query: StateQuery): Promise<Uint8Array> {
    return this.environment.proveState(query);
  }

  async close(): Promise<void> {
    await this.environment.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #perhapsKilled<T>(moment: KillMoment, ask: () => Promise<T>): Promise<T> {
    const { random, kills, delayMs } = this.#plan;
    const { pid } = this.environment;
    if (moment !== this.#plan.moment || this.kills >= kills || pid === undefined) return ask();
    const timer = setTimeout(() => process.kill(pid, "SIGKILL"), random.below(delayMs + 1));
    try {
      return await ask();
    } catch (error) {
      this.kills++;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** The process of an environment in a folder that may hold it already. */
export function openProcess(
  { rules, accounts, settlement }: GenesisInput,
  folder: string,
  limits: Partial<ProcessLimits> = {},
): Promise<EnvironmentProcess> {
  return EnvironmentProcess.open({
    ...{ rules, genesis: accounts, folder },
    limits: { restartDelayMs: 5, restartsMax: 20, ...limits },
    ...(settlement === undefined ? {} : { settlement }),
  });
}
