// Where in the test something was called. What fails on the execution thread comes back without the lines of the
// test, so the place is taken down when the call is made and put into the error when it fails.

/** The stack above the call of `of`, which is the function that the test called. */
export function callSite(of: (...args: never[]) => unknown): string {
  const site: { stack?: string } = {};
  Error.captureStackTrace(site, of);
  return site.stack?.slice(site.stack.indexOf("\n")) ?? "";
}

/** Puts the place into an error and gives it back. */
export function withSite<T>(error: T, site: string): T {
  // The message has lines that look like places too, so it stands on one line here.
  if (error instanceof Error) error.stack = `${error.name}: ${error.message.split("\n")[0]}${site}`;
  return error;
}
