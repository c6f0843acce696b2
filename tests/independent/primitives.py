"""Hashes, trees and signatures (docs/formats.md 1 and 3), on Python's standard library alone."""
import hashlib
import struct
from functools import lru_cache
RATE, ZERO = 136, bytes(32)
def u(number, size): return (number % 256**size).to_bytes(size, "big")  # modulo what the field holds
def big(data): return int.from_bytes(data, "big")
def sha256(data): return hashlib.sha256(data).digest()
def _rotate(lane, by): return (lane << by % 64 | lane >> -by % 64) % 2**64

def _permute(a):  # Keccak-f[1600] (FIPS 202 section 3) of 25 lanes x + 5y, in place.
    register = 1
    for _ in range(24):
        c = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in range(5)]
        d = [c[x - 1] ^ _rotate(c[x - 4], 1) for x in range(5)]
        a[:] = [lane ^ d[i % 5] for i, lane in enumerate(a)]
        x, y, moved = 1, 0, a[1]
        for t in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            moved, a[x + 5 * y] = a[x + 5 * y], _rotate(moved, (t + 1) * (t + 2) // 2)
        for y in (0, 5, 10, 15, 20):
            row = a[y : y + 5]
            a[y : y + 5] = [row[x] ^ ~row[x - 4] & row[x - 3] for x in range(5)]
        for j in range(7):
            a[0] ^= (register & 1) << (1 << j) - 1
            register = register << 1 ^ (0x171 if register & 0x80 else 0)

@lru_cache(maxsize=1 << 16)
def keccak(data):  # Keccak-256 (section 1). Cached: openings hash the same nodes before and after a step.
    padding, lanes = RATE - len(data) % RATE, [0] * 25
    padded = data + (b"\x01" + bytes(padding - 2) + b"\x80" if padding > 1 else b"\x81")
    for at in range(0, len(padded), RATE):
        lanes[:17] = [lane ^ word for lane, word in zip(lanes, struct.unpack_from("<17Q", padded, at))]
        _permute(lanes)
    return struct.pack("<4Q", *lanes[:4])

class Tree:  # A kind of binary tree (section 1): its hashes, and the roots of subtrees of zero leaves.
    def __init__(self, hash_node, hash_leaf, leaf_size):
        self.hash_leaf, self.leaf_size = hash_leaf, leaf_size
        self.node = lambda left, right: hash_node(left + right)
    def zero(self, level):
        return self.node(*[self.zero(level - 1)] * 2) if level else self.hash_leaf(bytes(self.leaf_size))
    def root(self, depth, hashes):  # The root over the first leaves' hashes; all others are zero leaves.
        for level in range(depth):
            hashes = hashes + [self.zero(level)] * (len(hashes) % 2)
            hashes = [self.node(*hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
        return hashes[0] if hashes else self.zero(depth)
    def depth_of(self, length):  # The least d with leaf size · 2^d >= length.
        return (max(1, -(-length // self.leaf_size)) - 1).bit_length()
    def root_of(self, data):
        size = self.leaf_size
        leaves = [data[i : i + size].ljust(size, b"\0") for i in range(0, len(data), size)]
        return self.root(self.depth_of(len(data)), [self.hash_leaf(leaf) for leaf in leaves])

# Regions of the machine, inputs, outputs; transactions, receipts, outbox; values of the state.
PAGES, LIST, CHUNKS = Tree(keccak, keccak, 128), Tree(keccak, bytes, 32), Tree(sha256, bytes, 32)
bytes_root, list_root = PAGES.root_of, LIST.root
def bytes_hash(data): return keccak(u(len(data), 4) + bytes_root(data))

P = 2**256 - 2**32 - 977  # secp256k1
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
G = (0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
     0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8)
def _add(a, b):  # The sum of two points; None is the point at infinity.
    if a is None or b is None: return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0: return None
    rise, run = (3 * a[0] * a[0], 2 * a[1]) if a == b else (b[1] - a[1], b[0] - a[0])
    slope = rise * pow(run, -1, P) % P
    x = (slope * slope - a[0] - b[0]) % P
    return x, (slope * (a[0] - x) - a[1]) % P
def _combine(k, a, m, b):  # k·a + m·b.
    both, total = _add(a, b), None
    for i in reversed(range(256)):
        total = _add(_add(total, total), (None, a, b, both)[(k >> i & 1) + 2 * (m >> i & 1)])
    return total
def recover(digest, signature):  # docs/host-calls.md number 16: the public key of r ‖ s ‖ v, or None.
    r, s, v = big(signature[:32]), big(signature[32:64]), signature[64]
    y = pow(r**3 + 7, (P + 1) // 4, P)
    is_valid = v in (27, 28) and 0 < r < N and 0 < s <= N // 2 and (y * y - r**3 - 7) % P == 0
    if not is_valid: return None
    inverse, point = pow(r, -1, N), (r, y if y % 2 == v - 27 else P - y)
    key = _combine(-big(digest) * inverse % N, G, s * inverse % N, point)
    return key and u(key[0], 32) + u(key[1], 32)
def signers(digest, signature):  # The public keys, two at most, whose signature r ‖ s is, by section 3.
    keys = [recover(digest, signature + bytes([v])) for v in (27, 28)]
    return [key for key in keys if key and big(signature[:32]) >= P - N]
