"""A day at the stand-in for TWS and IB Gateway on which takt's processes are killed; the days are broker_soak.py's."""
import broker_day
import broker_kills
import ib_books
import ib_day

# The requests that write; a change of price is another placeOrder.
ORDERS, CANCELS = "placeOrder", "cancelOrder"
# takt waits so long for an answer, in real seconds, and no longer believes an order missing from the lists after that many.
TERMS = ", timeout: 2, connect_seconds: 4"
VISIBILITY_SECONDS = 10


class Day(broker_kills.Day):
    """A day at IB's paper account."""
    name = "ib"
    brackets = True

    def thin(self):
        return broker_day.thin(venues=("nasdaq",))

    def stand_in(self, binary, opening, seed, faults, extra):
        return ib_day.Simulator(binary, opening, seed, faults, extra)

    def working_folder(self, folder, takt, votes, agents, environment):
        return ib_day.Home(folder, takt, self.simulator, [self.market], votes, agents, environment, TERMS, VISIBILITY_SECONDS)

    def calls(self):
        counts = self.simulator.ask("status")["requests"]
        return sum(counts.get(name, 0) for name in (ORDERS, CANCELS))

    def buys(self):
        return sum(1 for order in self.simulator.books()["orders"] if order["side"] == "BUY")

    def compare(self):
        return ib_books.compare(self.home.database, self.simulator.books())

    def mend(self):
        # A line that was lost for good.
        self.simulator.ask("link", {"up": True, "data": "kept"})
