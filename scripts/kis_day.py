#!/usr/bin/env python3
"""A trading day at a stand-in for Korea Investment & Securities, over real sockets: one process a beat, as cron would start it.

  scripts/kis_day.py --takt PATH --rehearsal PATH [--home DIR] [--date 2026-11-20] [--seed N] [--markets kr,us]

Starts TaktRehearsal, which speaks KIS's own protocol on loopback, writes a working folder that trades at its virtual account,
and runs `takt cycle` for every bar of the day. In the end our books are compared with the stand-in's own (kis_books.py): orders,
executed quantities and amounts, positions, cash, and what takt itself finds to differ. Exits with 0 when they agree.
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

import kis_books

MARKETS = {
    "kr": {"zone": "Asia/Seoul", "open": (9, 0), "close": (15, 30), "symbols": ["005930", "000660"], "exchange": "XKRX",
           "currency": "KRW"},
    "us": {"zone": "America/New_York", "open": (9, 30), "close": (16, 0), "symbols": ["AAPL", "MSFT"], "exchange": "XNAS",
           "currency": "USD"},
}
STEP = datetime.timedelta(minutes=5)
# A beat starts a little after its bar's close.
DELAY = datetime.timedelta(seconds=3)


# What the stand-in knows of the symbols: its name, its exchange, the close of the day before.
LISTED = {
    "005930": ("삼성전자", "krx", "70500"), "000660": ("SK하이닉스", "krx", "187300"),
    "AAPL": ("APPLE INC", "nasdaq", "201"), "MSFT": ("MICROSOFT CORP", "nasdaq", "415"),
}


def stamp(moment):
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def thin(depth=12):
    """All symbols, with so few shares at every price that orders are filled in part and rest."""
    return [{"code": code, "name": name, "venue": venue, "base_price": price, "depth": depth}
            for code, (name, venue, price) in LISTED.items()]


class Simulator:
    """TaktRehearsal as a process; it ends when this one does."""

    def __init__(self, binary, start, seed=1, faults=None, options=()):
        command = [binary, "kis", "--seed", str(seed), "--start", stamp(start), "--calls-per-second", "1000", *options]
        if faults is not None:
            command += ["--faults", json.dumps(faults)]
        # The pipe at its standard input ends it with us.
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("the stand-in did not start")
        self.addresses = json.loads(line)

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.addresses['virtual']['rest']}/_rehearsal/{path}", data=data)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def set_clock(self, moment):
        self.ask("clock", {"now": stamp(moment)})

    def books(self):
        account = self.addresses["virtual"]["accounts"][0].replace("-", "")
        return self.ask("books")["accounts"][account]

    def stop(self):
        self.process.stdin.close()
        self.process.wait(timeout=10)


class Home:
    """A working folder that trades at the stand-in's virtual account and takes prices from its real side."""

    def __init__(self, folder, takt, simulator, markets, votes="sma-cross, momentum",
                 agents="sma-cross: {fast: 2, slow: 6}, momentum: {lookback: 3}", environment=None):
        self.folder, self.takt, self.simulator = pathlib.Path(folder), takt, simulator
        config = self.folder / "config"
        if config.exists():
            raise SystemExit(f"{folder} is a working folder already, and stays as it is; name another --home")
        config.mkdir(parents=True, exist_ok=True)
        profiles = "".join(
            f"    {name}-5m: {{symbols: {json.dumps(MARKETS[name]['symbols'])}, timeframe: 5m, broker: kis, bars: kis, "
            f"agents: [{votes}]}}\n" for name in markets)
        (config / "trading.yaml").write_text(
            "trading:\n  base_currency: KRW\n  claude_consultation_frequency: 1\n  profiles:\n" + profiles +
            f"agents: {{{agents}}}\n"
            "decision: {minimum_confidence: 0, buffer_bars: 30}\n"
            "orders: {position_sizing: {method: percent-of-equity, percent: 0.1}}\n"
            "paper: {fx: {USD: 1380}}\n")
        virtual, real = simulator.addresses["virtual"], simulator.addresses["real"]
        (config / "brokers.yaml").write_text(
            "brokers:\n  kis:\n    enabled: true\n    markets: [KR, US]\n    calls_per_second: 20\n    quotes:\n"
            f"      base_url: {real['rest']}\n")
        instruments = "".join(
            f"  \"{symbol}\": {{market: {name.upper()}, exchange: {MARKETS[name]['exchange']}, "
            f"currency: {MARKETS[name]['currency']}}}\n" for name in markets for symbol in MARKETS[name]["symbols"])
        (config / "symbols.yaml").write_text("symbols:\n" + instruments)
        self.environment = {
            key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG", "TMPDIR")}
        self.environment |= {
            # Tokens and counts of calls are shared by a user's working folders; a stand-in is nobody else's KIS.
            "TAKT_HOME": str(self.folder), "XDG_STATE_HOME": str(self.folder / "user"),
            "KIS_ENVIRONMENT": "virtual", "KIS_APP_KEY": virtual["app_key"],
            "KIS_APP_SECRET": virtual["app_secret"], "KIS_ACCOUNT_NO": virtual["accounts"][0],
            "KIS_HTS_ID": virtual["hts_id"], "KIS_BASE_URL": virtual["rest"], "KIS_WS_URL": virtual["websocket"],
            "KIS_QUOTE_APP_KEY": real["app_key"], "KIS_QUOTE_APP_SECRET": real["app_secret"]} | (environment or {})
        self.database = str(self.folder / "state" / "takt.sqlite")

    def command(self, *arguments):
        return [self.takt, *arguments, "--format", "json", "--quiet"]

    def run(self, *arguments, failpoint=None):
        environment = self.environment | ({"TAKT_FAILPOINT": failpoint} if failpoint else {})
        done = subprocess.run(self.command(*arguments), env=environment, capture_output=True, text=True, timeout=180)
        return done

    def items(self, *arguments):
        done = self.run(*arguments)
        if done.returncode != 0:
            raise SystemExit(f"takt {' '.join(arguments)}: {done.stderr}")
        return json.loads(done.stdout)["items"]


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--takt", required=True)
    parser.add_argument("--rehearsal", required=True)
    parser.add_argument("--home", default=".build-demo-kis")
    parser.add_argument("--date", type=datetime.date.fromisoformat, default=datetime.date(2026, 11, 20))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markets", default="kr,us")
    options = parser.parse_args()
    markets = options.markets.split(",")
    day = beats(markets, options.date)
    started = time.monotonic()
    simulator = Simulator(options.rehearsal, day[0][0] - STEP, options.seed)
    try:
        home = Home(options.home, options.takt, simulator, markets)
        trouble = 0
        for index, (close, profile) in enumerate(day):
            now = close + DELAY
            simulator.set_clock(now)
            done = home.run("cycle", "--profile", profile, "--now", stamp(now))
            if done.returncode not in (0, 10):
                trouble += 1
                sys.stderr.write(f"{stamp(close)} {profile}: exit {done.returncode}: {done.stderr.strip()[-400:]}\n")
            if done.returncode in (64, 77, 78):
                return done.returncode
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{index + 1}/{len(day)} beats")
        if sys.stderr.isatty():
            sys.stderr.write("\r\033[K")
        end = day[-1][0] + DELAY
        books = simulator.books()
        verdict = kis_books.compare(home.database, books)
        differing = verdict.faults
        print(f"Trading day {options.date} at Korea Investment's stand-in: {len(day)} beats, {trouble} with trouble, "
              f"in {time.monotonic() - started:.1f} s")
        print(f"{verdict.orders} orders, {verdict.executions} executions, {simulator.ask('status')['calls']} calls")
        print(f"Costs we reckoned and those charged differ by {verdict.cash:f} minor units of a currency at most")
        for line in differing:
            print(f"  {line}")
        print("Our books and the stand-in's agree." if not differing else "Our books and the stand-in's DIFFER.")
        print(f"Look further: TAKT_HOME={options.home} takt status --now {stamp(end)}")
        return 0 if not differing and not trouble else 11
    finally:
        simulator.stop()


if __name__ == "__main__":
    sys.exit(main())
