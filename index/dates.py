"""The door to time: what a question means by "tuần trước", and which days an article names.

A question is resolved against `now`, an article's text against the article's own date.
"""

from __future__ import annotations

from index.found_dates import FoundDate, Precision, dates_in
from index.question_time import TimeRange, resolve_time

__all__ = ["FoundDate", "Precision", "TimeRange", "dates_in", "resolve_time"]
