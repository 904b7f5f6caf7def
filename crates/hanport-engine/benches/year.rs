//! A simulated year of one meter through live state and ledger, timed.
//!
//! Two meters: one that sends everything every ten seconds, and a Norwegian one that sends power
//! every two and a half seconds, the long list every ten, and registers once an hour. Run with
//! `cargo bench -p hanport-engine --bench year`; a number as argument is the count of days.
#![allow(clippy::print_stdout, reason = "it prints the figures")]

use std::time::Instant;

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_engine::energy::{Entry, Register, Standing};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::UtcMillis;
use jiff::tz::TimeZone;

/// 2026-01-01T00:00:00Z.
const START: UtcMillis = UtcMillis::from_seconds(1_767_225_600);

fn main() {
    let days = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(365);
    everything_every_ten_seconds(days);
    norwegian(days);
}

/// Import in watts: a base, a daily swing and a heater that switches every few minutes.
fn watts(s: i64) -> i64 {
    let hour = s / 3600 % 24;
    let heater = if (s / 420) % 3 == 0 { 2000 } else { 0 };
    300 + hour * 40 + heater + s % 17
}

struct Run {
    meter: Meter,
    effects: Vec<Effect>,
    counted_ws: i64,
    settled_wh: i64,
    messages: u64,
    told: u64,
}

impl Run {
    fn new() -> Self {
        let zone = TimeZone::get("Europe/Oslo").unwrap_or(TimeZone::UTC);
        Self {
            meter: Meter::new(Settings::default(), zone, Memory::default(), START),
            effects: Vec::new(),
            counted_ws: 0,
            settled_wh: 0,
            messages: 0,
            told: 0,
        }
    }

    fn take(&mut self, message: &Message) {
        self.meter.apply(&Input::Message(message), &mut self.effects);
        self.messages += 1;
        for effect in self.effects.drain(..) {
            self.told += 1;
            if let Effect::Ledger(Entry::Interval(interval)) = effect
                && interval.standing == Standing::Settled
                && interval.register == Register::ActiveImport
            {
                self.settled_wh += interval.wh;
            }
        }
    }

    fn report(&self, name: &str, started: Instant) {
        let elapsed = started.elapsed();
        let each = elapsed.as_nanos() / u128::from(self.messages.max(1));
        println!(
            "{name}: {} messages, {} effects, {elapsed:.2?}, {each} ns a message, {} of {} Wh settled",
            self.messages,
            self.told,
            self.settled_wh,
            self.counted_ws / 3600,
        );
    }
}

fn list(message: &mut Message, watts: i64) {
    let measures = [
        (Quantity::total(Measure::ActiveImport), Number::new(watts, 0)),
        (Quantity::total(Measure::ActiveExport), Number::new(0, 0)),
        (Quantity::total(Measure::ReactiveImport), Number::new(0, 0)),
        (Quantity::total(Measure::ReactiveExport), Number::new(watts / 9, 0)),
    ];
    message.values.extend(measures);
    for phase in [Phase::L1, Phase::L2, Phase::L3] {
        let current = Number::new(watts / 69, -1);
        message.values.push((Quantity::of_phase(Measure::Current, phase), current));
        let voltage = Number::new(2301, -1);
        message.values.push((Quantity::of_phase(Measure::Voltage, phase), voltage));
    }
}

fn registers(message: &mut Message, import_ws: i64, step: i64, exponent: i8) {
    let import = Number::new(50_000_000 / step + import_ws / 3600 / step, exponent);
    let reactive = Number::new(9_000_000 / step + import_ws / 9 / 3600 / step, exponent);
    for (measure, number) in [
        (Measure::ActiveImportEnergy, import),
        (Measure::ActiveExportEnergy, Number::new(0, exponent)),
        (Measure::ReactiveImportEnergy, Number::new(0, exponent)),
        (Measure::ReactiveExportEnergy, reactive),
    ] {
        message.values.push((Quantity::total(measure), number));
    }
}

fn everything_every_ten_seconds(days: i64) {
    let mut run = Run::new();
    let mut message = Message::new(START);
    let started = Instant::now();
    for s in (0..days * 86_400).step_by(10) {
        let watts = watts(s);
        message.values.clear();
        message.received = START.plus(s * 1000);
        list(&mut message, watts);
        registers(&mut message, run.counted_ws, 1, 0);
        run.take(&message);
        run.counted_ws += watts * 10;
    }
    run.report("everything every 10 s", started);
}

fn norwegian(days: i64) {
    let mut run = Run::new();
    let mut message = Message::new(START);
    let mut at_the_hour = 0;
    let started = Instant::now();
    for tick in 0..days * 86_400 * 2 / 5 {
        let ms = tick * 2500;
        let watts = watts(ms / 1000);
        message.values.clear();
        message.received = START.plus(ms);
        if ms % 3_600_000 == 0 {
            at_the_hour = run.counted_ws;
        }
        if ms % 10_000 == 0 {
            list(&mut message, watts);
        } else {
            message.values.push((Quantity::total(Measure::ActiveImport), Number::new(watts, 0)));
        }
        if ms % 3_600_000 == 10_000 {
            registers(&mut message, at_the_hour, 10, 1);
        }
        run.take(&message);
        run.counted_ws += watts * 5 / 2;
    }
    run.report("Norwegian, 2.5 s and hourly", started);
}
