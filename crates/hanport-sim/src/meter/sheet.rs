//! The sheet a list is written on: the octets, and beside them what they mean.
//!
//! Every number goes through one of the `put` functions, which write the octets and the fact in
//! one step. What is sent and what is claimed to be sent can therefore not differ.

use hanport_core::cosem::apdu::HeaderTime;
use hanport_core::cosem::axdr::Data;
use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use crate::clock::Stamp;
use crate::record::{Fact, Truth};
use crate::wire::axdr;

/// A list in the making.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    /// The octets of the plain application unit or telegram.
    pub(crate) out: Vec<u8>,
    /// What they say.
    pub(crate) truth: Truth,
}

impl Sheet {
    /// The head of a data-notification.
    pub(crate) fn notification(&mut self, invoke: u32, time: HeaderTime) {
        self.truth.invoke = Some(invoke);
        axdr::notification(&mut self.out, invoke, time);
    }

    /// An element without a number to note.
    pub(crate) fn put(&mut self, data: Data<'_>) {
        axdr::put(&mut self.out, data);
    }

    /// A structure of `count` elements.
    pub(crate) fn structure(&mut self, count: usize) {
        self.put(Data::Structure(axdr::count(count)));
    }

    /// An array of `count` elements.
    pub(crate) fn array(&mut self, count: usize) {
        self.put(Data::Array(axdr::count(count)));
    }

    /// A code as an element.
    pub(crate) fn code(&mut self, obis: Obis) {
        axdr::code(&mut self.out, obis);
    }

    /// Octets as an element.
    pub(crate) fn octets(&mut self, value: &[u8]) {
        self.put(Data::OctetString(value));
    }

    /// A visible string as an element.
    pub(crate) fn visible(&mut self, value: &str) {
        self.put(Data::VisibleString(value.as_bytes()));
    }

    /// A number as double-long-unsigned. Registers wrap at 2^32.
    pub(crate) fn put_u32(&mut self, obis: Obis, number: Number) {
        let raw = u32::try_from(number.mantissa.rem_euclid(1 << 32)).unwrap_or(u32::MAX);
        self.put(Data::Unsigned32(raw));
        self.fact(obis, Number::new(i64::from(raw), number.exponent));
    }

    /// A number as long-unsigned.
    pub(crate) fn put_u16(&mut self, obis: Obis, number: Number) {
        let raw = u16::try_from(number.mantissa.clamp(0, 0xFFFF)).unwrap_or(u16::MAX);
        self.put(Data::Unsigned16(raw));
        self.fact(obis, Number::new(i64::from(raw), number.exponent));
    }

    /// A number as long.
    pub(crate) fn put_i16(&mut self, obis: Obis, number: Number) {
        let raw = i16::try_from(number.mantissa.clamp(-0x8000, 0x7FFF)).unwrap_or(i16::MAX);
        self.put(Data::Int16(raw));
        self.fact(obis, Number::new(i64::from(raw), number.exponent));
    }

    /// A number as long64-unsigned.
    pub(crate) fn put_u64(&mut self, obis: Obis, number: Number) {
        self.put(Data::Unsigned64(number.mantissa.max(0).unsigned_abs()));
        self.fact(obis, Number::new(number.mantissa.max(0), number.exponent));
    }

    /// A number as long64.
    pub(crate) fn put_i64(&mut self, obis: Obis, number: Number) {
        self.put(Data::Int64(number.mantissa));
        self.fact(obis, number);
    }

    /// Scaler and unit.
    pub(crate) fn scaler_unit(&mut self, scaler: i8, unit: u8) {
        axdr::scaler_unit(&mut self.out, scaler, unit);
    }

    /// A line of a telegram: text without its end.
    pub(crate) fn line(&mut self, text: &str) {
        self.out.extend(text.as_bytes());
        self.out.extend(b"\r\n");
    }

    /// A line with a number of `whole` digits before the point.
    ///
    /// The printed unit is `10^kilo` base units; `number` is in base units and its exponent
    /// tells how many decimals there are. Registers wrap at their number of digits.
    pub(crate) fn put_line(&mut self, obis: Obis, number: Number, form: Form) {
        let printed = self.print(obis, number, form);
        self.line(&format!("{}({printed})", code_text(obis)));
    }

    /// The number alone as [`Self::put_line`] prints it, noted as a fact.
    pub(crate) fn print(&mut self, obis: Obis, number: Number, form: Form) -> String {
        let decimals = usize::from((form.kilo - number.exponent).max(0).unsigned_abs());
        let unit = 10i64.pow(u32::try_from(decimals).unwrap_or(0));
        let limit = 10i64.pow(u32::from(form.whole)).saturating_mul(unit);
        let mantissa = number.mantissa % limit;
        self.fact(obis, Number::new(mantissa, number.exponent));
        let sign = if mantissa < 0 { "-" } else { "" };
        let (whole, part) = (mantissa.abs() / unit, mantissa.abs() % unit);
        let width = usize::from(form.whole);
        let star = if form.unit.is_empty() { "" } else { "*" };
        let unit_text = form.unit;
        if decimals == 0 {
            format!("{sign}{whole:0width$}{star}{unit_text}")
        } else {
            format!("{sign}{whole:0width$}.{part:0decimals$}{star}{unit_text}")
        }
    }

    /// Notes a number that has been written.
    pub(crate) fn fact(&mut self, obis: Obis, number: Number) {
        self.truth.facts.push(Fact { obis, number, at: None });
    }

    /// Notes a number with the time of its capture.
    pub(crate) fn fact_at(&mut self, obis: Obis, number: Number, at: Option<DateTime>) {
        self.truth.facts.push(Fact { obis, number, at });
    }
}

/// A code as telegrams print it.
pub(crate) fn code_text(obis: Obis) -> String {
    let Obis([medium, channel, groups @ ..]) = obis;
    let [c, d, e, _] = groups;
    format!("{medium}-{channel}:{c}.{d}.{e}")
}

/// How a number is printed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Digits before the point, zeros included.
    pub(crate) whole: u8,
    /// Power of ten of the printed unit: 3 for kW.
    pub(crate) kilo: i8,
    /// The printed unit.
    pub(crate) unit: &'static str,
}

impl Form {
    /// A form of `whole` digits in `unit`, which is `10^kilo` base units.
    pub(crate) const fn new(whole: u8, kilo: i8, unit: &'static str) -> Self {
        Self { whole, kilo, unit }
    }
}

/// How a maker fills the twelve octets of a date-time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeStyle {
    /// Day of the week; `None` = the right one.
    pub(crate) weekday: Option<u8>,
    /// Hundredths of a second.
    pub(crate) hundredths: u8,
    /// Deviation where the clock states none.
    pub(crate) deviation: u16,
    /// Status octet; FF = never filled, otherwise the bits of the clock are added.
    pub(crate) status: u8,
}

impl TimeStyle {
    /// What most makers do: right weekday, no hundredths, deviation open, status filled.
    pub(crate) const USUAL: Self =
        Self { weekday: None, hundredths: 0xFF, deviation: 0x8000, status: 0x00 };

    /// The twelve octets.
    pub(crate) fn octets(self, stamp: &Stamp) -> [u8; 12] {
        let [year_high, year_low] = stamp.year.to_be_bytes();
        let deviation = stamp.offset.map_or(self.deviation, |east| (-east).cast_unsigned());
        let [dev_high, dev_low] = deviation.to_be_bytes();
        let bits = u8::from(stamp.daylight) << 7 | if stamp.invalid { 0x03 } else { 0 };
        [
            year_high,
            year_low,
            stamp.month,
            stamp.day,
            self.weekday.unwrap_or(stamp.weekday),
            stamp.hour,
            stamp.minute,
            stamp.second,
            self.hundredths,
            dev_high,
            dev_low,
            if self.status == 0xFF { 0xFF } else { self.status | bits },
        ]
    }
}

/// The time as a reader can say it: local fields, and the offset where it was stated.
pub(crate) fn stated(stamp: &Stamp) -> Option<DateTime> {
    let Stamp { year, month, day, hour, minute, second, .. } = *stamp;
    let time = DateTime::new(year, month, day, hour, minute, second)?;
    Some(stamp.offset.map_or(time, |east| time.with_offset(east)))
}
