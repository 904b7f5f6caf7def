//! Swedish and Finnish text telegrams, and the text ports of Danish meters.
//!
//! 27 lines every 10 s: time, four registers, four powers, and by phase powers, voltages,
//! currents; no meter number, no tariffs. Makers differ in the order of the phases, the spelling
//! of the reactive units, the season letter and the number of digits.

use hanport_core::number::Number;
use hanport_core::obis::Obis;

use super::p1::{energy_lines, power_lines};
use super::sheet::{Form, Sheet, stated};
use super::telegram::{ident, lines, odd_lines, time_line};
use super::view::{View, instant};
use super::{CrcForm, Personality, Transport, Uart, always_long};
use crate::clock::{Habit, Stamp};
use crate::house::Wiring;
use crate::milli::Milli;

const KAMSTRUP: Personality = Personality {
    name: "kamstrup-se-text",
    description: "Kamstrup OMNIA text port, season letter follows civil time",
    country: "SE",
    uart: Uart::plain(115_200).inverted(),
    wiring: Wiring::FourWire,
    interval_ms: 10_000,
    grid_ms: 10_000,
    habit: Habit::Civil,
    zone: "Europe/Stockholm",
    meter_id: "",
    security: None,
    transport: Transport::Text(CrcForm::Normal),
    due: always_long,
    compose: |view, sheet| telegram(view, sheet, &BY_QUANTITY),
};

pub(super) const ROWS: &[Personality] = &[
    KAMSTRUP,
    Personality {
        name: "aidon-se-text",
        description: "Aidon 6534 text port, standard time all year",
        habit: Habit::StandardFixed,
        compose: |view, sheet| telegram(view, sheet, &BY_PHASE),
        ..KAMSTRUP
    },
    Personality {
        name: "aidon-fi-text",
        description: "Aidon 6534 in Finland, standard time all year",
        country: "FI",
        habit: Habit::StandardFixed,
        zone: "Europe/Helsinki",
        compose: |view, sheet| telegram(view, sheet, &BY_PHASE),
        ..KAMSTRUP
    },
    Personality {
        name: "lg-se-text",
        description: "Landis+Gyr E360 text port, standard time all year",
        habit: Habit::StandardFixed,
        compose: |view, sheet| telegram(view, sheet, &LANDIS_GYR),
        ..KAMSTRUP
    },
    Personality {
        name: "sagemcom-se-text",
        description: "Sagemcom S211 text port (Ellevio), standard time all year",
        habit: Habit::StandardFixed,
        compose: |view, sheet| telegram(view, sheet, &SAGEMCOM),
        ..KAMSTRUP
    },
    Personality {
        name: "nes-dk-text",
        description: "NES text port, Denmark, time without season letter",
        country: "DK",
        zone: "Europe/Copenhagen",
        compose: |view, sheet| telegram(view, sheet, &NES),
        ..KAMSTRUP
    },
];

/// What distinguishes a maker's telegram.
struct Dialect {
    ident: &'static str,
    /// Type designation in it.
    model: Option<&'static str>,
    /// Powers of all phases by quantity, or all quantities of a phase together.
    by_phase: bool,
    active_energy: Form,
    reactive_energy: Form,
    active: Form,
    reactive: Form,
    /// `YYYYMMDD hh:mm:ss` instead of the usual stamp.
    long_time: bool,
}

const BY_QUANTITY: Dialect = Dialect {
    ident: "/KAM5",
    model: None,
    by_phase: false,
    active_energy: Form::new(8, 3, "kWh"),
    reactive_energy: Form::new(8, 3, "kvarh"),
    active: Form::new(4, 3, "kW"),
    reactive: Form::new(4, 3, "kvar"),
    long_time: false,
};
const BY_PHASE: Dialect = Dialect {
    ident: "/ADN9 6534",
    model: Some("6534"),
    by_phase: true,
    reactive_energy: Form::new(8, 3, "kVArh"),
    reactive: Form::new(4, 3, "kVAr"),
    ..BY_QUANTITY
};
const LANDIS_GYR: Dialect = Dialect { ident: "/LGF5E360", model: Some("E360"), ..BY_PHASE };
const SAGEMCOM: Dialect = Dialect { ident: "/ELL5\\253833635_A", ..BY_QUANTITY };
const NES: Dialect = Dialect {
    ident: "/NES5:83335-3E",
    model: Some("83335-3E"),
    active_energy: Form::new(5, 3, "kWh"),
    reactive_energy: Form::new(5, 3, "kvarh"),
    long_time: true,
    ..BY_QUANTITY
};

fn telegram(view: &View<'_>, sheet: &mut Sheet, dialect: &Dialect) {
    ident(sheet, dialect.ident);
    sheet.truth.meter_model = dialect.model.map(str::to_owned);
    if dialect.long_time {
        let Stamp { year, month, day, hour, minute, second, .. } = view.now;
        sheet.line(&format!(
            "0-0:1.0.0({year:04}{month:02}{day:02} {hour:02}:{minute:02}:{second:02})"
        ));
        sheet.truth.time = stated(&view.now);
    } else {
        time_line(view, sheet);
    }
    energy_lines(view, sheet, dialect.active_energy, dialect.reactive_energy);
    power_lines(view, sheet, dialect.active, dialect.reactive);
    phase_lines(view, sheet, dialect);
    lines(sheet, view.volts(0, -1), Form::new(3, 0, "V"));
    lines(sheet, view.amps(0, -1), Form::new(3, 0, "A"));
    odd_lines(view, sheet);
}

fn phase_lines(view: &View<'_>, sheet: &mut Sheet, dialect: &Dialect) {
    let (watts, vars) = (view.sample.watts, view.sample.vars);
    let quantities = [
        (21, watts.map(Milli::import), dialect.active),
        (22, watts.map(Milli::export), dialect.active),
        (23, vars.map(Milli::import), dialect.reactive),
        (24, vars.map(Milli::export), dialect.reactive),
    ];
    let mut all: Vec<(Obis, Number, Form)> = Vec::new();
    for (c, values, form) in quantities {
        for (value, c) in values.into_iter().zip([c, c + 20, c + 40]) {
            all.push((instant(0, c), Number::new(value.rounded(0), 0), form));
        }
    }
    if dialect.by_phase {
        // Active powers phase by phase, then the reactive ones.
        all.sort_by_key(|(obis, _, _)| {
            let c = obis.cde().0 - 20;
            let (phase, quantity) = (c / 20, c % 20);
            (quantity > 2, phase, quantity)
        });
    }
    for (obis, number, form) in all {
        sheet.put_line(obis, number, form);
    }
}
