#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Take the kernel's guards away, one at a time, and see a test fail.

A guard is an `if` whose body ends with `return NX_ERR_...` or is
`status = NX_ERR_...`, or a choice between NX_OK and an error, or a right that
is asked for. A mutant is the kernel of the simulator with one guard, or one
part of its condition, gone.
What guards without a status (a lock, a limit, what is asked between steps)
is written out in chosen.txt. A mutant is killed by the first test that fails;
one that no test kills is a guard that nothing shows to be needed. What cannot
be killed, since something else guards it too, stands in equivalent.txt with
the reason.

Usage: mutate.py SOURCE BUILD [--list] [--only TEXT]... [--verbose]
Speaks TAP: one line for each mutant.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

# All of the kernel that does not belong to one machine.
FOLDERS = "core device ipc object sched syscall vm".split()

# What is tried, in this order: quick and general first.
TESTS = [
    ("model/model", ["--seeds", "4"]),
    ("system/cases", ["--seeds", "1"]),
    ("system/handles", ["--seeds", "1"]),
    ("system/messages", ["--seeds", "1"]),
    ("system/vmo", ["--seeds", "1"]),
    ("system/quotas", ["--seeds", "1"]),
    ("system/jobs", ["--seeds", "1"]),
    ("system/events", ["--seeds", "1"]),
    ("system/filter", ["--seeds", "1"]),
    ("system/pointers", ["--seeds", "1"]),
    ("system/trace", ["--seeds", "1"]),
    ("system/devices", ["--seeds", "1"]),
    ("system/dma", ["--seeds", "1"]),
    ("system/harts", ["--seed", "1"]),
    ("system/harts", ["--seed", "8"]),
    ("system/cases", ["--seed", "8"]),
    ("system/death", ["--seeds", "1"]),
    ("system/exceptions", ["--seeds", "1"]),
    ("system/scheduling", ["--seeds", "1"]),
    ("system/memory", ["--seeds", "1"]),
    ("system/faults", ["--seeds", "1"]),
    ("sim/deaths", []),
    ("sim/machine", []),
    ("sim/refused", []),
    ("unit/kernel/copy", []),
    ("unit/kernel/calls", []),
    ("unit/kernel/handle", []),
    ("unit/kernel/quota", []),
    ("unit/kernel/job", []),
    ("unit/kernel/space", []),
    ("unit/kernel/steps", []),
    ("unit/kernel/vmo", []),
    ("unit/kernel/dispatch", []),
    ("unit/kernel/message", []),
    ("unit/kernel/ipc", []),
    ("unit/kernel/page", []),
    ("unit/kernel/timer", []),
    ("unit/kernel/limit", []),
    ("unit/kernel/memory", []),
    ("unit/kernel/filter", []),
    ("unit/kernel/kicks", []),
    ("sim/steal", []),
    ("sim/crowd", []),
    ("sim/instead", []),
    ("sim/stress", []),
]
TIMEOUT_S = 60
HERE = os.path.dirname(os.path.abspath(__file__))


class Mutant:
    """One guard, or one clause of it, of one file."""

    def __init__(self, path, start, end, text, why):
        self.path, self.start, self.end = path, start, end
        self.text, self.why = text, why

    def name(self):
        return "%s %s" % (self.path, self.why)


def closing(text, at):
    """The index behind the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i + 1
    return len(text)


def clauses(condition):
    """Spans of what is joined by || at the top of a condition."""
    spans, depth, start, i = [], 0, 0, 0
    while i < len(condition):
        if condition[i] in "()":
            depth += 1 if condition[i] == "(" else -1
        if depth == 0 and condition.startswith("||", i):
            spans.append((start, i))
            i += 2
            start = i
            continue
        i += 1
    return spans + [(start, len(condition))]


def one_line(text):
    return " ".join(text.split())


def function_at(text, at):
    """The function whose body has this place."""
    names = re.findall(r"^\w[^\n;={}]*?\b(\w+)\(", text[:at], re.MULTILINE)
    return names[-1] if names else "?"


# What may stand behind the condition of a guard.
BODIES = re.compile(r"""[\s\\]*(?:
    return\ (?P<returned>NX_ERR_\w+);|
    status\ =\ (?P<given>NX_ERR_\w+);|
    \{[^{}]*return\ (?P<last>NX_ERR_\w+);\s*\})""", re.VERBOSE)
RIGHT = re.compile(r"\bNX_RIGHT_\w+\b")
CHOICE = re.compile(r"\breturn\s([^;]*\?[^;]*NX_ERR_[^;]*);")


def mutants_of(path, text):
    """Every guard of a file: first whole, then clause by clause."""
    for match in re.finditer(r"\bif \(", text):
        opens = match.end() - 1
        ends = closing(text, opens)
        body = BODIES.match(text[ends:])
        if not body:
            continue
        condition = text[opens + 1:ends - 1]
        spans = clauses(condition)
        whole = "%s: %s => %s" % (function_at(text, opens),
                                  one_line(condition),
                                  next(filter(None, body.groups())))
        yield Mutant(path, opens + 1, ends - 1, "0", whole)
        for first, last in spans if len(spans) > 1 else []:
            why = "%s [only %s]" % (whole, one_line(condition[first:last]))
            yield Mutant(path, opens + 1 + first, opens + 1 + last, " 0 ",
                         why)
    for match in CHOICE.finditer(text):
        if "NX_OK" in match.group(1):
            yield Mutant(path, match.start(1), match.end(1), "NX_OK",
                         "%s: %s" % (function_at(text, match.start()),
                                     one_line(match.group(1))))
    for match in RIGHT.finditer(text):
        line = one_line(text[text.rindex("\n", 0, match.start()):
                             text.index("\n", match.end())])
        yield Mutant(path, match.start(), match.end(), "0", "%s: no %s in %s" %
                     (function_at(text, match.start()), match.group(), line))


def chosen_of(path, text, rows):
    """What chosen.txt says of a file: each text is there once."""
    for old, new, why in rows:
        if text.count(old) != 1:
            sys.exit("mutate: %s is %d times in %s" % (old, text.count(old),
                                                       path))
        start = text.index(old)
        yield Mutant(path, start, start + len(old), new,
                     "%s: %s" % (function_at(text, start), why))


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def write(text, *path):
    os.makedirs(os.path.dirname(os.path.join(*path)), exist_ok=True)
    with open(os.path.join(*path), "w", encoding="utf-8") as file:
        file.write(text)


def read_chosen(path):
    rows = {}
    for row in read_rows(path):
        file, old, new, why = row.split("\t")
        old, new = (text.replace("\\n", "\n").replace("\\t", "\t")
                    for text in (old, new))
        rows.setdefault(file, []).append((old, new, why))
    return rows


def read_sources(source):
    """The text of each file."""
    kernel = os.path.join(source, "kernel")
    texts = {}
    for folder in FOLDERS:
        for name in sorted(os.listdir(os.path.join(kernel, folder))):
            if name.endswith(".c"):
                texts[folder + "/" + name] = read(kernel, folder, name)
    return texts


def read_mutants(source, texts):
    """All there are, each with the text of its file."""
    chosen = read_chosen(os.path.join(HERE, "chosen.txt"))
    mutants = [(m, text) for path, text in texts.items()
               for m in mutants_of(path, text)]
    for path, rows in chosen.items():
        text = texts.get(path) or read(source, "kernel", path)
        mutants += [(m, text) for m in chosen_of(path, text, rows)]
    return mutants


def make_lines(folder, *arguments):
    """What make would run, one command a line."""
    out = subprocess.run(["make", "-C", folder, "-n", "V=1", *arguments],
                         capture_output=True, text=True, check=True).stdout
    return out.replace("\\\n", " ").splitlines()


def find_command(lines, *words):
    for line in lines:
        if all(word in line for word in words):
            return line
    sys.exit("mutate: no command with %s" % " ".join(words))


def words_of(command, compiled):
    """A compilation without its source, into another file."""
    words = shlex.split(command)
    words = words[:words.index("-o")] + ["-o", compiled]
    words = [w for w in words if w not in ("-MD", "-MP", "-c")]
    for option in ("-MT", "-MF"):
        if option in words:
            at = words.index(option)
            del words[at:at + 2]
    return words


class Build:
    """The commands of a build, and a folder to do them in again."""

    def __init__(self, source, build, scratch, texts):
        self.source, self.build = source, build
        self.kernel = os.path.join(build, "kernel")
        self.tests = os.path.join(build, "tests")
        self.scratch, self.texts = scratch, texts
        self.changed = None # the file that has a mutant
        self.archive = os.path.join(scratch, "libkernel-sim.a")
        self.environment = dict(
            os.environ, top_srcdir=source, top_builddir=build,
            LD_LIBRARY_PATH=":".join(
                os.path.join(build, library, ".libs")
                for library in ("libepk", "libvmo", "libnexusabi")))
        lines = make_lines(self.kernel, "-B", "libkernel-sim.a")
        self.compiles = {path: self.compile_of(lines, path) for path in texts}
        self.links = {name: self.link_of(name) for name, _ in TESTS}

    def compile_of(self, lines, path):
        stem = os.path.splitext(path)[0]
        target = "%s/libkernel_sim_a-%s.o" % (os.path.dirname(stem),
                                              os.path.basename(stem))
        return find_command(lines, " -c ", target + " "), target

    def link_of(self, name):
        """What libtool would do: it takes longer than that itself."""
        lines = make_lines(self.tests, "-W", "../kernel/libkernel-sim.a", name)
        command = find_command(lines, "--mode=link", " -o " + name + " ")
        command = command.replace("--mode=link", "--mode=link --dry-run", 1)
        said = subprocess.run(command, shell=True, cwd=self.tests,
                              capture_output=True, text=True).stdout
        return find_command(said.splitlines(), "libtool: link: ",
                            " -o ").replace("libtool: link: ", "", 1)

    def compile_one(self, path, text, includes):
        """The object file; None: it is no program."""
        command, target = self.compiles[path]
        changed = os.path.join(self.scratch, "mutant.c")
        compiled = os.path.join(self.scratch, os.path.basename(target))
        original = os.path.join(self.source, "kernel", path)
        write('#line 1 "%s"\n' % original + text, changed)
        words = words_of(command, compiled)
        words[1:1] = includes
        words += ["-w", "-iquote", os.path.dirname(original), "-c", changed]
        done = subprocess.run(words, cwd=self.kernel, capture_output=True)
        return compiled if done.returncode == 0 else None

    def compile(self, mutant, text):
        """False: it is no program without its guard. What is in a header
        changes those that call the function."""
        changed = text[:mutant.start] + mutant.text + text[mutant.end:]
        write(changed, self.scratch, "source", mutant.path)
        self.changed = mutant.path
        if mutant.path in self.compiles:
            made = [self.compile_one(mutant.path, changed, [])]
        else:
            folder = os.path.join(self.scratch, "source", "include")
            call = function_at(text, mutant.start) + "("
            made = [self.compile_one(path, user, ["-I", folder])
                    for path, user in self.texts.items() if call in user]
        if None in made:
            return False
        with open(os.path.join(self.kernel, "libkernel-sim.a"), "rb") as old:
            with open(self.archive, "wb") as new:
                new.write(old.read())
        subprocess.run(["ar", "r", self.archive, *made], check=True,
                       capture_output=True)
        return True

    def object_of(self, name):
        """A test that includes the file itself, made again; or None."""
        source = os.path.join(self.source, "tests", name + ".c")
        if not self.changed or \
                "#include <%s>" % self.changed not in read(source):
            return None
        compiled = os.path.join(self.scratch, "test.o")
        lines = make_lines(self.tests, "-W",
                           os.path.relpath(source, self.tests), name + ".o")
        command = find_command(lines, " -c ", name + ".o ")
        words = words_of(command.split(";")[-1], compiled)
        words[1:1] = ["-I", os.path.join(self.scratch, "source")]
        subprocess.run(words + ["-w", "-c", source], cwd=self.tests,
                       capture_output=True, check=True)
        return compiled

    def link(self, name):
        output = os.path.join(self.scratch, name.replace("/", "-"))
        command = self.links[name].replace("../kernel/libkernel-sim.a",
                                           self.archive)
        command = re.sub(r" -o \S+ ", " -o %s " % output, command, count=1)
        compiled = self.object_of(name)
        if compiled:
            command = command.replace(" %s.o " % name, " %s " % compiled)
        done = subprocess.run(command, shell=True, cwd=self.tests,
                              capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit("mutate: %s\n%s" % (command, done.stderr))
        return output

    def fails(self, name, arguments):
        """Why this test fails with the present archive; None: it passes."""
        program = self.link(name)
        try:
            done = subprocess.run([program, *arguments], capture_output=True,
                                  text=True, errors="replace",
                                  timeout=TIMEOUT_S, cwd=self.tests,
                                  env=self.environment)
        except subprocess.TimeoutExpired:
            return "it does not end"
        for line in done.stdout.splitlines():
            if line.startswith("not ok"):
                return line
        return None if done.returncode == 0 else \
            "exit status %d" % done.returncode


def kill(build, mutant, text):
    """The test that fails, and why; None: it lives."""
    if not build.compile(mutant, text):
        return "the compiler", "it is no program"
    for name, arguments in TESTS:
        why = build.fails(name, arguments)
        if why:
            return name, why
    return None


def read_rows(path):
    return [row for row in read(path).splitlines()
            if row and not row.startswith("#")]


def run(options, scratch):
    build = Build(options.source, options.build, scratch, options.texts)
    known = {row.split("\t")[0] for row in
             read_rows(os.path.join(HERE, "equivalent.txt"))}
    for name, arguments in TESTS:
        build.archive = os.path.join(build.kernel, "libkernel-sim.a")
        why = build.fails(name, arguments)
        if why:
            sys.exit("mutate: %s fails without a mutant: %s" % (name, why))
    build.archive = os.path.join(scratch, "libkernel-sim.a")
    count = failed = 0
    for mutant, text in options.mutants:
        count += 1
        killer = kill(build, mutant, text)
        if killer:
            print("ok %d - %s (%s)" % (count, mutant.name(), killer[0]))
            if options.verbose:
                print("# " + killer[1])
        elif mutant.name() in known:
            print("ok %d - %s # SKIP guarded twice" % (count, mutant.name()))
        else:
            failed += 1
            print("not ok %d - %s" % (count, mutant.name()))
        sys.stdout.flush()
    print("1..%d" % count)
    print("# %d mutants, %d live" % (count, failed))
    return failed == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source")
    parser.add_argument("build")
    parser.add_argument("--list", action="store_true",
                        help="name the mutants")
    parser.add_argument("--only", action="append", default=[],
                        help="those whose name has this")
    parser.add_argument("--verbose", action="store_true",
                        help="say what the test said")
    options = parser.parse_args()
    options.source = os.path.abspath(options.source)
    options.build = os.path.abspath(options.build)
    options.texts = read_sources(options.source)
    options.mutants = [pair for pair in
                       read_mutants(options.source, options.texts)
                       if not options.only or
                       any(text in pair[0].name() for text in options.only)]
    if options.list:
        for mutant, _ in options.mutants:
            print(mutant.name())
        return 0
    with tempfile.TemporaryDirectory() as scratch:
        return 0 if run(options, scratch) else 1


if __name__ == "__main__":
    sys.exit(main())
