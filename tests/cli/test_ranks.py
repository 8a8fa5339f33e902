"""Several processes on one run, started by mpirun. The part for MPI is optional: ./dev with mpi."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

import pytest

BINARY = pathlib.Path(os.environ["ZSCAPE_BINARY"])
HAS_MPI = (BINARY.parent / "libzscape_mpi.so").exists() and shutil.which("mpirun") is not None
needs_mpi = pytest.mark.skipif(not HAS_MPI, reason="this build has no part for MPI: ./dev with mpi")
MPIRUN = ["mpirun", "--quiet", "--allow-run-as-root", "--oversubscribe"]
CLOCK = ("seconds", "samples_per_second")


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def epochs(self):
        """The lines of JSON without what the clock says."""
        lines = [json.loads(line) for line in self.out.splitlines()]
        return [{key: value for key, value in line.items() if key not in CLOCK} for line in lines]

    @property
    def errors(self):
        return [line for line in self.err.splitlines() if line.startswith("zscape: ")]


def started(*words, **options):
    return subprocess.Popen([*map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            stdin=subprocess.DEVNULL, **options)


def ended(process, timeout=900):
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()   # mpirun: its ranks end with it
        out, err = process.communicate()
        pytest.fail(f"it hangs: {out[-500:]} {err[-500:]}")
    return Ended(process.returncode, out, err)


def by_ranks(count, *args, expect=0):
    """zscape ARGS by so many ranks; by one: without mpirun."""
    before = [*MPIRUN, "-n", count] if count > 1 else []
    done = ended(started(*before, BINARY, *args))
    assert done.code == expect, f"{args} ended with {done.code}: {done.err}{done.out}"
    return done


def train(data, *args):
    return ["train", "--json", "--data", data, "--threads", 1, "--seed", 3, *args]


# What one process says of itself.

def as_rank(rank, size=2):
    return {**os.environ, "OMPI_COMM_WORLD_SIZE": str(size), "OMPI_COMM_WORLD_RANK": str(rank)}


@pytest.mark.parametrize("names", [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK"),
                                   ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID")])
def test_without_the_part_mpirun_is_refused_by_the_command_that_builds_it(tmp_path, names):
    alone = tmp_path / "zscape"   # no plug-in beside it
    try:
        os.link(BINARY, alone)
    except OSError:
        shutil.copy2(BINARY, alone)
    for rank in (0, 1):
        env = {**os.environ, names[0]: "2", names[1]: str(rank)}
        done = ended(started(alone, "train", "--epochs", 1, env=env))
        assert (done.code, done.out) == (1, "")
        assert len(done.err.splitlines()) == (1 if rank == 0 else 0), done.err
        assert rank == 1 or "./dev with mpi" in done.err


def test_a_command_for_one_process_says_so_once():
    first, second = (ended(started(BINARY, "info", env=as_rank(rank))) for rank in (0, 1))
    assert (first.code, second.code, first.out, second.out, second.err) == (2, 2, "", "", "")
    assert len(first.errors) == 1 and "without mpirun" in first.errors[0]


def test_one_rank_alone_is_an_ordinary_run():
    assert ended(started(BINARY, "info", env=as_rank(0, size=1))).code == 0


# Training.

KINDS = {"vae": ["--model", "vae"],
         "conv": ["--model", "dae", "--network", "conv", "--noise", "gaussian:0.3"],
         "iwae": ["--model", "cvae", "--objective", "iwae", "--samples", 2, "--binarise", "dynamic"]}


@needs_mpi
@pytest.mark.parametrize("kind", KINDS)
def test_the_first_twenty_losses_are_those_of_one_process(digits, kind):
    # An epoch is a step.
    args = train(digits, *KINDS[kind], "--limit", 90, "--batch", 90, "--epochs", 20)
    one = by_ranks(1, *args).epochs
    for count in (2, 4):
        many = by_ranks(count, *args).epochs
        assert [line["step"] for line in many] == list(range(1, 21))
        for key in ("loss", "reconstruction", "test_loss", "mse"):
            assert [line[key] for line in many] == pytest.approx([line[key] for line in one], rel=1e-5), key


@needs_mpi
def test_epoch_means_agree_after_a_thousand_steps(digits):
    args = train(digits, "--batch", 6, "--epochs", 10, "--validation", 60, "--latent", 5)
    one, many = by_ranks(1, *args).epochs, by_ranks(2, *args).epochs
    assert many[-1]["step"] == 900
    for key in ("loss", "kl", "test_loss", "validation_loss"):
        assert [line[key] for line in many] == pytest.approx([line[key] for line in one], rel=1e-3), key


@needs_mpi
def test_as_many_ranks_give_the_same_bits(digits, tmp_path):
    files = [tmp_path / name for name in ("a", "b")]
    args = train(digits, "--batch", 50, "--epochs", 2)
    outputs = [by_ranks(4, *args, "--out", file).epochs for file in files]
    assert outputs[0] == outputs[1]
    assert files[0].read_bytes() == files[1].read_bytes()


@needs_mpi
def test_rank_0_alone_prints_and_writes(digits, tmp_path):
    done = by_ranks(4, "train", "--data", digits, "--epochs", 2, "--threads", 1, "--checkpoint", tmp_path / "kept",
                    "--out", tmp_path / "model.safetensors")
    assert len(done.out.splitlines()) == 3   # the header, and a row an epoch
    assert done.err.count("saved") == 1
    assert sorted(file.name for file in (tmp_path / "kept").iterdir()) == ["checkpoint.safetensors",
                                                                          "model.safetensors"]


@needs_mpi
def test_another_number_of_ranks_resumes(digits, tmp_path):
    args = train(digits, "--batch", 50, "--checkpoint", tmp_path / "kept")
    whole = by_ranks(1, *train(digits, "--batch", 50, "--epochs", 4)).epochs
    by_ranks(4, *args, "--epochs", 1)
    rest = []
    for epochs, count in ((2, 2), (3, 1), (4, 4)):
        rest += by_ranks(count, "train", "--json", "--resume", tmp_path / "kept", "--epochs", epochs).epochs
    for key in ("loss", "test_loss"):
        assert [line[key] for line in rest] == pytest.approx([line[key] for line in whole[1:]], rel=1e-4), key


@needs_mpi
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_after_a_step_and_keeps_it(digits, tmp_path, number):
    args = train(digits, "--batch", 20, "--epochs", 9)
    whole = by_ranks(2, *args, "--out", tmp_path / "whole").epochs
    for attempt in range(50):   # where it is over before the signal comes
        kept = tmp_path / f"kept{attempt}"
        process = started(*MPIRUN, "-n", 2, "--mca", "odls_base_sigkill_timeout", 3, BINARY, *args, "--checkpoint",
                          kept)
        process.stdout.readline()
        process.send_signal(number)
        if ended(process).code != 0:
            break
    rest = by_ranks(2, "train", "--json", "--resume", kept, "--out", tmp_path / "broken")
    assert rest.epochs == whole[-len(rest.epochs):]
    assert (tmp_path / "broken").read_bytes() == (tmp_path / "whole").read_bytes()


@needs_mpi
@pytest.mark.parametrize("one, other, says", [
    (["--data", "DIGITS"], ["--data", "missing"], "rank 1 on .*missing"),
    (["--data", "missing"], ["--data", "DIGITS"], "^zscape: [^:]*missing"),
    (["--data", "DIGITS"], ["--data", "synthetic"], "rank 1 on .*other data"),
    (["--data", "DIGITS"], ["--data", "DIGITS", "--lr", 0.1], "rank 1 on .*other options"),
    (["--data", "DIGITS", "--model", "pca"], ["--data", "DIGITS", "--model", "pca"], "pca is fitted .* one process"),
])
def test_what_stops_one_rank_ends_all_with_one_line(digits, one, other, says):
    words = [[digits if word == "DIGITS" else word for word in line] for line in (one, other)]
    done = ended(started(*MPIRUN, "-n", 1, BINARY, "train", *words[0], ":", "-n", 1, BINARY, "train", *words[1]))
    assert done.code != 0
    assert len(done.errors) == 1, done.err
    assert re.search(says, done.errors[0]), done.errors[0]


@needs_mpi
def test_a_diverging_run_ends_with_one_line(digits):
    done = ended(started(*MPIRUN, "-n", 2, BINARY, *train(digits, "--lr", 1e30, "--epochs", 3)))
    assert done.code == 1
    assert len(done.errors) == 1 and "diverged" in done.errors[0]


def children_of(pid):
    """None where it has ended."""
    return [int(child) for file in pathlib.Path("/proc").glob(f"{pid}/task/*/children")
            for child in file.read_text().split()]


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@needs_mpi
def test_a_killed_rank_ends_the_others(digits):
    process = started(*MPIRUN, "-n", 2, BINARY, *train(digits, "--batch", 1, "--epochs", 10000))
    process.stdout.readline()
    os.kill(children_of(process.pid)[1], signal.SIGKILL)
    assert ended(process).code != 0


@needs_mpi
def test_what_rank_0_cannot_write_ends_all(digits, tmp_path):
    kept = tmp_path / "kept"
    process = started(*MPIRUN, "-n", 2, BINARY, *train(digits, "--batch", 20, "--epochs", 10000, "--checkpoint",
                                                      kept))
    process.stdout.readline()
    while not (kept / "model.safetensors").exists():
        time.sleep(0.01)
    shutil.rmtree(kept, ignore_errors=True)
    kept.write_text("no folder")
    done = ended(process)
    assert done.code != 0
    assert len(done.errors) == 1, done.err


# A lab.

EXPERIMENT = {"name": "few", "question": "Does it work?", "text": ["Yes."], "data": "synthetic",
              "plan": {"model": "ae", "epochs": 6, "hidden": [20], "threads": 1},
              "axes": [{"name": "latent", "values": [1, 2, 3, 4]}], "seeds": 3, "measure": ["test_loss"]}


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    file = tmp_path_factory.mktemp("experiment") / "few.json"
    file.write_text(json.dumps(EXPERIMENT))
    return file


def kept_in(folder):
    """All that a lab keeps, but for what the clock says."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*"))
            if file.is_file() and file.name not in ("timings.jsonl", "lock")}


@pytest.fixture(scope="module")
def table(experiment, digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab") / "alone"
    by_ranks(1, "lab", "run", experiment, "--data", digits, "--out", folder)
    return kept_in(folder)


@needs_mpi
@pytest.mark.parametrize("count", [2, 4])
def test_a_lab_gives_the_same_table_and_models(experiment, digits, table, tmp_path, count):
    by_ranks(count, "lab", "run", experiment, "--data", digits, "--out", tmp_path / "lab")
    assert kept_in(tmp_path / "lab") == table


@needs_mpi
def test_a_lab_that_was_ended_goes_on(experiment, digits, table, tmp_path):
    line = [*MPIRUN, "-n", 2, BINARY, "lab", "run", experiment, "--data", digits, "--out", tmp_path / "lab"]
    for number in (signal.SIGTERM, signal.SIGKILL):
        process = started(*line)
        before = results_in(tmp_path / "lab")
        while process.poll() is None and results_in(tmp_path / "lab") < before + 2:
            time.sleep(0.01)
        ranks = children_of(process.pid)
        process.send_signal(number)
        ended(process)
        while any(is_running(rank) for rank in ranks):   # without mpirun they end by themselves
            time.sleep(0.01)
    by_ranks(2, *line[len(MPIRUN) + 3:])
    assert kept_in(tmp_path / "lab") == table


@needs_mpi
def test_a_run_that_fails_ends_no_other(digits, tmp_path):
    file = tmp_path / "diverges.json"
    file.write_text(json.dumps({**EXPERIMENT, "seeds": 2,
                                "axes": [{"name": "lr", "values": [0.001, 1e30]}]}))
    done = ended(started(*MPIRUN, "-n", 2, BINARY, "lab", "run", file, "--data", digits, "--out", tmp_path / "lab"))
    lines = [json.loads(line) for line in (tmp_path / "lab/results.jsonl").read_text().splitlines()]
    assert [("error" in line) for line in lines] == [False, False, True, True]
    assert "diverged" in done.err


def results_in(folder):
    file = folder / "results.jsonl"
    return file.read_bytes().count(b"\n") if file.exists() else 0


# Two hosts.

KEEPALIVE = ["--mca", "oob_tcp_keepalive_time", 1, "--mca", "oob_tcp_keepalive_intvl", 1, "--mca",
             "oob_tcp_keepalive_probes", 2]


class Hosts:
    """Hosts a and b, network namespaces with a cable between them; b sees nothing of `hidden`."""

    def __init__(self, folder, hidden):
        self.names = {host: f"zs{os.getpid()}{host}" for host in "ab"}
        self.agent = folder / "agent"
        self.hidden = hidden

    def make(self):
        cable = [f"zs{os.getpid()}{host}" for host in "xy"]
        ip("netns", "add", self.names["a"])
        ip("netns", "add", self.names["b"])
        ip("link", "add", cable[0], "type", "veth", "peer", "name", cable[1])
        for host, end, address in zip("ab", cable, ("10.77.7.1/24", "10.77.7.2/24")):
            ip("link", "set", end, "netns", self.names[host])
            for words in (["addr", "add", address, "dev", end], ["link", "set", end, "up"],
                          ["link", "set", "lo", "up"]):
                ip("-netns", self.names[host], *words)
        self.cable = cable[1]
        # What mpirun calls in place of ssh: the host, then a command for its shell.
        self.agent.write_text(f"""#!/bin/sh
shift
exec ip netns exec {self.names["b"]} unshare --uts --mount sh -c \
  "hostname b && mount -t tmpfs none {self.hidden} && exec $*"
""")
        self.agent.chmod(0o755)

    def line(self, *words):
        """mpirun on host a, for a shell's exec."""
        inner = " ".join(map(str, ["mpirun", *MPIRUN[1:], *KEEPALIVE, "--mca", "plm_rsh_agent", self.agent, *words]))
        return ["ip", "netns", "exec", self.names["a"], "unshare", "--uts", "sh", "-c",
                f"hostname a && exec {inner}"]

    def cut(self):
        ip("-netns", self.names["b"], "link", "set", self.cable, "down")

    def remove(self):
        for name in self.names.values():
            running = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
            for pid in running:
                os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


@pytest.fixture
def hosts(tmp_path):
    (tmp_path / "hidden").mkdir()
    both = Hosts(tmp_path, tmp_path / "hidden")
    try:
        both.make()
        subprocess.run(["ip", "netns", "exec", both.names["a"], "unshare", "--uts", "--mount", "hostname", "a"],
                       check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        both.remove()
        pytest.skip(f"no network namespaces here: {getattr(error, 'stderr', '') or error}")
    yield both
    both.remove()


@needs_mpi
def test_two_hosts_train_as_one_process_does(digits, hosts):
    args = train(digits, "--batch", 50, "--epochs", 2)
    done = ended(started(*hosts.line("-H", "a:1,b:1", "-n", 2, BINARY, *args)))
    assert done.code == 0, done.err
    for key in ("loss", "test_loss"):
        assert [line[key] for line in done.epochs] == pytest.approx(
            [line[key] for line in by_ranks(1, *args).epochs], rel=1e-4), key


@needs_mpi
def test_a_lab_outlives_a_host_that_is_cut_off(experiment, digits, table, hosts):
    folder = hosts.hidden / "lab"   # of host a alone
    args = ["lab", "run", experiment, "--data", digits, "--out", folder]
    process = started(*hosts.line("-H", "a:1,b:2", "-n", 3, BINARY, *args))
    while process.poll() is None and results_in(folder) < 3:
        time.sleep(0.01)
    hosts.cut()
    assert ended(process).code != 0
    arrived = (folder / "results.jsonl").read_bytes()
    assert 3 <= arrived.count(b"\n") < 12 and arrived.endswith(b"\n")
    done = ended(started(*hosts.line("-H", "a:2", "-n", 2, BINARY, *args)))
    assert done.code == 0, done.err
    assert kept_in(folder) == table
