"""Writes the golden tables of CoreTests from Python's own decimal, fractions, datetime and hashlib.

They are committed; run this only to widen them: python3 generate.py
"""
import datetime, hashlib, math, random
from fractions import Fraction

LIMIT = 10**26
UNIT = 10**8
RULES = ["down", "up", "towardZero", "awayFromZero", "halfEven", "halfAwayFromZero"]


def rounded(exact, rule):
    """The whole number that a Fraction becomes."""
    low = exact.numerator // exact.denominator
    if exact == low:
        return low
    high = low + 1
    if rule == "down":
        return low
    if rule == "up":
        return high
    if rule == "towardZero":
        return high if exact < 0 else low
    if rule == "awayFromZero":
        return low if exact < 0 else high
    below, above = exact - low, high - exact
    if below != above:
        return low if below < above else high
    if rule == "halfEven":
        return low if low % 2 == 0 else high
    return low if exact < 0 else high


def text(units):
    whole, rest = divmod(abs(units), UNIT)
    tail = ("." + f"{rest:08d}".rstrip("0")) if rest else ""
    return ("-" if units < 0 else "") + str(whole) + tail


def outcome(units):
    return text(units) if abs(units) <= LIMIT else "overflow"


def row(op, a, b, c, rule):
    if op == "add":
        result = outcome(a + b)
    elif op == "sub":
        result = outcome(a - b)
    elif op == "mul":
        result = outcome(rounded(Fraction(a * b, UNIT), rule))
    elif op == "div":
        result = "divisionByZero" if b == 0 else outcome(rounded(Fraction(a * UNIT, b), rule))
    elif op == "scale":
        result = "divisionByZero" if c == 0 else outcome(rounded(Fraction(a * b, c), rule))
    elif op == "step":
        result = "divisionByZero" if b <= 0 else outcome(rounded(Fraction(a, b), rule) * b)
    return ",".join([op, text(a), text(b), text(c), rule, result])


def fixed_point():
    rng = random.Random(20261125)

    def any_size(top=26):
        size = rng.randint(1, top)
        return rng.choice([1, -1]) * rng.randint(0, 10**size - 1)

    rows = []
    edges = [0, 1, -1, UNIT, -UNIT, 10**15 * UNIT, -(10**15) * UNIT + 1, LIMIT, -LIMIT, LIMIT - 1]
    for a in edges:
        for b in edges:
            rows.append(row("add", a, b, 0, "halfEven"))
            rows.append(row("sub", a, b, 0, "halfEven"))
    # Ties: 0.5 units and its neighbours, both signs, every rule.
    for rule in RULES:
        for a in (1, 3, 5, -1, -3, -5):
            rows.append(row("mul", a, UNIT // 2, 0, rule))
            rows.append(row("div", a, 2 * UNIT, 0, rule))
            rows.append(row("scale", a, 7, 14, rule))
            rows.append(row("step", a * 50_000_000, UNIT, 0, rule))
        for a in (1, 2, -1, -2):
            rows.append(row("div", a * UNIT, 3 * UNIT, 0, rule))
        rows.append(row("div", UNIT, 0, 0, rule))
        rows.append(row("scale", UNIT, UNIT, 0, rule))
        rows.append(row("step", UNIT, 0, 0, rule))
    # Big values: 10^15 whole units times rates and prices, products beyond 128 bits.
    for rule in RULES:
        for _ in range(12):
            big = rng.choice([1, -1]) * rng.randint(10**14 * UNIT, 10**15 * UNIT)
            rows.append(row("mul", big, rng.randint(1, 3 * UNIT), 0, rule))
            rows.append(row("div", big, rng.randint(UNIT // 100, 2000 * UNIT), 0, rule))
            rows.append(row("scale", big, any_size(25), rng.randint(10**22, 10**24), rule))
        for _ in range(8):
            rows.append(row("scale", any_size(), any_size(), any_size(), rule))
            rows.append(row("mul", any_size(), any_size(), 0, rule))
            rows.append(row("step", any_size(), rng.choice([1, 50, 10**6, 5 * 10**8, 10**11]), 0, rule))
    # The limit, from both sides.
    for rule in RULES:
        rows.append(row("mul", LIMIT, UNIT, 0, rule))
        rows.append(row("mul", LIMIT, UNIT + 1, 0, rule))
        rows.append(row("mul", LIMIT - 1, UNIT, 0, rule))
        rows.append(row("div", LIMIT, UNIT - 1, 0, rule))
        rows.append(row("scale", LIMIT, LIMIT, LIMIT, rule))
        rows.append(row("scale", -LIMIT, LIMIT, LIMIT - 1, rule))
        rows.append(row("scale", LIMIT - 1, LIMIT - 1, LIMIT, rule))
        rows.append(row("step", LIMIT, 3 * UNIT, 0, rule))
        # Products of exactly -2^127, and a quotient one short of 2^128: the corners of 128-bit arithmetic.
        rows.append(row("scale", 2**86, -(2**41), 1, rule))
        rows.append(row("scale", 2**86, 2**41, -1, rule))
        rows.append(row("scale", 2**86 - 1, 2**86 + 1, 2**44, rule))
        rows.append(row("scale", -(2**86) + 1, 2**86 + 1, 2**44, rule))
    with open("fixed-point.csv", "w") as file:
        file.write("# By generate.py (Python fractions).\nop,a,b,c,rounding,expected\n")
        file.write("\n".join(dict.fromkeys(rows)) + "\n")


def instants():
    rng = random.Random(7)
    utc = datetime.timezone.utc
    epoch = datetime.datetime(1970, 1, 1, tzinfo=utc)
    rows = []

    def add(moment, fraction, offset):
        """`fraction` is the text behind the point; Python keeps microseconds, so they are added by hand."""
        zone = datetime.timezone(datetime.timedelta(minutes=offset))
        local = moment.astimezone(zone)
        stamp = local.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
        suffix = "Z" if offset == 0 and rng.random() < 0.7 else f"{'-' if offset < 0 else '+'}{abs(offset)//60:02d}:{abs(offset)%60:02d}"
        micro = int((fraction + "000000")[:6]) if fraction else 0
        total = (moment - epoch) // datetime.timedelta(microseconds=1) + micro
        exact = epoch + datetime.timedelta(microseconds=total)
        tail = ""
        if exact.microsecond:
            tail = f".{exact.microsecond // 1000:03d}" if exact.microsecond % 1000 == 0 else f".{exact.microsecond:06d}"
        shown = exact.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + tail + "Z"
        rows.append(f"{stamp}{'.' + fraction if fraction else ''}{suffix},{total},{shown}")

    special = [
        (1970, 1, 1, 0, 0, 0), (1969, 12, 31, 23, 59, 59), (2000, 2, 29, 12, 0, 0), (1900, 2, 28, 23, 59, 59),
        (1900, 3, 1, 0, 0, 0), (2024, 2, 29, 23, 59, 59), (2100, 2, 28, 23, 59, 59), (2100, 3, 1, 0, 0, 0),
        (1600, 2, 29, 6, 30, 15), (1, 1, 2, 0, 0, 0), (9999, 12, 30, 23, 59, 59), (2026, 11, 20, 15, 35, 0),
        (2038, 1, 19, 3, 14, 8), (1901, 12, 13, 20, 45, 51),
    ]
    for parts in special:
        moment = datetime.datetime(*parts, tzinfo=utc)
        for fraction in ("", "5", "120", "000001", "999999", "9999999"):
            add(moment, fraction, rng.choice([0, 0, 540, -300, 330, -570, 1439, -1439]))
    for _ in range(120):
        moment = epoch + datetime.timedelta(seconds=rng.randint(-62_000_000_000, 250_000_000_000))
        fraction = "".join(rng.choice("0123456789") for _ in range(rng.choice([0, 0, 1, 3, 6, 9])))
        add(moment, fraction, rng.choice([0, 0, 60, 540, -240, -300, 345, 825]))
    with open("instants.csv", "w") as file:
        file.write("# By generate.py (Python datetime).\ntext,microseconds,canonical\n" + "\n".join(rows) + "\n")


def dates():
    day = datetime.date(1900, 1, 1)
    months, lines = {}, []
    while day <= datetime.date(2100, 12, 31):
        # One row a year: the number of its days, and a checksum over month, day and weekday of each in turn.
        lines.append(day)
        day += datetime.timedelta(days=1)
    epoch = datetime.date(1970, 1, 1)
    with open("years.csv", "w") as file:
        file.write("# By generate.py (Python datetime.date).\nyear,first_day,days,checksum,sha256_of_iso_dates\n")
        for year in range(1900, 2101):
            days = [d for d in lines if d.year == year]
            checksum = 0
            for d in days:
                checksum = (checksum * 31 + d.month * 400 + d.day * 10 + d.isoweekday()) % 1_000_000_007
            listing = hashlib.sha256("".join(d.isoformat() for d in days).encode()).hexdigest()
            file.write(f"{year},{(days[0] - epoch).days},{len(days)},{checksum},{listing}\n")


def generator():
    mask = 2**64 - 1

    def rotl(x, k):
        return ((x << k) | (x >> (64 - k))) & mask

    def stream(seed):
        state, z = [], seed
        for _ in range(4):
            z = (z + 0x9E3779B97F4A7C15) & mask
            x = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
            x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & mask
            state.append(x ^ (x >> 31))
        s = state
        while True:
            result = (rotl((s[1] * 5) & mask, 7) * 9) & mask
            t = (s[1] << 17) & mask
            s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t
            s[3] = rotl(s[3], 45)
            yield result

    with open("xoshiro.csv", "w") as file:
        file.write("# By generate.py: xoshiro256** seeded by SplitMix64, from the authors' reference code.\nseed,values\n")
        named = int.from_bytes(hashlib.sha256(b"42|fills").digest()[:8], "big")
        for seed in (0, 1, 42, mask, named):
            source = stream(seed)
            file.write(f"{seed}," + " ".join(str(next(source)) for _ in range(24)) + "\n")


def intents():
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    rows = []
    for cycle in ("us-5m/2026-11-20T15:35:00Z", "us-5m/2026-11-20T15:40:00Z", "kr-15m/2026-11-20T01:15:00Z"):
        for symbol in ("NVDA", "005930"):
            for leg in (1, 2):
                for purpose in ("entry", "exit", "stop-loss", "take-profit", "flatten", "manual"):
                    digest = hashlib.sha256(f"{cycle}|{symbol}|{leg}|{purpose}".encode()).digest()
                    head = int.from_bytes(digest[:8], "big") >> 4
                    tail = "".join(alphabet[head >> shift & 31] for shift in range(55, -1, -5))
                    rows.append(f"{cycle},{symbol},{leg},{purpose},{symbol}-{purpose}-{tail}")
    with open("intent-ids.csv", "w") as file:
        file.write("# By generate.py (Python hashlib).\ncycle,symbol,leg,purpose,id\n" + "\n".join(rows) + "\n")


fixed_point()
instants()
dates()
generator()
intents()
