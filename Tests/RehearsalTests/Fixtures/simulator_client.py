"""python-kis, an independent client of Korea Investment's API, pointed at the simulator.

Its hosts are constants and it reads the system's clock, so both are replaced before it is imported: the hosts by the
simulator's addresses, "now" by the simulator's time. Nothing else of it is touched.
"""

import datetime as datetime_module
import importlib.util
import json
import sys
import time
import urllib.request

REAL_DATETIME = datetime_module.datetime


class Control:
    """The simulator's own paths, beside KIS's."""

    def __init__(self, line):
        self.line = line
        self.rest = line["virtual"]["rest"]
        self.now = REAL_DATETIME.fromisoformat(line["now"].replace("Z", "+00:00"))

    def call(self, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.rest}/_rehearsal/{name}", data=data)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)

    def set_now(self, text):
        """An RFC 3339 time, or seconds to go on."""
        body = {"now": text} if isinstance(text, str) else {"advance_seconds": text}
        self.now = REAL_DATETIME.fromisoformat(self.call("clock", body)["now"].replace("Z", "+00:00"))

    def account(self, environment):
        number = self.line[environment]["accounts"][0].replace("-", "")
        return self.call("books")["accounts"][number]


def open_client(line, environment):
    """A logged-in PyKis for that environment, and the simulator's control."""
    control = Control(line)

    class SimulatedDatetime(REAL_DATETIME):
        @classmethod
        def now(cls, tz=None):
            return cls.fromtimestamp(control.now.timestamp(), tz)

    datetime_module.datetime = SimulatedDatetime

    # The constants have to be there before the package's own __init__ reads them.
    spec = importlib.util.find_spec("pykis")
    env_spec = importlib.util.spec_from_file_location("pykis.__env__", spec.submodule_search_locations[0] + "/__env__.py")
    env = importlib.util.module_from_spec(env_spec)
    env_spec.loader.exec_module(env)
    env.REAL_DOMAIN = line["real"]["rest"]
    env.VIRTUAL_DOMAIN = line["virtual"]["rest"]
    env.WEBSOCKET_REAL_DOMAIN = line["real"]["websocket"]
    env.WEBSOCKET_VIRTUAL_DOMAIN = line["virtual"]["websocket"]
    sys.modules["pykis.__env__"] = env

    import pykis

    def auth(name, is_virtual):
        login = line[name]
        return pykis.KisAuth(
            id=login["hts_id"], appkey=login["app_key"], secretkey=login["app_secret"],
            account=login["accounts"][0], virtual=is_virtual)

    real = auth("real", False)
    kis = pykis.PyKis(real, use_websocket=True) if environment == "real" else pykis.PyKis(
        real, auth("virtual", True), use_websocket=True)
    return kis, control


def wait_until(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


class Report:
    """What was tried and what came of it, as JSON into the file that is the last argument: python-kis logs to stdout."""

    def __init__(self):
        self.results = []

    def check(self, name, truth, seen=""):
        self.results.append({"name": name, "passed": bool(truth), "seen": str(seen)})

    def equal(self, name, got, expected):
        self.check(name, got == expected, f"{got!r}, expected {expected!r}")

    def refused(self, name, work, code):
        try:
            work()
            self.check(name, False, "it was accepted")
        except Exception as error:  # The client has several kinds of errors; the code is what counts.
            self.check(name, code in str(getattr(error, "error_code", "")) + str(error), repr(error)[:300])

    def finish(self):
        with open(sys.argv[-1], "w", encoding="utf-8") as file:
            json.dump(self.results, file, ensure_ascii=False)
