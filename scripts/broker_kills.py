"""A day at a broker's stand-in on which takt's processes are killed; the days themselves are broker_soak.py's.

What only one broker has, its stand-in, working folder, books and the names of its calls, is in kis_kills.py and ib_kills.py.
"""
import collections
import dataclasses
import datetime
import decimal
import http.server
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

import broker_day
import takt_books

DATE = datetime.date(2026, 11, 20)
STEPS = ["fetch-bars", "decide", "risk-check", "submit", "reconcile", "report", "alert"]
# Exit codes that say what is so: all done, halted, differences, in doubt, broker away.
TOLD = frozenset({0, 10, 11, 12, 69})
# The most that is killed of one deed.
KILLS_IN_A_ROW = 3
# An agent that trades often, and the same one behind the service that is asked.
AGENT, CONSULTED = "sma-cross: {fast: 1, slow: 3}", ", hybrid_agent: {policy: sma-cross}"


class Violation(Exception):
    """Something that must not happen, whatever fails when."""


@dataclasses.dataclass
class Plan:
    """How a day goes wrong."""
    rules: list = dataclasses.field(default_factory=list)
    failpoint: str | None = None
    # Commands that are killed as soon as the stand-in has taken an order or a cancellation, while it is slow to answer.
    waiting: tuple = ()
    # Of the deeds, killed at a random instant.
    share: float = 0.0

    def kills(self):
        return bool(self.failpoint or self.waiting or self.share)


class Day:
    """One day in a working folder of its own; a broker's own Day says the rest."""
    # Of the folder.
    name = None
    # Whether entries can be given with what protects them.
    brackets = False

    def __init__(self, options, seed, kind, plan):
        self.plan, self.random = plan, random.Random(seed)
        self.market, self.symbols = options.market, broker_day.MARKETS[options.market]["symbols"]
        self.folder = tempfile.mkdtemp(prefix=f"takt-{self.name}-{seed}-")
        # By command.
        self.killed = collections.Counter()
        # Whether the next submit is not killed: if all orders were lost there would be nothing to cancel and to fill.
        self.is_spared = False
        # How long a command lasts, learnt as the day goes, so that kills hit all of it.
        self.lasts = collections.defaultdict(lambda: 0.15)
        opening = broker_day.beats([self.market], DATE)[0][0] - broker_day.STEP
        extra = ["--history", "3"]
        if kind == "operator":
            # A thin market: orders are filled in part, and rest.
            path = os.path.join(self.folder, "symbols.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(self.thin(), file)
            extra += ["--symbols", path]
        self.simulator = self.stand_in(options.rehearsal, opening, seed, {"seed": seed, "rules": plan.rules}, extra)
        self.consultant = Consultant() if kind == "consulted" else None
        self.home = self.working_folder(
            os.path.join(self.folder, "home"), options.takt, "hybrid" if self.consultant else "sma-cross",
            AGENT + (CONSULTED if self.consultant else ""), self.consultant and self.consultant.environment)

    # MARK: What a broker's own day says

    def thin(self):
        """The symbols, with few shares at every price."""
        return broker_day.thin()

    def stand_in(self, binary, opening, seed, faults, extra):
        raise NotImplementedError

    def working_folder(self, folder, takt, votes, agents, environment):
        raise NotImplementedError

    def calls(self):
        """How many orders and cancellations the stand-in has been sent."""
        raise NotImplementedError

    def buys(self):
        """How many orders to buy it has."""
        raise NotImplementedError

    def compare(self):
        """The verdict over takt's database and the stand-in's own books."""
        raise NotImplementedError

    def mend(self):
        """Ends what would not end by itself once there are no faults any more."""

    def close(self, keep):
        if keep:
            # For whoever looks into it: the stand-in's memory ends with it.
            try:
                with open(os.path.join(self.folder, "books.json"), "w", encoding="utf-8") as file:
                    json.dump(self.simulator.books(), file, indent=1)
            except OSError as error:
                sys.stderr.write(f"the stand-in's books are lost: {error}\n")
        self.simulator.stop()
        if self.consultant:
            self.consultant.stop()
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    # MARK: Processes

    def start(self, arguments, now, stdin, failpoint=None):
        environment = self.home.environment | ({"TAKT_FAILPOINT": failpoint} if failpoint else {})
        process = subprocess.Popen(
            self.home.command(*arguments, "--now", broker_day.stamp(now)), env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # A pipe holds this much, and a dead process does not mind.
        try:
            process.stdin.write(stdin or "")
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.stdin = None
        return process

    def end(self, process, arguments, allowed):
        """Waits; returns whether it was killed, and what it said."""
        try:
            said, errors = process.communicate(timeout=180)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise Violation(f"{' '.join(arguments)} did not end within three minutes") from None
        if process.returncode == -signal.SIGKILL:
            self.killed[arguments[0]] += 1
            return True, said
        if process.returncode not in allowed:
            raise Violation(f"{' '.join(arguments)} ended with {process.returncode}: {errors[-600:]} {said[-600:]}")
        return False, said

    def carry_out(self, *arguments, at, stdin=None, allowed=frozenset(TOLD), failpoint=True):
        """One deed, killed as the plan says and run again; returns what it said in the end."""
        self.simulator.set_clock(at)
        doomed = self.plan.failpoint if failpoint else None
        if arguments[0] == "submit" and (doomed or "").startswith("submit.") and self.is_spared:
            doomed, self.is_spared = None, False
        if doomed:
            # First at the first passage of the place, then at the second: an operator's command has several steps.
            for passage in (1, 2):
                if not self.end(self.start(arguments, at, stdin, f"{doomed}:{passage}"), arguments, allowed)[0]:
                    break
                self.is_spared = arguments[0] == "submit"
        if arguments[0] in self.plan.waiting:
            for _ in range(KILLS_IN_A_ROW):
                if not self.kill_while_waiting(arguments, at, stdin, allowed):
                    break
        tries = 0
        while tries < KILLS_IN_A_ROW and self.random.random() < self.plan.share:
            tries += 1
            if not self.kill_somewhere(arguments, at, stdin, allowed):
                return ""
            # As cron does, which knows nothing of a step that was killed.
            if self.random.random() < 0.25:
                return ""
        began = time.monotonic()
        said = self.end(self.start(arguments, at, stdin), arguments, allowed)[1]
        self.lasts[arguments[0]] = 0.5 * self.lasts[arguments[0]] + 0.5 * (time.monotonic() - began)
        return said

    def surely(self, *arguments, at):
        """One deed that nobody kills."""
        self.simulator.set_clock(at)
        self.end(self.start(arguments, at, None), arguments, TOLD)

    def kill_while_waiting(self, arguments, at, stdin, allowed):
        """Kills the process between a send and its answer."""
        before = self.calls()
        process = self.start(arguments, at, stdin)
        while process.poll() is None:
            if self.calls() > before:
                process.kill()
                break
            time.sleep(0.004)
        return self.end(process, arguments, allowed)[0]

    def kill_somewhere(self, arguments, at, stdin, allowed):
        process = self.start(arguments, at, stdin)
        try:
            process.wait(timeout=self.random.random() * self.lasts[arguments[0]] * 1.1)
        except subprocess.TimeoutExpired:
            process.kill()
        return self.end(process, arguments, allowed)[0]

    def steps(self, close, steps, failpoint=True, seconds=0):
        at = close + broker_day.DELAY + datetime.timedelta(seconds=seconds)
        for step in steps:
            self.carry_out(step, "--profile", f"{self.market}-5m", at=at, failpoint=failpoint)

    # MARK: The end

    def settle(self, last):
        """Some quiet beats: lists are late, an absence wants two proofs, and what was ordered is carried out. Then all is well."""
        self.simulator.ask("faults", {"seed": 0, "rules": []})
        self.mend()
        self.plan = Plan()
        for index in range(1, 6):
            self.steps(last + index * broker_day.STEP, [step for step in STEPS if step != "decide"])
        # By now there is nothing that takt could not read, settle or agree to.
        self.last = last + 6 * broker_day.STEP
        self.carry_out("reconcile", "--again", at=self.last, allowed=frozenset({0}))

    def judge(self):
        """By the stand-in's own record, and by nothing of takt's code; then whether takt's own words say the same."""
        verdict = self.compare()
        for arguments in (["db", "check"], ["audit", "verify", "--decisions"]):
            done = self.home.run(*arguments)
            if done.returncode != 0:
                verdict.faults.append(f"takt {' '.join(arguments)}: {done.stdout[-300:]} {done.stderr[-300:]}")
        books, now = takt_books.Ours(self.home.database), ("--now", broker_day.stamp(self.last))
        shown = {item["currency"]: decimal.Decimal(item["cash"]) for item in self.home.items("portfolio", *now)}
        if shown != books.cash():
            verdict.faults.append(f"takt portfolio shows {shown}, its rows come to {books.cash()}")
        held = {item["symbol"]: decimal.Decimal(item["quantity"]) for item in self.home.items("positions", *now)}
        if held != books.positions():
            verdict.faults.append(f"takt positions shows {held}, its rows come to {books.positions()}")
        if verdict.faults:
            raise Violation("\n  ".join(verdict.faults))
        return verdict


class Consultant:
    """A stand-in for the service that `hybrid` asks: it never objects."""

    OPINION = {"action": "buy", "confidence": 0.6, "risk_score": 0.2, "size_factor": 1.0, "delay_bars": 0, "veto": False,
               "observations": ["calm"], "risks": []}

    def __init__(self):
        message = json.dumps({
            "id": "msg_01", "type": "message", "role": "assistant", "model": "claude-sonnet-5", "stop_reason": "tool_use",
            "stop_sequence": None, "usage": {"input_tokens": 900, "output_tokens": 90},
            "content": [{"type": "tool_use", "id": "toolu_01", "name": "give_opinion", "input": self.OPINION}]}).encode()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(message)))
                self.end_headers()
                self.wfile.write(message)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                """A client that was killed."""

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.environment = {
            "ANTHROPIC_API_KEY": "sk-ant-rehearsal", "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{self.server.server_port}"}

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
