//! Date and time as a meter states them: local fields, and an offset only if one was stated.
//!
//! ```text
//! COSEM date-time (IEC 62056-6-2, 4.1.6.1), 12 octets:
//!   0  1    2     3    4     5    6    7     8        9  10      11
//! +-------+-----+-----+----+----+----+----+--------+----------+--------+
//! | year  | mon | day | dow| h  | min| s  | 1/100  | deviation| status |
//! +-------+-----+-----+----+----+----+----+--------+----------+--------+
//! ```

use core::fmt;

/// Local date and time with the offset from UTC where the sender states it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DateTime {
    /// Year, 1970 to 2199.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59.
    pub second: u8,
    /// Minutes to subtract from the local time to get UTC: +60 for Central European winter time.
    /// (COSEM states the opposite sign; it is turned when read.)
    pub offset_minutes: Option<i16>,
    /// The clock status octet of COSEM (bit 7: daylight saving active), if one was sent and it
    /// is not FF.
    pub status: Option<u8>,
}

impl DateTime {
    /// Bit of [`status`](Self::status): the sender calls the value invalid.
    pub const INVALID: u8 = 0x01;
    /// Bit of [`status`](Self::status): the sender doubts the value.
    pub const DOUBTFUL: u8 = 0x02;
    /// Bit of [`status`](Self::status): daylight saving time is active.
    pub const DAYLIGHT: u8 = 0x80;

    /// Checked fields without offset and status; `None` for a date or time that does not exist.
    pub fn new(year: u16, month: u8, day: u8, hour: u8, minute: u8, second: u8) -> Option<Self> {
        let fits = (1970..2200).contains(&year)
            && (1..=days_of(month, year)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        fits.then_some(Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            offset_minutes: None,
            status: None,
        })
    }

    /// The same with a stated offset from UTC in minutes (positive east).
    #[must_use]
    pub const fn with_offset(mut self, minutes: i16) -> Self {
        self.offset_minutes = Some(minutes);
        self
    }

    /// Reads the 12 octets of COSEM; `None` when date or time of day is not specified or does
    /// not exist. A deviation of 8000h states no offset.
    pub fn from_cosem(octets: &[u8; 12]) -> Option<Self> {
        let &[
            year_high,
            year_low,
            month,
            day,
            _,
            hour,
            minute,
            second,
            _,
            dev_high,
            dev_low,
            status,
        ] = octets;
        let year = u16::from_be_bytes([year_high, year_low]);
        let mut time =
            Self::new(year, month, day, hour, minute, if second == 0xFF { 0 } else { second })?;
        let deviation = i16::from_be_bytes([dev_high, dev_low]);
        if (-720..=840).contains(&deviation) {
            time.offset_minutes = Some(-deviation);
        }
        if status != 0xFF {
            time.status = Some(status);
        }
        Some(time)
    }

    /// The 12 octets of COSEM; the day of week is computed, hundredths and what is not stated
    /// are "not specified".
    pub fn to_cosem(self) -> [u8; 12] {
        let [year_high, year_low] = self.year.to_be_bytes();
        let deviation = self.offset_minutes.map_or(i16::MIN, |offset| -offset);
        let [dev_high, dev_low] = deviation.to_be_bytes();
        [
            year_high,
            year_low,
            self.month,
            self.day,
            self.weekday(),
            self.hour,
            self.minute,
            self.second,
            0xFF,
            dev_high,
            dev_low,
            self.status.unwrap_or(0xFF),
        ]
    }

    /// Day of the week, 1 = Monday to 7 = Sunday.
    pub fn weekday(self) -> u8 {
        // 1970-01-01 was a Thursday.
        let day = (self.days_since_1970() + 3).rem_euclid(7);
        u8::try_from(day).unwrap_or(0) + 1
    }

    /// Seconds from 1970-01-01T00:00:00 to the local fields, leaving any offset aside.
    pub fn local_seconds(self) -> i64 {
        self.days_since_1970() * 86_400
            + i64::from(self.hour) * 3600
            + i64::from(self.minute) * 60
            + i64::from(self.second)
    }

    /// Seconds since 1970 in UTC, where the offset was stated.
    pub fn unix_seconds(self) -> Option<i64> {
        self.offset_minutes.map(|minutes| self.local_seconds() - i64::from(minutes) * 60)
    }

    /// The local fields of `seconds` since 1970 in UTC, at an offset of `offset_minutes`; `None`
    /// outside the years that are held.
    pub fn from_unix_seconds(seconds: i64, offset_minutes: i16) -> Option<Self> {
        let local = seconds.checked_add(i64::from(offset_minutes) * 60)?;
        let (days, of_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        // Days since 0000-03-01, in eras of 400 years: the way back of `days_since_1970`.
        let days = days.checked_add(719_468)?;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let january_or_february = month_from_march >= 10;
        let month = if january_or_february { month_from_march - 9 } else { month_from_march + 3 };
        let year = era * 400 + year_of_era + i64::from(january_or_february);
        let byte = |value: i64| u8::try_from(value).ok();
        Self::new(
            u16::try_from(year).ok()?,
            byte(month)?,
            byte(day)?,
            byte(of_day / 3600)?,
            byte(of_day / 60 % 60)?,
            byte(of_day % 60)?,
        )
        .map(|time| time.with_offset(offset_minutes))
    }

    fn days_since_1970(self) -> i64 {
        // Days from civil date: years begin in March so that the leap day is the last.
        let january_or_february = self.month <= 2;
        let year = i64::from(self.year) - i64::from(january_or_february);
        let month = i64::from(self.month) + if january_or_february { 9 } else { -3 };
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let day_of_year = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
    }
}

const fn days_of(month: u8, year: u16) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for DateTime {
    /// ISO 8601, with the offset only where it was stated.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, .. } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if let Some(offset) = self.offset_minutes {
            let sign = if offset < 0 { '-' } else { '+' };
            let offset = offset.unsigned_abs();
            write!(f, "{sign}{:02}:{:02}", offset / 60, offset % 60)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn cosem_deviation_is_turned_into_an_offset() {
        let winter = [0x07, 0xE8, 1, 0x0F, 1, 0x0D, 0x1E, 0, 0xFF, 0xFF, 0xC4, 0];
        let time = DateTime::from_cosem(&winter).unwrap();
        assert_eq!(time.to_string(), "2024-01-15T13:30:00+01:00");
        assert_eq!(time.unix_seconds(), Some(1_705_321_800));
        let summer = [0x07, 0xE8, 7, 0x0F, 1, 0x0D, 0x1E, 0, 0xFF, 0xFF, 0x88, 0x80];
        assert_eq!(DateTime::from_cosem(&summer).unwrap().unix_seconds(), Some(1_721_043_000));
        assert_eq!(DateTime::from_cosem(&summer).unwrap().to_cosem(), summer);
    }

    #[test]
    fn an_unspecified_deviation_states_nothing() {
        let octets = [0x07, 0xE2, 1, 0x0F, 1, 0x0F, 0x1E, 0x0A, 0xFF, 0x80, 0, 0];
        let time = DateTime::from_cosem(&octets).unwrap();
        assert_eq!(time.offset_minutes, None);
        assert_eq!(time.to_string(), "2018-01-15T15:30:10");
        assert_eq!(time.to_cosem(), octets);
    }

    #[test]
    fn seconds_since_1970_go_there_and_back() {
        for seconds in (0..7_258_118_400i64).step_by(86_400 * 13 + 3_607) {
            for offset in [0, 60, -210] {
                if let Some(time) = DateTime::from_unix_seconds(seconds, offset) {
                    assert_eq!(time.unix_seconds(), Some(seconds));
                } else {
                    assert_eq!((seconds, offset), (0, -210));
                }
            }
        }
        let leap_day = DateTime::from_unix_seconds(1_709_251_199, 0).unwrap();
        assert_eq!(leap_day.to_string(), "2024-02-29T23:59:59+00:00");
        assert_eq!(DateTime::from_unix_seconds(i64::MAX, 60), None);
        assert_eq!(DateTime::from_unix_seconds(i64::MAX - 60, 0), None);
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        assert!(DateTime::new(2023, 2, 29, 0, 0, 0).is_none());
        assert!(DateTime::new(2024, 2, 29, 0, 0, 0).is_some());
        assert!(DateTime::from_cosem(&[0xFF; 12]).is_none());
        assert!(DateTime::new(2024, 13, 1, 0, 0, 0).is_none());
    }
}
