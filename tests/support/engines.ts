// Runtimes that a test may run on beside this Node: absent ones are a reason to skip, printed, never silent.
import { existsSync } from "node:fs";

export type Found = { readonly path: string } | { readonly missing: string };

function skipped(what: string, reason: string): Found {
  const missing = `${what}: ${reason.split("\n")[0]}`;
  process.stderr.write(`tests skipped, ${missing}\n`);
  return { missing };
}

/** Bun, fetched from the registry where it is not at hand. */
export async function findBun(): Promise<Found> {
  const script = new URL("../../scripts/engines.mjs", import.meta.url).href;
  const { installedBun } = (await import(/* @vite-ignore */ script)) as {
    installedBun: () => string;
  };
  try {
    return { path: installedBun() };
  } catch (error) {
    return skipped("no Bun", String(error));
  }
}

const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium: PLASMA_CHROMIUM, or where Linux distributions put it. */
export function findChromium(): Found {
  const { PLASMA_CHROMIUM } = process.env;
  const path = [...(PLASMA_CHROMIUM === undefined ? [] : [PLASMA_CHROMIUM]), ...BROWSERS].find(
    existsSync,
  );
  return path === undefined
    ? skipped("no Chromium", "install it, or name one with PLASMA_CHROMIUM")
    : { path };
}
