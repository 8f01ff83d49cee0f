"""A day at the stand-in for Korea Investment on which takt's processes are killed; the days themselves are broker_soak.py's."""
import broker_kills
import kis_books
import kis_day

# The end of the path of every call that writes, and of those that settle what became of it.
PLACES = {
    "kr": {"orders": "order-cash", "cancels": "domestic-stock/v1/trading/order-rvsecncl", "lists": "inquire-daily-ccld",
           "balances": "domestic-stock/v1/trading/inquire-balance"},
    "us": {"orders": "overseas-stock/v1/trading/order", "cancels": "overseas-stock/v1/trading/order-rvsecncl",
           "lists": "inquire-ccnl", "balances": "overseas-stock/v1/trading/inquire-balance"},
}


class Day(broker_kills.Day):
    """A day at Korea Investment's virtual account."""
    name = "kis"

    def stand_in(self, binary, opening, seed, faults, extra):
        return kis_day.Simulator(binary, opening, seed, faults, extra)

    def working_folder(self, folder, takt, votes, agents, environment):
        return kis_day.Home(folder, takt, self.simulator, [self.market], votes, agents, environment)

    def calls(self):
        counts = self.simulator.ask("status")["calls"]
        places = (PLACES[self.market][name] for name in ("orders", "cancels"))
        return sum(counts.get(path.split("/")[-1], 0) for path in places)

    def buys(self):
        return sum(1 for order in self.simulator.books()["orders"] if order["side"] == "buy" and order["kind"] == "new")

    def compare(self):
        return kis_books.compare(self.home.database, self.simulator.books())
