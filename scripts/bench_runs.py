"""What scripts/bench measures with: processes that are started, timed and counted one by one, their working folders, and the
table of what came out."""

import atexit
import functools
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARY = ROOT / ".build-release" / "release" / "takt"
BENCH = ROOT / ".build-bench"
# A regular session of both generated and real calendars; beats start here.
FIRST_BEAT = datetime(2026, 11, 20, 15, 0, 5, tzinfo=timezone.utc)
BEAT = timedelta(minutes=5)


class Run:
    """One finished process."""

    def __init__(self, code, wall, cpu, peak_kb, output):
        self.code = code
        self.wall_ms = wall * 1000
        self.cpu_ms = cpu * 1000
        self.peak_mb = peak_kb / 1024
        self.output = output


def environment():
    """The caller's, without anything that would change what takt does or that could send an alert."""
    dropped = ("TAKT_", "KIS_", "IB_", "SLACK_", "SMTP_", "ALERT_", "ANTHROPIC_", "TRADING_MODE", "LOG_LEVEL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return {**kept, "NO_COLOR": "1", "TZ": "UTC"}


# Starts the programs and waits for them. A process of its own, because the kernel counts the memory of whoever starts a
# program into that program's peak: what this script has read must not show in the numbers.
SPAWNER = """
import os, sys, time
for line in sys.stdin:
    words = line.rstrip("\\n").split("\\0")
    out = os.open(words[0], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    err = os.open(words[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    actions = [(os.POSIX_SPAWN_DUP2, out, 1), (os.POSIX_SPAWN_DUP2, err, 2), (os.POSIX_SPAWN_OPEN, 0, "/dev/null", 0, 0)]
    started = time.perf_counter()
    pid = os.posix_spawn(words[2], words[2:], os.environ, file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - started
    os.close(out)
    os.close(err)
    print(os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, flush=True)
"""


class Spawner:
    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SPAWNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment())

    def measure(self, arguments):
        out, err = BENCH / "stdout", BENCH / "stderr"
        self.process.stdin.write("\0".join([str(out), str(err), *arguments]) + "\n")
        self.process.stdin.flush()
        code, wall, cpu, peak = self.process.stdout.readline().split()
        return Run(int(code), float(wall), float(cpu), int(peak), out.read_bytes())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


@functools.cache
def spawner():
    """One for all measurements; it ends with this script."""
    process = Spawner()
    atexit.register(process.close)
    return process


def run(arguments):
    """Runs a program to its end, measured from before its start to after its exit."""
    words = [str(item) for item in arguments]
    words[0] = shutil.which(words[0]) or sys.exit(f"bench: no '{words[0]}' on PATH; run scripts/setup")
    result = spawner().measure(words)
    if result.code != 0:
        sys.exit(f"bench: exit code {result.code} of: {' '.join(words)}\n{(BENCH / 'stderr').read_text(errors='replace')}")
    return result


def alternate(count, *programs):
    """Runs the programs in turn, `count` times each, after one round that only warms the caches."""
    for program in programs:
        program(0)
    results = [[] for _ in programs]
    for index in range(1, count + 1):
        for program, runs in zip(programs, results):
            runs.append(program(index))
    return results


def median(runs, field):
    return statistics.median(getattr(item, field) for item in runs)


class Table:
    """Collects rows; `reference` is what the ratio of the wall-clock medians is against."""

    def __init__(self):
        self.rows = []

    def add(self, name, runs, reference=None, reference_runs=None, note=""):
        row = {
            "name": name, "runs": len(runs), "wall_ms": median(runs, "wall_ms"), "cpu_ms": median(runs, "cpu_ms"),
            "peak_mb": median(runs, "peak_mb"), "note": note,
        }
        if reference_runs:
            row["reference"] = reference
            row["reference_wall_ms"] = median(reference_runs, "wall_ms")
            row["reference_cpu_ms"] = median(reference_runs, "cpu_ms")
            row["ratio"] = row["wall_ms"] / row["reference_wall_ms"]
            row["cpu_ratio"] = row["cpu_ms"] / row["reference_cpu_ms"] if row["reference_cpu_ms"] else None
        self.rows.append(row)
        say(f"{name}: {row['wall_ms']:.1f} ms")

    def text(self):
        head = f"{'':44}{'runs':>5}{'wall ms':>10}{'CPU ms':>9}{'peak MB':>9}{'ref. ms':>10}{'ratio':>8}  reference, note"
        lines = [head]
        for row in self.rows:
            numbers = f"{row['runs']:>5}{row['wall_ms']:>10.1f}{row['cpu_ms']:>9.1f}{row['peak_mb']:>9.1f}"
            if "ratio" in row:
                numbers += f"{row['reference_wall_ms']:>10.1f}{row['ratio']:>8.2f}"
            else:
                numbers += f"{'':>18}"
            remark = "; ".join(part for part in (row.get("reference", ""), row["note"]) if part)
            lines.append(f"{row['name']:44}{numbers}  {remark}".rstrip())
        return "\n".join(lines)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def fsync_ms(count):
    """The median of appending 4 KiB and forcing them to the disk: what one durable commit costs at least."""
    times = []
    descriptor = os.open(BENCH / "fsync", os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    block = os.urandom(4096)
    for _ in range(count):
        os.write(descriptor, block)
        started = time.perf_counter()
        os.fsync(descriptor)
        times.append((time.perf_counter() - started) * 1000)
    os.close(descriptor)
    return statistics.median(times)


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def make_home(name, symbols, agents="sma-cross, momentum", more=""):
    """A fresh working folder: paper broker, generated bars, limits far away, small positions.

    `more` is appended to trading.yaml."""
    home = BENCH / name
    shutil.rmtree(home, ignore_errors=True)
    (home / "config").mkdir(parents=True)
    listing = ", ".join(symbols)
    # Half of the equity at most, even when every symbol is bought.
    share = round(0.5 / len(symbols), 4)
    (home / "config" / "trading.yaml").write_text(
        "trading:\n  base_currency: USD\n  profiles:\n"
        f"    bench: {{symbols: [{listing}], timeframe: 5m, broker: paper, agents: [{agents}], bars: generator}}\n"
        f"orders: {{position_sizing: {{method: percent-of-equity, percent: {share}}}}}\n"
        "paper: {initial_cash: {USD: 10000000}}\n" + more)
    (home / "config" / "risk.yaml").write_text(
        "risk_limits: {max_daily_orders: 100000, max_position_count: 1000}\n")
    (home / "config" / "brokers.yaml").write_text("brokers: {}\n")
    lines = [f"  {symbol}: {{name: {symbol}, exchange: XNAS, currency: USD, tick_size: \"0.01\"}}" for symbol in symbols]
    (home / "config" / "symbols.yaml").write_text("symbols:\n" + "\n".join(lines) + "\n")
    run([BINARY, "init", "--home", home, "--quiet"])
    return home


def beat(home, index, *more, command="cycle"):
    moment = stamp(FIRST_BEAT + index * BEAT)
    return run([BINARY, command, "--home", home, "--now", moment, "--format", "json", "--quiet", *more])


def orders_sent(runs):
    """How much the measured cycles really did."""
    total = 0
    for item in runs:
        for step in json.loads(item.output)["items"]:
            if step["step"] == "submit":
                total += (step.get("summary") or {}).get("sent", 0)
    return total


def sqlite_read(home):
    query = "SELECT count(*), max(length(document)) FROM journal"
    return lambda _: run(["sqlite3", home / "state" / "takt.sqlite", query])


def sqlite_commit():
    """One process, one durable commit: the least that any step which writes an order has to pay."""
    path = BENCH / "commit.sqlite"
    path.unlink(missing_ok=True)
    run(["sqlite3", path, "PRAGMA journal_mode = WAL; CREATE TABLE t (a TEXT) STRICT;"])
    return lambda index: run(["sqlite3", path, f"PRAGMA synchronous = FULL; INSERT INTO t VALUES ('order {index}');"])


class Sum(Run):
    """Several processes, as one."""

    def __init__(self, parts):
        self.wall_ms = sum(part.wall_ms for part in parts)
        self.cpu_ms = sum(part.cpu_ms for part in parts)
        self.peak_mb = max(part.peak_mb for part in parts)


def forget(paths):
    """Has the kernel drop what it holds of these files in memory."""
    for path in paths:
        if not path.is_file():
            continue
        descriptor = os.open(path, os.O_RDONLY)
        os.fdatasync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
