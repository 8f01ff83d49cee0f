"""What days at the brokers' stand-ins have in common: the markets, the stand-in as a process, a working folder, the beats.

Shared by kis_day.py, ib_day.py and what kills processes in the middle of such days.
"""
import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request
import zoneinfo

MARKETS = {
    "kr": {"zone": "Asia/Seoul", "open": (9, 0), "close": (15, 30), "symbols": ["005930", "000660"], "exchange": "XKRX",
           "currency": "KRW"},
    "us": {"zone": "America/New_York", "open": (9, 30), "close": (16, 0), "symbols": ["AAPL", "MSFT"], "exchange": "XNAS",
           "currency": "USD"},
}
STEP = datetime.timedelta(minutes=5)
# A beat starts a little after its bar's close.
DELAY = datetime.timedelta(seconds=3)


# What the stand-ins know of the symbols: its name, its exchange, the close of the day before.
LISTED = {
    "005930": ("삼성전자", "krx", "70500"), "000660": ("SK하이닉스", "krx", "187300"),
    "AAPL": ("APPLE INC", "nasdaq", "201"), "MSFT": ("MICROSOFT CORP", "nasdaq", "415"),
}


def stamp(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def thin(depth=12, venues=("krx", "nasdaq")):
    """The symbols of these exchanges, with so few shares at every price that orders are filled in part and rest."""
    return [{"code": code, "name": name, "venue": venue, "base_price": price, "depth": depth}
            for code, (name, venue, price) in LISTED.items() if venue in venues]


def beats(markets, date):
    """(close, profile) of every bar of the day, in the order of time."""
    found = []
    for name in markets:
        market = MARKETS[name]
        zone = zoneinfo.ZoneInfo(market["zone"])
        moment = datetime.datetime.combine(date, datetime.time(*market["open"]), zone)
        end = datetime.datetime.combine(date, datetime.time(*market["close"]), zone)
        while moment < end:
            moment += STEP
            found.append((moment.astimezone(datetime.timezone.utc), f"{name}-5m"))
    return sorted(found)


class StandIn:
    """TaktRehearsal as a process; it ends when this one does."""

    def __init__(self, binary, broker, start, seed=1, faults=None, options=()):
        command = [binary, broker, "--seed", str(seed), "--start", stamp(start), *options]
        if faults is not None:
            command += ["--faults", json.dumps(faults)]
        # The pipe at its standard input ends it with us.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the stand-in did not start")
        self.addresses = json.loads(line)

    def control(self):
        """The address of the control door."""
        raise NotImplementedError

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control()}/_rehearsal/{path}", data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def set_clock(self, moment):
        self.ask("clock", {"now": stamp(moment)})

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Home:
    """A working folder that trades at a stand-in."""

    def __init__(self, folder, takt, standin, files, environment):
        self.folder, self.takt, self.simulator = pathlib.Path(folder), takt, standin
        config = self.folder / "config"
        if config.exists():
            raise SystemExit(f"{folder} is a working folder already, and stays as it is; name another --home")
        config.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (config / name).write_text(text)
        self.environment = {
            key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        # Tokens and counts of calls are shared by a user's working folders; a stand-in is nobody else's broker.
        self.environment |= {"TAKT_HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "user")} | environment
        self.database = str(self.folder / "state" / "takt.sqlite")

    @staticmethod
    def trading(markets, broker, base, votes, agents, fx):
        """trading.yaml of one profile a market."""
        profiles = "".join(
            f"    {name}-5m: {{symbols: {json.dumps(MARKETS[name]['symbols'])}, timeframe: 5m, broker: {broker}, bars: {broker}, "
            f"agents: [{votes}]}}\n" for name in markets)
        return (
            f"trading:\n  base_currency: {base}\n  claude_consultation_frequency: 1\n  profiles:\n" + profiles +
            f"agents: {{{agents}}}\n"
            "decision: {minimum_confidence: 0, buffer_bars: 30}\n"
            "orders: {position_sizing: {method: percent-of-equity, percent: 0.1}}\n" + fx)

    @staticmethod
    def symbols(markets):
        return "symbols:\n" + "".join(
            f"  \"{symbol}\": {{market: {name.upper()}, exchange: {MARKETS[name]['exchange']}, "
            f"currency: {MARKETS[name]['currency']}}}\n" for name in markets for symbol in MARKETS[name]["symbols"])

    def command(self, *arguments):
        return [self.takt, *arguments, "--format", "json", "--quiet"]

    def run(self, *arguments, failpoint=None, stdin=None):
        environment = self.environment | ({"TAKT_FAILPOINT": failpoint} if failpoint else {})
        return subprocess.run(
            self.command(*arguments), env=environment, input=stdin, capture_output=True, text=True, timeout=180)

    def items(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0:
            raise SystemExit(f"takt {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)["items"]


def options(home, markets, flags=()):
    """The command line of a day; `markets` are those that the broker has here, `flags` what else it can do, with a text each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--home", default=home)
    parser.add_argument("--date", type=datetime.date.fromisoformat, default=datetime.date(2026, 11, 20))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markets", default=",".join(markets))
    parser.add_argument("--beats", type=int, help="only so many, from the first on")
    for flag, text in flags:
        parser.add_argument(flag, action="store_true", help=text)
    chosen = parser.parse_args()
    chosen.markets = chosen.markets.split(",")
    return chosen


def play(home, day):
    """One process a beat. The code to end with where going on makes no sense, else None, and how many beats had trouble."""
    trouble = 0
    for index, (close, profile) in enumerate(day):
        now = close + DELAY
        home.simulator.set_clock(now)
        done = home.run("cycle", "--profile", profile, "--now", stamp(now))
        if done.returncode not in (0, 10):
            trouble += 1
            sys.stderr.write(f"{stamp(close)} {profile}: exit {done.returncode}: {done.stderr.strip()[-400:]}\n")
        if done.returncode in (64, 77, 78):
            return done.returncode, trouble
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1}/{len(day)} beats")
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
    return None, trouble


def tell(name, date, day, trouble, started, verdict, lines, home, end):
    """What came of the day. Returns the exit code."""
    print(f"Trading day {date} at the stand-in for {name}: {len(day)} beats, {trouble} with trouble, "
          f"in {time.monotonic() - started:.1f} s")
    for line in [*lines, *(f"  {fault}" for fault in verdict.faults)]:
        print(line)
    print("Our books and the stand-in's agree." if not verdict.faults else "Our books and the stand-in's DIFFER.")
    print(f"Look further: TAKT_HOME={home} takt status --now {stamp(end)}")
    return 0 if not verdict.faults and not trouble else 11
