// The page: takes a file, lets a worker verify it, shows progress and the report. The worker's script stands in
// the page itself, so that it works from file:// and without a network. A cancelled worker is thrown away.
import type { Hex } from "../../codec/hex.ts";
import { versions } from "../../versions.ts";
import { type VerifyInWorker, verifierIn } from "../verifier-client.ts";
import { element, grouped, part } from "./elements.ts";
import { failureReport, reportOf } from "./report.ts";

const expectField = part<HTMLInputElement>("expect");
const expectNote = part("expect-note");
const fileField = part<HTMLInputElement>("file");
const drop = part("drop");
const work = part("work");
const progress = part<HTMLProgressElement>("progress");
const report = part("report");

const scriptUrl = URL.createObjectURL(
  new Blob([part("worker").textContent ?? ""], { type: "text/javascript" }),
);

interface Running {
  readonly worker: Worker;
  readonly verify: VerifyInWorker;
}

let running: Running | undefined;
/** Counts up with each file; what an older one answers is not shown. */
let turn = 0;
let last: File | undefined;

function started(): Running {
  if (running !== undefined) return running;
  const worker = new Worker(scriptUrl);
  running = { worker, verify: verifierIn(worker) };
  const current = running;
  worker.addEventListener("error", (event) => {
    if (running === current) running = undefined;
    const hint = "reload the page; if it happens again, use plasma-verify.mjs in Node or Bun";
    show(
      failureReport(last?.name ?? "the file", {
        code: "HOST_FAULT",
        message: event.message || "the worker failed",
        hint,
        where: {},
      }),
    );
  });
  return running;
}

function stop(): void {
  running?.worker.terminate();
  running = undefined;
  turn += 1;
  work.hidden = true;
}

/** The hash in the field, undefined where it is empty; says what is wrong with any other text. */
function expected(): Hex | undefined | "invalid" {
  const text = expectField.value.trim();
  const isHash = /^0x[0-9a-fA-F]{64}$/.test(text);
  const isWrong = text !== "" && !isHash;
  expectNote.textContent = isWrong ? "Give 0x and 64 hexadecimal digits, or leave it empty." : "";
  expectField.setAttribute("aria-invalid", String(isWrong));
  if (isWrong) return "invalid";
  return isHash ? (text.toLowerCase() as Hex) : undefined;
}

function show(content: HTMLElement): void {
  work.hidden = true;
  report.replaceChildren(content);
  report.focus({ preventScroll: true });
}

function showWork(name: string): void {
  report.replaceChildren();
  part("doing").textContent = `Verifying ${name}`;
  part("count").textContent = "";
  progress.removeAttribute("value");
  work.hidden = false;
}

function showProgress(done: number, total: number): void {
  progress.max = total;
  progress.value = done;
  part("count").textContent = `${grouped(done)} of ${grouped(total)} transactions`;
}

async function verifyFile(file: File): Promise<void> {
  last = file;
  const expect = expected();
  if (expect === "invalid") {
    expectField.focus();
    return;
  }
  if (!work.hidden) stop();
  const mine = ++turn;
  showWork(file.name);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const expectations = expect === undefined ? {} : { expect };
  const answer = await started().verify(bytes, expectations, (done, total) => {
    if (mine === turn) showProgress(done, total);
  });
  if (mine !== turn) return;
  show(
    "verified" in answer
      ? reportOf(file.name, answer.verified)
      : failureReport(file.name, answer.failure),
  );
}

fileField.addEventListener("change", () => {
  const file = fileField.files?.[0];
  if (file !== undefined) void verifyFile(file);
  // The same file may be chosen again.
  fileField.value = "";
});
expectField.addEventListener("change", () => {
  if (last !== undefined) void verifyFile(last);
});
part("cancel").addEventListener("click", () => {
  stop();
  fileField.focus();
});

// The whole window takes a drop: a browser would otherwise open the file in place of the page.
addEventListener("dragover", (event) => {
  event.preventDefault();
  drop.classList.add("over");
});
addEventListener("dragleave", () => drop.classList.remove("over"));
addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  const file = event.dataTransfer?.files[0];
  if (file !== undefined) void verifyFile(file);
});

part("footer").append(
  element(
    "p",
    "",
    `plasmavm ${versions.package} · format ${versions.format} · semantics ${versions.semantics} · one file, no network: save this page and keep it`,
  ),
);
