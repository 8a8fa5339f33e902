"""What the documents name exists: files, folders, links, our commands and options, and code."""

import functools
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENTS = ["README.md", "CHANGELOG.md", *sorted(f"docs/{page.name}" for page in (ROOT / "docs").glob("*.md"))]
ENDINGS = r"(?:h|cpp|py|md|txt|json|jsonl|sh|cmake|safetensors|npy|png|gif|vert|frag)"
EXAMPLES = {"function_name", "kConstant", "snake_case.cpp", "elapsed_ms"}   # of how to name things
# Not ours, or made on a person's machine.
ELSEWHERE = re.compile(r"(?:build|\.libtorch|\.venv|run|path|train|test|torch[^/]*|/usr|/var|\.\.)/|~|https?:"
                       r"|(?:s/|R\^|.*[=|<>∈])")


@functools.cache
def our_files():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, text=True, check=True).stdout.splitlines()
    return [name for name in listed if (ROOT / name).is_file()]


@functools.cache
def sources(folder=""):
    """The text of all in a folder that is no document, and no part of this test."""
    return "\n".join((ROOT / name).read_text(encoding="utf-8", errors="replace") for name in our_files() if name.startswith(folder)
                     if name.endswith((".h", ".cpp", ".py", ".txt", ".cmake", ".json", ".sh"))
                     and name != "tests/docs_test.py" or name == "dev")


def without_braces(pattern):
    """a/{b,c}.h → a/b.h, a/c.h"""
    match = re.search(r"\{([^{}]*)\}", pattern)
    if not match:
        return [pattern]
    return [expanded for choice in match[1].split(",")
            for expanded in without_braces(pattern[:match.start()] + choice + pattern[match.end():])]


def exists(path, folder=ROOT):
    return any(True for _ in folder.glob(path.rstrip("/"))) if path.strip("/") else True


def missing_path(text):
    """Of a path in words, what does not exist; none where it is no path of ours."""
    if ELSEWHERE.match(text) or not re.fullmatch(r"[\w.*{},/-]+", text):
        return []
    if "/" not in text:   # one of ours anywhere, or a name that the code knows
        if not re.fullmatch(rf"[\w*-]+\.{ENDINGS}", text):
            return []
        named = text in EXAMPLES or any(pathlib.PurePath(name).match(text) for name in our_files())
        return [] if named or text in sources() else [text]
    return [path for path in without_braces(text) if not exists(path)]


def missing_command(text):
    dev = (ROOT / "dev").read_text()
    match = re.match(r"\./dev (\w+)", text)
    if match and not re.search(rf"^  (?:\w+ \| )*{match[1]}(?: \| [\w-]+)*\)", dev, re.MULTILINE):
        return [match[0]]
    match = re.match(r"(?:\$?zscape|build/release/zscape) ([a-z]+)(?= |$)", text)
    if match and f'"{match[1]}"' not in sources("app/cli/"):
        return [match[0]]
    return [option for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)
            if not text.startswith(("apt", "pip", "cmake", "git"))
            and not re.search(rf"{option}(?![\w-])", sources())]


def missing_name(text):
    """Names of code: with an underscore inside, CamelCase, or with ::."""
    match = re.fullmatch(r"(\w+(?:::\w+)*)(?:\(\))?", text)
    if not match or not re.search(r"\w_\w|::|[a-z][A-Z]", match[1]) or match[1] in EXAMPLES:
        return []
    return [text for part in match[1].split("::") if not re.search(rf"\b{part}\b", sources())]


def missing(document, text):
    folder = (ROOT / document).parent
    found = []
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for quoted in re.findall(r"`([^`\n]+)`", prose):
        if quoted.startswith("-") or " " in quoted.strip():
            found += missing_command(quoted)
            first = quoted.split()[0]
            found += missing_path(first) if "/" in first and first != "./dev" else []
        else:
            found += missing_path(quoted) or missing_name(quoted)
    for block in re.findall(r"^```sh\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            found += missing_command(line.strip())
    for link in re.findall(r"\]\(([^)#]+)\)", prose):
        found += [] if link.startswith("http") or exists(str(pathlib.PurePath(link)), folder) or (
            folder / link).exists() else [link]
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_exists(document):
    assert not missing(document, (ROOT / document).read_text(encoding="utf-8"))


def test_documents_that_the_code_cites_exist():
    cited = {page for name in our_files() if name.endswith((".h", ".cpp", ".py")) and name != "tests/docs_test.py"
             for page in re.findall(r"[\w/]*\b[A-Z]{4,}\.md", (ROOT / name).read_text(encoding="utf-8"))}
    assert "docs/DESIGN.md" in cited
    assert [page for page in cited if not exists(page)] == []


@pytest.mark.parametrize("text", [
    "`engine/no_such_file.h`", "`engine/{core,nowhere}/`", "`nowhere/*.cpp`", "`no_such_file.cpp`",
    "`./dev fly`", "`zscape fly`", "`--fly-away`", "`Engine::no_such_function`", "`no_such_function()`",
    "[page](NOWHERE.md)", "```sh\n./dev fly\n```",
])
def test_what_does_not_exist_is_found(text):
    assert missing("README.md", text)
