// Inputs that fail on purpose, one in each way, to show that the fuzzer would notice: `--canary`. All else
// that it makes is harmless.

export const canaryTarget = {
  name: "canary",
  weight: 1,
  make: (_state, random) => random.bytes(4),
  run(_state, _input, index) {
    if (index === 20) throw new TypeError("an error without a code");
    if (index === 40) process.kill(process.pid, "SIGSEGV");
    // A signal takes a moment to arrive.
    if (index === 40 || index === 60) for (;;);
    return "harmless";
  },
};
