// What holds whatever the input is. A broken law is counted like an error without a code.

export class BrokenLaw extends Error {
  name = "BrokenLaw";
}

/** @throws BrokenLaw when `condition` does not hold. */
export function holds(condition, sentence) {
  if (!condition) throw new BrokenLaw(sentence);
}

export function sameBytes(a, b) {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Runs `act`; a coded error is an answer and gives undefined, anything else goes on. */
export function answered(engine, act) {
  try {
    return act();
  } catch (error) {
    if (error instanceof engine.EngineError && error.code !== "HOST_FAULT") {
      holds(Object.hasOwn(engine.errorCodes, error.code), `${error.code} is not in errorCodes`);
      return undefined;
    }
    throw error;
  }
}
