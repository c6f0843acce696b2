// verify.html in a real browser, opened from file:// with the network off: what a reader sees for right blocks, for
// every lie, for broken files and for proofs; that the page answers while it works; keys and colour schemes.
// PLASMA_SCREENSHOTS=DIR keeps pictures of each kind of report for people to look at.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LieKind, lies } from "../../host/chain/lies.ts";
import type { ReplayResult } from "../../host/chain/replay-result.ts";
import { fromHex } from "../../host/codec/hex.ts";
import { findChromium } from "../support/engines.ts";
import {
  proofFileVectors,
  type VerifierFile,
  verifierFiles,
  writeVerifierFiles,
} from "../support/verifier-files.ts";

const found = findChromium();
const screenshots = process.env.PLASMA_SCREENSHOTS;
const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
];
const PAGE = pathToFileURL(resolve("dist/verify.html")).href;

let folder: string;
let files: readonly VerifierFile[];
let expected: Record<string, ReplayResult>;
let browser: Browser;
let page: Page;
const complaints: string[] = [];

async function freshPage(): Promise<void> {
  await page?.close();
  const context = await browser.newContext({ offline: true });
  page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => complaints.push(message.text()));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
  });
  await page.goto(PAGE);
}

/** Drops a file onto the page as a hand would; what the page then says. */
async function drop(name: string, bytes: Uint8Array): Promise<string> {
  const text = Buffer.from(bytes).toString("base64");
  await page.evaluate(
    ([base64, fileName]) => {
      const all = Uint8Array.from(atob(base64!), (c) => c.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([all], fileName!));
      dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true }));
    },
    [text, name],
  );
  await page.waitForSelector("#verdict");
  return (await page.textContent("#report")) ?? "";
}

async function picture(name: string): Promise<void> {
  if (screenshots === undefined) return;
  mkdirSync(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

const bytesOf = (name: string): Uint8Array => files.find((file) => file.name === name)!.bytes;
const shownOf = (name: string) => expected[name]!.shown!;

describe.skipIf("missing" in found)("verify.html", () => {
  beforeAll(async () => {
    if ("missing" in found) return;
    folder = mkdtempSync(join(tmpdir(), "plasma-page-"));
    files = await verifierFiles();
    expected = (await writeVerifierFiles(folder, files)) as Record<string, ReplayResult>;
    browser = await chromium.launch({ executablePath: found.path, args: FLAGS });
    await freshPage();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(() => complaints.splice(0));

  it("says what was proven of a right block, and lists its transactions", async () => {
    const text = await drop("token-2.bundle", bytesOf("token-2.bundle"));
    const { block, stateRootBefore, rulesHash, stateRoot } = shownOf("token-2.bundle");
    expect(text).toContain("The block is right");
    expect(text.replace(/\s+/g, " ")).toContain(
      `block ${block} follows from state ${stateRootBefore} under rules ${rulesHash}`,
    );
    expect(text).toContain(stateRoot);
    expect(text).toMatch(/Anchored\s*no: /);
    expect(await page.locator("tbody tr").count()).toBe(5);
    expect(await page.textContent("tbody tr:nth-child(4)")).toContain("revert");
    expect(complaints).toEqual([]);
    await picture("right");
  });

  it.each(Object.entries(lies))("answers the lie %s", async (kind, lie) => {
    const name = `${kind}.bundle`;
    const text = await drop(name, bytesOf(name));
    const title = {
      valid: "The block is right",
      fraud: "The claim is refuted",
      unusable: "The file cannot be used",
    }[lie.verdict];
    expect(text).toContain(title);
    const result = expected[name]!;
    if (result.verdict !== "valid") {
      const { code, message, got, expected: right, transaction } = result.finding;
      for (const part of [code, message, got, right])
        if (part !== undefined) expect(text).toContain(part);
      const wrong = page.locator("tr.wrong");
      expect(await wrong.count()).toBe(transaction === undefined ? 0 : 1);
    }
    expect(complaints).toEqual([]);
    if ((kind as LieKind) === "wrong-gas") await picture("refuted");
  });

  it.each([
    ["empty.bundle", "FILE_MAGIC"],
    ["text.bundle", "FILE_MAGIC"],
    ["cut.bundle", "BYTES_TRUNCATED"],
    ["longer.bundle", "BYTES_TRAILING"],
    ["other-format.bundle", "FILE_FORMAT"],
  ])("finds the broken file %s unusable with %s", async (name, code) => {
    const text = await drop(name, bytesOf(name));
    expect(text).toContain("The file cannot be used");
    expect(text).toContain(code);
    expect(complaints).toEqual([]);
    if (name === "cut.bundle") await picture("unusable");
  });

  it("says what proof files show, what they do not, and why some show nothing", async () => {
    const titles = {
      stands: "The proof holds",
      refuted: "The claim is refuted",
      unusable: "shows nothing",
    };
    for (const { name, file, verdict, shows } of proofFileVectors()) {
      const text = await drop(`${name}.proof`, fromHex(file));
      const [word, code] = verdict.split(" ") as [keyof typeof titles, string | undefined];
      expect(text, name).toContain(titles[word]);
      if (code !== undefined) expect(text).toContain(code);
      for (const field of ["pre", "post", "stateRoot", "block", "value"]) {
        if (typeof shows[field] === "string")
          expect(text, `${name}, ${field}`).toContain(shows[field]);
      }
      if (name === "step proof") {
        expect(text).toContain("AssemblyScript and TypeScript, in agreement");
        expect(text).toContain("Not shown");
        await picture("step-proof");
      }
    }
    expect(complaints).toEqual([]);
  });

  it("is anchored by the hash in the field, which it checks, and verifies again when that changes", async () => {
    await page.fill("#expect", "0x12");
    await page.press("#expect", "Enter");
    expect(await page.textContent("#expect-note")).toContain("64 hexadecimal digits");
    const { block } = shownOf("token-2.bundle");
    await page.fill("#expect", block);
    expect(await drop("token-2.bundle", bytesOf("token-2.bundle"))).toMatch(/Anchored\s*yes/);
    const other = await drop("other-block.bundle", bytesOf("other-block.bundle"));
    expect(other).toContain("BLOCK_NOT_EXPECTED");
    await page.fill("#expect", "");
    await page.press("#expect", "Enter");
    await page.waitForFunction(() => document.querySelector("#verdict.good") !== null);
    expect(await page.textContent("#report")).toMatch(/Anchored\s*no/);
    expect(complaints).toEqual([]);
  });

  it("shows progress, answers meanwhile, and can be cancelled", { timeout: 120_000 }, async () => {
    const result = await page.evaluate(() => {
      const seen = { counts: [] as string[], ticks: 0 };
      new MutationObserver(() =>
        seen.counts.push(document.getElementById("count")!.textContent!),
      ).observe(document.getElementById("count")!, { childList: true });
      const tick = (): void => {
        seen.ticks += 1;
        requestAnimationFrame(tick);
      };
      tick();
      (globalThis as unknown as { seen: unknown }).seen = seen;
      return true;
    });
    expect(result).toBe(true);
    await drop("dives.bundle", bytesOf("dives.bundle"));
    const seen = await page.evaluate(
      () => (globalThis as unknown as { seen: { counts: string[]; ticks: number } }).seen,
    );
    expect(seen.counts.some((count) => / of 100 transactions$/.test(count))).toBe(true);
    expect(seen.ticks).toBeGreaterThan(5);

    await page.evaluate(() => {
      const observer = new MutationObserver(() => {
        if (!/ of 100 /.test(document.getElementById("count")!.textContent!)) return;
        observer.disconnect();
        document.getElementById("cancel")!.click();
      });
      observer.observe(document.getElementById("count")!, { childList: true });
    });
    await page.setInputFiles("#file", join(folder, "dives.bundle"));
    await page.waitForSelector("#work", { state: "hidden" });
    expect(await page.textContent("#report")).toBe("");
    expect(await drop("token-1.bundle", bytesOf("token-1.bundle"))).toContain("The block is right");
    expect(complaints).toEqual([]);
  });

  it("can be used with keys alone, and tells a screen reader the verdict", async () => {
    await freshPage();
    // Who listens only when the key is pressed may come too late, and no dialog is heard of.
    page.on("filechooser", () => undefined);
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("expect");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("file");
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.keyboard.press("Enter"),
    ]);
    await chooser.setFiles(join(folder, "token-2.bundle"));
    await page.waitForSelector("#verdict");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("report");
    expect(await page.getAttribute("#report", "aria-live")).toBe("polite");
  });

  it("is readable in both colour schemes and on a phone", async () => {
    const luminance = (color: string): number => {
      const [r, g, b] = color.match(/[\d.]+/g)!.map((part) => {
        const channel = Number(part) / 255;
        return channel <= 0.03928 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
      }) as [number, number, number];
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    await drop("wrong-gas.bundle", bytesOf("wrong-gas.bundle"));
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const selector of ["#verdict h2", "dt", "dd", "tr.wrong td", "footer"]) {
        const [ink, paper] = await page.evaluate((query) => {
          let at: Element | null = document.querySelector(query)!;
          const color = getComputedStyle(at).color;
          for (; at !== null; at = at.parentElement) {
            const background = getComputedStyle(at).backgroundColor;
            if (background !== "rgba(0, 0, 0, 0)") return [color, background];
          }
          return [color, "rgb(255, 255, 255)"];
        }, selector);
        const [light, dark] = [luminance(ink!), luminance(paper!)].sort((a, b) => b - a);
        expect((light! + 0.05) / (dark! + 0.05), `${selector}, ${colorScheme}`).toBeGreaterThan(
          4.5,
        );
      }
      await picture(colorScheme);
    }
    await page.setViewportSize({ width: 360, height: 700 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBeLessThanOrEqual(360);
    await picture("phone");
    expect(complaints).toEqual([]);
  });
});
