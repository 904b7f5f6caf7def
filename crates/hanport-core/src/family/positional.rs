//! Lists without codes: what an element means is known by its place.
//!
//! A [`Row`] describes one list of one family, element by element. It fits a list with the same
//! number of elements and the same type tags; where two lists agree in those, the kinds ask for
//! a little more (a date and time that exists). Nothing else of the content is looked at.

use super::list::List;
use crate::cosem::axdr::{Cursor, Data, Element};
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
    /// An array of one number.
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
#[derive(Clone, Copy, Debug)]
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
#[derive(Clone, Copy, Debug)]
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
    fn fits(self, data: &Data<'_>) -> bool {
        match self {
            Self::ArrayOfOne => matches!(data, Data::Array(1)),
            Self::Boolean => matches!(data, Data::Boolean(_)),
            Self::Clock => data.date_time().is_some(),
            Self::Counter => matches!(
                data,
                Data::Unsigned32(_) | Data::Unsigned64(_) | Data::Int32(_) | Data::Int64(_)
            ),
            Self::Enum => matches!(data, Data::Enum(_)),
            Self::Octets => matches!(data, Data::OctetString(_) | Data::VisibleString(_)),
            Self::PushCode => matches!(data, Data::OctetString([0, _, 25, 9, 0, 0xFF])),
            Self::U8 => matches!(data, Data::Unsigned8(_)),
            Self::U16 => matches!(data, Data::Unsigned16(_)),
            Self::U32 => matches!(data, Data::Unsigned32(_)),
        }
    }
}

impl Row {
    /// Whether the list whose elements begin at `cursor` is this one; the number of elements
    /// was compared before.
    pub(super) fn fits(&self, mut cursor: Cursor<'_>) -> bool {
        self.slots.iter().all(|slot| {
            let fits = cursor.element().is_ok_and(|element| slot.kind.fits(&element.data));
            fits && (slot.kind != Kind::ArrayOfOne
                || cursor.element().is_ok_and(|element| element.data.number().is_some()))
        })
    }

    /// Reads the elements into the list; each was found to fit.
    pub(super) fn read(&self, cursor: &mut Cursor<'_>, list: &mut List<'_>) -> Result<(), Broken> {
        let have = list.apdu.len();
        for slot in self.slots {
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
            list.string(obis, element.data, element.data.octets().unwrap_or(&[]), span)
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
            Role::DeviceName => string(list, Obis::general(42, 0, 0)),
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
