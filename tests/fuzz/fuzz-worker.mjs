// The thread that runs inputs, one after another, on a stack as large as the execution thread's. Before each
// it writes the input's number to the progress file, which survives whatever the input does to this
// process; main.mjs watches the file.
import { appendFileSync, openSync, writeSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { Random } from "./random.mjs";
import { makeInput, openState } from "./state.mjs";

const { seed, first, deadline, inputsMax, progressFile, uncodedFile } = workerData;
/** A message at most every so many milliseconds. */
const REPORT_MS = 500;

const state = await openState(workerData);
const progress = openSync(progressFile, "r+");
const number = new Uint8Array(8);
const numberView = new DataView(number.buffer);

/** 0 in the file means that no input has started. */
function announce(index) {
  numberView.setFloat64(0, index + 1);
  writeSync(progress, number, 0, 8, 0);
}

const { EngineError, errorCodes } = state.engine;
/** An answer with a code is what bad input deserves; a host fault is not an answer. */
const isCoded = (error) =>
  error instanceof EngineError &&
  error.code !== "HOST_FAULT" &&
  Object.hasOwn(errorCodes, error.code);

let counts = {};
let reported = Date.now();
function report(next) {
  parentPort.postMessage({ kind: "progress", next, counts });
  counts = {};
  reported = Date.now();
}

let index = first;
for (; Date.now() < deadline && index < inputsMax; index++) {
  announce(index);
  const random = new Random(seed, index);
  const { target, input } = makeInput(state, random);
  let ending;
  try {
    ending = target.run(state, input, index);
  } catch (error) {
    ending = isCoded(error) ? "refused" : "uncoded";
    if (ending === "uncoded") {
      const { message, stack } = error instanceof Error ? error : { message: String(error) };
      // Written at once: the next input may end the process before a message has left it.
      const line = JSON.stringify({ index, target: target.name, message, stack });
      appendFileSync(uncodedFile, `${line}\n`);
    }
  }
  const key = `${target.name} ${ending}`;
  counts[key] = (counts[key] ?? 0) + 1;
  if (Date.now() - reported > REPORT_MS) report(index + 1);
}
report(index);
parentPort.postMessage({ kind: "finished" });
