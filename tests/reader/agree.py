#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Two readers, one verdict: epk_reader.py and libepk (by way of judge).

TAP. On the golden images and on mutants both must say the same: ok with
the same ids, or the same code at the same stage.
"""

import argparse
import collections
import hashlib
import os
import struct
import subprocess
import sys

import epk_image
import epk_mutant
from epk_reader import Trust, judge

# Section 13: the SHA-256 of the golden images, plain and signed.
GOLDEN = {
    "g1": ("177f1c5d37b564a60a53adb71e563370863765024338fa771e4c23fdef6ed916",
           "a5614e25044a2ee13ba11dcdf9ad441794c4f93ff797eecd243ea7ed1cad6788"),
    "g2": ("58268b9d0fc3c5175035c31ed94dff6f6bca105871c0e1b4ed9ef43e3103a58d",
           "095f26f82fa0e10c8f0af66870840389c5cbce5c769d63a3cbd0d5727f95a41a"),
    "g3": ("3bf3f463d0065e4d16e66c4de05772363ff762fe1fbd8a013783e9d2992a9894",
           "e00698c6f6ef3f284b4673a7c2791f2cde8b619263ee09b6741e35f0a80602bd"),
}

# Section 9, but for IO and BUDGET, which are no verdicts, step 18, which
# is asked of nobody here, and TREE of step 15: every node lies in a range
# of children (14c) and no range exceeds what is left (14g), so the cursor
# cannot stand anywhere but at the end.
REACHABLE = """
none/ok 1/SIZE 2/MAGIC 3/VERSION 4/HEADER_CRC 5/HEADER 5/FEATURE 6/HEADER
7/LIMIT 8/SIZE 9/LAYOUT 10/SIGAREA 11/SIGPOLICY 12/META_DIGEST 12/CODEC
13/PAD 14a/NODE 14b/NAME 14c/TREE 14d/NAME 14e/ORDER 14f/LIMIT 14g/TREE
14g/LIMIT 14g/NODE 14h/PLACE 14i/ALIAS 14j/LINK 15/NAME 15/PLACE 16/BLOCK
16/SIZE 17/MANIFEST 17/SIGPOLICY deep/BLOCK_DIGEST deep/CODEC deep/PAD
deep/FILE_DIGEST deep/CANON
""".split()

DISABLED = ("disabled", 0, [])


class Library:
    """libepk in a process of its own."""

    def __init__(self, program):
        self.process = subprocess.Popen(
            [program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, image, trust):
        policy, threshold, keys = trust
        record = struct.pack("<IBBBB", len(image),
                             epk_mutant.POLICIES.index(policy), threshold,
                             len(keys), 0)
        for key, prefix in keys:
            record += key + prefix.ljust(32, b"\0")
        try:
            self.process.stdin.write(record + image)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass                    # then there is no answer either

    def answer(self):
        return self.process.stdout.readline().decode().strip()


def second(image, trust):
    """The second reader's verdict as judge would say it, and its step."""
    policy, threshold, keys = trust
    stage, code, reader = judge(
        image, Trust(policy, threshold, [(k, [p]) for k, p in keys]))
    if stage is None:
        return (f"none ok {reader.package_id.hex()}"
                f" {reader.content_id().hex()}", "none/ok")
    step = stage if stage == "deep" else stage.rstrip("abcdefghij")
    return f"{step} {code}", f"{stage}/{code}"


class Tap:
    def __init__(self):
        self.count = self.failed = 0

    def ok(self, condition, sentence):
        self.count += 1
        self.failed += not condition
        word = "ok" if condition else "not ok"
        print(f"{word} {self.count} - {sentence}", flush=True)


def compare(library, image, trust):
    """(agree, second's verdict, libepk's verdict, step)"""
    library.ask(image, trust)
    try:
        mine, step = second(image, trust)
    except Exception as error:      # a bug of the second reader
        mine, step = f"broken {error!r}", "broken"
    theirs = library.answer()
    return mine == theirs, mine, theirs, step


def check_golden(tap, library, bases):
    for name, (plain, signed) in GOLDEN.items():
        image = epk_image.Image(bases[name])
        signer = epk_image.SIGNERS[0]
        tap.ok(hashlib.sha256(bases[name]).hexdigest() == plain,
               f"{name} is the golden image")
        same, mine, theirs, step = compare(library, bases[name], DISABLED)
        tap.ok(same and step == "none/ok", f"{name}: both accept it, with "
               f"the same ids: {mine} and {theirs}")
        image.signers = [(signer, epk_image.Signer.sign)]
        bytes_signed = image.seal()
        tap.ok(hashlib.sha256(bytes_signed).hexdigest() == signed,
               f"{name} signed is the golden image")
        trust = ("required", 1, [(signer.key, b"")])
        same, mine, theirs, step = compare(library, bytes_signed, trust)
        tap.ok(same and step == "none/ok",
               f"{name} signed: both accept it under the required policy")


def check_bases(tap, library, bases):
    for name in sorted(set(bases) - set(GOLDEN)):
        same, mine, theirs, step = compare(library, bases[name], DISABLED)
        tap.ok(same and step == "none/ok" and
               epk_image.Image(bases[name]).seal() == bases[name],
               f"{name}: both accept it, and taking it apart loses nothing")


def check_program(tap, bases_folder):
    """The second reader as a program: its line and its exit code."""
    here = os.path.dirname(os.path.abspath(__file__))
    image = os.path.join(bases_folder, "g1.epk")
    for path, status, wanted in ((image, 0, ": ok package_id=9ea5906f"),
                                 (__file__, 2, ": stage=2 code=MAGIC")):
        run = subprocess.run(
            [sys.executable, "-B", os.path.join(here, "epk_reader.py"), path],
            stdout=subprocess.PIPE, check=False)
        tap.ok(run.returncode == status and wanted in run.stdout.decode(),
               f"the program says{wanted} and ends with {status}")


def report(options, number, done, image, mine, theirs):
    print(f"# mutant {number} of seed {options.seed} ({done}):"
          f" reader says {mine}, libepk says {theirs or 'nothing'}")
    if options.keep:
        name = f"mutant-{options.seed}-{number}.epk"
        with open(os.path.join(options.keep, name), "wb") as file:
            file.write(image)


def check_mutants(tap, library, bases, options):
    steps = collections.Counter()
    wrong = 0
    for number in range(options.first, options.first + options.count):
        done, image, trust = epk_mutant.mutant(bases, options.seed, number)
        same, mine, theirs, step = compare(library, image, trust)
        steps[step] += 1
        if not same:
            wrong += 1
            if wrong <= 20:
                report(options, number, done, image, mine, theirs)
        if not theirs:
            break
    tap.ok(wrong == 0, f"{sum(steps.values())} mutants of seed "
           f"{options.seed}: the same verdict, the same code, the same "
           f"stage ({wrong} disagreements)")
    return steps


def check_coverage(tap, steps, options):
    print("# reached: " + " ".join(f"{step}:{steps[step]}"
                                   for step in REACHABLE))
    others = sorted(set(steps) - set(REACHABLE))
    tap.ok(not others, "no mutant ends where none can" +
           "".join(f" ({step})" for step in others))
    missing = [step for step in REACHABLE if not steps[step]]
    tap.ok(not missing, "the mutants reach every code of every step" +
           "".join(f" (not {step})" for step in missing))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", required=True)
    parser.add_argument("--bases", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--keep", metavar="FOLDER")
    options = parser.parse_args()
    bases = {}
    for name in os.listdir(options.bases):
        with open(os.path.join(options.bases, name), "rb") as file:
            bases[name.partition(".")[0]] = file.read()
    tap, library = Tap(), Library(options.judge)
    check_golden(tap, library, bases)
    check_bases(tap, library, bases)
    check_program(tap, options.bases)
    steps = check_mutants(tap, library, bases, options)
    if options.count > 100:
        check_coverage(tap, steps, options)
    library.process.stdin.close()
    tap.ok(library.process.wait() == 0, "libepk's side ends well")
    print(f"1..{tap.count}")
    return 1 if tap.failed else 0


if __name__ == "__main__":
    sys.exit(main())
