//! The energy of the running hour, day and month and of the last month, always at hand.
//!
//! ```text
//!   settled quarters --> days of this month and the last     one sum a day
//!                    --> hours of the last two days          one sum an hour
//!   open quarters    ------------------------------------->  added when asked
//! ```
//!
//! A settled quarter comes once, so sums only grow; what changes until then is asked for anew
//! each time. Corrections change what was settled: then it is filled anew from the history.

use core::ops::Range;
use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::interval::{Interval, Quality, Standing};
use super::ledger::Ledger;
use super::register::Register;
use super::sums::Period;
use crate::time::UtcMillis;
use crate::view::{Flow, Flows};

/// How long hours are kept: a late register settles hours of yesterday.
const HOURS_MS: i64 = 50 * 3_600_000;

#[derive(Clone, Copy, Debug)]
struct Total {
    import_wh: i64,
    export_wh: i64,
    quality: Quality,
}

impl Total {
    const NOTHING: Self = Self { import_wh: 0, export_wh: 0, quality: Quality::Measured };

    fn add(&mut self, interval: &Interval) {
        match interval.register {
            Register::ActiveImport => {
                self.import_wh += interval.wh;
                self.quality = self.quality.min(interval.quality);
            }
            Register::ActiveExport => self.export_wh += interval.wh,
            Register::ReactiveImport | Register::ReactiveExport => {}
        }
    }
}

/// Sums of settled quarters by day and hour. See the [module](self).
#[derive(Clone, Debug)]
pub struct Recent {
    zone: TimeZone,
    /// By the first instant of the day.
    days: BTreeMap<UtcMillis, Total>,
    /// By the first instant of the hour.
    hours: BTreeMap<UtcMillis, Total>,
    /// The running periods and the last month, as of the last time they were asked for.
    periods: Option<[Range<UtcMillis>; 4]>,
}

impl Recent {
    /// Nothing yet.
    pub const fn new(zone: TimeZone) -> Self {
        Self { zone, days: BTreeMap::new(), hours: BTreeMap::new(), periods: None }
    }

    /// From when on intervals are needed to fill it: the first instant of the last month.
    pub fn needs_since(&self, now: UtcMillis) -> UtcMillis {
        let month = Period::Month.around(now, &self.zone);
        Period::Month.around(month.start.plus(-1), &self.zone).start
    }

    /// Takes an interval; provisional ones are passed over.
    pub fn take(&mut self, interval: &Interval) {
        if interval.standing == Standing::Provisional {
            return;
        }
        let at = interval.quarter.start();
        let known = |map: &BTreeMap<UtcMillis, Total>, length: i64| {
            let (start, _) = map.range(..=at).next_back()?;
            (at.since(*start) < length).then_some(*start)
        };
        // no day has fewer than 23 hours, and no hour fewer than 30 minutes
        let day = known(&self.days, 23 * 3_600_000)
            .unwrap_or_else(|| Period::Day.around(at, &self.zone).start);
        self.days.entry(day).or_insert(Total::NOTHING).add(interval);
        let hour = known(&self.hours, 1_800_000)
            .unwrap_or_else(|| Period::Hour.around(at, &self.zone).start);
        self.hours.entry(hour).or_insert(Total::NOTHING).add(interval);
    }

    /// The sums now, with what is still open in the books.
    pub fn flows(&mut self, now: UtcMillis, ledger: &Ledger) -> Flows {
        let [hour, day, month, last] = self.periods(now);
        let open: Vec<Interval> = [Register::ActiveImport, Register::ActiveExport]
            .into_iter()
            .flat_map(|register| ledger.open(register))
            .collect();
        let sum = |map: &BTreeMap<UtcMillis, Total>, range: &Range<UtcMillis>| {
            let mut total: Option<Total> = None;
            for part in map.range(range.clone()).map(|(_, part)| part) {
                let total = total.get_or_insert(Total::NOTHING);
                total.import_wh += part.import_wh;
                total.export_wh += part.export_wh;
                total.quality = total.quality.min(part.quality);
            }
            for interval in open.iter().filter(|i| range.contains(&i.quarter.start())) {
                // the running quarter is not worse for not being over
                let running = now < interval.quarter.end();
                let quality = if running { Quality::Measured } else { interval.quality };
                let interval = Interval { quality, ..*interval };
                total.get_or_insert(Total::NOTHING).add(&interval);
            }
            let Total { import_wh, export_wh, quality } = total?;
            Some(Flow { since: range.start, import_wh, export_wh, quality })
        };
        Flows {
            hour: sum(&self.hours, &hour),
            day: sum(&self.days, &day),
            month: sum(&self.days, &month),
            last_month: sum(&self.days, &last),
        }
    }

    /// Begins anew, to be filled from the history.
    pub fn clear(&mut self) {
        self.days.clear();
        self.hours.clear();
    }

    fn periods(&mut self, now: UtcMillis) -> [Range<UtcMillis>; 4] {
        if let Some(periods) = self.periods.as_ref().filter(|[hour, ..]| hour.contains(&now)) {
            return periods.clone();
        }
        let around = |period: Period, at: UtcMillis| period.around(at, &self.zone);
        let month = around(Period::Month, now);
        let last = around(Period::Month, month.start.plus(-1));
        let periods = [around(Period::Hour, now), around(Period::Day, now), month, last];
        let [_, _, _, last] = &periods;
        self.days = self.days.split_off(&last.start);
        self.hours = self.hours.split_off(&now.plus(-HOURS_MS));
        self.periods = Some(periods.clone());
        periods
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::energy::{Edges, QuarterHour};

    fn interval(register: Register, at: &str, wh: i64) -> Interval {
        let at: jiff::Timestamp = at.parse().unwrap();
        Interval {
            register,
            quarter: QuarterHour::containing(at.into()),
            wh,
            quality: Quality::Measured,
            standing: Standing::Settled,
            edges: Edges::default(),
        }
    }

    #[test]
    fn quarters_are_summed_into_the_periods_of_the_zone() {
        let mut recent = Recent::new(TimeZone::get("Europe/Oslo").unwrap());
        for (register, at, wh) in [
            (Register::ActiveImport, "2024-01-31T22:45:00Z", 1),
            (Register::ActiveImport, "2024-01-31T23:00:00Z", 10),
            (Register::ActiveImport, "2024-02-10T11:45:00Z", 100),
            (Register::ActiveImport, "2024-02-10T12:00:00Z", 1000),
            (Register::ActiveExport, "2024-02-10T12:15:00Z", 7),
        ] {
            recent.take(&interval(register, at, wh));
        }
        let now = "2024-02-10T12:40:00Z".parse::<jiff::Timestamp>().unwrap().into();
        let flows = recent.flows(now, &Ledger::new());
        let wh = |flow: Option<Flow>| flow.map(|flow| (flow.import_wh, flow.export_wh));
        assert_eq!(wh(flows.hour), Some((1000, 7)));
        assert_eq!(wh(flows.day), Some((1100, 7)));
        assert_eq!(wh(flows.month), Some((1110, 7)));
        assert_eq!(wh(flows.last_month), Some((1, 0)));
    }

    #[test]
    fn a_new_month_makes_this_month_the_last() {
        let mut recent = Recent::new(TimeZone::UTC);
        recent.take(&interval(Register::ActiveImport, "2024-02-10T12:00:00Z", 5));
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().into();
        recent.flows(at("2024-02-29T23:59:00Z"), &Ledger::new());
        let flows = recent.flows(at("2024-03-01T00:00:00Z"), &Ledger::new());
        assert_eq!(flows.last_month.unwrap().import_wh, 5);
        assert_eq!((flows.month, flows.day, flows.hour), (None, None, None));
        assert_eq!(recent.needs_since(at("2024-03-01T00:00:00Z")), at("2024-02-01T00:00:00Z"));
    }
}
