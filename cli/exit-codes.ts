// What the process says to the shell (PRODUCT.md). For replay, verify and dispute the code speaks
// about the claim and not about the file, so 1 never means "the claim is wrong".

export const ExitCode = {
  /** Done; or the claim stands. */
  ok: 0,
  /** Wrong usage, or input that cannot be used; says nothing about a claim. */
  failed: 1,
  /** Finished, but not as wished: an expectation, baseline or test missed. */
  notAsWished: 2,
  /** The claim is refuted, or two executors diverge. */
  refuted: 3,
  /** Our own bug. */
  bug: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
