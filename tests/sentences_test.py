"""Every sentence and label for people stands in one piece inside tr("…") (engine/text.h)."""

import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent

TOKEN = re.compile(r"""
    (?P<comment>//[^\n]*|/\*.*?\*/)
  | (?P<include>^[ \t]*\#[ \t]*include[^\n]*)
  | (?P<raw>R"(?P<delimiter>[^\s()\\]{0,16})\((?P<inside>.*?)\)(?P=delimiter)")
  | (?P<string>(?:u8|u|U|L)?"(?:\\.|[^"\\\n])*")
  | (?P<char>'(?:\\.|[^'\\\n])+')
  | (?P<name>[A-Za-z_]\w*)
  | (?P<number>\d[\w.']*)
  | (?P<space>\s+)
  | (?P<other>.)
""", re.VERBOSE | re.DOTALL | re.MULTILINE)

TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,;:]? [^\W\d_]{2,}")
LABEL = re.compile(r"[A-Z][a-z]{2,}")

# A line that ends in this comment holds text that only programs read, such as a driver's name.
FOR_PROGRAMS = "// not for people"

# What these are handed is for programmers, not for people who use the program.
FOR_PROGRAMMERS = {"assert", "static_assert", "TORCH_CHECK", "TORCH_INTERNAL_ASSERT", "deprecated"}


def string_literals(text):
    """(line, name before the innermost open parenthesis, text), neighbours joined."""
    calls, found, line, before, lines = [], [], 1, "", text.splitlines()
    for match in TOKEN.finditer(text):
        kind, token = match.lastgroup, match[0]
        if kind in ("inside", "delimiter"):
            kind = "raw"
        if kind in ("string", "raw"):
            content = match["inside"] if kind == "raw" else token[token.index('"') + 1:-1]
            if lines[line - 1].endswith(FOR_PROGRAMS):
                before = ""
            elif before == "string":
                found[-1] = (*found[-1][:2], found[-1][2] + content)
            else:
                found.append((line, calls[-1] if calls else "", content))
            before = "string"
        elif kind == "name":
            before = token
        elif kind == "other":
            if token == "(":
                calls.append(before)
            elif token == ")" and calls:
                calls.pop()
            before = ""
        elif kind in ("number", "char"):
            before = ""
        line += token.count("\n")
    return found


def is_for_people(path, text):
    return bool(TWO_WORDS.search(text)) or ("/panels/" in path and bool(LABEL.match(text)))


def unmarked(path, text):
    return [f"{path}:{line}: \"{literal}\""
            for line, call, literal in string_literals(text)
            if call != "tr" and call not in FOR_PROGRAMMERS and is_for_people(path, literal)]


def cpp_files():
    listed = subprocess.run(["git", "ls-files", "engine", "app"], cwd=ROOT, capture_output=True,
                            text=True, check=True).stdout.splitlines()
    return [name for name in listed if name.endswith((".cpp", ".h")) and (ROOT / name).is_file()]


def test_every_sentence_for_people_is_marked():
    found = [line for name in cpp_files()
             for line in unmarked(name, (ROOT / name).read_text(encoding="utf-8"))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text, count", [
    ('fail(fmt::format("{} is no model", path));', 1),
    ('fail(tr("{} is no model", path));', 0),
    ('fail(tr("{} is no "\n     "model at all", path));', 0),
    ('tell(condition ? "one sentence" : tr("another sentence"));', 1),
    ('// "a comment says this"\nconst char* key = "kl_weight";', 0),
    ('#include "engine/some file.h"', 0),
    ('assert(ready && "called twice");', 0),
    ('fail(R"(a line "must" be JSON)");', 1),
    ('fail(tr(R"(a line "must" be JSON)"));', 0),
    ('{"swrast", "software rasterizer"};  // not for people', 0),
    ('{"swrast", "software rasterizer"};', 1),
])
def test_an_unmarked_sentence_is_found(text, count):
    assert len(unmarked("engine/core/engine.cpp", text)) == count


# ---- What the window's font can show ---------------------------------------------------------------

def glyph_ranges():
    """Pairs of first and last code point that the window's font is loaded with."""
    theme = (ROOT / "app/gui/view/frame/theme.cpp").read_text(encoding="utf-8")
    body = re.search(r"kTextRanges\[\] = \{(.*?)\};", theme, re.DOTALL)[1]
    numbers = [int(number, 16) for number in re.findall(r"0x([0-9A-Fa-f]+)", re.sub(r"//[^\n]*", "", body))]
    return list(zip(numbers[::2], numbers[1::2]))


def unseen(path, text, ranges):
    """Characters that the window would show as "?", such as the hat of x̂: a combining one."""
    return [f"{path}:{line}: U+{ord(sign):04X} in \"{literal}\""
            for line, _, literal in string_literals(text) for sign in literal
            if ord(sign) > 126 and not any(first <= ord(sign) <= last for first, last in ranges)]


def test_the_window_has_every_character_that_it_writes():
    ranges = glyph_ranges()
    assert len(ranges) > 5
    # A terminal and a browser have their own.
    found = [line for name in cpp_files() if not name.startswith(("app/cli/", "app/lab/"))
             for line in unseen(name, (ROOT / name).read_text(encoding="utf-8"), ranges)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text, count", [
    ('tr("∂x′/∂x of μ ± σ² … √(m(1 − m)) ≤ λ");', 0),
    ('tr("∂x\u0302/∂x");', 1),
    ('tr("█");', 1),
    ('// a comment may say x\u0302\nconst int a = 1;', 0),
])
def test_a_character_without_a_glyph_is_found(text, count):
    assert len(unseen("app/gui/window.cpp", text, glyph_ranges())) == count
