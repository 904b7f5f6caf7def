//! The four total registers of a message. Meters that count by tariff only (Dutch ones) have no
//! total: there it is the sum of the tariffs, all of them or none.

use hanport_core::quantity::{Phase, Quantity};
use serde::{Deserialize, Serialize};

use super::derive::Values;
use crate::energy::{PerRegister, Register, RegisterValue};

/// Tariffs looked for.
const TARIFFS: u8 = 16;

/// How a meter states its registers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    by_tariff: PerRegister<Option<u32>>,
    stated: PerRegister<bool>,
}

impl Totals {
    /// The total of a register in a message; `None` when it is not there, or not all of its
    /// tariffs are.
    pub fn of(&mut self, register: Register, values: Values<'_>) -> Option<RegisterValue> {
        let find = |tariff: u8| {
            let quantity = Quantity { measure: register.energy(), phase: Phase::All, tariff };
            let (_, number) = values.0.iter().find(|(of, _)| *of == quantity)?;
            RegisterValue::from_number(*number)
        };
        if let Some(total) = find(0) {
            *self.stated.of_mut(register) = true;
            return Some(total);
        }
        if *self.stated.of(register) {
            return None;
        }
        let mut sum: Option<RegisterValue> = None;
        let mut present = 0u32;
        for tariff in 1..=TARIFFS {
            let Some(value) = find(tariff) else { continue };
            present |= 1 << tariff;
            let before = sum.map_or(0, |sum| sum.mwh);
            let step_mwh = sum.map_or(0, |sum| sum.step_mwh).max(value.step_mwh);
            sum = Some(RegisterValue { mwh: before.checked_add(value.mwh)?, step_mwh });
        }
        let sum = sum?;
        let known = self.by_tariff.of_mut(register);
        // a message with fewer tariffs than one before does not carry the total
        if known.is_some_and(|known| present & known != known) {
            return None;
        }
        *known = Some(present);
        Some(sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hanport_core::number::Number;
    use hanport_core::obis::Obis;

    fn total(totals: &mut Totals, values: &[(&str, i64)]) -> Option<i64> {
        let values: Vec<_> = values
            .iter()
            .map(|&(code, wh)| {
                let obis = Obis::from_text(code.as_bytes()).unwrap();
                (Quantity::from_obis(obis).unwrap(), Number::new(wh, 0))
            })
            .collect();
        totals.of(Register::ActiveImport, Values(&values)).map(RegisterValue::wh)
    }

    #[test]
    fn tariffs_add_up_only_together() {
        let mut totals = Totals::default();
        assert_eq!(total(&mut totals, &[("1-0:1.8.1", 100), ("1-0:1.8.2", 50)]), Some(150));
        assert_eq!(total(&mut totals, &[("1-0:1.8.1", 101)]), None);
        assert_eq!(total(&mut totals, &[("1-0:1.8.1", 101), ("1-0:1.8.2", 50)]), Some(151));
    }

    #[test]
    fn a_meter_that_states_the_total_is_never_summed() {
        let mut totals = Totals::default();
        assert_eq!(total(&mut totals, &[("1-0:1.8.0", 900), ("1-0:1.8.1", 800)]), Some(900));
        assert_eq!(total(&mut totals, &[("1-0:1.8.1", 800), ("1-0:1.8.2", 101)]), None);
    }
}
