"""Runs every vector and every bundle of transfers in fixtures/: python3 tests/independent/main.py [--json].

Prints what was run and what differs; ends with 1 if anything does."""

import json
import sys
import time
from pathlib import Path

from codec import (
    Finding, address_of, block_hash, contract_address, decode_transaction, digest, event_link, read_head, read_order,
    read_result, transaction_hash,
)
from primitives import ZERO, bytes_hash, bytes_root, keccak, list_root, recover, u, verify_signature
from phases import judge
from replay import Bundle, replay

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def vectors(name):
    return json.loads((FIXTURES / "vectors" / name).read_text("utf8"))


def unhex(text):
    return bytes.fromhex(text[2:])


def pattern(length):
    return bytes((167 * i + 59 * (i // 256) + 13) % 256 for i in range(length))


# Each suite yields (name, what is right, what this implementation says); only unequal ones are printed.


def hashes():
    for one in vectors("hashes.json")["bytes"]:
        data = pattern(one["pattern"])
        for function, key in ((keccak, "keccak"), (bytes_root, "bytesRoot"), (bytes_hash, "bytesHash")):
            yield f"{key} of {len(data)} bytes", unhex(one[key]), function(data)
    for one in vectors("hashes.json")["lists"]:
        leaves = [keccak(u(i, 4)) for i in range(one["count"])]
        yield f"list of {one['count']} leaves", unhex(one["root"]), list_root(one["depth"], leaves)


def signatures():
    for one in vectors("signatures.json")["verify"]:
        arguments = unhex(one["digest"]), unhex(one["signature"]), unhex(one["publicKey"])
        yield one["name"], one["valid"], verify_signature(*arguments)
    for one in vectors("signatures.json")["recover"]:
        key = one["publicKey"] and unhex(one["publicKey"])
        yield one["name"], key, recover(unhex(one["digest"]), unhex(one["signature"]))


def transactions():
    file = vectors("transactions.json")
    new = file["contractAddress"]
    found = contract_address(unhex(new["environment"]), unhex(new["sender"]), int(new["nonce"]))
    yield "contract address", unhex(new["address"]), found
    for one in file["entries"]:
        entry = unhex(one["bytes"])
        yield one["name"], unhex(one["hash"]), transaction_hash(entry)
        yield one["name"], one["decodes"], decode_transaction(entry) is not None
        if one["decodes"]:
            head = read_head(entry[:256])
            yield one["name"], (unhex(one["digest"]), unhex(one["sender"])), (digest(head), address_of(head.key))


def blocks():
    file = vectors("blocks.json")
    order, parent = read_order(unhex(file["order"]["bytes"])), read_result(unhex(file["parentResult"]["bytes"]))
    result = read_result(unhex(file["result"]["bytes"]))
    yield "order hash", unhex(file["order"]["hash"]), order.hash
    yield "block hash", unhex(file["blockHash"]), block_hash(order, parent, result)
    leaves = [keccak(unhex(one["bytes"])) for one in file["receipts"]]
    yield "receipts", ([unhex(one["leaf"]) for one in file["receipts"]], unhex(file["receiptsRoot"])), (leaves, list_root(20, leaves))
    chain = ZERO
    for one in file["events"]:
        data, topics = unhex(one["data"]), b"".join(map(unhex, one["topics"]))
        chain = event_link(chain, unhex(one["emitter"]), topics, len(data), bytes_root(data))
        yield "event", unhex(one["chain"]), chain
    yield "bundle", order, Bundle(unhex(file["bundle"])).order


def step_proofs():
    for one in vectors("step-proofs.json")["proofs"]:
        right = unhex(one["post"]) if "post" in one else None, one.get("rejected")
        yield one["name"], right, judge(unhex(one["pre"]), unhex(one["proof"]))


def verdict(path):
    """The block hash that a bundle shows, or the finding."""
    try:
        return replay(path.read_bytes())
    except Finding as finding:
        return str(finding)


def bundles():
    roots = json.loads((FIXTURES / "roots.json").read_text("utf8"))
    for path in sorted((FIXTURES / "bundles").glob("*.bundle")):
        scenario, height = path.stem.rsplit("-", 1)
        yield path.stem, unhex(roots[scenario + ".json"][int(height) - 1]["block"]), verdict(path)


def hostile_bundles():
    for case in json.loads((FIXTURES / "hostile" / "expected.json").read_text("utf8")):
        if case["args"][0] == "replay" and case["name"].startswith("bundles/") and not case["generated"]:
            yield case["name"], case["code"], verdict(FIXTURES / "hostile" / case["files"][0])


SUITES = hashes, signatures, transactions, blocks, step_proofs, bundles, hostile_bundles


def run(suite):
    started, results = time.process_time(), list(suite())
    wrong = [name for name, right, said in results if right != said]
    return {"suite": suite.__name__, "run": len(results), "wrong": wrong, "seconds": time.process_time() - started}


def main():
    results = []
    for suite in SUITES:
        results.append(run(suite))
        if "--json" not in sys.argv:
            print("{suite:16} {run:5} run {0:5} wrong {seconds:7.2f} s".format(len(results[-1]["wrong"]), **results[-1]))
            for name in results[-1]["wrong"]:
                print(f"  differs: {name}")
    if "--json" in sys.argv:
        print(json.dumps(results))
    return 1 if any(result["wrong"] or not result["run"] for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
