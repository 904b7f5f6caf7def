//! Pieces that text telegrams of several markets share.

use std::fmt::Write as _;

use hanport_core::datetime::DateTime;
use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::sheet::{Form, Sheet, code_text, stated};
use super::view::View;
use crate::clock::Stamp;

pub(super) const KILOWATT: Form = Form::new(2, 3, "kW");
pub(super) const KILOWATT_HOUR: Form = Form::new(6, 3, "kWh");
pub(super) const VOLT: Form = Form::new(3, 0, "V");
pub(super) const AMPERE: Form = Form::new(3, 0, "A");
pub(super) const COUNT: Form = Form::new(5, 0, "");

/// Identification line and the empty line behind it.
pub(super) fn ident(sheet: &mut Sheet, text: &str) {
    sheet.line(text);
    sheet.line("");
}

/// `YYMMDDhhmmss` and S in summer, W in winter.
pub(super) fn tst(stamp: &Stamp) -> String {
    let Stamp { year, month, day, hour, minute, second, daylight, .. } = stamp;
    let season = if *daylight { 'S' } else { 'W' };
    let year = year % 100;
    format!("{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}{season}")
}

/// The same as a reader can say it: the letter stands for an offset, where the market has one.
pub(super) fn tst_stated(stamp: &Stamp) -> Option<DateTime> {
    stated(stamp).map(|time| time.with_offset(if stamp.daylight { 120 } else { 60 }))
}

/// The time line.
pub(super) fn time_line(view: &View<'_>, sheet: &mut Sheet) {
    sheet.line(&format!("0-0:1.0.0({})", tst(&view.now)));
    sheet.truth.time = tst_stated(&view.now);
}

/// A text printed as hexadecimal digits.
pub(super) fn hex(text: &str) -> String {
    text.bytes().fold(String::new(), |mut digits, octet| {
        let _ = write!(digits, "{octet:02X}");
        digits
    })
}

/// A line with a hexadecimal text that is not the meter number.
pub(super) fn hex_line(sheet: &mut Sheet, obis: Obis, text: &str) {
    sheet.line(&format!("{}({})", code_text(obis), hex(text)));
    sheet.truth.texts.push((obis, text.to_owned()));
}

/// The line of the meter number in hexadecimal.
pub(super) fn id_line(view: &View<'_>, sheet: &mut Sheet, obis: Obis) {
    sheet.line(&format!("{}({})", code_text(obis), hex(view.meter_id)));
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
}

/// Lines of one form.
pub(super) fn lines(
    sheet: &mut Sheet,
    values: impl IntoIterator<Item = (Obis, Number)>,
    form: Form,
) {
    for (obis, number) in values {
        sheet.put_line(obis, number, form);
    }
}

/// A text message of as many octets as the fault asks for.
pub(super) fn message_line(view: &View<'_>, sheet: &mut Sheet) {
    let text =
        if view.quirks.huge_text { "MAINTENANCE TONIGHT. ".repeat(49) } else { String::new() };
    let text: String = text.chars().take(1024).collect();
    sheet.line(&format!("0-0:96.13.0({})", hex(&text)));
    if !text.is_empty() {
        sheet.truth.texts.push((Obis::general(96, 13, 0), text));
    }
}

/// Lines that a fault plan asks for: codes nobody knows, a line that is none.
pub(super) fn odd_lines(view: &View<'_>, sheet: &mut Sheet) {
    if view.quirks.unknown_codes {
        sheet.line("0-0:99.98.77(00042)");
        sheet.line("1-0:250.99.3(0001.5*zz)");
    }
    if view.quirks.broken_line {
        sheet.line("1-0:4:24.7.0(0000.000*kW");
    }
}
