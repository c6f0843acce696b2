"""Canonical rules (docs/rules.md): the field table of that page is read from the page itself."""

import re
from pathlib import Path

from codec import Finding, Reader

PAGE = Path(__file__).resolve().parents[2] / "docs" / "rules.md"
HOST_CALLS = 19
REQUIRED = (1, 2, 3, 5, 6, 14)  # input, output, revert, storage_open, value_read, keccak256
RESERVED = (18, 19)  # send_message, upgrade


def _fields():
    """(name, size in bytes or None, least, greatest) of each field, in the order of the encoding."""
    rows = re.findall(r"^\| `([\w.]+)` \|[^|]*\| ([^|]*) \| ([^|]*) \|", PAGE.read_text("utf8"), re.M)
    for name, allowed, encoding in rows:
        bits = re.fullmatch(r"u(\d+)", encoding)
        if not bits:
            yield name, None, 0, 0
            continue
        bounds = [int(number.replace(",", "")) for number in allowed.split(" … ")]
        yield name, int(bits[1]) // 8, bounds[0], bounds[-1]


FIELDS = list(_fields())


def _flag(reader):
    flag = reader.number(1)
    if flag > 1:
        raise Finding("BYTES_NOT_CANONICAL")
    return flag


def _addresses(reader, least):
    found = [reader.take(20) for _ in range(reader.number(1))]
    if not least <= len(found) <= 16:
        raise Finding("RULES_RANGE")
    if found != sorted(set(found)):
        raise Finding("BYTES_NOT_CANONICAL")
    return found


def _special(name, reader):
    """The fields of the table \"Canonical encoding\" that are no number."""
    if name == "hostCallsAllowed":
        return [_flag(reader) for _ in range(HOST_CALLS)]
    if not _flag(reader):
        return None
    if name == "guardian":
        return reader.take(20)
    if name == "deployers":
        return _addresses(reader, 0)
    members, threshold = _addresses(reader, 1), reader.number(1)
    if not 1 <= threshold <= len(members):
        raise Finding("RULES_CONFLICT")
    return members, threshold


def read_rules(data):
    """Decodes and checks rules; the result maps names of fields to values."""
    reader, rules = Reader(data), {}
    out_of_range = False
    for name, size, least, greatest in FIELDS:
        if size is None:
            rules[name] = _special(name, reader)
            continue
        rules[name] = reader.number(size)
        if name == "version" and rules[name] != 1:
            raise Finding("RULES_VERSION_UNKNOWN")
        out_of_range |= not least <= rules[name] <= greatest
    reader.end()
    if out_of_range:
        raise Finding("RULES_RANGE")
    _check_together(rules)
    return rules


def _check_together(rules):
    """\"Beyond the ranges\"; whether prepare fits into the limits is for one who can run it."""
    allowed = rules["hostCallsAllowed"]
    if any(allowed[number - 1] for number in RESERVED):
        raise Finding("RULES_HOST_CALL_RESERVED")
    if not all(allowed[number - 1] for number in REQUIRED):
        raise Finding("RULES_HOST_CALL_REQUIRED")
    frame = min(rules["gas.intrinsic.transaction"], rules["gas.hostCalls.call.base"]) + rules["gas.entry.base"]
    steps = rules["gas.perBlock"] * (frame + 2 * rules["module.bodyInstructions"])
    if rules["gas.perTransaction"] > rules["gas.perBlock"] or steps > (2**32 - 2**24 - 2**16) * frame:
        raise Finding("RULES_CONFLICT")




def check_prepare_rules(data):
    """Prepare rules of the past (docs/program.md section 7) are held to the ranges of the same fields.

    Bytes that are none are left to be found unused: no code record names them."""
    instructions, calls, entry = FIELDS[2:22], FIELDS[22:60], FIELDS[60:63]
    limits = [field for field in FIELDS if field[0].startswith("module.")]
    layout = [("version", 1, 1, 1), ("program version", 2, 1, 1), ("count", 1, 20, 20)] + instructions
    layout.append(("count", 1, HOST_CALLS, HOST_CALLS))
    for i in range(HOST_CALLS):
        layout += [("allowed", 1, 0, 1)] + calls[2 * i : 2 * i + 2]
    layout += entry + [("count", 1, len(limits), len(limits))] + limits
    if len(data) != sum(size for _, size, _, _ in layout):
        return
    reader = Reader(data)
    if any(not least <= reader.number(size) <= greatest for _, size, least, greatest in layout):
        raise Finding("RULES_RANGE")
