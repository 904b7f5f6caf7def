//! Lists that a text telegram packs into one line: power failures and monthly maxima.
//!
//! Source: P1 Companion Standard 5.0.2, clause 6.12 (99.97.0); eMUCS-P1 (98.1.0).
//!
//! ```text
//! 1-0:99.97.0(2)(0-0:96.7.19)(101208152415W)(0000000240*s)(101208151004W)(0000000301*s)
//! 0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(200501000000S)(200423192538S)(03.695*kW)...
//! ```

use crate::datetime::DateTime;
use crate::family::field::{decimal, group, stamp, unit};
use crate::number::Number;
use crate::obis::Obis;
use crate::unit::Unit;

/// A power failure that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PowerFailure {
    /// When the power came back.
    pub ended_at: DateTime,
    /// How long it was away, in seconds.
    pub seconds: i64,
}

/// The power failures of a line 99.97.0, as kept in a reading: the text with its parentheses.
/// Entries that cannot be read are passed over.
#[derive(Clone, Debug)]
pub struct PowerFailures<'t>(Groups<'t>);

impl<'t> PowerFailures<'t> {
    /// The failures in `list`.
    pub fn new(list: &'t [u8]) -> Self {
        let mut groups = Groups(list);
        groups.next();
        groups.next();
        Self(groups)
    }
}

impl Iterator for PowerFailures<'_> {
    type Item = PowerFailure;

    fn next(&mut self) -> Option<PowerFailure> {
        loop {
            let ended_at = self.0.next()?;
            let duration = self.0.next()?;
            if let (Some((Some(ended_at), _)), Some((number, Unit::Second))) =
                (stamp(ended_at), measured(duration))
                && let Some(seconds) = number.in_units_of(0)
            {
                return Some(PowerFailure { ended_at, seconds });
            }
        }
    }
}

/// The highest interval average of a past month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthlyMaximum {
    /// End of the month.
    pub period_end: DateTime,
    /// When the interval with the maximum ended; absent where the meter gives no possible time.
    pub at: Option<DateTime>,
    /// The maximum.
    pub value: Number,
    /// Its unit, W.
    pub unit: Unit,
}

/// The monthly maxima of a Belgian line 98.1.0, as kept in a reading. Lines in another form (the
/// Hungarian one lists all registers at the end of the month) give none.
#[derive(Clone, Debug)]
pub struct DemandHistory<'t>(Groups<'t>);

impl<'t> DemandHistory<'t> {
    /// The maxima in `list`.
    pub fn new(list: &'t [u8]) -> Self {
        let mut groups = Groups(list);
        groups.next();
        let mut is_code =
            || groups.next().and_then(group).is_some_and(|(g, _)| Obis::from_text(g).is_some());
        let named = is_code() && is_code();
        Self(if named { groups } else { Groups(&[]) })
    }
}

impl Iterator for DemandHistory<'_> {
    type Item = MonthlyMaximum;

    fn next(&mut self) -> Option<MonthlyMaximum> {
        loop {
            let (period_end, at, value) = (self.0.next()?, self.0.next()?, self.0.next()?);
            if let (Some((Some(period_end), _)), Some((at, _)), Some((value, unit))) =
                (stamp(period_end), stamp(at), measured(value))
            {
                return Some(MonthlyMaximum { period_end, at, value, unit });
            }
        }
    }
}

/// `value*unit)` in the base unit.
fn measured(text: &[u8]) -> Option<(Number, Unit)> {
    let value = decimal(text)?;
    let (unit, prefix, _) = unit(value.rest)?;
    Some((value.number.shifted(prefix), unit))
}

/// What stands behind each `(`.
#[derive(Clone, Debug)]
struct Groups<'t>(&'t [u8]);

impl<'t> Iterator for Groups<'t> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        let inner = self.0.strip_prefix(b"(")?;
        let (_, rest) = group(inner)?;
        self.0 = rest;
        Some(inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;
    use std::vec::Vec;

    #[test]
    fn power_failures_are_listed_with_their_end() {
        let list = b"(3)(0-0:96.7.19)(000104180320W)(0000237126*s)(632525252525W)(0000000001*s)\
            (240701120000S)(0000000301*s)";
        let failures: Vec<_> =
            PowerFailures::new(list).map(|f| (f.ended_at.to_string(), f.seconds)).collect();
        assert_eq!(
            failures,
            [
                ("2000-01-04T18:03:20+01:00".to_string(), 237_126),
                ("2024-07-01T12:00:00+02:00".to_string(), 301)
            ]
        );
        assert_eq!(PowerFailures::new(b"(0)(0-0:96.7.19)").count(), 0);
        assert_eq!(PowerFailures::new(b"()").count(), 0);
        assert_eq!(PowerFailures::new(b"").count(), 0);
    }

    #[test]
    fn monthly_maxima_keep_their_value_when_the_time_is_impossible() {
        let list = b"(2)(1-0:1.6.0)(1-0:1.6.0)(230801000000S)(632525252525W)(00.000*kW)\
            (230901000000S)(230831181500S)(01.862*kW)";
        let maxima: Vec<_> = DemandHistory::new(list).collect();
        assert_eq!(maxima.len(), 2);
        assert_eq!((maxima[0].at, maxima[0].value), (None, Number::new(0, 0)));
        assert_eq!(maxima[1].value, Number::new(1862, 0));
        assert_eq!(maxima[1].unit, Unit::Watt);
        assert_eq!(maxima[1].period_end.to_string(), "2023-09-01T00:00:00+02:00");
        assert_eq!(maxima[1].at.unwrap().to_string(), "2023-08-31T18:15:00+02:00");
    }

    #[test]
    fn a_month_that_cannot_be_read_costs_no_other() {
        let list = b"(3)(1-0:1.6.0)(1-0:1.6.0)(230801000000S)(230731181500S)(00.500)\
            (632525252525W)(230731181500S)(00.500*kW)(230901000000S)(230831181500S)(01.862*kW)";
        let maxima: Vec<_> = DemandHistory::new(list).map(|maximum| maximum.value).collect();
        assert_eq!(maxima, [Number::new(1862, 0)]);
    }

    #[test]
    fn a_list_in_another_form_gives_nothing() {
        assert_eq!(DemandHistory::new(b"(230701000000S)(000040.777*kWh)(00.5*kW)").count(), 0);
        assert_eq!(DemandHistory::new(b"").count(), 0);
    }
}
