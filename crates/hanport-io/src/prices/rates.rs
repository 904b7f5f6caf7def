//! When exchange rates are due: those of a day are there from about 16:00 on, on working days of
//! the bank.

use hanport_engine::price::rates::{DAILY, LAST_90_DAYS};
use hanport_engine::price::source::market_zone;
use hanport_engine::tariff::Holidays;
use hanport_engine::time::UtcMillis;
use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday};

/// When the rates of a day may be there: 16:15 in minutes.
const READY_MIN: i64 = 16 * 60 + 15;

/// The pause after a try, whatever came of it.
const PAUSE_MS: i64 = 3_600_000;

/// When to ask for exchange rates.
#[derive(Debug)]
pub(super) struct RatesPlan {
    spread_ms: i64,
    tried: Option<UtcMillis>,
}

impl RatesPlan {
    pub(super) const fn new(spread_ms: i64) -> Self {
        Self { spread_ms, tried: None }
    }

    pub(super) const fn tried(&mut self, now: UtcMillis) {
        self.tried = Some(now);
    }

    /// What to fetch now, or until when to wait.
    pub(super) fn next(
        &self,
        now: UtcMillis,
        newest: Option<Date>,
    ) -> Result<&'static str, UtcMillis> {
        if let Some(tried) = self.tried.filter(|tried| now.since(*tried) < PAUSE_MS) {
            return Err(tried.plus(PAUSE_MS));
        }
        let published = self.published(now);
        match newest {
            None => Ok(LAST_90_DAYS),
            Some(newest) if newest >= published => Err(now.plus(PAUSE_MS)),
            // one day is in the daily file, more than that are in the other
            Some(newest) => {
                let next = working_day(newest.checked_add(1.day()).unwrap_or(newest), 1);
                Ok(if next == published { DAILY } else { LAST_90_DAYS })
            }
        }
    }

    /// The newest day of which rates should be there.
    fn published(&self, now: UtcMillis) -> Date {
        let here = now.plus(-self.spread_ms).timestamp().to_zoned(market_zone());
        let minutes = i64::from(here.hour()) * 60 + i64::from(here.minute());
        let today = here.date();
        let last =
            if minutes < READY_MIN { today.checked_sub(1.day()).unwrap_or(today) } else { today };
        working_day(last, -1)
    }
}

/// The first working day of the bank from a day on, forwards or backwards.
fn working_day(from: Date, step: i64) -> Date {
    let holidays = Holidays::of("TARGET").unwrap_or_default();
    let mut day = from;
    // no stretch of days off is longer
    for _ in 0..10 {
        let off = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) || holidays.has(day);
        if !off {
            break;
        }
        day = day.checked_add(step.days()).unwrap_or(day);
    }
    day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn at(day: Date, hour: i8, minute: i8) -> UtcMillis {
        let here = day.at(hour, minute, 0, 0).to_zoned(market_zone()).unwrap();
        here.timestamp().into()
    }

    #[test]
    fn rates_are_asked_for_once_they_can_be_there() {
        let plan = RatesPlan::new(0);
        assert_eq!(plan.next(at(date(2026, 1, 14), 10, 0), None), Ok(LAST_90_DAYS));
        // on Wednesday morning those of Tuesday are the newest
        let tuesday = Some(date(2026, 1, 13));
        assert!(plan.next(at(date(2026, 1, 14), 10, 0), tuesday).is_err());
        assert_eq!(plan.next(at(date(2026, 1, 14), 16, 15), tuesday), Ok(DAILY));
        assert_eq!(plan.next(at(date(2026, 1, 15), 16, 15), tuesday), Ok(LAST_90_DAYS));
        // over a weekend Friday's stay the newest
        let friday = Some(date(2026, 1, 16));
        assert!(plan.next(at(date(2026, 1, 18), 20, 0), friday).is_err());
        assert_eq!(plan.next(at(date(2026, 1, 19), 17, 0), friday), Ok(DAILY));
        // Good Friday to Easter Monday
        let thursday = Some(date(2026, 4, 2));
        assert!(plan.next(at(date(2026, 4, 6), 20, 0), thursday).is_err());
        assert_eq!(plan.next(at(date(2026, 4, 7), 20, 0), thursday), Ok(DAILY));
    }

    #[test]
    fn the_bank_is_asked_once_an_hour_at_most() {
        let mut plan = RatesPlan::new(60_000);
        let now = at(date(2026, 1, 14), 17, 0);
        plan.tried(now);
        assert_eq!(plan.next(now.plus(1), None), Err(now.plus(PAUSE_MS)));
        assert_eq!(plan.next(now.plus(PAUSE_MS), None), Ok(LAST_90_DAYS));
    }
}
