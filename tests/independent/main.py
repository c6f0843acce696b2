"""Runs every vector and every bundle of transfers in fixtures/: python3 tests/independent/main.py [--json].

Prints what was run and what differs; ends with 1 if anything does."""

import json
import sys
import time

from formats import (
    HEAD, ROOT, Finding, block_hash, contract_address, digest, event_link, parts_of, read_head,
    sender_of, transaction_hash, wasm_length,
)
from phases import judge
from primitives import (
    ZERO, big, bytes_hash, bytes_root, keccak, list_root, recover, u, verify_signature,
)
from replay import Bundle, replay

FIXTURES = ROOT / "fixtures"
BEYOND = ("bundles/prepare-rules-cheap",)  # prepare rules of the past are for who runs prepare

def _vectors(name): return json.loads((FIXTURES / "vectors" / name).read_text("utf8"))
def _unhex(text): return bytes.fromhex(text[2:])

# Each suite yields (name, what is right, what this implementation says).

def hashes():
    for one in _vectors("hashes.json")["bytes"]:
        data = bytes((167 * i + 59 * (i // 256) + 13) % 256 for i in range(one["pattern"]))
        right = [_unhex(one[name]) for name in ("keccak", "bytesRoot", "bytesHash")]
        yield f"{len(data)} bytes", right, [keccak(data), bytes_root(data), bytes_hash(data)]
    for one in _vectors("hashes.json")["lists"]:
        leaves = [keccak(u(i, 4)) for i in range(one["count"])]
        yield f"{len(leaves)} leaves", _unhex(one["root"]), list_root(one["depth"], leaves)
def signatures():
    for one in _vectors("signatures.json")["verify"]:
        arguments = (_unhex(one[name]) for name in ("digest", "signature", "publicKey"))
        yield one["name"], one["valid"], verify_signature(*arguments)
    for one in _vectors("signatures.json")["recover"]:
        key = one["publicKey"] and _unhex(one["publicKey"])
        yield one["name"], key, recover(_unhex(one["digest"]), _unhex(one["signature"]))
def transactions():
    new = _vectors("transactions.json")["contractAddress"]
    found = contract_address(_unhex(new["environment"]), _unhex(new["sender"]), int(new["nonce"]))
    yield "contract address", _unhex(new["address"]), found
    for one in _vectors("transactions.json")["entries"]:
        name, entry = one["name"], _unhex(one["bytes"])
        yield name, _unhex(one["hash"]), transaction_hash(*parts_of(entry))
        head = read_head(entry[:HEAD]) if len(entry) >= HEAD else None
        parts = len(entry), bytes_root(entry[HEAD:]), lambda _: big(entry[HEAD : HEAD + 4])
        yield name, one["decodes"], bool(head) and wasm_length(head, *parts) is not None
        if one["decodes"]: yield name, _unhex(one["digest"] + one["sender"][2:]), digest(head) + sender_of(head)
def blocks():
    file = _vectors("blocks.json")
    found = block_hash(*(_unhex(file[name]["bytes"]) for name in ("order", "parentResult", "result")))
    yield "block hash", _unhex(file["blockHash"]), found
    leaves, chain = [keccak(_unhex(one["bytes"])) for one in file["receipts"]], ZERO
    yield "receipts", _unhex(file["receiptsRoot"]), list_root(20, leaves)
    for one in file["events"]:
        data, topics = _unhex(one["data"]), b"".join(map(_unhex, one["topics"]))
        chain = event_link(chain, _unhex(one["emitter"]), topics, len(data), bytes_root(data))
        yield "event", _unhex(one["chain"]), chain
    yield "bundle", _unhex(file["order"]["bytes"]), Bundle(_unhex(file["bundle"])).order_bytes
def step_proofs():
    for one in _vectors("step-proofs.json")["proofs"]:
        right = _unhex(one["post"]) if "post" in one else None, one.get("rejected")
        yield one["name"], right, judge(_unhex(one["pre"]), _unhex(one["proof"]))
def _verdict(path):  # The block hash that a bundle shows, or the finding.
    try:
        return replay(path.read_bytes())
    except Finding as finding:
        return str(finding)
def bundles():
    roots = json.loads((FIXTURES / "roots.json").read_text("utf8"))
    for path in sorted((FIXTURES / "bundles").glob("*.bundle")):
        scenario, height = path.stem.rsplit("-", 1)
        yield path.stem, _unhex(roots[scenario + ".json"][int(height) - 1]["block"]), _verdict(path)
def hostile_bundles():
    for case in json.loads((FIXTURES / "hostile" / "expected.json").read_text("utf8")):
        name, is_file = case["name"], case["args"][0] == "replay" and not case["generated"]
        if is_file and name.startswith("bundles/") and name not in BEYOND:
            yield name, case["code"], _verdict(FIXTURES / "hostile" / case["files"][0])
def main():
    rows = []
    for suite in hashes, signatures, transactions, blocks, step_proofs, bundles, hostile_bundles:
        started, results = time.process_time(), list(suite())
        wrong = [name for name, right, said in results if right != said]
        rows.append({"suite": suite.__name__, "run": len(results), "wrong": wrong})
        if "--json" in sys.argv: continue
        seconds = time.process_time() - started
        print(f"{suite.__name__:16} {len(results):5} run {len(wrong):5} wrong {seconds:7.2f} s")
        for name in wrong: print(f"  differs: {name}")
    if "--json" in sys.argv: print(json.dumps(rows))
    return 1 if any(row["wrong"] or not row["run"] for row in rows) else 0

if __name__ == "__main__": sys.exit(main())
