//! What a list builder sees: measured values, registers, clock, identity.

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use crate::clock::Stamp;
use crate::house::register::{Registers, Tariff};
use crate::house::{Sample, Wiring};
use crate::milli::Milli;

/// Which of its lists a meter sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Push {
    /// Registers, on meters that send them apart from the powers.
    Energy,
    /// The list with registers that replaces a long one every hour.
    Hourly,
    /// The long list without registers.
    Long,
    /// Once a minute.
    Minute,
    /// Once in a quarter of an hour: other media.
    Quarter,
    /// The short list.
    Short,
}

impl Push {
    /// A word for people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Energy => "energy",
            Self::Hourly => "hourly",
            Self::Long => "long",
            Self::Minute => "minute",
            Self::Quarter => "quarter",
            Self::Short => "short",
        }
    }
}

/// What differs from the usual list: firmware updates and faults inside the list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Quirks {
    /// Currents in mA where they were in 0.01 A.
    pub amperes_in_milli: bool,
    /// A line that is no line.
    pub broken_line: bool,
    /// Registers in 1 Wh where they were in 10 Wh.
    pub energy_in_wh: bool,
    /// A text message of 2048 hexadecimal digits.
    pub huge_text: bool,
    /// The meter number is overwritten with the system title.
    pub id_overwritten: bool,
    /// Active import shows 126 W (7E) or 32 382 W (7E7E).
    pub payload_flags: bool,
    /// Codes that nobody knows.
    pub unknown_codes: bool,
    /// Voltages in hundredths where they were in whole volts.
    pub volts_in_centi: bool,
    /// Voltages in whole volts where they had a decimal.
    pub volts_whole: bool,
}

/// Registers and clock frozen at a full hour.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Frozen {
    pub(crate) registers: Registers,
    pub(crate) stamp: Stamp,
}

/// One entry of a list of monthly maxima.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MonthPeak {
    pub(crate) month_end: Stamp,
    pub(crate) at: Stamp,
    pub(crate) watts: Milli,
}

/// What a meter knows besides electricity: demand, gas, failures.
#[derive(Clone, Debug)]
pub(crate) struct Extras {
    /// A+ at the beginning of the running quarter of an hour.
    pub(crate) quarter_import: Milli,
    /// Highest quarter of the month so far, and its end.
    pub(crate) peak: (Milli, Stamp),
    /// Closed months, oldest first.
    pub(crate) months: Vec<MonthPeak>,
    /// Gas register in litres, and when it was read.
    pub(crate) gas: (i64, Stamp),
    /// The same at the last full hour.
    pub(crate) gas_hour: (i64, Stamp),
    /// Short and long power failures.
    pub(crate) failures: (u32, u32),
    /// Long failures: end and length in seconds, oldest first.
    pub(crate) failure_log: Vec<(Stamp, i64)>,
}

/// Everything a list builder may look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'a> {
    pub(crate) push: Push,
    pub(crate) wiring: Wiring,
    pub(crate) sample: &'a Sample,
    pub(crate) live: &'a Registers,
    pub(crate) hour: &'a Frozen,
    pub(crate) now: Stamp,
    pub(crate) tariff: Tariff,
    pub(crate) extras: &'a Extras,
    pub(crate) quirks: Quirks,
    pub(crate) meter_id: &'a str,
    pub(crate) title: [u8; 8],
    /// Counts the messages, from 1.
    pub(crate) invoke: u32,
}

impl View<'_> {
    /// A+ power in watts.
    pub(crate) fn import(&self) -> Number {
        if self.quirks.payload_flags {
            let flags = if self.invoke.is_multiple_of(2) { 0x7E } else { 0x7E7E };
            return Number::new(flags, 0);
        }
        whole(self.sample.active().import())
    }

    /// A- power in watts.
    pub(crate) fn export(&self) -> Number {
        whole(if self.quirks.payload_flags { Milli(0) } else { self.sample.active().export() })
    }

    /// R+ power in vars.
    pub(crate) fn reactive_import(&self) -> Number {
        whole(self.sample.reactive().import())
    }

    /// R- power in vars.
    pub(crate) fn reactive_export(&self) -> Number {
        whole(self.sample.reactive().export())
    }

    /// The four total powers with their codes under `1-channel`.
    pub(crate) fn powers(&self, channel: u8) -> [(Obis, Number); 4] {
        [
            (instant(channel, 1), self.import()),
            (instant(channel, 2), self.export()),
            (instant(channel, 3), self.reactive_import()),
            (instant(channel, 4), self.reactive_export()),
        ]
    }

    /// The phases in use, from 0.
    pub(crate) const fn phases(&self) -> &'static [usize] {
        match self.wiring {
            Wiring::Single => &[0],
            Wiring::FourWire | Wiring::ThreeWire => &[0, 1, 2],
        }
    }

    /// Voltages of the phases in use, in steps of `10^exponent` V.
    pub(crate) fn volts(
        &self,
        channel: u8,
        exponent: i8,
    ) -> impl Iterator<Item = (Obis, Number)> + '_ {
        let exponent = match exponent {
            _ if self.quirks.volts_in_centi => -2,
            _ if self.quirks.volts_whole => 0,
            stated => stated,
        };
        self.by_phase(channel, 32, self.sample.volts, exponent)
    }

    /// Currents of the phases in use, in steps of `10^exponent` A.
    pub(crate) fn amps(
        &self,
        channel: u8,
        exponent: i8,
    ) -> impl Iterator<Item = (Obis, Number)> + '_ {
        let exponent = if self.quirks.amperes_in_milli { -3 } else { exponent };
        self.by_phase(channel, 31, self.sample.amps, exponent)
    }

    /// Import powers of the phases in use, in watts.
    pub(crate) fn phase_imports(&self) -> impl Iterator<Item = (Obis, Number)> + '_ {
        self.by_phase(0, 21, self.sample.watts.map(Milli::import), 0)
    }

    /// Export powers of the phases in use, in watts.
    pub(crate) fn phase_exports(&self) -> impl Iterator<Item = (Obis, Number)> + '_ {
        self.by_phase(0, 22, self.sample.watts.map(Milli::export), 0)
    }

    /// Values of the phases in use under C = `c`, `c + 20`, `c + 40`.
    pub(crate) fn by_phase(
        &self,
        channel: u8,
        c: u8,
        values: [Milli; 3],
        exponent: i8,
    ) -> impl Iterator<Item = (Obis, Number)> + '_ {
        let codes = [c, c + 20, c + 40].into_iter();
        codes.zip(values).take(self.phases().len()).map(move |(c, value)| {
            (instant(channel, c), Number::new(value.rounded(exponent), exponent))
        })
    }

    /// A register in steps of `10^exponent` Wh, cut off.
    pub(crate) fn energy(&self, value: Milli, exponent: i8) -> Number {
        let exponent = if self.quirks.energy_in_wh { 0 } else { exponent };
        Number::new(value.truncated(exponent), exponent)
    }

    /// The four totals of given registers with their codes under `1-channel`.
    pub(crate) fn energies(
        &self,
        registers: &Registers,
        channel: u8,
        exponent: i8,
    ) -> [(Obis, Number); 4] {
        [
            (total(channel, 1), self.energy(registers.active_import.total(), exponent)),
            (total(channel, 2), self.energy(registers.active_export.total(), exponent)),
            (total(channel, 3), self.energy(registers.reactive_import.total(), exponent)),
            (total(channel, 4), self.energy(registers.reactive_export.total(), exponent)),
        ]
    }

    /// Total and both tariffs of A+ (C = 1), A- (2), R+ (3) or R- (4), in Wh; the total is the
    /// sum of the tariffs as shown.
    pub(crate) fn with_tariffs(&self, channel: u8, c: u8) -> [(Obis, Number); 3] {
        let register = match c {
            1 => &self.live.active_import,
            2 => &self.live.active_export,
            3 => &self.live.reactive_import,
            _ => &self.live.reactive_export,
        };
        let first = register.rate(Tariff::First).truncated(0);
        let second = register.rate(Tariff::Second).truncated(0);
        [
            (total(channel, c), Number::new(first + second, 0)),
            (Obis([1, channel, c, 8, 1, 255]), Number::new(first, 0)),
            (Obis([1, channel, c, 8, 2, 255]), Number::new(second, 0)),
        ]
    }
}

/// The code of an instantaneous value.
pub(crate) const fn instant(channel: u8, c: u8) -> Obis {
    Obis([1, channel, c, 7, 0, 255])
}

/// The code of a register over all tariffs.
pub(crate) const fn total(channel: u8, c: u8) -> Obis {
    Obis([1, channel, c, 8, 0, 255])
}

/// A value rounded to whole units.
pub(crate) const fn whole(value: Milli) -> Number {
    Number::new(value.rounded(0), 0)
}
