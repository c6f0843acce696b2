// The conductor's end of engine-process.mjs: starts the process, free or pinned to one processor with
// taskset, and asks it. Only one request of all engines may be under way while anything is timed.
import { fork, spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";

const SCRIPT = new URL("./engine-process.mjs", import.meta.url);

/** Where a process may run. */
export const forms = {
  allCpus: "all CPUs",
  oneCpu: "1 CPU",
};

export const hasTaskset = () => spawnSync("taskset", ["--version"]).status === 0;

/** The last processor: the first one answers interrupts on many machines. */
const pinned = () => String(availableParallelism() - 1);

export class EngineHandle {
  #process;
  #stderr = "";
  #settle;

  /** @param form key of `forms` */
  constructor(name, form) {
    const launcher =
      form === "oneCpu"
        ? { execPath: "taskset", execArgv: ["-c", pinned(), process.execPath] }
        : { execArgv: [] };
    const stdio = ["ignore", "ignore", "pipe", "ipc"];
    this.#process = fork(SCRIPT, [name], { ...launcher, stdio });
    this.#process.stderr.on("data", (chunk) => {
      this.#stderr = (this.#stderr + chunk).slice(-4_000);
    });
    this.#process.on("message", (reply) => this.#settle?.(reply));
    this.#process.on("error", (error) => this.#settle?.({ error: error.message }));
    this.#process.on("close", () => this.#settle?.({ error: this.#ending() }));
  }

  /** The line of the stack trace that says what was thrown. */
  #ending() {
    const lines = this.#stderr.split("\n").filter((line) => line.trim() !== "");
    return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1) ?? "the process ended";
  }

  /** Asks and waits. @throws Error with what the engine said */
  async call(method, params) {
    if (!this.#process.connected) throw new Error(this.#ending());
    const reply = await new Promise((resolve) => {
      this.#settle = resolve;
      this.#process.send({ method, params }, (error) => {
        // A process that ended says why on stderr, which `close` reports.
        if (error && this.#process.exitCode !== null) resolve({ error: this.#ending() });
      });
    });
    this.#settle = undefined;
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply.value;
  }

  close() {
    this.#process.kill();
  }
}
