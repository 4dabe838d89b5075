#!/usr/bin/env python3
"""Counts the published list of a secret vote again and checks every ballot in it.

    recount.py LIST.json [SERIAL]

Needs Python 3.9 or later and the `openssl` program, nothing of conf. What it checks is
written in secret-vote.md. Ends with 0 if the list is good and holds SERIAL, if one is given.
"""

import base64
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SERIAL = re.compile(r"[0-9a-f]{64}\Z")


def good(folder, vote, ballot):
    """Whether openssl finds the signature of a ballot good."""
    text = f"conf secret vote\n{vote}\n{ballot['serial']}"
    (folder / "text").write_bytes(text.encode("ascii"))
    (folder / "signature").write_bytes(base64.b64decode(ballot["signature"], validate=True))
    done = subprocess.run(
        ["openssl", "dgst", "-sha384", "-verify", str(folder / "key.pem"),
         "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:48",
         "-signature", str(folder / "signature"), str(folder / "text")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


def check(folder, found, wanted=None):
    """The counts of a list and what is wrong with it."""
    key = base64.encodebytes(base64.b64decode(found["key"], validate=True)).decode("ascii")
    pem = f"-----BEGIN PUBLIC KEY-----\n{key}-----END PUBLIC KEY-----\n"
    (folder / "key.pem").write_text(pem, encoding="ascii")
    counts, wrong, seen = [0] * len(found["choices"]), [], set()
    ballots = found["ballots"]
    if not len(ballots) <= found["given"] <= found["entitled"]:
        wrong.append("more ballots than were given, or more given than could vote")
    if [one["serial"] for one in ballots] != sorted(one["serial"] for one in ballots):
        wrong.append("the ballots are not in the order of their serials")
    for ballot in ballots:
        serial, choices = ballot["serial"], ballot["choices"]
        if not SERIAL.match(serial):
            wrong.append("a serial is none")
            continue
        if serial in seen:
            wrong.append(f"{serial} is there twice")
        seen.add(serial)
        if not good(folder, found["vote"], ballot):
            wrong.append(f"{serial} has no good signature")
        fits = choices == sorted(set(choices)) and 1 <= len(choices) <= found["most"]
        if not fits or not all(0 <= choice < len(counts) for choice in choices):
            wrong.append(f"{serial} says what could not be chosen")
            continue
        for choice in choices:
            counts[choice] += 1
    if wanted is not None and wanted not in seen:
        wrong.append(f"{wanted} is not in the list")
    return counts, wrong


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    found = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        counts, wrong = check(Path(folder), found, *sys.argv[2:])
    print(found["question"] or "(question removed)")
    for text, count in zip(found["choices"], counts):
        print(f"{count:6}  {text or '(answer removed)'}")
    print(f"{len(found['ballots'])} ballots cast, {found['given']} given, {found['entitled']} could vote")
    for line in wrong:
        print(f"WRONG: {line}")
    print("the list is not good" if wrong else "the list is good")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
