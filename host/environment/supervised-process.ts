// A child process that is started again when it ends: for a while, less and less often, and then no more. Requests
// to it always end: with its answer, its error, or the reason why there is none. It is watched from here for its
// memory and for silence, and ended with SIGKILL, which must never lose anything that it acknowledged.
//
// Knows nothing of environments: environment-process.ts gives the script, its first request and what it all means.
import { type ChildProcess, spawn } from "node:child_process";
import { type Duplex, PassThrough } from "node:stream";
import { fileURLToPath } from "node:url";
import { EngineError } from "../errors.ts";
import { MessageStream, shapeFault } from "./message-stream.ts";
import { type ProcessReply, processExit, tellsOfEnd } from "./process-methods.ts";
import { residentBytes } from "./resident-memory.ts";
import { failureOf } from "./worker-client.ts";

export interface ProcessLimits {
  /** Old generation of each heap in the process: its own and its threads'. */
  readonly heapMebibytes: number;
  /** What the whole process may hold; beyond it, it is ended. */
  readonly residentMebibytes: number;
  /** How long an answer may take. */
  readonly requestSeconds: number;
  /** How long opening, merging, closing and waiting for an open one may take: a whole state is read or written. */
  readonly slowRequestSeconds: number;
  /** Requests under way at a time. */
  readonly requestsMax: number;
  /** Restarts in a row, without a block between them, after which it stays ended. */
  readonly restartsMax: number;
  /** Milliseconds before the first restart in a row; each further waits twice as long, 10 s at most. */
  readonly restartDelayMs: number;
}

export const processLimits: ProcessLimits = {
  heapMebibytes: 2_048,
  residentMebibytes: 4_096,
  requestSeconds: 60,
  slowRequestSeconds: 600,
  requestsMax: 1_024,
  restartsMax: 5,
  restartDelayMs: 100,
};

/** Why a process ended: too much memory, no answer, no protocol, or by itself (`exit`). */
export type EndReason = "memory" | "silence" | "protocol" | "exit";

/** An end that nobody asked for. */
export interface ProcessEnd {
  readonly reason: EndReason;
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** The end of what it wrote to standard error. */
  readonly lastWords: string;
  /** Milliseconds until it is started again; absent where it is not. */
  readonly restartMs?: number;
}

export interface SupervisedOptions {
  readonly script: URL;
  /** Put before Node's own command line: what confines the process. */
  readonly command: readonly string[];
  readonly limits: ProcessLimits;
  /** The request that makes a started process ready. An error as its answer is final. */
  readonly start: { readonly method: string; readonly params: unknown };
  readonly onReady: (value: unknown) => void;
  readonly onEnd: (end: ProcessEnd) => void;
}

interface Request {
  readonly method: string;
  readonly params: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

const RESTART_DELAY_MAX = 10_000;
/** A process that lived so long did not end of what the one before it did. */
const HEALTHY_AFTER_MS = 60_000;
const MEMORY_WATCH_MS = 50;
const LAST_WORDS_CHARACTERS = 4_096;
const MEBIBYTE = 1_048_576;
/** Not sent: waits for the process to be ready and no longer. */
const READY = "";
const SLOW: ReadonlySet<string> = new Set(["open", READY, "finalise", "close"]);

/** A running child with what belongs to this one of its lives. */
interface Life {
  readonly child: ChildProcess;
  readonly stream: MessageStream;
  readonly startedAt: number;
  readonly watch: NodeJS.Timeout;
  /** Requests that were sent, by number. */
  readonly sent: Map<number, Request>;
  isReady: boolean;
  lastWords: string;
  reason: EndReason;
}

export class SupervisedProcess {
  readonly #options: SupervisedOptions;
  #life: Life | undefined;
  /** Requests that wait for the process to be ready. */
  #waiting: Request[] = [];
  #restart: NodeJS.Timeout | undefined;
  #restarts = 0;
  #nextId = 1;
  /** Why there will be no further life. */
  #over: Error | undefined;
  #exited: Promise<void> = Promise.resolve();

  constructor(options: SupervisedOptions) {
    this.#options = options;
    this.#begin();
  }

  /** Of the living child. */
  get pid(): number | undefined {
    return this.#life?.child.pid;
  }

  /** Asks and waits; while the process is being started, the request waits with it. */
  call(method: string, params: unknown): Promise<unknown> {
    if (this.#over !== undefined) return Promise.reject(this.#over);
    const { requestsMax } = this.#options.limits;
    if (this.#waiting.length + (this.#life?.sent.size ?? 0) >= requestsMax) {
      const code = "ENVIRONMENT_BUSY";
      const message = `got a request while ${requestsMax} are under way, expected fewer`;
      return Promise.reject(new EngineError({ code, message }));
    }
    return new Promise((resolve, reject) => {
      const request = this.#request(method, params, resolve, reject);
      const life = this.#life;
      if (life?.isReady === true) this.#send(life, request);
      else this.#waiting.push(request);
    });
  }

  /** The process did what it is for: what it ended of before does not count any more. */
  provedWell(): void {
    this.#restarts = 0;
  }

  /** Resolves when a process is ready. @throws what `call` throws */
  async ready(): Promise<void> {
    if (this.#life?.isReady === true) return;
    if (this.#over !== undefined) throw this.#over;
    await new Promise((resolve, reject) => {
      this.#waiting.push(this.#request(READY, undefined, resolve, reject));
    });
  }

  /** Lets the process close, ends it and starts no other. */
  async close(method: string): Promise<void> {
    if (this.#over === undefined) {
      const closing = this.#life?.isReady === true ? this.call(method, undefined) : undefined;
      this.#over = new EngineError({
        code: "ENVIRONMENT_CLOSED",
        message: "the environment is closed",
      });
      // Whatever it did not close in order, its next opening finds as after a crash.
      await closing?.catch(() => {});
      clearTimeout(this.#restart);
      this.#kill("exit");
      this.#rejectWaiting(this.#over);
    }
    await this.#exited;
  }

  #request(
    method: string,
    params: unknown,
    resolve: (value: unknown) => void,
    reject: (error: Error) => void,
  ): Request {
    const { requestSeconds, slowRequestSeconds } = this.#options.limits;
    const seconds = SLOW.has(method) ? slowRequestSeconds : requestSeconds;
    const timer = setTimeout(() => this.#timeOut(request, seconds), seconds * 1_000);
    const request: Request = { method, params, resolve, reject, timer };
    return request;
  }

  #begin(): void {
    const { start } = this.#options;
    const child = this.#spawn();
    const life: Life = {
      child,
      // Where not even a pipe could be made, `error` tells.
      stream: new MessageStream((child.stdio?.[3] ?? new PassThrough()) as Duplex, {
        onMessage: (message) => this.#receive(life, message),
        onEnd: () => {},
        onFault: () => this.#kill("protocol"),
      }),
      startedAt: performance.now(),
      watch: setInterval(() => this.#watch(residentBytes(child.pid ?? -1)), MEMORY_WATCH_MS),
      sent: new Map(),
      isReady: false,
      lastWords: "",
      reason: "exit",
    };
    this.#life = life;
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      life.lastWords = (life.lastWords + text).slice(-LAST_WORDS_CHARACTERS);
    });
    this.#exited = new Promise((resolve) => {
      // `close` comes after the last words, `error` where nothing was started.
      child.once("close", (code, signal) => {
        this.#ended(life, code, signal);
        resolve();
      });
      child.once("error", (error) => {
        life.lastWords += error.message;
        if (child.pid !== undefined) return;
        this.#ended(life, null, null);
        resolve();
      });
    });
    const opening = this.#request(
      start.method,
      start.params,
      (value) => this.#opened(life, value),
      (error) => this.#refused(life, error),
    );
    this.#send(life, opening);
  }

  #spawn(): ChildProcess {
    const { script, command, limits } = this.#options;
    const node = [
      process.execPath,
      `--max-old-space-size=${limits.heapMebibytes}`,
      // One thread for compiling and collecting beside those that we start: a share of the cores for each
      // environment is only as good as the number of threads that it may take it with.
      "--v8-pool-size=1",
      fileURLToPath(script),
    ];
    const [file, ...rest] = [...command, ...node] as [string, ...string[]];
    return spawn(file, rest, {
      stdio: ["ignore", "ignore", "pipe", "pipe"],
      // A session of its own: Linux shares cores between sessions first, then between their threads.
      detached: process.platform !== "win32",
      env: { ...process.env, NODE_OPTIONS: "", UV_THREADPOOL_SIZE: "2" },
      windowsHide: true,
    });
  }

  #send(life: Life, request: Request): void {
    const id = this.#nextId++;
    const { method, params } = request;
    if (method === READY) {
      this.#settle(request).resolve(undefined);
      return;
    }
    life.sent.set(id, request);
    try {
      life.stream.send({ id, method, params });
    } catch (error) {
      life.sent.delete(id);
      this.#settle(request).reject(error as Error);
    }
  }

  #receive(life: Life, message: unknown): void {
    const reply = message as ProcessReply | null;
    if (typeof reply !== "object" || reply === null) throw shapeFault();
    if (reply.kind === "memory") {
      this.#watch(reply.bytes);
      return;
    }
    const request = life.sent.get(reply.id);
    const isAnswer = reply.kind === "result" || reply.kind === "error" || reply.kind === "bug";
    // Before the request is given up: it ends with the process.
    if (request === undefined || !isAnswer) throw shapeFault();
    life.sent.delete(reply.id);
    const { resolve, reject } = this.#settle(request);
    if (reply.kind === "result") resolve(reply.value);
    else reject(failureOf(reply));
  }

  /** Once, whatever comes first. */
  #settle(request: Request): Pick<Request, "resolve" | "reject"> {
    clearTimeout(request.timer);
    return request;
  }

  #opened(life: Life, value: unknown): void {
    life.isReady = true;
    this.#options.onReady(value);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) this.#send(life, request);
  }

  /** The process said why it cannot open: another one would say the same. */
  #refused(life: Life, error: Error): void {
    if (life !== this.#life || tellsOfEnd(error)) return;
    this.#over ??= error;
    this.#kill("exit");
  }

  #timeOut(request: Request, seconds: number): void {
    const error = new EngineError({
      code: "ENVIRONMENT_TIMEOUT",
      message: `got no answer to ${request.method || "a start"} in ${seconds} s`,
    });
    const index = this.#waiting.indexOf(request);
    if (index >= 0) {
      this.#waiting.splice(index, 1);
      request.reject(error);
      return;
    }
    for (const [id, sent] of this.#life?.sent ?? []) {
      if (sent !== request) continue;
      this.#life?.sent.delete(id);
      request.reject(error);
      this.#kill("silence");
    }
  }

  #watch(bytes: number | undefined): void {
    if (bytes === undefined) return;
    if (bytes > this.#options.limits.residentMebibytes * MEBIBYTE) this.#kill("memory");
  }

  #kill(reason: EndReason): void {
    const life = this.#life;
    if (life === undefined) return;
    if (life.reason === "exit") life.reason = reason;
    life.child.kill("SIGKILL");
  }

  #ended(life: Life, exitCode: number | null, signal: string | null): void {
    if (life !== this.#life) return;
    clearInterval(life.watch);
    life.stream.close();
    this.#life = undefined;
    if (exitCode === processExit.protocol) life.reason = "protocol";
    const { reason, lastWords } = life;
    const why = `${reason}${exitCode === null ? "" : `, exit code ${exitCode}`}${signal === null ? "" : `, ${signal}`}`;
    const details = { reason, lastWords: lastWords.trim() };
    for (const request of life.sent.values()) {
      const message = `the process ended during ${request.method} (${why})`;
      const error = this.#over ?? new EngineError({ code: "ENVIRONMENT_ENDED", message, details });
      this.#settle(request).reject(error);
    }
    if (this.#over !== undefined) {
      this.#rejectWaiting(this.#over);
      return;
    }
    const { restartsMax, restartDelayMs } = this.#options.limits;
    if (performance.now() - life.startedAt > HEALTHY_AFTER_MS) this.#restarts = 0;
    if (this.#restarts >= restartsMax) {
      const message = `the process ended ${restartsMax + 1} times in a row, at last of ${why}: ${tellingLine(lastWords)}`;
      this.#over = new EngineError({ code: "ENVIRONMENT_FAILED", message, details });
      this.#options.onEnd({ reason, exitCode, signal, lastWords });
      this.#rejectWaiting(this.#over);
      return;
    }
    const restartMs = Math.min(restartDelayMs * 2 ** this.#restarts, RESTART_DELAY_MAX);
    this.#restarts++;
    this.#restart = setTimeout(() => this.#begin(), restartMs);
    this.#options.onEnd({ reason, exitCode, signal, lastWords, restartMs });
  }

  #rejectWaiting(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const request of waiting) this.#settle(request).reject(error);
  }
}

/** The line that says why: Node's and V8's last words are pages, mostly of addresses. */
function tellingLine(lastWords: string): string {
  const lines = lastWords.split("\n").filter((line) => line.trim() !== "");
  const telling = lines.find((line) => /fatal error|error\[|Error:/i.test(line)) ?? lines.at(-1);
  return telling?.trim().slice(0, 400) ?? "it said nothing";
}
