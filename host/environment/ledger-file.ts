// The ledger on disk: an append-only log in one file. A command is acknowledged after its record is written and
// flushed; one command at a time, so that a crash can only leave the last record unfinished, which opening cuts off.
// Rules of the ledger are in host/settlement; this file reads and writes bytes and nothing else.
import { type FileHandle, open } from "node:fs/promises";
import { dirname } from "node:path";
import { equalBytes, toHex } from "../codec/hex.ts";
import { EngineError } from "../errors.ts";
import {
  applyToLedger,
  type LedgerApplied,
  type LedgerGenesis,
  type LedgerGround,
  openLedger,
} from "../settlement/ledger.ts";
import { encodeLogRecord, encodeLogStart, replayLedgerLog } from "../settlement/ledger-log.ts";
import type { LedgerState } from "../settlement/ledger-state.ts";
import { syncFolder } from "./sync-folder.ts";

/** A ledger that survives its process. */
export class LedgerFile {
  readonly #file: FileHandle;
  readonly #ground: LedgerGround;
  #state: LedgerState;
  /** Why a record could not be written. */
  #failure: unknown;
  /** The last command that was begun: the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(file: FileHandle, ground: LedgerGround, state: LedgerState) {
    this.#file = file;
    this.#ground = ground;
    this.#state = state;
  }

  /**
   * Opens the log at `path` and replays it, or begins one with `genesis` where there is none or an empty one.
   * @throws SETTLEMENT_OTHER when the log is that of another ledger · as replayLedgerLog
   */
  static async open(
    path: string,
    genesis: LedgerGenesis,
    ground: LedgerGround,
  ): Promise<LedgerFile> {
    const file = await open(path, "a+");
    try {
      const bytes = new Uint8Array(await file.readFile());
      const start = encodeLogStart(genesis);
      const state = openLedger(genesis);
      // The beginning itself was cut short: nothing was ever acknowledged.
      if (bytes.length < start.length && equalBytes(bytes, start.subarray(0, bytes.length))) {
        await file.truncate(0);
        await file.appendFile(start);
        await file.sync();
        syncFolder(dirname(path));
        return new LedgerFile(file, ground, state);
      }
      const replayed = replayLedgerLog(bytes, ground, { file: path });
      if (!equalBytes(replayed.state.id, state.id)) {
        throw new EngineError({
          code: "SETTLEMENT_OTHER",
          message: `got the log of ledger ${toHex(replayed.state.id)}, expected ${toHex(state.id)}`,
          where: { file: path },
        });
      }
      if (replayed.length < bytes.length) {
        await file.truncate(replayed.length);
        await file.sync();
      }
      return new LedgerFile(file, ground, replayed.state);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Everything in it is acknowledged. */
  get state(): LedgerState {
    return this.#state;
  }

  /**
   * Applies the bytes of a command that came at `time`. When the promise resolves with a state, it survives a crash.
   * Commands are taken one after the other, in the order of the calls.
   */
  apply(time: bigint, command: Uint8Array): Promise<LedgerApplied> {
    const own = command.slice();
    const done = this.#last.then(() => this.#apply(time, own));
    this.#last = done.catch(() => {});
    return done;
  }

  async #apply(time: bigint, command: Uint8Array): Promise<LedgerApplied> {
    if (this.#failure !== undefined) throw this.#failure;
    const applied = applyToLedger(this.#state, time, command, this.#ground);
    if (!("state" in applied)) return applied;
    try {
      await this.#file.appendFile(encodeLogRecord(this.#state.logHash, time, command));
      await this.#file.datasync();
    } catch (error) {
      // What is in the file now is for opening it again to find out: nothing is written behind it.
      this.#failure = error;
      throw error;
    }
    this.#state = applied.state;
    return applied;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}
