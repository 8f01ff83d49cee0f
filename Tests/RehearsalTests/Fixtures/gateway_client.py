"""What the scripts that talk to the simulated gateway share: its control port, and a client that is connected to it."""

import json
import time
import urllib.error
import urllib.request


class Control:
    """The simulator's control port."""

    def __init__(self, line):
        self.line = line

    def call(self, name, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.line['control']}/_rehearsal/{name}", data=data)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def advance(self, seconds):
        return self.call("clock", {"advance_seconds": seconds})["now"]

    def faults(self, *rules, seed=7):
        """Rules as (fault, endpoint, calls) or whole objects."""
        plan = [r if isinstance(r, dict) else {"fault": r[0], "endpoint": r[1], "calls": r[2]} for r in rules]
        return self.call("faults", {"seed": seed, "rules": plan})

    def account(self, code=None):
        return self.call("books")["accounts"][code or self.line["accounts"][0]]

    def order(self, client_id, order_id):
        """The simulator's own record of an order."""
        for account in self.call("books")["accounts"].values():
            for order in account["orders"]:
                if (order["client_id"], order["order_id"]) == (client_id, order_id):
                    return order
        return None

    def fills(self, client_id, order_id):
        found = []
        for account in self.call("books")["accounts"].values():
            found += [f for f in account["fills"] if (f["client_id"], f["order_id"]) == (client_id, order_id)]
        return found


def connect(line, client_id=1, **options):
    """An ib_async client that has finished its synchronisation."""
    import ib_async

    ib = ib_async.IB()
    options = {"raiseSyncErrors": True, "timeout": 15, **options}
    ib.connect(line["host"], line["port"], clientId=client_id, **options)
    return ib


def until(ib, condition, seconds=15):
    """Lets ib_async's loop run until something holds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        try:
            ib.sleep(0.01)
        except ConnectionError:  # ib_async ends whatever waits when a socket closes.
            pass
    return False
