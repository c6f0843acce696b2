// The built package as its users import it. Execution workers start from dist/, so whatever opens an
// environment is tested there; `npm test` builds first. Typed by the sources.
import type * as Library from "../../host/index.ts";
import type * as Testing from "../../host/testing/index.ts";

/** A module of dist/. */
export const built = async <Exports>(path: string): Promise<Exports> =>
  (await import(/* @vite-ignore */ new URL(`../../dist/${path}`, import.meta.url).href)) as Exports;

/** `plasmavm`. */
export const library = await built<typeof Library>("host/index.js");
/** `plasmavm/testing`. */
export const testing = await built<typeof Testing>("host/testing/index.js");
