"""The supervisor ends what breaks its limits, and leaves nothing running."""

import json
import os
import socket
import subprocess
import sys
import time

import psutil
import pytest

from assignments.process_limits import process_limit

slow = pytest.mark.slow
HOGS = {
    "loop": "while True: pass",
    "sleep": "import time; time.sleep(60)",
    "deaf": """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
time.sleep(60)
""",
    "memory": """
import time
kept = []
while True:
    kept.append(bytearray(20_000_000))
    time.sleep(0.01)
""",
    "shared": """
import os, time
kept = bytearray(os.urandom(1_000_000)) * 100
for _ in range(4):
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
time.sleep(2)
""",
    "detached": """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
""",
    "many": """
import os, time
for _ in range(20):
    if os.fork() == 0:
        time.sleep(60)
time.sleep(60)
""",
    "forks": """
import os, time
for _ in range(12):  # 4,096 processes, if nothing stopped it
    try:
        os.fork()
    except OSError:
        time.sleep(60)
time.sleep(60)
""",
    "file": "open('big', 'wb').write(b'x' * 30_000_000)",
    "output": "while True: print('x' * 10_000)",
    "fine": "print('fine')",
    "fails": "raise SystemExit(3)",
}


@pytest.fixture
def supervised(tmp_path, root):
    """Return a function that runs a program under limits and gives the report and its log."""

    def run(program, *, seconds=20, memory=300, processes=8, file=8):
        report = tmp_path / "report.json"
        marked = f"# supervised-{os.getpid()}\n{program}"
        options = {"seconds": seconds, "memory": memory, "processes": processes, "file": file}
        subprocess.run(
            [sys.executable, "-m", "assignments.supervise"]
            + [f"--{name}={value}" for name, value in options.items()]
            + [str(report), sys.executable, "-c", marked],
            check=True,
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root)},
            timeout=60,
        )
        time.sleep(0.05)
        assert not left_over(f"supervised-{os.getpid()}"), "something of the program still runs"
        return json.loads(report.read_text()), report.with_suffix(".log").read_text()

    return run


def left_over(mark):
    found = []
    for process in psutil.process_iter(["cmdline", "status"]):
        line = " ".join(process.info["cmdline"] or [])
        if mark in line and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(line)
    return found


@pytest.mark.parametrize("hog", ["loop", *(pytest.param(h, marks=slow) for h in ("sleep", "deaf"))])
def test_what_takes_too_long_is_ended(supervised, hog):
    report, _ = supervised(HOGS[hog], seconds=1)
    assert report["reason"] == "it ran for more than 1 seconds"
    assert report["seconds"] >= 1


def test_what_takes_too_much_memory_is_ended(supervised):
    report, _ = supervised(HOGS["memory"], memory=150)
    assert report["reason"] == "it used more than 150 MB of memory"
    assert 150 < report["memory"] < 600


@slow
def test_memory_that_forks_share_counts_once(supervised):
    report, _ = supervised(HOGS["shared"], memory=250)
    assert report["reason"] == ""
    assert 100 < report["memory"] <= 250


def test_what_starts_too_many_processes_is_ended(supervised):
    report, _ = supervised(HOGS["many"])
    assert report["reason"] == "it ran more than 8 processes"


@slow
def test_what_forks_faster_than_one_can_look_is_ended(supervised):
    report, _ = supervised(HOGS["forks"])
    assert report["reason"] == "it ran more than 8 processes"
    assert report["forks"] == "bounded" or os.geteuid() == 0


@slow
def test_forks_above_the_bound_are_refused_by_the_kernel(tmp_path):
    counting = """
import os
for count in range(200):
    try:
        if os.fork() == 0:
            while True:
                os.read(0, 1) or os._exit(0)  # until whoever started this closes the pipe
    except OSError:
        break
print(count + (count == 199))
"""
    with process_limit(64) as bind:
        if bind is None:
            pytest.skip("this system offers no bound")
        with subprocess.Popen(
            [sys.executable, "-c", counting],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            preexec_fn=bind,
        ) as program:
            forks = int(program.stdout.readline())
            program.stdin.close()
            program.stdout.read()  # ends when the last of them has ended
    assert 0 < forks < 150  # not just 64: a bound for ordinary users counts whatever they run


@slow
def test_what_detaches_itself_is_ended_too(supervised):
    report, _ = supervised(HOGS["detached"])
    assert report["reason"] == ""


def test_files_and_output_have_a_size(supervised):
    report, log = supervised(HOGS["file"])
    assert report["code"] == 1
    assert "File too large" in log
    report, log = supervised(HOGS["output"])
    assert report["code"] != 0
    assert len(log) <= 8 * 2**20


def test_what_keeps_within_its_limits_is_left_alone(supervised):
    report, log = supervised(HOGS["fine"])
    assert (report["reason"], report["code"], log.strip()) == ("", 0, "fine")
    report, _ = supervised(HOGS["fails"])
    assert (report["reason"], report["code"]) == ("", 3)


def test_the_network_is_blocked_where_the_report_says_so(supervised):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = f"import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=5)"
        report, log = supervised(program)
    if report["network"] == "blocked":
        assert report["code"] == 1
        assert "refused" in log
    else:
        assert report["network"] == "open"
        assert report["code"] == 0
