// The loops of engines/reference.mjs: what each does, and its nanoseconds on the machine that the targets
// of docs and BENCHMARKS.md were set from (2 vCPU, AMD EPYC, Node 20.20.2).

export const referenceLoops = {
  nobleKeccak: { what: "@noble/hashes keccak_256 of 64 bytes", researchNanos: 3_850 },
  nodeSha256: { what: "node:crypto hash('sha256') of 64 bytes", researchNanos: 600 },
  secp256k1Verify: { what: "secp256k1 (native) verify", researchNanos: 39_000 },
  hashtreeNode: { what: "@chainsafe/hashtree, per node of 1,024", researchNanos: 37 },
  fib30: { what: "fib(30), AssemblyScript -O3 on V8, unmetered", researchNanos: 4_510_000 },
};
