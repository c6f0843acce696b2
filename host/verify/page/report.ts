// The report of the page: what a verified file showed, in plain words. Decides nothing: verdicts, findings and
// advice are the verifier's.
import type { BodyRow } from "../../chain/body-rows.ts";
import type { Finding } from "../../chain/finding.ts";
import type { ShownBlock } from "../../chain/replay-result.ts";
import type { VerifyFailure } from "../verifier-messages.ts";
import type { VerifiedBundle, VerifiedFile } from "../verify-file.ts";
import { element, facts, grouped, hash, shortHash } from "./elements.ts";

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
  return bundleReport(name, verified);
}

/** What stopped the verifier, where it is no verdict. */
export function failureReport(name: string, failure: VerifyFailure): HTMLElement {
  return element(
    "div",
    "",
    banner("open", "! No verdict", `${name}: ${failure.message}`),
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
    banner(mood, title, `${name}: ${text}`),
    finding === undefined ? undefined : findingCard(finding, advice),
    shown === undefined ? undefined : shownCard(shown, verified),
    transactions.length === 0 ? undefined : tableCard(transactions, result.verdict, finding),
  );
}

function banner(mood: string, title: string, text: string): HTMLElement {
  const made = element(
    "section",
    `card verdict ${mood}`,
    element("h2", "", title),
    element("p", "", text),
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
      [
        "Anchored",
        anchored
          ? "yes: this is the block you named"
          : "no: the file cannot vouch for where it starts; give the hash you expect above",
      ],
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
