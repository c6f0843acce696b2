"""Runs every vector and every bundle of transfers in fixtures/: python3 tests/independent/main.py.
Prints a line of JSON for each suite: what was run, and what differs. Ends with 1 if anything does."""
import json
import re
import sys
from formats import (HEAD, ROOT, Finding, block_hash, contract_address, digest, event_link, parts_of,
                     sender_of, transaction_hash, wasm_length)
from phases import judge
from primitives import ZERO, big, bytes_hash, bytes_root, keccak, list_root, recover, signers, u
from replay import Bundle, replay
FIXTURES = ROOT / "fixtures"
BEYOND = ("bundles/prepare-rules-cheap",)  # prepare rules of the past are for who runs prepare

def plain(value):  # JSON with bytes in place of 0x….
    if isinstance(value, dict): return {name: plain(part) for name, part in value.items()}
    if isinstance(value, list): return [plain(part) for part in value]
    is_hex = isinstance(value, str) and re.fullmatch(r"0x([0-9a-f]{2})*", value)
    return bytes.fromhex(value[2:]) if is_hex else value
def read(name): return plain(json.loads((FIXTURES / name).read_text("utf8")))
def verdict(path):  # The block hash that a bundle shows, or the finding.
    try: return replay(path.read_bytes())
    except Finding as finding: return str(finding)

# Each suite yields (name, what is right, what this implementation says).
def hashes():
    for one in read("vectors/hashes.json")["bytes"]:
        data = bytes((167 * i + 59 * (i // 256) + 13) % 256 for i in range(one["pattern"]))
        found = keccak(data), bytes_root(data), bytes_hash(data)
        yield f"{len(data)} bytes", (one["keccak"], one["bytesRoot"], one["bytesHash"]), found
    for one in read("vectors/hashes.json")["lists"]:
        leaves = [keccak(u(i, 4)) for i in range(one["count"])]
        yield f"{len(leaves)} leaves", one["root"], list_root(one["depth"], leaves)
def signatures():
    for one in read("vectors/signatures.json")["verify"]:
        yield one["name"], one["valid"], one["publicKey"] in signers(one["digest"], one["signature"])
    for one in read("vectors/signatures.json")["recover"]:
        yield one["name"], one["publicKey"], recover(one["digest"], one["signature"])
def transactions():
    new = read("vectors/transactions.json")["contractAddress"]
    found = contract_address(new["environment"], new["sender"], int(new["nonce"]))
    yield "contract address", new["address"], found
    for one in read("vectors/transactions.json")["entries"]:
        name, entry = one["name"], one["bytes"]
        yield name, one["hash"], transaction_hash(*parts_of(entry))
        head, rest = HEAD.read(entry) if len(entry) >= HEAD.size else None, entry[HEAD.size :]
        length = head and wasm_length(head, len(entry), bytes_root(rest), lambda _: big(rest[:4]))
        yield name, one["decodes"], length is not None
        if one["decodes"]: yield name, one["digest"] + one["sender"], digest(head) + sender_of(head)
def blocks():
    file, chain = read("vectors/blocks.json"), ZERO
    found = block_hash(*(file[name]["bytes"] for name in ("order", "parentResult", "result")))
    yield "block hash", file["blockHash"], found
    leaves = [keccak(one["bytes"]) for one in file["receipts"]]
    yield "receipts", file["receiptsRoot"], list_root(20, leaves)
    for one in file["events"]:
        data, topics = one["data"], b"".join(one["topics"])
        chain = event_link(chain, one["emitter"], topics, len(data), bytes_root(data))
        yield "event", one["chain"], chain
    yield "bundle", file["order"]["bytes"], Bundle(file["bundle"]).headers[0]
def step_proofs():
    for one in read("vectors/step-proofs.json")["proofs"]:
        yield one["name"], (one.get("post"), one.get("rejected")), judge(one["pre"], one["proof"])
def bundles():
    for path in sorted((FIXTURES / "bundles").glob("*.bundle")):
        scenario, height = path.stem.rsplit("-", 1)
        yield path.stem, read("roots.json")[scenario + ".json"][int(height) - 1]["block"], verdict(path)
def hostile_bundles():
    for case in read("hostile/expected.json"):
        name, is_file = case["name"], case["args"][0] == "replay" and not case["generated"]
        if is_file and name.startswith("bundles/") and name not in BEYOND:
            yield name, case["code"], verdict(FIXTURES / "hostile" / case["files"][0])
SUITES = hashes, signatures, transactions, blocks, step_proofs, bundles, hostile_bundles
def run(suite):
    results = list(suite())
    wrong = [name for name, right, said in results if right != said]
    print(json.dumps({"suite": suite.__name__, "run": len(results), "wrong": wrong}), flush=True)
    return results and not wrong

if __name__ == "__main__": sys.exit(0 if all([run(suite) for suite in SUITES]) else 1)
