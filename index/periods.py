"""Stretches of calendar days, and how a year that was left out is completed. Knows no text."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MINIMUM_YEAR, MAXIMUM_YEAR = 1800, 2200


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both included."""

    first: date
    last: date


def day_period(year: int, month: int, day: int) -> Period | None:
    """Return the period of one day; None if the calendar has no such day."""
    try:
        value = date(year, month, day)
    except ValueError:
        return None
    return Period(value, value)


def months_period(year: int, first_month: int, last_month: int) -> Period | None:
    """Return the period of whole months of one year."""
    if not (1 <= first_month <= last_month <= 12 and MINIMUM_YEAR <= year <= MAXIMUM_YEAR):
        return None
    return Period(date(year, first_month, 1), date(year, last_month, monthrange(year, last_month)[1]))


def years_period(first_year: int, last_year: int) -> Period | None:
    """Return the period of whole years."""
    if not MINIMUM_YEAR <= first_year <= last_year <= MAXIMUM_YEAR:
        return None
    return Period(date(first_year, 1, 1), date(last_year, 12, 31))


def quarter_period(year: int, quarter: int) -> Period | None:
    """Return the period of quarter 1 to 4."""
    return months_period(year, quarter * 3 - 2, quarter * 3) if 1 <= quarter <= 4 else None


def months_back(day: date, months: int) -> date:
    """Return the same day some months earlier (the last day of the month where that is missing)."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    if year < MINIMUM_YEAR:
        return date(MINIMUM_YEAR, 1, 1)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def week_period(day: date, weeks: int = 0) -> Period:
    """Return Monday to Sunday of the week of `day`, moved by some weeks."""
    monday = day - timedelta(days=day.weekday()) + timedelta(weeks=weeks)
    return Period(monday, monday + timedelta(days=6))


def complete_day(month: int, day: int, reference: date, *, future: bool = False) -> Period | None:
    """Complete day and month with the year that makes it the nearest past of `reference`.

    A few days ahead still count as this year (papers are dated before or after the event). With `future`
    the nearest day from `reference` on is taken. 29 February goes back to the last leap year.
    """
    years = (
        range(reference.year, reference.year + 5) if future else range(reference.year, reference.year - 9, -1)
    )
    for year in years:
        period = day_period(year, month, day)
        if period is None:
            continue
        ahead = (period.first - reference).days
        if (future and ahead >= -3) or (not future and ahead <= 3):
            return period
    return None


def complete_month(month: int, reference: date, *, future: bool = False) -> int:
    """Return the year that makes a month the nearest past (or with `future` the nearest coming) one."""
    if future:
        return reference.year + (month < reference.month)
    return reference.year - (month > reference.month)
