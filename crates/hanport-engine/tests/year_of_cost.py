"""Reckons the year of year_of_cost.rs by other means: exact fractions, the clocks of Python.

Run it with `python3 year_of_cost.py`; the test has the amounts that it prints.
"""

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
MASK = (1 << 64) - 1


def numbers():
    """The same numbers on every machine: a linear congruential generator."""
    state = 2026
    while True:
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        yield state >> 33


def quarters():
    at = datetime(2026, 1, 1, tzinfo=OSLO).astimezone(timezone.utc)
    end = datetime(2027, 1, 1, tzinfo=OSLO).astimezone(timezone.utc)
    while at < end:
        yield at
        at += timedelta(minutes=15)


def easter(year):
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    l = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * l) // 433
    month = (h + l - 7 * m + 90) // 25
    return datetime(year, month, (h + l - 7 * m + 33 * month + 19) % 32).date()


def holiday(day):
    if (day.month, day.day) in {(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)}:
        return True
    return (day - easter(day.year)).days in {-3, -2, 0, 1, 39, 49, 50}


def main():
    chance = numbers()
    rows = []
    for at in quarters():
        wh = next(chance) % 1500
        price = next(chance) % 3_000_000 - 300_000
        rows.append((at, at.astimezone(OSLO), wh, Fraction(price, 1_000_000)))
    hours = {}
    for at, _, _, price in rows:
        hours.setdefault(at.replace(minute=0), []).append(price)
    spot = supplier = grid = support = Fraction(0)
    drawn = {}
    peaks = {}
    for at, here, wh, _ in rows:
        prices = hours[at.replace(minute=0)]
        # a mean is rounded to millionths, half away from zero
        micro = sum(prices) / len(prices) * 1_000_000
        sign = -1 if micro < 0 else 1
        mean = Fraction(sign * int(abs(micro) + Fraction(1, 2)), 1_000_000)
        kwh = Fraction(wh, 1000)
        spot += kwh * mean
        supplier += kwh * Fraction(299, 10_000)
        workday = here.weekday() < 5 and not holiday(here.date())
        day = workday and 6 <= here.hour < 22
        if here.date() < datetime(2026, 7, 1).date():
            energy = Fraction(2099 if day else 1299, 10_000)
        else:
            energy = Fraction(2899 if day else 1699, 10_000)
        grid += kwh * (energy + Fraction(713, 10_000) + Fraction(100, 10_000)) * Fraction(5, 4)
        month = (here.year, here.month)
        before = drawn.get(month, 0)
        drawn[month] = before + wh
        counts = Fraction(min(wh, max(0, 600_000 - before)), 1000)
        relief = max(Fraction(0), mean - Fraction(77, 100)) * Fraction(9, 10) * Fraction(5, 4)
        relief = Fraction(int(relief * 1_000_000 + Fraction(1, 2)), 1_000_000)
        support += counts * relief
        window = at.replace(minute=0)
        peaks.setdefault(month, {}).setdefault(here.date(), {}).setdefault(window, 0)
        peaks[month][here.date()][window] += wh
    fee = Fraction(0)
    first = [1200, 1824, 2880, 3936, 4992, 6048, 11280, 16512, 21792, 43872]
    second = [1440, 2400, 4032, 5616, 7248, 8880, 16896, 24960, 33024, 65280]
    for (_, month), days in peaks.items():
        top = sorted((max(windows.values()) for windows in days.values()), reverse=True)[:3]
        kw = Fraction(sum(top), 3000)
        starts = [0, 2, 5, 10, 15, 20, 25, 50, 75, 100]
        step = max(n for n, start in enumerate(starts) if kw >= start)
        fee += Fraction((first if month < 7 else second)[step], 12) * Fraction(5, 4)
    for name, amount in [
        ("spot", spot),
        ("supplier", supplier),
        ("grid", grid),
        ("support", support),
        ("capacity", fee),
        ("total", spot + supplier + grid - support + fee),
    ]:
        print(f"{name:<10} {float(amount):.2f}")


if __name__ == "__main__":
    main()
