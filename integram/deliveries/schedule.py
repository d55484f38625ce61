"""When a delivery is due next: an hour of its own time zone, whatever the clock there does in spring and autumn."""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from integram.deliveries.models import Delivery

#: A day that fits comes within so many.
_FARTHEST = 63


def next_time(delivery: Delivery, after: datetime) -> datetime:
    """The first moment later than ``after``, in UTC."""
    zone = ZoneInfo(delivery.time_zone)
    first = after.astimezone(zone).date()
    for ahead in range(_FARTHEST):
        day = first + timedelta(days=ahead)
        if _fits(delivery, day):
            # An hour that the clock leaves out comes when it has gone on; of an hour twice the first counts.
            moment = datetime.combine(day, time(delivery.hour), zone).astimezone(UTC)
            if moment > after:
                return moment
    raise AssertionError("every month has every weekday and a last day")


def _fits(delivery: Delivery, day: date) -> bool:
    match delivery.frequency:
        case Delivery.Frequency.WEEKLY:
            return day.weekday() == delivery.weekday
        case Delivery.Frequency.MONTHLY:
            return day.day == min(delivery.monthday, monthrange(day.year, day.month)[1])
    return True
