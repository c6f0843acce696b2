// A progress bar on stderr. It stays hidden for the first second, so that short work stays silent,
// and it never appears where stderr is no terminal, under --json or under -q.
import { SingleBar } from "cli-progress";

const SILENCE_MS = 1_000;

export interface Progress {
  update(done: number): void;
  /** Removes the bar. Calling it again does nothing. */
  stop(): void;
}

const hidden: Progress = { update: () => undefined, stop: () => undefined };

/** A bar that appears after a second, or one that never does where `shown` is false. */
export function startProgress(label: string, total: number, shown: boolean): Progress {
  if (!shown || !process.stderr.isTTY) return hidden;
  const started = Date.now();
  let bar: SingleBar | undefined;
  let stopped = false;
  return {
    update(done) {
      if (stopped || Date.now() - started < SILENCE_MS) return;
      if (bar === undefined) {
        bar = new SingleBar({
          format: `${label} [{bar}] {value}/{total} {eta_formatted}`,
          stream: process.stderr,
          clearOnComplete: true,
          hideCursor: true,
        });
        bar.start(total, done);
      }
      bar.update(done);
    },
    stop() {
      stopped = true;
      bar?.stop();
      bar = undefined;
    },
  };
}
