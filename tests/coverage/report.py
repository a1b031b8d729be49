#!/usr/bin/env python3
"""Branch coverage of a folder out of gcov's figures, against a floor.

    report.py SOURCES OBJECTS FLOOR      FLOOR in hundredths of a per cent: 10000 = all

A branch that no input can take carries its reason on its own line:  /* never: why */ , several
/* never 2: why */ . Exactly so many of the line's branches must stay untaken, and do not count. A
`switch` over an enum, without `default` as a rule here, has one branch more than cases: it may stay
untaken, and does not count then.
"""

import glob
import json
import os
import re
import subprocess
import sys

MARK = re.compile(r"/\* never( \d+)?: \S.*\*/")


def count(objects):
    """{(file, line): [times, ...]} of every branch, added up over all objects."""
    branches = {}
    notes = sorted(glob.glob(os.path.join(objects, "**", "*.gcno"), recursive=True))
    data = [note for note in notes if os.path.exists(note[: -len("no")] + "da")]
    if not data:
        sys.exit(f"coverage: no figures in {objects}")
    run = subprocess.run(["gcov", "-b", "-c", "--json-format", "--stdout", *data],
                         capture_output=True, check=True, text=True)
    for line in run.stdout.splitlines():
        for source in json.loads(line)["files"]:
            for row in source["lines"]:
                key = (os.path.realpath(source["file"]), row["line_number"])
                times = [branch["count"] for branch in row["branches"]]
                before = branches.get(key, [0] * len(times))
                if len(before) == len(times):
                    branches[key] = [a + b for a, b in zip(before, times)]
                else:  # another function on the same line of a header
                    branches[key] = before + times
    return branches


def expected(line, missed):
    """How many branches of this line no input can take."""
    mark = MARK.search(line)
    if mark:
        return int(mark.group(1) or 1)
    return 1 if missed and re.match(r"\s*switch \(", line) else 0


def report(sources, objects, floor):
    branches = count(objects)
    taken = total = excluded = 0
    wrong = []
    every = os.path.join(os.path.realpath(sources), "**", "*.[ch]")
    for path in sorted(glob.glob(every, recursive=True)):
        with open(path, encoding="utf-8") as file:
            text = file.read().splitlines()
        for number, line in enumerate(text, 1):
            times = branches.get((path, number), [])
            missed = sum(1 for n in times if not n)
            place = f"{os.path.basename(path)}:{number}"
            never = expected(line, missed)
            excluded += never
            total += len(times) - never
            taken += len(times) - missed
            if missed != never:
                wrong.append(f"{place}: {missed} of {len(times)} not taken"
                             f"{f', marked {never}' if never else ''}: {line.strip()}")
    if not total:
        sys.exit("coverage: no branches were found")
    reached = taken * 10000 // total
    print("\n".join(wrong + [""] if wrong else []), end="")
    print(f"branches of {os.path.basename(os.path.realpath(sources))}: {taken} of {total} taken, "
          f"{reached / 100:.2f} %; {excluded} excluded with their reason; floor {floor / 100:.2f} %")
    return reached >= floor and not any(", marked" in line for line in wrong)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(0 if report(sys.argv[1], sys.argv[2], int(sys.argv[3])) else 1)
