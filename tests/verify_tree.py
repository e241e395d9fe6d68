#!/usr/bin/env python3
"""Verifies an exported transparency tree with nothing of Throughline's: `pymerkle` for the Merkle tree and its proofs,
`cryptography` for Ed25519. It installs nothing.

    python3 tests/verify_tree.py DIR [--key VKEY] [--proof FILE]... [--mutate N]

DIR is what `throughline tree export DIR` wrote. --proof checks texts of `GET /v1/events/{id}/proof` too. --mutate
changes one byte of a copy, N times and anywhere, and wants each to be refused. Exit status: 0 all is well; 1 it is not;
3 a library is missing.
"""

import argparse
import base64
import hashlib
import pathlib
import random
import shutil
import sys
import tempfile

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from pymerkle import InmemoryTree, InvalidProof, verify_inclusion
    from pymerkle.proof import InclusionProof
except ImportError as missing:
    print(f"{missing}; python3 -m pip install pymerkle cryptography", file=sys.stderr)
    sys.exit(3)


class Refused(Exception):
    pass


def want(holds, why):
    if not holds:
        raise Refused(why)


def root_of(tree):
    return tree.get_root() if hasattr(tree, "get_root") else tree.get_state()


def key_of(vkey):
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key, validate=True)
    want(len(key) == 33 and key[0] == 1, "the key is not Ed25519")
    want(hashlib.sha256(name.encode() + b"\n" + key).digest()[:4].hex() == key_id, "the key has another id")
    return name, key_id, Ed25519PublicKey.from_public_bytes(key[1:])


def head_of(note, vkey):
    """Origin, size and root of a note, where the key signed it."""
    name, key_id, key = key_of(vkey)
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        mark, signer, written = line.split(" ")
        signature = base64.b64decode(written, validate=True)
        want(base64.b64encode(signature).decode() == written, "the signature's base64 has another form")
        if (mark, signer, signature[:4].hex()) == ("—", name, key_id):
            key.verify(signature[4:], text.encode())
            origin, size, root = text.splitlines()[:3]
            want(origin == name, "the checkpoint is of another log")
            return int(size), base64.b64decode(root, validate=True)
    raise Refused("no signature is by the key")


def name_of(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < 256 else "")


def tiles_of(size):
    """The tiles of one level in a tree of so many hashes."""
    return [(index, min(256, size - 256 * index)) for index in range((size + 255) // 256)]


def entries_of(bundle):
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        want(len(bundle) >= 2 + length, "a bundle ends within an entry")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


def verify(directory, vkey=None, proofs=()):
    directory = pathlib.Path(directory)
    files = {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}
    own = files.pop("log.vkey").decode()
    want(own.endswith("\n") and own.count("\n") == 1, "log.vkey is not one line")
    want(vkey is None or vkey.strip() == own.strip(), "log.vkey is another key than the one given")
    note = files.pop("checkpoint").decode()
    want(note.endswith("\n"), "the checkpoint has no end")
    vkey = vkey or own
    size, root = head_of(note, vkey)
    tree = InmemoryTree(algorithm="sha256")
    for index, width in tiles_of(size):
        entries = entries_of(files.pop(name_of("entries", index, width)))
        want(len(entries) == width, "a bundle has another number of entries")
        for entry in entries:
            position = int.from_bytes(entry[1:9], "big")
            want(position == tree.get_size(), f"entry {tree.get_size()} is the event of position {position}")
            tree.append_entry(entry)
    want(size == 0 or root_of(tree) == root, "the entries lead to another root than the signed one")
    hashes, level = [leaf(tree, index) for index in range(size)], 0
    while hashes:
        for index, width in tiles_of(len(hashes)):
            tile = files.pop(name_of(level, index, width))
            want(tile == b"".join(hashes[256 * index : 256 * index + width]), f"tile {level}/{index} is another")
        if level == 0:
            leaves = hashes
        hashes, level = [node(hashes[n : n + 256]) for n in range(0, len(hashes) - 255, 256)], level + 1
    for name in sorted(name for name in files if name.startswith("witnessed/")):
        cosigned, its_root = head_of(files.pop(name).decode(), vkey)
        want(cosigned <= size, f"{name} covers more than the checkpoint")
        want(cosigned == 0 or merkle_root(leaves[:cosigned]) == its_root, f"{name} is of another history")
    want(not files, f"files that belong to no tree: {sorted(files)[:3]}")
    for index in sorted({0, size // 3, size - 1} & set(range(size))):
        verify_inclusion(leaf(tree, index), root, tree.prove_inclusion(number(tree, index), size))
    for proof in proofs:
        verify_proof(proof, tree, vkey)
    return size, root


def merkle_root(hashes):
    """RFC 6962 section 2.1, from leaf hashes."""
    if len(hashes) == 1:
        return hashes[0]
    left = 1 << (len(hashes) - 1).bit_length() - 1
    return node([merkle_root(hashes[:left]), merkle_root(hashes[left:])])


def node(hashes):
    while len(hashes) > 1:
        hashes = [
            hashlib.sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2])
        ]
    return hashes[0]


def first_is_one(tree):
    """Whether this version of pymerkle counts leaves from 1."""
    try:
        tree.get_leaf(0)
        return False
    except Exception:
        return True


def number(tree, index):
    return index + 1 if first_is_one(tree) else index


def leaf(tree, index):
    return tree.get_leaf(number(tree, index))


def verify_proof(text, tree, vkey):
    """One text of c2sp.org/tlog-proof@v1, its path checked by pymerkle against the head that it brings."""
    head, _, note = text.partition("\n\n")
    lines = head.split("\n")
    want(lines.pop(0) == "c2sp.org/tlog-proof@v1", "it is no proof")
    extra = base64.b64decode(lines.pop(0).removeprefix("extra "), validate=True)
    index = int(lines.pop(0).removeprefix("index "))
    path = [base64.b64decode(line, validate=True) for line in lines]
    size, root = head_of(note, vkey)
    base = hashlib.sha256(b"\x00" + extra).digest()
    shape = tree.prove_inclusion(number(tree, index), size).serialize()
    shape["path"] = [base.hex()] + [digest.hex() for digest in path]
    verify_inclusion(base, root, InclusionProof.deserialize(shape))


def mutate(directory, vkey, times):
    """How many changes of one byte were refused."""
    chance, refused = random.Random(1), 0
    for _ in range(times):
        with tempfile.TemporaryDirectory() as copy:
            copy = pathlib.Path(copy) / "tree"
            shutil.copytree(directory, copy)
            files = sorted(path for path in copy.rglob("*") if path.is_file())
            path = chance.choice(files)
            data = bytearray(path.read_bytes())
            at = chance.randrange(len(data))
            data[at] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            try:
                verify(copy, vkey)
                print(f"NOT FOUND: byte {at} of {path.relative_to(copy)}", file=sys.stderr)
            except (Refused, InvalidSignature, InvalidProof, ValueError, KeyError, IndexError):
                refused += 1
    return refused


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    parser.add_argument("--key")
    parser.add_argument("--proof", action="append", default=[])
    parser.add_argument("--mutate", type=int, default=0)
    args = parser.parse_args()
    try:
        proofs = [pathlib.Path(proof).read_text() for proof in args.proof]
        size, root = verify(args.directory, args.key, proofs)
    except (Refused, InvalidSignature, InvalidProof, ValueError, KeyError, IndexError) as error:
        print(f"refused: {error!r}", file=sys.stderr)
        sys.exit(1)
    print(f"{size} entries, root {root.hex()}, {len(proofs)} proofs: all as signed")
    if args.mutate:
        refused = mutate(args.directory, args.key, args.mutate)
        print(f"{args.mutate} changes of one byte, {refused} refused")
        sys.exit(0 if refused == args.mutate else 1)


if __name__ == "__main__":
    main()
