#!/usr/bin/env python3
"""Reads a journal from docs/formats/log.md alone, with nothing but Python's standard library.

    python3 read_journal.py DATA/journal

One line per event: position, event id, journey, version, tag, microseconds it was recorded at, bytes sealed, actor.
Checks every checksum, the chain of frames, and that positions have no gap.
"""

import hashlib
import pathlib
import struct
import sys
import uuid


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = (n >> 1) ^ 0x82F63B78 if n & 1 else n >> 1
        table.append(n)
    return table


TABLE = crc32c_table()


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = (crc >> 8) ^ TABLE[(crc ^ byte) & 0xFF]
    return crc ^ 0xFFFFFFFF


class Body:
    """The codec of a frame's body."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        taken = self.data[self.at : self.at + count]
        if len(taken) != count:
            raise ValueError("a record ends after the body")
        self.at += count
        return taken

    def unsigned(self):
        first = self.take(1)[0]
        width = {251: 2, 252: 4, 253: 8}.get(first)
        return first if width is None else int.from_bytes(self.take(width), "little")

    def signed(self):
        zigzag = self.unsigned()
        return zigzag >> 1 if zigzag % 2 == 0 else -(zigzag >> 1) - 1

    def blob(self):
        return self.take(self.unsigned())


def read_record(body):
    record = {"event": uuid.UUID(bytes=body.take(16)), "journey": uuid.UUID(bytes=body.take(16))}
    record["version"] = body.unsigned()
    record["tag"] = body.unsigned()
    body.take(2)  # sealed by, precision
    record["actor"] = body.blob().decode()
    record["recorded_at"] = body.signed()
    body.take(32)  # previous leaf
    body.take(24)  # nonce
    record["sealed"] = len(body.blob()) + len(body.blob())
    return record


def read_frame(data, at):
    header = data[at : at + 64]
    if len(header) != 64 or header[:4] != b"TLFR":
        raise ValueError(f"no frame at byte {at}")
    form, codec, flags, length, count, first = struct.unpack(">HBBIIQ", header[4:24])
    if (form, codec, flags) != (1, 1, 0):
        raise ValueError(f"frame format {form}, codec {codec} at byte {at}")
    body = data[at + 64 : at + 64 + length]
    if len(body) != length or crc32c(header[:60] + body) != struct.unpack(">I", header[60:])[0]:
        raise ValueError(f"the frame at byte {at} does not match its checksum")
    return first, count, header[24:56], body


def main(journal):
    position, frames, previous = 0, 0, bytes(32)
    for path in sorted(pathlib.Path(journal).glob("*.seg")):
        if int(path.stem) != position:
            raise ValueError(f"{path} should begin at {position}")
        data, at = path.read_bytes(), 0
        while at < len(data):
            first, count, names, body = read_frame(data, at)
            if first != position or names != previous:
                raise ValueError(f"the frame at byte {at} of {path} does not follow the one before")
            records = Body(body)
            for position in range(first, first + count):
                r = read_record(records)
                print(position, r["event"], r["journey"], r["version"], r["tag"], r["recorded_at"], r["sealed"], r["actor"])
            if records.at != len(body):
                raise ValueError(f"bytes are left over in the frame at byte {at} of {path}")
            previous = hashlib.sha256(data[at : at + 64 + len(body)]).digest()
            position, frames, at = first + count, frames + 1, at + 64 + len(body)
    print(position, "events in", frames, "frames")


if __name__ == "__main__":
    main(sys.argv[1])
