#!/usr/bin/env python3
"""bench/results.md: one section for each program of ./dev bench, and the machine above them.

    bench/report.py --write FILE                        the machine, its load included
    bench/report.py --write FILE --section NAME         a section whose text is standard input
"""

import argparse
import os
import pathlib
import platform
import statistics
import sys
import time

# In this order; a section of another name, written by hand, keeps its place behind its neighbour.
SECTIONS = ["Training beside its peers", "Training on the GPU", "How cost grows", "Several processes",
            "Data beyond memory", "Engine", "Window", "Frames", "Picking", "Codes", "Truth", "Faults", "Soak"]
TITLE = "# Measured figures"


def processor():
    cpuinfo = pathlib.Path("/proc/cpuinfo").read_text()
    return next((line.split(":")[1].strip() for line in cpuinfo.splitlines()
                 if line.startswith("model name")), platform.machine())


def system():
    return platform.freedesktop_os_release()["PRETTY_NAME"]


def head():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    loads = ", ".join(f"{load:.2f}" for load in os.getloadavg())
    return f"""{TITLE}

By `./dev bench`, which runs each section's program in turn; a section says how it was run and when. A section
that was run on its own was run on the same machine unless it says otherwise.

| machine | |
| --- | --- |
| processor | {processor()} |
| cores | {os.cpu_count()}, of which this may use {len(os.sched_getaffinity(0))} |
| memory | {memory:.0f} GB |
| system | {system()}, Linux {platform.release()} |
| load average before (1, 5, 15 minutes) | {loads} |
| date | {time.strftime("%Y-%m-%d")} |
"""


def sections_of(text):
    """(what stands above the first section, {name: text})."""
    above, *parts = ("\n" + text).split("\n## ")
    return above.strip("\n"), {part.split("\n")[0].strip(): part.split("\n", 1)[1].strip("\n")
                               for part in parts if "\n" in part}


def write_text(path, above, sections):
    text = above + "\n" + "".join(f"\n## {name}\n\n{body}\n" for name, body in sections.items())
    path.write_text(text)


def write_head(path):
    _, sections = sections_of(path.read_text() if path.exists() else "")
    write_text(path, head().strip("\n"), sections)


def write_section(path, name, body):
    """Writes a section anew; the rest stays. A new one comes where SECTIONS has it."""
    above, sections = sections_of(path.read_text() if path.exists() else "")
    above = above or head().strip("\n")
    if name not in sections and name in SECTIONS:
        later = set(SECTIONS[SECTIONS.index(name) + 1:])
        before = {}
        rest = dict(sections)
        for other in list(rest):
            if other in later:
                break
            before[other] = rest.pop(other)
        sections = {**before, name: "", **rest}
    sections[name] = body.strip("\n")
    write_text(path, above, sections)


def finish(name, body, path):
    """Prints a section, and writes it where there is a report."""
    print(f"\n## {name}\n\n{body}", flush=True)
    if path:
        write_section(path, name, body)


def count_of(number, what):
    return f"{number} {what}{'' if number == 1 else 's'}"


def number_list(text):
    """Of an option: 1,2,3."""
    return [int(part) for part in text.split(",")]


def command_line():
    """How this program was called, for its section."""
    # Places outside the project are nobody else's: only what they hold is said.
    words = ["…/" + pathlib.Path(word).name if word.startswith("/") else word
             for word in sys.argv[1:]]
    return " ".join([f"bench/{pathlib.Path(sys.argv[0]).name}", *words])


def table(headings, rows):
    lines = [headings, ["---"] * len(headings), *rows]
    return "".join("| " + " | ".join(map(str, line)) + " |\n" for line in lines)


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", type=pathlib.Path, required=True, help="the report's place")
    parser.add_argument("--section", help="its name; without one the machine is written")
    options = parser.parse_args()
    if options.section:
        body = sys.stdin.read()
        finish(options.section, body, options.write)
    else:
        write_head(options.write)


if __name__ == "__main__":
    main()
