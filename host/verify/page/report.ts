// The report of the page: what a verified file showed, in plain words. Decides nothing: verdicts, findings and
// advice are the verifier's.
import type { BodyRow } from "../../chain/body-rows.ts";
import type { Finding } from "../../chain/finding.ts";
import type { ShownBlock } from "../../chain/replay-result.ts";
import type { ShownState, VerifiedProof } from "../../dispute/verify-proof.ts";
import type { VerifyFailure } from "../verifier-messages.ts";
import type { VerifiedBundle, VerifiedFile, VerifiedProofFile } from "../verify-file.ts";
import { element, facts, grouped, hash, shortHash } from "./elements.ts";

const ANCHORED = "yes: this is the block you named";
const NOT_ANCHORED =
  "no: the file cannot vouch for where it starts; give the hash you expect above";

/** Rows of the table at first. */
const ROWS_SHOWN = 200;

const bundleWords = {
  valid: [
    "good",
    "✓ The block is right",
    "Executed again from this file, it comes to exactly what is claimed.",
  ],
  fraud: [
    "bad",
    "✗ The claim is refuted",
    "The file agrees with itself, and execution comes to something else.",
  ],
  unusable: [
    "open",
    "? The file cannot be used",
    "It is damaged, incomplete or another block, which says nothing about the claim.",
  ],
} as const;

/** Everything there is to say about a file. */
export function reportOf(name: string, verified: VerifiedFile): HTMLElement {
  return verified.kind === "bundle" ? bundleReport(name, verified) : proofReport(name, verified);
}

const proofWords = {
  stands: ["good", "✓ The proof holds", "It shows what it claims."],
  refuted: ["bad", "✗ The claim is refuted", "The proof shows another state than the file claims."],
  unusable: ["open", "? The file shows nothing", "Which says nothing about the claim."],
} as const;

function proofReport(name: string, { result, anchored, advice }: VerifiedProofFile): HTMLElement {
  const [mood, title, text] = proofWords[result.verdict];
  const what = result.kind === null ? "" : `A ${result.kind}. `;
  return element(
    "div",
    "",
    banner(mood, title, name, `${what}${text}`),
    result.verdict === "stands" ? undefined : findingCard(result.finding, advice),
    result.verdict === "unusable"
      ? undefined
      : card("What was proven", ...provenBy(result, anchored)),
  );
}

function provenBy(
  result: Exclude<VerifiedProof, { readonly verdict: "unusable" }>,
  anchored: boolean,
): HTMLElement[] {
  if (result.kind === "state proof") return stateShown(result.shown, anchored);
  const { pre, post, step, order, height, parentResult, environmentId, proofBytes } = result.shown;
  const sentence = element("p", "", "One step of the machine leads from state ", hash(pre));
  sentence.append(" to state ", hash(post ?? ""));
  return [
    sentence,
    facts([
      ["Judges", "AssemblyScript and TypeScript, in agreement"],
      [
        "Not shown",
        `that the first state is the one before step ${grouped(step)} of that order's run`,
      ],
      ["Order", hash(order)],
      ["Height", grouped(height)],
      ["Builds on", hash(parentResult)],
      ["Environment", hash(environmentId)],
      ["Proof", `${grouped(proofBytes)} bytes`],
    ]),
  ];
}

const hexOf = (bytes: Uint8Array): string =>
  `0x${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;

function stateShown(shown: ShownState, anchored: boolean): HTMLElement[] {
  const { kind, address, key, value, block, height, stateRoot, result } = shown;
  const sentence = element(
    "p",
    "",
    "The state ",
    hash(stateRoot),
    ` has ${value === null ? "no " : "this "}`,
  );
  sentence.append(`${kind} value of `, hash(address));
  return [
    sentence,
    facts([
      ["Value", value === null ? "absent" : hash(hexOf(value))],
      ["Key", kind === "account" ? undefined : hash(key)],
      ["Anchored", anchored ? ANCHORED : NOT_ANCHORED],
      ["Block", block === null ? "genesis" : hash(block)],
      ["Height", grouped(height)],
      ["Result", hash(result)],
    ]),
  ];
}

/** What stopped the verifier, where it is no verdict. */
export function failureReport(name: string, failure: VerifyFailure): HTMLElement {
  return element(
    "div",
    "",
    banner("open", "! No verdict", name, failure.message),
    card(
      "What to do",
      facts([
        ["Code", element("code", "", failure.code)],
        ["Advice", failure.hint],
      ]),
    ),
  );
}

function bundleReport(name: string, verified: VerifiedBundle): HTMLElement {
  const { result, transactions, advice } = verified;
  const [mood, title, text] = bundleWords[result.verdict];
  const { shown } = result;
  const finding = result.verdict === "valid" ? undefined : result.finding;
  return element(
    "div",
    "",
    banner(mood, title, name, text),
    finding === undefined ? undefined : findingCard(finding, advice),
    shown === undefined ? undefined : shownCard(shown, verified),
    transactions.length === 0 ? undefined : tableCard(transactions, result.verdict, finding),
  );
}

function banner(mood: string, title: string, name: string, text: string): HTMLElement {
  const made = element(
    "section",
    `card verdict ${mood}`,
    element("h2", "", title),
    element("p", "", element("code", "", name), " · ", text),
  );
  made.id = "verdict";
  return made;
}

function card(title: string, ...children: readonly HTMLElement[]): HTMLElement {
  return element("section", "card", element("h2", "", title), ...children);
}

function findingCard(finding: Finding, advice: string | undefined): HTMLElement {
  const { code, message, transaction, field, got, expected } = finding;
  return card(
    "Why",
    facts([
      ["Finding", element("code", "", code)],
      ["In words", message],
      ["Transaction", transaction === undefined ? undefined : String(transaction)],
      ["Field", field],
      ["Claimed", got === undefined ? undefined : hash(got)],
      ["Right is", expected === undefined ? undefined : hash(expected)],
      ["Advice", advice],
    ]),
  );
}

const verbs = {
  valid: "follows",
  fraud: "does not follow",
  unusable: "is claimed to follow",
} as const;

function shownCard(shown: ShownBlock, { result }: VerifiedBundle): HTMLElement {
  const { verdict, anchored, signaturesChecked, hostFaults } = result;
  const { block, stateRootBefore, rulesHash } = shown;
  const sentence = element("p", "", "block ", hash(block), ` ${verbs[verdict]} from state `);
  sentence.append(hash(stateRootBefore), " under rules ", hash(rulesHash));
  return card(
    verdict === "valid" ? "What was proven" : "What the file claims",
    sentence,
    facts([
      ["Anchored", anchored ? ANCHORED : NOT_ANCHORED],
      ["Height", grouped(shown.height)],
      [
        "Transactions",
        `${grouped(shown.transactions)}, ${grouped(signaturesChecked)} signatures checked`,
      ],
      ["Gas used", grouped(shown.gasUsed)],
      ["State after", hash(shown.stateRoot)],
      ["Environment", hash(shown.environmentId)],
      ["Result", hash(shown.result)],
      [
        "Engine",
        hostFaults.length === 0
          ? undefined
          : `the browser failed on ${hostFaults.length} of the transactions; the proof machine executed them, with the same result for everyone`,
      ],
    ]),
  );
}

function tableCard(
  rows: readonly BodyRow[],
  verdict: "valid" | "fraud" | "unusable",
  finding: Finding | undefined,
): HTMLElement {
  const isShown = verdict === "valid";
  const head = ["", "kind", "sender", "to", isShown ? "outcome" : "claimed outcome", "gas"];
  const body = element("tbody", "");
  const add = (some: readonly BodyRow[]): void => {
    for (const row of some) body.append(tableRow(row, finding?.transaction === row.index));
  };
  // The row at fault is shown in any case.
  const first = rows.slice(0, ROWS_SHOWN);
  const rest = rows.slice(ROWS_SHOWN);
  add(first);
  const wrong = rest.find((row) => row.index === finding?.transaction);
  if (wrong !== undefined) add([wrong]);
  const table = element("table", "", element("thead", "", headRow(head)), body);
  const made = card("Transactions", element("div", "scroll", table));
  if (rest.length === 0) return made;
  const more = element("button", "", `Show all ${grouped(rows.length)}`);
  more.addEventListener("click", () => {
    body.replaceChildren();
    add(rows);
    more.remove();
  });
  made.append(element("p", "", more));
  return made;
}

function headRow(names: readonly string[]): HTMLElement {
  const row = element("tr", "");
  for (const name of names) {
    const cell = element("th", name === "" || name === "gas" ? "number" : "", name);
    cell.setAttribute("scope", "col");
    row.append(cell);
  }
  return row;
}

function tableRow(row: BodyRow, isWrong: boolean): HTMLElement {
  const decoded = "kind" in row;
  const cells: readonly (Node | string)[] = [
    grouped(row.index),
    decoded ? row.kind : "undecodable",
    decoded ? shortHash(row.sender) : "–",
    decoded ? (row.to === null ? "new contract" : shortHash(row.to)) : "–",
    row.outcome ?? "–",
    row.gasUsed === null ? "–" : grouped(row.gasUsed),
  ];
  const made = element("tr", isWrong ? "wrong" : "");
  cells.forEach((cell, i) => {
    made.append(element("td", i === 0 || i === cells.length - 1 ? "number" : "", cell));
  });
  return made;
}
