#!/usr/bin/env python3
"""Checks an audit pack with nothing of Throughline's: made from docs/formats/audit-pack.md, docs/formats/log.md and the
specifications they name. Needs `cryptography`.

    python3 tests/verify_pack.py PACK [--key VKEY]

What it leaves to the program: comparing every field of events.ndjson with the stored forms, and the page with the events. It
checks the key, the checkpoint, every proof, each journey's chain, that every opening opens the sealed part whose hash the
leaf has and nothing else, that personal words which events.ndjson tells stand in the opened part, that a consent which the
manifest names and the pack shows was given so, and every file's hash.
"""

import base64
import hashlib
import json
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305


class Wrong(Exception):
    pass


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def need(holds, file, what):
    if not holds:
        raise Wrong(f"{file}: {what}")


def open_note(note, vkey):
    """C2SP signed-note, of a key of algorithm 1."""
    name, key_id, key = vkey.split("+", 2)
    key = base64.b64decode(key, validate=True)
    need(key[0] == 1 and len(key) == 33, "log.vkey", "no Ed25519 key")
    need(sha256(name.encode(), b"\n", key)[:4].hex() == key_id, "log.vkey", "the key id is another's")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        mark, signer, signature = line.split(" ")
        signature = base64.b64decode(signature, validate=True)
        if mark == "—" and signer == name and signature[:4].hex() == key_id:
            Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text.encode())
            origin, size, root = text.split("\n")[:3]
            need(origin == name, "checkpoint", "it is of another log")
            return int(size), base64.b64decode(root, validate=True)
    raise Wrong("checkpoint: the key did not sign it")


def root_of(index, size, leaf, path):
    """RFC 9162 section 2.1.3.2."""
    node, last, at = index, size - 1, leaf
    need(index < size, "proofs", "past the checkpoint")
    for sibling in path:
        need(last != 0, "proofs", "a path too long")
        if node & 1 or node == last:
            at = sha256(b"\x01", sibling, at)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            at = sha256(b"\x01", at, sibling)
        node, last = node >> 1, last >> 1
    need(last == 0, "proofs", "a path too short")
    return at


def leaf_of(data):
    def take(count):
        nonlocal at
        need(at + count <= len(data), "leaf", "it ends too early")
        at += count
        return data[at - count : at]

    def text():
        return take(struct.unpack(">H", take(2))[0]).decode()

    at = 0
    need(take(1) == b"\x01", "leaf", "unknown version")
    leaf = {"position": struct.unpack(">Q", take(8))[0], "journey": take(16).hex()}
    leaf |= {"version": struct.unpack(">Q", take(8))[0], "type": text(), "actor": text(), "precision": take(1)[0]}
    leaf |= {"recorded": struct.unpack(">q", take(8))[0], "previous": take(32), "header": data[:at]}
    leaf |= {"facts": take(32), "personal": take(32)}
    need(at == len(data), "leaf", "there are bytes after it")
    return leaf


def texts(value):
    if isinstance(value, dict):
        return [text for inner in value.values() for text in texts(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in texts(inner)]
    return [value] if isinstance(value, str) else []


def check(pack, vkey):
    files = {str(path.relative_to(pack)): path.read_bytes() for path in pack.rglob("*") if path.is_file()}
    manifest = json.loads(files["manifest.json"])
    need(manifest["format"] == "throughline audit pack 2", "manifest.json", "another format")
    need(set(files) == set(manifest["files"]) | {"manifest.json"}, "manifest.json", "it names other files")
    for name, file in manifest["files"].items():
        need(hashlib.sha256(files[name]).hexdigest() == file["sha256"], name, "it was changed")
    own = files["log.vkey"].decode().rstrip("\n")
    need(vkey in (None, own), "log.vkey", "it is another key than the one given")
    note = files["checkpoint"].decode()
    size, root = open_note(note, own)

    leaves, proved = {}, sorted(int(n[7:-11]) for n in files if n.startswith("proofs/"))
    last, recorded = {}, None
    for position in proved:
        name = f"proofs/{position}.tlog-proof"
        head, _, its_note = files[name].decode().partition("\n\n")
        first, extra, index, *path = head.split("\n")
        need(first == "c2sp.org/tlog-proof@v1" and its_note == note, name, "no proof under this checkpoint")
        need(index == f"index {position}", name, "it is of another position")
        data = base64.b64decode(extra.removeprefix("extra "), validate=True)
        at = sha256(b"\x00", data)
        path = [base64.b64decode(line, validate=True) for line in path]
        need(root_of(position, size, at, path) == root, name, "it does not lead to the signed root")
        leaf = leaves[position] = leaf_of(data)
        need(leaf["position"] == position, name, "its leaf is of another position")
        version, previous = last.get(leaf["journey"], (0, bytes(32)))
        need((leaf["version"], leaf["previous"]) == (version + 1, previous), name, "an event before it is missing")
        need(recorded is None or leaf["recorded"] >= recorded, name, "it was written down before the one before it")
        need(position < manifest["events"] <= size, name, "it was not known then")
        last[leaf["journey"]], recorded = (leaf["version"], at), leaf["recorded"]

    told = [json.loads(line) for line in files["events.ndjson"].decode().splitlines()]
    sealed = [json.loads(line) for line in files["sealed.ndjson"].decode().splitlines()]
    need(len(told) == len(sealed), "events.ndjson", "not as many events as sealed ones")
    opened = 0
    for event, line in zip(told, sealed):
        where = f"sealed.ndjson, position {line['position']}"
        leaf, event_id = leaves[line["position"]], bytes.fromhex(line["id"].replace("-", ""))
        need(event["position"] == line["position"] and event["id"] == line["id"], where, "another event")
        need(event["type"] == leaf["type"] and event["version"] == leaf["version"], where, "another header")
        need(event["subject"].replace("-", "") == leaf["journey"], where, "another journey")
        nonce = base64.b64decode(line["nonce"], validate=True)
        for number, part in enumerate(("facts", "personal")):
            bytes_ = base64.b64decode(line[part]["sealed"], validate=True)
            need(sha256(bytes_) == leaf[part], where, f"the {part} part is not that of the leaf")
            if "opening" not in line[part]:
                continue
            need(part == "facts" or manifest["asked"]["names"] == "shown", where, "names are withheld, and opened")
            key = ChaCha20Poly1305(base64.b64decode(line[part]["opening"], validate=True))
            bound = leaf["header"] + event_id + bytes([number])
            plain = key.decrypt(bytes(4) + nonce[16:], bytes_, bound)
            opened += 1
            if part == "personal":
                for text in texts(event["data"].get("personal", {})):
                    if " " in text:  # dates and codes are stored as numbers
                        need(text.encode() in plain, where, f"nothing sealed says {text!r}")
    consents(manifest, told)
    return manifest, len(proved), len(told), opened, own


def consents(manifest, told):
    """By whose consent it left, as far as the events told have it."""
    by_id = {event["id"]: event for event in told}
    of_clients = {"intake", "transaction", "check-in", "milestone"}
    somebody = any("data" in event and event["type"].split(".")[1] in of_clients for event in told)
    need(manifest["consents"] or not somebody, "manifest.json", "nobody agreed to this")
    for named in manifest["consents"].values():
        event = by_id.get(named["event"], {"correctedby": "an event that is not here"})
        if "correctedby" in event or "retractedby" in event:
            continue  # what is in force is told by more than this event
        facts, where = event["data"]["facts"], f"consent {named['event']}"
        need(event["type"] == "throughline.intake.consent-given.v1", where, "the event is no consent")
        if manifest["asked"]["as_of"] is None:  # else it may have been put right since
            said = (facts["scope"], event["data"]["occurred"][:10], facts.get("until"))
            need(said == (manifest["asked"]["purpose"], named["given"], named["until"]), where, "it says otherwise")


def main():
    arguments = sys.argv[1:]
    if len(arguments) not in (1, 3) or arguments[1:2] not in ([], ["--key"]):
        sys.exit(__doc__)
    vkey = arguments[2] if len(arguments) == 3 else None
    try:
        manifest, proved, told, opened, own = check(Path(arguments[0]), vkey)
    except (Wrong, InvalidSignature, InvalidTag, KeyError, ValueError, IndexError, struct.error) as error:
        print(f"wrong: {error or type(error).__name__}")
        sys.exit(1)
    asked, by = manifest["asked"], ", ".join(manifest["consents"]) or "nobody, for nothing about a client can be read"
    print(f"taken out for {asked['purpose']}, by the consent of {by}")
    print(f"journey {asked['journey']}: {proved} events proved, {told} told, {opened} parts opened; nothing is wrong")
    print("by the key given" if vkey else f"by the pack's own key; compare it: {own}")


if __name__ == "__main__":
    main()
