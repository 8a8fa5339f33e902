"""zscape fetch against a server on 127.0.0.1 that does what servers do."""

import hashlib
import http.server
import os
import pathlib
import pty
import re
import signal
import subprocess
import threading
import time

import pytest

NAMES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz",
         "t10k-labels-idx1-ubyte.gz"]
MNIST = os.environ.get("ZSCAPE_MNIST")
needs_mnist = pytest.mark.skipif(not MNIST, reason="ZSCAPE_MNIST does not name a folder with MNIST")


class Server(http.server.ThreadingHTTPServer):
    """Serves files by name; what happens to a request is decided by behave(handler, name)."""

    daemon_threads = True

    def __init__(self, behave):
        super().__init__(("127.0.0.1", 0), Handler)
        self.behave = behave
        self.requests = []   # (name, Range or None)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.lstrip("/")
        self.server.requests.append((name, self.headers["Range"]))
        self.server.behave(self, name)

    def log_message(self, *args):
        pass

    def answer(self, content, cut=None):
        """The content, or the part that is asked for; cut: bytes after which it breaks off."""
        start = 0
        if wanted := re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or ""):
            start = int(wanted[1])
        part = content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part if cut is None else part[:cut])
        if cut is not None:
            self.close_connection = True


@pytest.fixture
def serve():
    """serve(behave) -> a running server."""
    servers = []

    def start(behave):
        server = Server(behave)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        servers.append((server, thread))
        return server

    yield start
    for server, thread in servers:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.fixture
def home(tmp_path):
    """The environment of a user whose data folder is empty, and where mnist would be there."""
    folder = tmp_path / "data home"
    return {"XDG_DATA_HOME": str(folder)}, folder / "zscape" / "mnist"


def files_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def mnist_file(name):
    return (pathlib.Path(MNIST) / name).read_bytes()


def test_a_missing_file_is_named_with_its_status(refused, serve, home):
    environment, folder = home
    server = serve(lambda handler, name: handler.send_error(404))
    refused("fetch", "mnist", "--from", server.url, env=environment, code=1,
            says=["404", NAMES[0]])
    assert files_in(folder) == []


def test_a_server_that_does_not_answer_is_named(refused, serve, home):
    environment, folder = home
    server = serve(None)
    url = server.url
    server.server_close()   # nobody listens there now
    refused("fetch", "mnist", "--from", url, env=environment, code=1, says=["127.0.0.1"])
    assert files_in(folder) == []


def test_garbage_of_the_right_size_is_not_kept(refused, serve, home):
    environment, folder = home
    server = serve(lambda handler, name: handler.answer(bytes(9912422)))
    refused("fetch", "mnist", "--from", server.url, env=environment, code=1,
            says=["MD5", NAMES[0]])
    assert files_in(folder) == []


@pytest.mark.parametrize("content", [b"", b"<html>moved</html>", bytes(9912423)],
                         ids=["empty", "short", "long"])
def test_a_file_of_another_size_is_not_kept(refused, serve, home, content):
    environment, folder = home
    server = serve(lambda handler, name: handler.answer(content))
    refused("fetch", "mnist", "--from", server.url, env=environment, code=1, says=[NAMES[0]])
    assert NAMES[0] not in files_in(folder)


def test_data_that_were_not_fetched_say_how_to(refused, home):
    environment, _ = home
    refused("train", "--data", "mnist", env=environment, code=1, says=["zscape fetch mnist"])
    refused("info", "kmnist", env=environment, code=1, says=["zscape fetch kmnist"])


@pytest.fixture
def slow_fetch(binary, serve, home):
    """slow_fetch(stderr) -> a fetch of a file of which some bytes came and no more do."""
    environment, _ = home
    over = threading.Event()

    def stalls(handler, name):
        handler.send_response(200)
        handler.send_header("Content-Length", "9912422")
        handler.end_headers()
        handler.wfile.write(bytes(3_000_000))
        handler.wfile.flush()
        over.wait(60)

    started = []

    def start(stderr):
        started.append(subprocess.Popen(
            [binary, "fetch", "mnist", "--from", serve(stalls).url], stdout=subprocess.PIPE,
            stderr=stderr, env={**os.environ, **environment}))
        return started[-1]

    yield start
    over.set()
    for process in started:
        process.kill()
        process.wait(10)


def test_ctrl_c_keeps_what_came(slow_fetch, home):
    _, folder = home
    process = slow_fetch(subprocess.PIPE)
    part = folder / (NAMES[0] + ".part")
    end = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size == 3_000_000):
        assert time.monotonic() < end and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, errors = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, b"")
    assert errors.decode().splitlines()[-1] == "zscape: interrupted"
    assert part.stat().st_size == 3_000_000


def test_a_terminal_gets_a_progress_bar(slow_fetch):
    parent, child = pty.openpty()
    process = slow_fetch(child)
    os.close(child)
    shown = b""
    # 3,000,000 of the 11,594,722 bytes of all four files.
    while not re.search(r"fetching mnist █+░+ 26 %", shown.decode(errors="ignore")):
        shown += os.read(parent, 4096)   # fails when the program ends
    process.send_signal(signal.SIGINT)
    process.wait(60)
    os.close(parent)


@needs_mnist
def test_mnist_is_fetched_once_and_read_by_its_name(run, serve, home):
    environment, folder = home
    server = serve(lambda handler, name: handler.answer(mnist_file(name)))
    result = run("fetch", "mnist", "--from", server.url, env=environment)
    assert result.out == f"{folder}\n"
    assert files_in(folder) == sorted(NAMES)
    for name in NAMES:
        assert hashlib.md5((folder / name).read_bytes()).digest() == \
            hashlib.md5(mnist_file(name)).digest()
    assert [name for name, _ in server.requests] == NAMES

    assert run("fetch", "mnist", "--from", server.url, env=environment).out == f"{folder}\n"
    assert len(server.requests) == 4   # nothing was asked for again
    info, = run("info", "mnist", "--json", env=environment).lines
    assert (info["format"], info["training"], info["test"]) == ("mnist", 60000, 10000)


@needs_mnist
def test_a_download_that_breaks_off_is_gone_on_with(run, serve, home):
    environment, folder = home
    breaks = [1_000_000, 3_000_000]

    def behave(handler, name):
        cut = breaks.pop(0) if breaks and name == NAMES[0] else None
        handler.answer(mnist_file(name), cut)

    server = serve(behave)
    run("fetch", "mnist", "--from", server.url, env=environment)
    asked = [wanted for name, wanted in server.requests if name == NAMES[0]]
    assert asked == [None, "bytes=1000000-", "bytes=4000000-"]
    assert (folder / NAMES[0]).read_bytes() == mnist_file(NAMES[0])
    assert files_in(folder) == sorted(NAMES)


@needs_mnist
def test_what_a_broken_run_left_is_taken_up_by_the_next(run, refused, serve, home):
    environment, folder = home
    calls = []

    def breaks_once_and_for_all(handler, name):
        calls.append(name)
        if len(calls) == 1:
            handler.answer(mnist_file(name), 2_000_000)
        else:
            handler.send_error(404)

    server = serve(breaks_once_and_for_all)
    refused("fetch", "mnist", "--from", server.url, env=environment, code=1, says=[NAMES[0]])
    assert files_in(folder) == [NAMES[0] + ".part"]
    assert (folder / (NAMES[0] + ".part")).read_bytes() == mnist_file(NAMES[0])[:2_000_000]

    server = serve(lambda handler, name: handler.answer(mnist_file(name)))
    run("fetch", "mnist", "--from", server.url, env=environment)
    assert server.requests[0] == (NAMES[0], "bytes=2000000-")
    assert files_in(folder) == sorted(NAMES)


@needs_mnist
def test_a_damaged_file_is_fetched_again(run, serve, home):
    environment, folder = home
    server = serve(lambda handler, name: handler.answer(mnist_file(name)))
    run("fetch", "mnist", "--from", server.url, env=environment)
    damaged = folder / NAMES[3]
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    run("fetch", "mnist", "--from", server.url.rstrip("/"), env=environment)
    assert [name for name, _ in server.requests] == NAMES + [NAMES[3]]
    assert damaged.read_bytes() == mnist_file(NAMES[3])
