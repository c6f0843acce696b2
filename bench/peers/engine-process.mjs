// A process that holds one engine (its first argument) and answers the conductor's requests over IPC one
// after another: open, round, check. One engine per process, so that none shares a heap, a thread pool
// or a warm compiler with another.

const { open } = await import(`./engines/${process.argv[2]}.mjs`);
let engine;

const methods = {
  async open(params) {
    engine = await open(params);
    return engine.facts;
  },
  round: () => engine.round(),
  check: () => engine.check(),
};

let queue = Promise.resolve();
process.on("message", ({ method, params }) => {
  queue = queue.then(async () => {
    try {
      process.send({ value: (await methods[method](params)) ?? null });
    } catch (error) {
      process.send({ error: String(error?.message ?? error) });
    }
  });
});
// Leave through exit, so that engines remove their folders.
process.on("disconnect", () => process.exit(0));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));
