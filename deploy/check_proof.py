# fmt: off
"""Checks a proof of `zhongtai ledger proof` with Python alone: python check_proof.py PROOF [THE BANK'S PUBLIC KEY]."""
import json
import sys
from base64 import urlsafe_b64encode
from hashlib import sha256, sha512

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # RFC 8032 §5.1
D, BASE = -121665 * pow(121666, -1, P), bytes([0x58] + [0x66] * 31)

def must(holds, otherwise):
    if not holds:
        raise SystemExit(f"the proof does not hold: {otherwise}")

def point(octets):  # §5.1.3
    y, odd = int.from_bytes(octets, "little") % 2**255, octets[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
    must(x * x % P == square and y < P and (x or not odd), "no point of the curve")
    return (x if x & 1 == odd else P - x), y

def add(p, q):
    k = D * p[0] * q[0] * p[1] * q[1]
    return (p[0]*q[1] + q[0]*p[1]) * pow(1 + k, -1, P) % P, (p[1]*q[1] + p[0]*q[0]) * pow(1 - k, -1, P) % P

def times(number, p):
    return (0, 1) if not number else add(times(number >> 1, add(p, p)), p if number & 1 else (0, 1))

def signed(key, text, signature):  # §5.1.7
    k, s = sha512(signature[:32] + key + text).digest(), int.from_bytes(signature[32:], "little")
    right = add(point(signature[:32]), times(int.from_bytes(k, "little") % ORDER, point(key)))
    return len(signature) == 64 and s < ORDER and times(s, point(BASE)) == right

def root(leaf, index, size, path):  # RFC 6962 §2.1.1
    must(bool(path) == (size > 1) and 0 <= index < size, "the path has not the length of its tree")
    if size == 1:
        return leaf
    half = 1 << (size - 1).bit_length() - 1
    inner = root(leaf, index % half, half if index < half else size - half, path[:-1])
    return sha256(b"\1" + (inner + path[-1] if index < half else path[-1] + inner)).digest()

def check(text, trusted=None):
    proof = json.loads(text)
    entry, seal, path = json.loads(proof["entry"]), json.loads(proof["seal"]), list(map(bytes.fromhex, proof["path"]))
    key, signature = bytes.fromhex(proof["public_key"]), bytes.fromhex(proof["signature"])
    proof |= {"path": [step.hex() for step in path], "signature": signature.hex(), "public_key": key.hex()}
    must(text == json.dumps(proof, ensure_ascii=False, indent=1) + "\n" and len(proof) == 6, "the file was changed")
    members = b'{"crv":"Ed25519","kty":"OKP","x":"' + urlsafe_b64encode(key).rstrip(b"=") + b'"}'  # RFC 7638
    named = seal[7] == urlsafe_b64encode(sha256(members).digest()).rstrip(b"=").decode()
    must(named and trusted in (None, key.hex()) and seal[0] == "zhongtai.ledger_seal.1", "another key")
    must(signed(key, proof["seal"].encode(), signature), "the seal is not signed by the key")
    entry = entry if entry[0] == "zhongtai.ledger.2" else [entry[0], "general", *entry[1:]]
    leaf = sha256(b"\0" + sha256(proof["entry"].encode()).digest()).digest()
    under = entry[1] == seal[1] and root(leaf, int(entry[2]) - 1, int(seal[3]), path).hex() == seal[4]
    must(under and proof["form"] == "zhongtai.ledger_proof.1", "the entry is not under the seal")
    return f"entry {entry[3]}, {entry[2]} of {seal[1]}, is under the seal of {seal[6]}, signed by {key.hex()}"

if __name__ == "__main__":
    print(check(open(sys.argv[1], "rb").read().decode(), *sys.argv[2:3]))  # noqa: PTH123, SIM115
