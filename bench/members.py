"""Programs that take turns in a measurement: zscape itself, and peers that live in virtual
environments of their own below build/peers/, made at the first run."""

import contextlib
import json
import os
import pathlib
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PLACE = ROOT / "build/peers"
REQUIREMENTS = {"torch": ["torch==2.11.0", "numpy"], "jax": ["jax", "optax"]}
SIZE = {"torch": "5 GB", "jax": "0.4 GB"}
LONGEST_WAIT = 240   # seconds for one answer: torch.compile takes its time at first


class Missing(Exception):
    """Why something cannot be measured here."""


def flop_per_sample(inputs=784, hidden=400, latent=2):
    """Of the products of one step: forward, and back to weights and inputs. The first layer needs no
    gradient of its inputs."""
    layers = [inputs * hidden, hidden * 2 * latent, latent * hidden, hidden * inputs]
    return 2 * (3 * sum(layers) - layers[0])


def clean_environment(device="cpu"):
    """Without what would change how a library waits for its threads; with no GPU but for "cuda"."""
    kept = {name: value for name, value in os.environ.items()
            if not name.startswith(("OMP_", "GOMP_", "KMP_", "MKL_", "OPENBLAS_", "XLA_"))}
    hidden = {} if device == "cuda" else {"CUDA_VISIBLE_DEVICES": ""}
    return {**kept, **hidden, "JAX_PLATFORMS": device,
            "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
            "TORCHINDUCTOR_CACHE_DIR": str(PLACE / "inductor"),
            "TORCHINDUCTOR_COMPILE_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def pinned(threads):
    """What goes before a command so that it has as many processors as threads."""
    allowed = sorted(os.sched_getaffinity(0))[:threads]
    return ["taskset", "-c", ",".join(map(str, allowed))]


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "without a word"


NOT_INSTALLED = {}   # kind: why; nobody waits twice for a network that is not there


def environment_python(kind, options):
    """The Python of a peer's virtual environment, made where it is not there yet."""
    if kind in NOT_INSTALLED:
        raise NOT_INSTALLED[kind]
    try:
        return made_environment(kind, options)
    except Missing as reason:
        NOT_INSTALLED[kind] = reason
        raise


def made_environment(kind, options):
    named = getattr(options, f"{kind}_venv") or os.environ.get(f"ZSCAPE_{kind.upper()}_VENV")
    if named:
        python = pathlib.Path(named) / "bin/python"
        if not python.exists():
            raise Missing(f"there is no {python}")
        return python
    folder = PLACE / kind
    wanted = "\n".join(REQUIREMENTS[kind])
    done = folder / "installed"
    if done.exists() and done.read_text() == wanted:
        return folder / "bin/python"
    if options.no_install:
        raise Missing(f"its environment {folder.relative_to(ROOT)} is not there, and --no-install")
    print(f"installing {', '.join(REQUIREMENTS[kind])} into {folder.relative_to(ROOT)} "
          f"({SIZE[kind]} on disk)", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    scratch = PLACE / "tmp"   # the system's is often too small for PyTorch
    scratch.mkdir(parents=True, exist_ok=True)
    pip = [folder / "bin/python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet",
           "--progress-bar", "off", "--no-cache-dir"]
    for command in ([sys.executable, "-m", "venv", folder], [*pip, *REQUIREMENTS[kind]]):
        made = subprocess.run(command, env={**os.environ, "TMPDIR": str(scratch)}, text=True,
                              stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
        if made.returncode != 0:
            shutil.rmtree(scratch, ignore_errors=True)
            raise Missing(f"it could not be installed: {last_line(made.stderr)}")
    shutil.rmtree(scratch, ignore_errors=True)
    done.write_text(wanted)
    return folder / "bin/python"


class Member:
    """A program that answers one line by one, and is stopped while it is not asked."""

    def __init__(self, command, threads, device="cpu"):
        self.errors = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [*pinned(threads), *map(str, command)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=self.errors, env=clean_environment(device), start_new_session=True)
        self.version = self.answer().get("ready")
        self.signal(signal.SIGSTOP)

    def ask(self, *words):
        self.signal(signal.SIGCONT)
        with contextlib.suppress(BrokenPipeError):   # then there is no answer either
            self.process.stdin.write((" ".join(map(str, words)) + "\n").encode())
            self.process.stdin.flush()
        answer = self.answer()
        self.signal(signal.SIGSTOP)
        return answer

    def answer(self):
        text, until = b"", time.monotonic() + LONGEST_WAIT
        while not text.endswith(b"\n"):
            ready, _, _ = select.select([self.process.stdout], [], [], until - time.monotonic())
            if not ready:
                self.end()
                raise Missing(f"it gave no answer for {LONGEST_WAIT} s")
            more = os.read(self.process.stdout.fileno(), 4096)
            if not more:
                self.process.wait()
                self.errors.seek(0)
                raise Missing(f"it ended: {last_line(self.errors.read())}")
            text += more
        return json.loads(text)

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait()


class Zscape:
    """`zscape train`, anew for each burst."""

    def __init__(self, options, data, threads, precision, device="cpu"):
        self.command = [*pinned(threads), options.binary, "train", "--data", str(data), "--threads",
                        str(threads), "--device", device, "--json"]
        self.device = device
        if precision != "fp32":
            self.command += ["--precision", precision]
        self.inputs = options.inputs
        self.epochs = 1
        self.version = None

    def train(self, inputs, batch, epochs):
        done = subprocess.run([*self.command, "--limit", str(inputs), "--batch", str(batch),
                               "--epochs", str(epochs)],
                              env=clean_environment(self.device), capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise Missing(last_line(done.stderr))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def ask(self, word, amount, batch):
        if word == "loss":
            return {"loss": self.train(amount, batch, 1)[-1]["loss"]}
        # On a GPU the first epoch loads kernels and records; peers have done so long before.
        skipped = 1 if self.device == "cuda" else 0
        lines = self.train(self.inputs, batch, self.epochs + skipped)[skipped:]
        seconds = sum(self.inputs / line["samples_per_second"] for line in lines)
        samples = self.inputs * len(lines)
        self.epochs = max(1, round(amount * samples / seconds / self.inputs))
        return {"samples": samples, "seconds": seconds}

    def end(self):
        pass
