"""Inputs for the fuzz targets to begin with, made from the golden bytes of the tests: `python3 seeds.py CORPUS_DIR`."""

import json
import pathlib
import sys

golden = pathlib.Path(__file__).parent.parent / "tests" / "golden"
corpus = pathlib.Path(sys.argv[1])


def put(target, name, content):
    directory = corpus / target
    directory.mkdir(parents=True, exist_ok=True)
    (directory / name).write_bytes(content)


def lines(path):
    return dict(line.split(": ", 1) for line in path.read_text().splitlines() if ": " in line)


for fact in sorted((golden / "facts").glob("*.txt")):
    told = lines(fact)
    data = {"actor": "worker:w17", "occurred": "2026-03-01", "facts": json.loads(told["facts"])}
    personal = json.loads(told.get("personal", "null"))
    if personal:
        data["personal"] = personal
    event = {
        "specversion": "1.0",
        "id": "0190b0f0-0000-7000-8000-00000000000a",
        "source": "/desk",
        "type": fact.name.removesuffix(".txt"),
        "datacontenttype": "application/json",
        "data": data,
    }
    put("event", f"seed-{fact.stem}", json.dumps(event).encode())
    stored = bytes.fromhex(told["facts-hex"])
    put("frame", f"seed-{fact.stem}", int(told["tag"]).to_bytes(2, "big") + bytes([1, 0, 0, 0, 0, 0, 0]) + stored)

for name, text in lines(golden / "frame.txt").items():
    try:
        stored = bytes.fromhex(text)
    except ValueError:
        continue
    put("frame", f"seed-{name}", stored)
    if stored.startswith(b"TLFR"):
        put("frame", f"seed-{name}-body", stored[12:16] + stored[64:])

mapped = "who,nr,day,gone,at,what,hours,remarks\nc1,1,2026-01-02,,2026-01-03 10:00:00,C,1.5,\"a, b\"\nc1,2,01/02/2026,1,,W,,\n"
put("csv_row", "seed-mapped", b"\x00" + mapped.encode())
put("csv_row", "seed-mapped-latin", b"\x00" + mapped.replace("a, b", "\u00e9").encode("latin-1"))
exit_row = "ExitID,EnrollmentID,PersonalID,ExitDate,Destination,DateCreated,DateUpdated,UserID,DateDeleted,ExportID\n"
put("csv_row", "seed-exit", b"\x07" + (exit_row + "1,1,1,2025-05-06,410,2025-05-06,2025-05-06,U,,1\n").encode())
client = "PersonalID,FirstName,DOB,DOBDataQuality,Gender,RaceNone,VeteranStatus,DateCreated,DateUpdated\n"
put("csv_row", "seed-client", b"\x03" + (client + "1,A,1980-02-30,1,1,,0,2025-01-01,2025-01-01\n").encode())

root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
note = f"example.org/log\n3\n{root}\n\n\u2014 example.org/log Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
put("checkpoint", "seed-note", note.encode())
put("checkpoint", "seed-proof", f"c2sp.org/tlog-proof@v1\nindex 1\n{root}\n{root}\n\n{note}".encode())
put("checkpoint", "seed-tile", b"tile/entries/x001/067.p/12")
put("checkpoint", "seed-vkey", b"PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
leaf = lines(golden / "frame.txt")["leaf-data"]
put("checkpoint", "seed-leaf", bytes.fromhex(leaf))
