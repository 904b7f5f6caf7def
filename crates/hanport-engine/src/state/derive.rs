//! Values that follow from those of a message. Derived is what arithmetic gives; estimated what
//! also needs an assumption. A value that the meter states is never replaced.

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};

use super::live::Origin;
use super::net::{self, Net};

const PHASES: [Phase; 3] = [Phase::L1, Phase::L2, Phase::L3];

/// The values of one message behind the transformers, by quantity.
#[derive(Clone, Copy, Debug)]
pub struct Values<'a>(pub &'a [(Quantity, Number)]);

impl Values<'_> {
    /// Thousandths of the base unit; `None` when the message does not carry it.
    pub fn milli(&self, quantity: Quantity) -> Option<i64> {
        let (_, number) = self.0.iter().find(|(of, _)| *of == quantity)?;
        number.in_units_of(-3)
    }

    fn total(&self, measure: Measure) -> Option<i64> {
        self.milli(Quantity::total(measure))
    }

    fn phases(&self, measure: Measure) -> [Option<i64>; 3] {
        PHASES.map(|phase| self.milli(Quantity::of_phase(measure, phase)))
    }

    /// Import minus export in milliwatts, as far as this message tells. While power is
    /// imported, nothing is exported, so import alone tells it when it is not zero.
    pub fn net_mw(&self) -> Option<i64> {
        if let Some(net) = self.total(Measure::ActiveNet) {
            return Some(net);
        }
        match (self.total(Measure::ActiveImport), self.total(Measure::ActiveExport)) {
            (Some(import), Some(export)) => Some(import.saturating_sub(export)),
            (Some(import), None) if import > 0 => Some(import),
            (None, Some(export)) if export > 0 => Some(-export),
            _ => None,
        }
    }

    /// Reactive import minus export in millivars.
    pub fn reactive_mvar(&self) -> Option<i64> {
        let import = self.total(Measure::ReactiveImport);
        let export = self.total(Measure::ReactiveExport);
        if import.is_none() && export.is_none() {
            return None;
        }
        Some(import.unwrap_or(0).saturating_sub(export.unwrap_or(0)))
    }

    /// The three voltages and currents, where all are there.
    pub fn three_phases(&self) -> Option<([i64; 3], [i64; 3])> {
        match (self.phases(Measure::Voltage), self.phases(Measure::Current)) {
            ([Some(u1), Some(u2), Some(u3)], [Some(i1), Some(i2), Some(i3)]) => {
                Some(([u1, u2, u3], [i1, i2, i3]))
            }
            _ => None,
        }
    }
}

/// A value that follows.
pub type Follows = (Quantity, Number, Origin);

/// What follows from `values` in a distribution system; `None` where that is not known.
/// `estimate_current` allows the current of L2 between three wires.
pub fn derive(
    values: Values<'_>,
    net: Option<Net>,
    estimate_current: bool,
    out: &mut Vec<Follows>,
) {
    powers(values, out);
    if net == Some(Net::Delta230) {
        three_wires(values, estimate_current, out);
        apparent_total(values, None, out);
    } else {
        let star = phases(values, net, out);
        apparent_total(values, star, out);
    }
}

fn powers(values: Values<'_>, out: &mut Vec<Follows>) {
    use Measure::{ActiveExport, ActiveImport, ActiveNet};
    let Some(net) = values.net_mw() else { return };
    let mut put = |measure, milli: i64| {
        if values.total(measure).is_none() {
            let number = Number::new(rounded(milli, 1000), 0);
            out.push((Quantity::total(measure), number, Origin::Derived));
        }
    };
    put(ActiveNet, net);
    if values.total(ActiveNet).is_some() {
        put(ActiveImport, net.max(0));
        put(ActiveExport, (-net).max(0));
    }
}

/// Voltage and current of L2 where a meter between three wires leaves them out.
fn three_wires(values: Values<'_>, estimate_current: bool, out: &mut Vec<Follows>) {
    let [Some(u1), u2, Some(u3)] = values.phases(Measure::Voltage) else { return };
    let currents = values.phases(Measure::Current);
    let [Some(i1), i2, Some(i3)] = currents else { return };
    if u1 <= 0 || u3 <= 0 {
        return;
    }
    let u2 = match u2 {
        Some(u2) if u2 > 0 => u2,
        Some(_) | None => {
            let u2 = net::missing_voltage(u1, u3);
            let quantity = Quantity::of_phase(Measure::Voltage, Phase::L2);
            out.push((quantity, Number::new(rounded(u2, 100), -1), Origin::Derived));
            u2
        }
    };
    if i2.is_some() || !estimate_current {
        return;
    }
    if let Some(net_mw) = values.net_mw()
        && let Some(i2) = net::missing_current(net_mw, [u1, u2, u3], [i1, i3])
    {
        let quantity = Quantity::of_phase(Measure::Current, Phase::L2);
        out.push((quantity, Number::new(rounded(i2, 10), -2), Origin::Estimated));
    }
}

/// Apparent and active power of each phase against the neutral, where the meter leaves them out.
/// Returns the sum of the apparent powers in thousandths.
fn phases(values: Values<'_>, net: Option<Net>, out: &mut Vec<Follows>) -> Option<i64> {
    let voltages = values.phases(Measure::Voltage);
    let currents = values.phases(Measure::Current);
    let one_phase = voltages.iter().skip(1).all(Option::is_none);
    if net.is_none() && !one_phase {
        return None;
    }
    let mut apparent: Vec<(Phase, i64)> = Vec::with_capacity(3);
    for ((phase, u), i) in PHASES.into_iter().zip(voltages).zip(currents) {
        if let (Some(u), Some(i)) = (u, i) {
            let mva = i128::from(u.max(0)) * i128::from(i) / 1000;
            apparent.push((phase, i64::try_from(mva).unwrap_or(0)));
        }
    }
    let sum: i64 = apparent.iter().map(|(_, mva)| mva.abs()).sum();
    let signed = apparent.iter().any(|(_, mva)| *mva < 0);
    let total = values.net_mw();
    for &(phase, mva) in &apparent {
        let import = Quantity::of_phase(Measure::ActiveImport, phase);
        let export = Quantity::of_phase(Measure::ActiveExport, phase);
        let stated = match (values.milli(import), values.milli(export)) {
            (None, None) => None,
            (import, export) => Some(import.unwrap_or(0) - export.unwrap_or(0)),
        };
        // a signed current tells the direction; else all phases go the way of the total
        let active = stated.or_else(|| {
            let total = total?;
            let share = i128::from(total.abs()) * i128::from(mva.abs()) / i128::from(sum.max(1));
            let share = i64::try_from(share).ok()?;
            Some(if signed { share * mva.signum() } else { share * total.signum() })
        });
        let direction = active.unwrap_or(mva);
        apparent_power(values, Some(phase), mva, direction, out);
        if let (None, Some(active)) = (stated, active) {
            let watts = |milli: i64| Number::new(rounded(milli, 1000), 0);
            out.push((import, watts(active.max(0)), Origin::Estimated));
            out.push((export, watts((-active).max(0)), Origin::Estimated));
        }
    }
    (!apparent.is_empty()).then_some(sum)
}

/// The apparent power of all phases: from active and reactive power, else the sum over phases.
fn apparent_total(values: Values<'_>, sum: Option<i64>, out: &mut Vec<Follows>) {
    let net = values.net_mw();
    let from_powers = net.zip(values.reactive_mvar()).and_then(|(p, q)| {
        let (p, q) = (i128::from(p), i128::from(q));
        i64::try_from((p * p + q * q).isqrt()).ok()
    });
    if let Some(mva) = from_powers.or(sum) {
        apparent_power(values, None, mva, net.unwrap_or(mva), out);
    }
}

fn apparent_power(
    values: Values<'_>,
    phase: Option<Phase>,
    mva: i64,
    direction: i64,
    out: &mut Vec<Follows>,
) {
    let of = |measure| Quantity::of_phase(measure, phase.unwrap_or(Phase::All));
    let (import, export) = (of(Measure::ApparentImport), of(Measure::ApparentExport));
    if values.milli(import).is_none() && values.milli(export).is_none() {
        let quantity = if direction < 0 { export } else { import };
        out.push((quantity, Number::new(rounded(mva.abs(), 1000), 0), Origin::Derived));
    }
}

/// Divided and rounded half away from zero.
const fn rounded(amount: i64, by: i64) -> i64 {
    let half = if amount < 0 { -(by / 2) } else { by / 2 };
    amount.saturating_add(half) / by
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[(&str, i64)], net: Option<Net>) -> Vec<String> {
        let values: Vec<_> = values
            .iter()
            .map(|&(code, milli)| {
                let obis = hanport_core::obis::Obis::from_text(code.as_bytes()).unwrap();
                (Quantity::from_obis(obis).unwrap(), Number::new(milli, -3))
            })
            .collect();
        let mut out = Vec::new();
        derive(Values(&values), net, true, &mut out);
        out.iter().map(|(q, n, o)| format!("{q} {n} {}", o.name())).collect()
    }

    #[test]
    fn import_and_export_make_net_and_the_other_way_round() {
        let both = of(&[("1-0:1.7.0", 500_000), ("1-0:2.7.0", 200_000)], None);
        assert_eq!(both, ["active_net_w 300 derived"]);
        let net = of(&[("1-0:16.7.0", -700_000)], None);
        assert_eq!(net, ["active_import_w 0 derived", "active_export_w 700 derived"]);
        assert_eq!(of(&[("1-0:1.7.0", 0)], None), [""; 0]);
        assert_eq!(of(&[("1-0:1.7.0", 9000)], None), ["active_net_w 9 derived"]);
    }

    #[test]
    fn phases_of_a_star_share_the_power_and_say_that_it_is_estimated() {
        let values = [
            ("1-0:1.7.0", 2_300_000),
            ("1-0:32.7.0", 230_000),
            ("1-0:52.7.0", 230_000),
            ("1-0:31.7.0", 2500),
            ("1-0:51.7.0", 7500),
        ];
        let star = of(&values, Some(Net::Star400));
        assert_eq!(
            star,
            [
                "active_net_w 2300 derived",
                "apparent_import_l1_va 575 derived",
                "active_import_l1_w 575 estimated",
                "active_export_l1_w 0 estimated",
                "apparent_import_l2_va 1725 derived",
                "active_import_l2_w 1725 estimated",
                "active_export_l2_w 0 estimated",
                "apparent_import_va 2300 derived",
            ]
        );
        assert_eq!(of(&values, None), ["active_net_w 2300 derived"]);
    }

    #[test]
    fn a_negative_current_exports() {
        let values = [("1-0:16.7.0", -230_000), ("1-0:32.7.0", 230_000), ("1-0:31.7.0", -1000)];
        assert_eq!(
            of(&values, None)[2..],
            [
                "apparent_export_l1_va 230 derived",
                "active_import_l1_w 0 estimated",
                "active_export_l1_w 230 estimated",
                "apparent_export_va 230 derived",
            ]
        );
    }

    #[test]
    fn three_wires_give_the_middle_phase() {
        let values = [
            ("1-0:1.7.0", 3_000_000),
            ("1-0:32.7.0", 230_000),
            ("1-0:52.7.0", 0),
            ("1-0:72.7.0", 232_000),
            ("1-0:31.7.0", 7000),
            ("1-0:71.7.0", 8000),
            ("1-0:3.7.0", 0),
        ];
        assert_eq!(
            of(&values, Some(Net::Delta230)),
            [
                "active_net_w 3000 derived",
                "voltage_l2_v 231.0 derived",
                "current_l2_a 7.49 estimated",
                "apparent_import_va 3000 derived",
            ]
        );
    }
}
