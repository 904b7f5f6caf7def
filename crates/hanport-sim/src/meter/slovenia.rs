//! Slovenian text port of the Iskraemeco AM550: no checksum, whole amperes, time and date apart.

use hanport_core::obis::Obis;

use super::sheet::{Form, Sheet, stated};
use super::telegram::{AMPERE, KILOWATT, KILOWATT_HOUR, ident, lines, odd_lines};
use super::view::View;
use super::{CrcForm, Personality, Transport, Uart, always_long};
use crate::clock::{Habit, Stamp};
use crate::house::Wiring;

pub(super) const ROWS: &[Personality] = &[Personality {
    name: "iskra-si-text",
    description: "Iskraemeco AM550 text port, Slovenia, no checksum",
    country: "SI",
    uart: Uart::seven(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 5000,
    grid_ms: 5000,
    habit: Habit::Civil,
    zone: "Europe/Ljubljana",
    meter_id: "96800091",
    security: None,
    transport: Transport::Text(CrcForm::Absent),
    due: always_long,
    compose,
}];

fn compose(view: &View<'_>, sheet: &mut Sheet) {
    ident(sheet, "/ISK9\\2M551T-200");
    sheet.truth.meter_model = Some("M551T-200".to_owned());
    sheet.line(&format!("0-0:96.1.0({})", view.meter_id));
    sheet.truth.meter_id = Some(view.meter_id.to_owned());
    sheet.line("0-0:97.97.0(00000000)");
    sheet.truth.texts.push((Obis::general(97, 97, 0), "00000000".to_owned()));
    let Stamp { year, month, day, hour, minute, second, .. } = view.now;
    sheet.line(&format!("1-0:0.9.1({hour:02}{minute:02}{second:02})"));
    sheet.line(&format!("1-0:0.9.2({:02}{month:02}{day:02})", year % 100));
    sheet.truth.time = stated(&view.now);
    for c in [1, 2] {
        lines(sheet, view.with_tariffs(0, c), KILOWATT_HOUR);
    }
    let [import, export, ..] = view.powers(0);
    lines(sheet, [import], KILOWATT);
    lines(sheet, view.phase_imports(), KILOWATT);
    lines(sheet, [export], KILOWATT);
    lines(sheet, view.phase_exports(), KILOWATT);
    lines(sheet, view.volts(0, -1), Form::new(5, 0, "V"));
    lines(sheet, view.amps(0, 0), AMPERE);
    odd_lines(view, sheet);
}
