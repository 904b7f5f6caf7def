//! Lists without codes: what an element means is known by its place.
//!
//! A [`Row`] describes one list of one family, element by element. It fits a list with the same
//! number of elements and the same type tags; where two lists agree in those, the kinds ask for
//! a little more (a date and time that exists). Nothing else of the content is looked at.

use super::list::List;
use crate::cosem::axdr::{Cursor, Element};
use crate::datetime::DateTime;
use crate::fault::Broken;
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::{Measure, Phase, Quantity};
use crate::reading::{Item, Span, Value};
use crate::unit::Unit;

/// What type an element has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An array of one number of 16 bits.
    ArrayOfOne,
    Boolean,
    /// An octet string with a date and time that exists.
    Clock,
    /// A number of 32 or 64 bits, signed or not.
    Counter,
    Enum,
    /// An octet string or a visible string.
    Octets,
    /// An octet string with the code of a push setup.
    PushCode,
    U8,
    U16,
    U32,
}

/// What an element means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// An angle in degrees; beyond a full turn there is none.
    Angle(Obis),
    Clock,
    Date,
    /// The logical device name.
    DeviceName,
    /// The limit of a phase in 0.01 A, in an array of one.
    Fuse(Phase),
    ListId,
    MeterId,
    Model,
    Nothing,
    Number {
        obis: Obis,
        quantity: Option<Quantity>,
        exponent: i8,
        unit: Unit,
    },
    Text(Obis),
    TimeOfDay,
}

/// One element of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    kind: Kind,
    role: Role,
}

impl Slot {
    pub(super) const fn new(kind: Kind, role: Role) -> Self {
        Self { kind, role }
    }
}

/// One list of one family.
#[derive(Debug)]
pub(super) struct Row {
    /// For people.
    pub(super) layout: &'static str,
    /// The maker, where only one sends this list.
    pub(super) maker: Option<Manufacturer>,
    /// Its elements.
    pub(super) slots: &'static [Slot],
}

/// A number under a code.
pub(super) const fn number(kind: Kind, obis: Obis, exponent: i8, unit: Unit) -> Slot {
    let quantity = Quantity::from_obis(obis);
    Slot::new(kind, Role::Number { obis, quantity, exponent, unit })
}

/// Power, active (1, 2) or reactive (3, 4), in 32 bits of 1 W or var.
pub(super) const fn power(c: u8) -> Slot {
    let unit = if c <= 2 { Unit::Watt } else { Unit::Var };
    number(Kind::U32, Obis::electricity(c, 7, 0), 0, unit)
}

/// Active power of a phase in 32 bits of 1 W.
pub(super) const fn phase_power(c: u8) -> Slot {
    number(Kind::U32, Obis::electricity(c, 7, 0), 0, Unit::Watt)
}

/// An energy register of a tariff, active (1, 2) or reactive, in 32 or 64 bits of 1 Wh or varh.
pub(super) const fn tariff(c: u8, e: u8) -> Slot {
    let unit = if c <= 2 { Unit::WattHour } else { Unit::VarHour };
    number(Kind::Counter, Obis::electricity(c, 8, e), 0, unit)
}

/// An energy register over all tariffs.
pub(super) const fn energy(c: u8, e: u8) -> Slot {
    tariff(c, e)
}

/// A voltage.
pub(super) const fn volts(c: u8, kind: Kind, exponent: i8) -> Slot {
    number(kind, Obis::electricity(c, 7, 0), exponent, Unit::Volt)
}

/// A current.
pub(super) const fn amperes(c: u8, kind: Kind, exponent: i8) -> Slot {
    number(kind, Obis::electricity(c, 7, 0), exponent, Unit::Ampere)
}

impl Kind {
    /// What is left of `rest` behind an element of this kind; `None` when another stands there.
    fn pass(self, rest: &[u8]) -> Option<&[u8]> {
        match self {
            Self::U32 => Self::fixed(&[0x06], 4, rest),
            Self::Counter => {
                Self::fixed(&[0x06, 0x05], 4, rest).or_else(|| Self::fixed(&[0x15, 0x14], 8, rest))
            }
            Self::U16 => Self::fixed(&[0x12], 2, rest),
            Self::U8 => Self::fixed(&[0x11], 1, rest),
            Self::Boolean => Self::fixed(&[0x03], 1, rest),
            Self::Enum => Self::fixed(&[0x16], 1, rest),
            Self::PushCode => match rest {
                [0x09, 6, 0, _, 25, 9, 0, 0xFF, rest @ ..] => Some(rest),
                _ => None,
            },
            Self::Octets => match rest {
                [0x09 | 0x0A, len @ 0..=0x7F, rest @ ..] => rest.get(usize::from(*len)..),
                _ => None,
            },
            Self::Clock => match rest {
                [0x09, 12, rest @ ..] => {
                    let (time, rest) = rest.split_first_chunk()?;
                    DateTime::from_cosem(time).map(|_| rest)
                }
                _ => None,
            },
            Self::ArrayOfOne => match rest {
                [0x01, 1, rest @ ..] => Self::U16.pass(rest),
                _ => None,
            },
        }
    }

    /// What is left behind an element with one of the tags and so many octets.
    #[inline]
    fn fixed<'a>(tags: &[u8], len: usize, rest: &'a [u8]) -> Option<&'a [u8]> {
        let (tag, rest) = rest.split_first()?;
        if tags.contains(tag) { rest.get(len..) } else { None }
    }
}

impl Row {
    /// Whether the list whose elements these are is this one; the number of elements was
    /// compared before.
    pub(super) fn fits(&self, elements: &[u8]) -> bool {
        self.slots.iter().try_fold(elements, |rest, slot| slot.kind.pass(rest)).is_some()
    }

    /// Reads the elements into the list; each was found to fit.
    pub(super) fn read(&self, cursor: &mut Cursor<'_>, list: &mut List<'_>) -> Result<(), Broken> {
        let have = list.apdu.len();
        for slot in self.slots {
            if let Role::Number { obis, quantity, exponent, unit } = slot.role
                && let Some((number, len)) = cursor.plain_number()
            {
                let end = cursor.position();
                let span = Span::new(end - usize::from(len), end);
                let raw = Number::new(number, 0);
                list.described(obis, quantity, raw, exponent, unit, span)?;
                continue;
            }
            let mut element = cursor.element().map_err(|ill| ill.broken(have))?;
            if slot.kind == Kind::ArrayOfOne {
                element = cursor.element().map_err(|ill| ill.broken(have))?;
            }
            slot.read(element, list)?;
        }
        Ok(())
    }
}

impl Slot {
    fn read(&self, element: Element<'_>, list: &mut List<'_>) -> Result<(), Broken> {
        let span = Span::new(element.start, element.end);
        let string = |list: &mut List<'_>, obis| {
            list.string(obis, element.data.octets().unwrap_or(&[]), span)
        };
        let raw = element.data.number();
        match self.role {
            Role::Nothing => Ok(()),
            Role::Number { obis, quantity, exponent, unit } => match raw {
                Some(raw) => list.described(obis, quantity, raw, exponent, unit, span),
                None => Ok(()),
            },
            Role::Angle(obis) => match raw {
                Some(raw) if (0..=360).contains(&raw.mantissa) => {
                    list.described(obis, Quantity::from_obis(obis), raw, 0, Unit::Degree, span)
                }
                _ => Ok(()),
            },
            Role::Fuse(phase) => fuse(phase, raw, span, list),
            Role::Clock => string(list, Obis::general(1, 0, 0)),
            Role::Date => string(list, Obis::electricity(0, 9, 2)),
            Role::TimeOfDay => string(list, Obis::electricity(0, 9, 1)),
            Role::DeviceName => {
                string(list, Obis::general(42, 0, 0))?;
                list.named_by_device_name();
                Ok(())
            }
            Role::ListId => string(list, Obis::electricity(0, 2, 129)),
            Role::MeterId => string(list, Obis::general(96, 1, 0)),
            Role::Model => string(list, Obis::general(96, 1, 7)),
            Role::Text(obis) => string(list, obis),
        }
    }
}

/// The limit of the fuse supervision has its own name, not that of the averaged current whose
/// code it has.
fn fuse(phase: Phase, raw: Option<Number>, span: Span, list: &mut List<'_>) -> Result<(), Broken> {
    let Some(raw) = raw else { return Ok(()) };
    let c = match phase {
        Phase::All => 11,
        Phase::L1 => 31,
        Phase::L2 => 51,
        Phase::L3 => 71,
    };
    list.out.push(Item {
        obis: Obis::electricity(c, 4, 0),
        quantity: Some(Quantity::of_phase(Measure::FuseThreshold, phase)),
        value: Value::Number(raw.shifted(-2), Unit::Ampere),
        at: None,
        span,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn what_an_element_counts_follows_from_its_code() {
        for (slot, kind, exponent, text) in [
            (power(1), Kind::U32, 0, "1-0:1.7.0*255 active_import_w W"),
            (power(4), Kind::U32, 0, "1-0:4.7.0*255 reactive_export_var var"),
            (phase_power(42), Kind::U32, 0, "1-0:42.7.0*255 active_export_l2_w W"),
            (energy(2, 0), Kind::Counter, 0, "1-0:2.8.0*255 active_export_wh Wh"),
            (tariff(1, 2), Kind::Counter, 0, "1-0:1.8.2*255 active_import_t2_wh Wh"),
            (tariff(3, 1), Kind::Counter, 0, "1-0:3.8.1*255 reactive_import_t1_varh varh"),
            (volts(72, Kind::U16, -1), Kind::U16, -1, "1-0:72.7.0*255 voltage_l3_v V"),
            (amperes(31, Kind::U32, -3), Kind::U32, -3, "1-0:31.7.0*255 current_l1_a A"),
        ] {
            let Role::Number { obis, quantity, exponent: shown, unit } = slot.role else {
                panic!("{slot:?}")
            };
            assert_eq!((slot.kind, shown), (kind, exponent), "{text}");
            let quantity = quantity.unwrap();
            assert_eq!(quantity.unit(), unit, "{text}");
            assert_eq!(std::format!("{obis} {quantity} {unit}"), text.to_string());
        }
    }
}
