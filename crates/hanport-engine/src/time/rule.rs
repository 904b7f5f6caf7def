//! Rules by which a meter's local time becomes an instant, and which family follows which.
//!
//! | sender | offset stated | follows |
//! |---|---|---|
//! | Aidon NO, SE binary | none, or 0 while it is not | UTC+1 all year |
//! | Kaifa NO | none | civil or UTC+1, to be found out |
//! | Kamstrup binary | none | UTC+1 mostly, or civil |
//! | Kaifa, Sagemcom AT; Iskraemeco; E360 CH; Kaifa SE | yes | as stated |
//! | Landis+Gyr E450, E570 CH | none | civil |
//! | P1 text | S or W | as stated: S is UTC+2, W is UTC+1 |
//! | SML | rarely | as stated, or civil |

use hanport_core::datetime::DateTime;
use hanport_core::manufacturer::Manufacturer;
use hanport_core::reading::{Framing, Reading, TextRef};
use jiff::tz::{AmbiguousOffset, TimeZone};
use serde::{Deserialize, Serialize};

use super::instant::UtcMillis;

/// How a meter's local time becomes an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// With the offset that the message states.
    Stated,
    /// UTC+1 all year: the standard time of most of Europe.
    CentralEuropeanStandard,
    /// The standard time of the site's zone all year.
    ZoneStandard,
    /// The civil time of the site, summer time included.
    Civil,
    /// It is UTC already.
    Utc,
    /// With the stated offset, taken the wrong way round by the maker.
    StatedReversed,
}

impl Rule {
    /// All of them, the likelier first.
    pub const ALL: [Self; 6] = [
        Self::Stated,
        Self::CentralEuropeanStandard,
        Self::ZoneStandard,
        Self::Civil,
        Self::Utc,
        Self::StatedReversed,
    ];

    /// The stable word for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stated => "stated",
            Self::CentralEuropeanStandard => "utc+1",
            Self::ZoneStandard => "zone_standard",
            Self::Civil => "civil",
            Self::Utc => "utc",
            Self::StatedReversed => "stated_reversed",
        }
    }

    /// The instant of a local time; `None` when the rule needs an offset that is not stated.
    ///
    /// In the hour that an autumn night repeats, the daylight bit of the clock status decides,
    /// and without it the reading that lies closer to `near`. In the hour that a spring night
    /// skips, the meter is taken not to have changed yet.
    pub fn instant(self, time: DateTime, zone: &TimeZone, near: UtcMillis) -> Option<UtcMillis> {
        let local = time.local_seconds();
        let offset_seconds = match self {
            Self::Stated => i64::from(time.offset_minutes?) * 60,
            Self::StatedReversed => match time.offset_minutes? {
                0 => return None,
                minutes => -i64::from(minutes) * 60,
            },
            Self::CentralEuropeanStandard => 3600,
            Self::ZoneStandard => standard_offset(zone, near),
            Self::Civil => civil_offset(time, zone, near)?,
            Self::Utc => 0,
        };
        Some(UtcMillis::from_seconds(local.saturating_sub(offset_seconds)))
    }
}

/// The offset of the zone without summer time, in seconds, around an instant: the smaller one of
/// its year. (Irish law calls winter the exception; meters do not.)
fn standard_offset(zone: &TimeZone, near: UtcMillis) -> i64 {
    let here = zone.to_offset(near.timestamp()).seconds();
    let year = near.plus(366 * 86_400_000).timestamp();
    let changes = zone.following(near.timestamp()).take(2);
    let coming = changes.take_while(|change| change.timestamp() < year);
    i64::from(coming.map(|change| change.offset().seconds()).fold(here, i32::min))
}

fn civil_offset(time: DateTime, zone: &TimeZone, near: UtcMillis) -> Option<i64> {
    let small = |number: u8| i8::try_from(number).ok();
    let civil = jiff::civil::DateTime::new(
        i16::try_from(time.year).ok()?,
        small(time.month)?,
        small(time.day)?,
        small(time.hour)?,
        small(time.minute)?,
        small(time.second)?,
        0,
    )
    .ok()?;
    let offset = match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset,
        AmbiguousOffset::Gap { before, .. } => before,
        AmbiguousOffset::Fold { before, after } => {
            let distance = |offset: jiff::tz::Offset| {
                let seconds = time.local_seconds() - i64::from(offset.seconds());
                UtcMillis::from_seconds(seconds).since(near).abs()
            };
            match time.status {
                Some(status) if status & DateTime::DAYLIGHT != 0 => before,
                _ if distance(before) <= distance(after) => before,
                _ => after,
            }
        }
    };
    Some(i64::from(offset.seconds()))
}

/// What is known of the clocks of a family of meters.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// For people.
    pub name: &'static str,
    pub(super) maker: Option<Manufacturer>,
    pub(super) text: Option<bool>,
    pub(super) list_id: &'static str,
    pub(super) layout: &'static str,
    /// The rules in the order in which they are believed when several fit.
    pub order: &'static [Rule],
    /// Whether hourly registers stand as of the full hour, although they are sent, and by some
    /// stamped, a few seconds after it.
    pub frozen: bool,
}

/// Clocks that never change to summer time, whatever they state.
const STANDARD: &[Rule] =
    &[Rule::CentralEuropeanStandard, Rule::ZoneStandard, Rule::Civil, Rule::Stated];
/// Clocks that probably do not.
const RATHER_STANDARD: &[Rule] =
    &[Rule::Stated, Rule::CentralEuropeanStandard, Rule::ZoneStandard, Rule::Civil];
/// Clocks that probably do.
const RATHER_CIVIL: &[Rule] =
    &[Rule::Stated, Rule::Civil, Rule::CentralEuropeanStandard, Rule::ZoneStandard];

const ANY: Row = Row {
    name: "any",
    maker: None,
    text: None,
    list_id: "",
    layout: "",
    order: RATHER_CIVIL,
    frozen: false,
};
const BINARY: Row = Row { text: Some(false), ..ANY };

/// The families, first match first; the last row matches everything.
static ROWS: [Row; 8] = [
    Row {
        name: "Aidon, Norway",
        maker: Some(Manufacturer::Aidon),
        list_id: "AIDON_V",
        order: STANDARD,
        frozen: true,
        ..BINARY
    },
    Row { name: "Aidon", maker: Some(Manufacturer::Aidon), order: STANDARD, ..BINARY },
    Row {
        name: "Aidon list without a name",
        layout: "array of registers",
        order: STANDARD,
        frozen: true,
        ..BINARY
    },
    Row {
        name: "Kaifa, Norway",
        maker: Some(Manufacturer::Kaifa),
        list_id: "KFM_",
        order: RATHER_CIVIL,
        frozen: true,
        ..BINARY
    },
    Row { name: "Kamstrup", maker: Some(Manufacturer::Kamstrup), order: RATHER_STANDARD, ..BINARY },
    Row { name: "Landis+Gyr", maker: Some(Manufacturer::LandisGyr), order: RATHER_CIVIL, ..BINARY },
    Row { name: "P1 text", text: Some(true), order: RATHER_CIVIL, ..ANY },
    ANY,
];

impl Row {
    /// The row of the meter that sent a message.
    pub fn of(reading: &Reading<'_>) -> &'static Self {
        let readout = reading.readout;
        let text = readout.framing == Framing::Dsmr;
        let matches = |row: &&Self| {
            row.maker.is_none_or(|maker| readout.manufacturer == Some(maker))
                && row.text.is_none_or(|wanted| wanted == text)
                && readout.layout.starts_with(row.layout)
                && (row.list_id.is_empty() || has_prefix(reading, row.list_id))
        };
        ROWS.iter().find(matches).unwrap_or(&ANY)
    }

    /// The row with this name, for a user who knows better.
    pub fn named(name: &str) -> Option<&'static Self> {
        ROWS.iter().find(|row| row.name == name)
    }

    /// All rows, first match first.
    pub fn all() -> &'static [Self] {
        &ROWS
    }

    /// The row that matches every meter.
    pub const fn any() -> &'static Self {
        &ANY
    }

    /// All rules, those of the row first.
    pub fn rules(&self) -> impl Iterator<Item = Rule> {
        let rest = Rule::ALL.iter().filter(|rule| !self.order.contains(rule));
        self.order.iter().chain(rest).copied()
    }
}

fn has_prefix(reading: &Reading<'_>, prefix: &str) -> bool {
    if let Some(TextRef::Octets(span)) = reading.readout.list_id {
        return span.of(reading.body).starts_with(prefix.as_bytes());
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oslo() -> TimeZone {
        TimeZone::get("Europe/Oslo").unwrap()
    }

    fn instant(rule: Rule, time: DateTime, near: &str) -> Option<String> {
        let near = near.parse::<jiff::Timestamp>().unwrap();
        rule.instant(time, &oslo(), near.into()).map(|at| at.to_string())
    }

    #[test]
    fn each_rule_reads_a_summer_noon_its_own_way() {
        let noon = DateTime::new(2026, 7, 1, 12, 0, 0).unwrap();
        let near = "2026-07-01T10:00:00Z";
        for (rule, utc) in [
            (Rule::CentralEuropeanStandard, Some("2026-07-01T11:00:00Z")),
            (Rule::ZoneStandard, Some("2026-07-01T11:00:00Z")),
            (Rule::Civil, Some("2026-07-01T10:00:00Z")),
            (Rule::Utc, Some("2026-07-01T12:00:00Z")),
            (Rule::Stated, None),
        ] {
            assert_eq!(instant(rule, noon, near).as_deref(), utc, "{rule:?}");
        }
        let stated = noon.with_offset(-120);
        assert_eq!(instant(Rule::Stated, stated, near).unwrap(), "2026-07-01T14:00:00Z");
        assert_eq!(instant(Rule::StatedReversed, stated, near).unwrap(), "2026-07-01T10:00:00Z");
    }

    #[test]
    fn standard_time_is_that_of_winter_everywhere() {
        let noon = DateTime::new(2026, 7, 1, 12, 0, 0).unwrap();
        for (name, hour) in
            [("Europe/Dublin", 12), ("Europe/Helsinki", 10), ("Atlantic/Reykjavik", 12)]
        {
            let zone = TimeZone::get(name).unwrap();
            for near in ["2026-07-01T10:00:00Z", "2026-01-01T10:00:00Z"] {
                let near = near.parse::<jiff::Timestamp>().unwrap().into();
                let at = Rule::ZoneStandard.instant(noon, &zone, near).unwrap();
                assert_eq!(at.to_string(), format!("2026-07-01T{hour}:00:00Z"), "{name}");
            }
        }
    }

    #[test]
    fn the_repeated_hour_is_resolved_by_order_or_by_the_daylight_bit() {
        let half_past_two = DateTime::new(2026, 10, 25, 2, 30, 0).unwrap();
        let first = "2026-10-25T00:30:00Z";
        let second = "2026-10-25T01:30:00Z";
        assert_eq!(instant(Rule::Civil, half_past_two, first).unwrap(), first);
        assert_eq!(instant(Rule::Civil, half_past_two, second).unwrap(), second);
        let daylight = DateTime { status: Some(DateTime::DAYLIGHT), ..half_past_two };
        assert_eq!(instant(Rule::Civil, daylight, second).unwrap(), first);
    }

    #[test]
    fn rules_of_a_row_come_first_and_none_is_left_out() {
        for row in &ROWS {
            let rules: Vec<_> = row.rules().collect();
            assert_eq!(rules.len(), Rule::ALL.len(), "{}", row.name);
            assert_eq!(&rules[..row.order.len()], row.order);
        }
    }
}
