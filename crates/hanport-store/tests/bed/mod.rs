//! What the tests share: a clock that is set by hand, a folder, and a household whose meter goes
//! through the real books.
#![allow(dead_code, reason = "each test takes what it needs")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_engine::energy::Entry;
use hanport_engine::outside::{Clock, Record};
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Settings};
use hanport_engine::time::UtcMillis;
use hanport_store::{Options, Store};
use jiff::tz::TimeZone;
use tempfile::TempDir;

/// 2026-03-01T00:00:00Z.
pub(crate) const START: UtcMillis = UtcMillis::from_seconds(1_772_323_200);
pub(crate) const METER: &str = "house";

/// A clock that is set by hand.
#[derive(Debug)]
pub(crate) struct HandClock(AtomicI64);

impl HandClock {
    pub(crate) fn at(at: UtcMillis) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(at.0)))
    }

    pub(crate) fn set(&self, at: UtcMillis) {
        self.0.store(at.0, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now(&self) -> UtcMillis {
        UtcMillis(self.0.load(Ordering::SeqCst))
    }
}

/// A folder with a history in it.
pub(crate) struct Bed {
    pub(crate) folder: TempDir,
    pub(crate) clock: Arc<HandClock>,
    pub(crate) options: Options,
}

impl Bed {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder, clock: HandClock::at(START), options: Options::default() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("history.db")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(self.path(), self.options, self.clock.clone()).unwrap()
    }
}

/// Import in watts: a base, a daily swing and a heater that switches every few minutes.
pub(crate) fn watts(s: i64) -> i64 {
    let hour = s / 3600 % 24;
    let heater = if (s / 420) % 3 == 0 { 2000 } else { 0 };
    300 + hour * 40 + heater + noise(s, 1) % 60
}

/// Something that looks like chance and is the same every time.
pub(crate) fn noise(s: i64, salt: i64) -> i64 {
    let mut x = (s * 31 + salt).cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    i64::try_from(x >> 40).unwrap()
}

/// What the import register has counted in `s` seconds, in watt-seconds.
pub(crate) struct Household {
    meter: Meter,
    effects: Vec<Effect>,
    message: Message,
    counted_ws: i64,
    /// Seconds since [`START`].
    pub(crate) now_s: i64,
    pub(crate) step_s: i64,
    /// Thirty values instead of fifteen.
    pub(crate) wide: bool,
    minute: i64,
}

impl Household {
    /// A meter that sends everything every `step_s` seconds, going on from what is remembered.
    pub(crate) fn new(step_s: i64, memory: Memory) -> Self {
        Self {
            meter: Meter::new(Settings::default(), TimeZone::UTC, memory, START),
            effects: Vec::new(),
            message: Message::new(START),
            counted_ws: 0,
            now_s: 0,
            step_s,
            wide: false,
            minute: i64::MIN,
        }
    }

    /// Time passes without anybody listening.
    pub(crate) fn skip_to(&mut self, s: i64) {
        while self.now_s < s {
            self.counted_ws += watts(self.now_s) * self.step_s;
            self.now_s += self.step_s;
        }
    }

    /// The next message, and what it leaves.
    pub(crate) fn next(&mut self) -> Record {
        let watts = watts(self.now_s);
        let at = START.plus(self.now_s * 1000);
        self.message.received = at;
        self.message.values.clear();
        list(&mut self.message.values, self.now_s, watts, self.counted_ws);
        if self.wide {
            more(&mut self.message.values, self.now_s, watts, self.counted_ws);
        }
        self.effects.clear();
        self.meter.apply(&Input::Message(&self.message), &mut self.effects);
        let entries: Vec<Entry> = self
            .effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Ledger(entry) => Some(*entry),
                _ => None,
            })
            .collect();
        let minute = self.now_s / 60;
        let memory = (!entries.is_empty() || minute != self.minute)
            .then(|| Arc::new(self.meter.memory().clone()));
        self.minute = minute;
        self.counted_ws += watts * self.step_s;
        self.now_s += self.step_s;
        Record { received: at, at, values: self.message.values.clone(), entries, memory }
    }

    pub(crate) fn meter(&self) -> &Meter {
        &self.meter
    }
}

/// Fifteen values.
fn list(values: &mut Vec<(Quantity, Number)>, s: i64, watts: i64, counted_ws: i64) {
    for (measure, number) in [
        (Measure::ActiveImport, Number::new(watts, 0)),
        (Measure::ActiveExport, Number::new(0, 0)),
        (Measure::ReactiveImport, Number::new(0, 0)),
        (Measure::ReactiveExport, Number::new(watts / 9 + noise(s, 2) % 7, 0)),
        (Measure::ActiveImportEnergy, Number::new(50_000_000 + counted_ws / 3600, 0)),
        (Measure::ActiveExportEnergy, Number::new(0, 0)),
        (Measure::ReactiveImportEnergy, Number::new(1200, 0)),
        (Measure::ReactiveExportEnergy, Number::new(9_000_000 + counted_ws / 9 / 3600, 0)),
        (Measure::Frequency, Number::new(4998 + noise(s, 3) % 5, -2)),
    ] {
        values.push((Quantity::total(measure), number));
    }
    for (phase, salt) in [(Phase::L1, 10), (Phase::L2, 20), (Phase::L3, 30)] {
        let current = watts / 7 + noise(s, salt) % 10;
        values.push((Quantity::of_phase(Measure::Current, phase), Number::new(current, -2)));
        let voltage = 2301 + noise(s / 30, salt + 1) % 9 + noise(s, salt + 2) % 4;
        values.push((Quantity::of_phase(Measure::Voltage, phase), Number::new(voltage, -1)));
    }
}

/// Fifteen more.
fn more(values: &mut Vec<(Quantity, Number)>, s: i64, watts: i64, counted_ws: i64) {
    for (phase, salt) in [(Phase::L1, 40), (Phase::L2, 50), (Phase::L3, 60)] {
        for (measure, number) in [
            (Measure::ActiveImport, Number::new(watts / 3 + noise(s, salt) % 20, 0)),
            (Measure::ActiveExport, Number::new(0, 0)),
            (Measure::ReactiveExport, Number::new(watts / 27 + noise(s, salt + 1) % 5, 0)),
            (Measure::PowerFactor, Number::new(950 + noise(s, salt + 2) % 40, -3)),
        ] {
            values.push((Quantity::of_phase(measure, phase), number));
        }
    }
    for tariff in 1..=2 {
        let quantity = Quantity { measure: Measure::ActiveImportEnergy, phase: Phase::All, tariff };
        let counted = 25_000_000 + counted_ws / 3600 * i64::from(tariff - 1);
        values.push((quantity, Number::new(counted, 0)));
    }
    values.push((Quantity::total(Measure::ActiveNet), Number::new(watts, 0)));
}
