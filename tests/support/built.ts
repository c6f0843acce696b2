// The built package as its users import it. Execution workers start from dist/, so whatever opens an
// environment is tested there; `npm test` builds first. Typed by the sources.
import type * as Library from "../../host/index.ts";
import type * as Testing from "../../host/testing/index.ts";

const load = (path: string): Promise<unknown> =>
  import(/* @vite-ignore */ new URL(`../../dist/host/${path}`, import.meta.url).href);

/** `plasmavm`. */
export const library = (await load("index.js")) as typeof Library;
/** `plasmavm/testing`. */
export const testing = (await load("testing/index.js")) as typeof Testing;
