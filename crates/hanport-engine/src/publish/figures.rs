//! What a format takes from a view: the values of the newest message, or all that are fresh.

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};

use super::octets;
use crate::energy::Register;
use crate::list_type::ListType;
use crate::state::Origin;
use crate::time::UtcMillis;
use crate::view::View;

/// The phases in order.
pub const PHASES: [Phase; 3] = [Phase::L1, Phase::L2, Phase::L3];

/// Values for one message to the broker.
#[derive(Clone, Copy, Debug)]
pub struct Figures<'a> {
    view: &'a View,
    /// Only values that arrived then.
    only: Option<UtcMillis>,
    /// How much the message says.
    pub list: ListType,
}

impl<'a> Figures<'a> {
    /// What the newest message carried, and what follows from it by arithmetic.
    pub const fn of_message(view: &'a View, list: ListType) -> Self {
        Self { view, only: Some(view.now), list }
    }

    /// Everything that is fresh.
    pub const fn held(view: &'a View, list: ListType) -> Self {
        Self { view, only: None, list }
    }

    /// The view.
    pub const fn view(&self) -> &'a View {
        self.view
    }

    /// A value in base units. What rests on an assumption is not here: existing readers do not
    /// estimate.
    pub fn number(&self, quantity: Quantity) -> Option<Number> {
        let value = self.view.value(quantity)?;
        let came = self.only.is_none_or(|at| value.received == at);
        (came && value.origin != Origin::Estimated).then_some(value.number)
    }

    /// A value over all phases.
    pub fn total(&self, measure: Measure) -> Option<Number> {
        self.number(Quantity::total(measure))
    }

    /// A value of a phase.
    pub fn of_phase(&self, measure: Measure, phase: Phase) -> Option<Number> {
        self.number(Quantity::of_phase(measure, phase))
    }

    /// A counter of a tariff, in kWh.
    pub fn of_tariff(&self, measure: Measure, tariff: u8) -> Option<Number> {
        self.number(Quantity { measure, phase: Phase::All, tariff }).map(kilo)
    }

    /// A counter in kWh or kvarh: as this message states it, else as it would read now.
    pub fn counter(&self, register: Register) -> Option<Number> {
        let running = self.view.running.of(register).as_ref();
        let stated = self.only.and_then(|at| {
            let official = running.map(crate::energy::Running::official)?;
            (official.received == at).then(|| Number::new(official.value.mwh, -3))
        });
        stated
            .or_else(|| self.only.and_then(|_| self.total(register.energy())))
            .or_else(|| running.map(|running| Number::new(running.mwh(), -3)))
            .or_else(|| self.total(register.energy()))
            .map(kilo)
    }

    /// Whether this message itself states a counter.
    pub fn states_counters(&self) -> bool {
        Register::ALL.iter().any(|register| {
            let measure = register.energy();
            let stated = self.view.values.iter().any(|value| {
                value.quantity.measure == measure
                    && value.quantity.phase == Phase::All
                    && value.received == self.view.now
            });
            stated || self.official_at(*register).is_some()
        })
    }

    fn official_at(&self, register: Register) -> Option<UtcMillis> {
        let official = self.view.running.of(register).as_ref()?.official();
        (official.received == self.view.now).then_some(official.at)
    }

    /// The meter's clock: the instant that its registers stand for, where this message told it.
    pub fn meter_clock(&self) -> Option<UtcMillis> {
        let register = Register::ALL.iter().find_map(|register| self.official_at(*register));
        let at = register.or_else(|| {
            let running = self.view.running.active_import.as_ref();
            running.filter(|_| self.only.is_none()).map(|running| running.official().at)
        });
        at.filter(|at| at.is_sane())
    }

    /// The meter's number, else the name under which it ciphers.
    pub fn meter_id(&self) -> String {
        meter_id(self.view).unwrap_or_default()
    }
}

/// The meter's number, else the name under which it ciphers: capitals in hexadecimal unless it is
/// text.
pub fn meter_id(view: &View) -> Option<String> {
    let identity = &view.identity;
    if let Some(number) = &identity.number {
        return Some(number.trim().to_owned());
    }
    let title = identity.system_title?;
    if title.iter().all(u8::is_ascii_graphic) {
        return Some(title.iter().map(|octet| char::from(*octet)).collect());
    }
    Some(octets::capitals(&title))
}

/// Thousandths of it: Wh to kWh.
pub const fn kilo(number: Number) -> Number {
    number.shifted(-3)
}
