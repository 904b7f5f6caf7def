//! A list while it is read: values with their codes go in, a readout comes out.
//!
//! Whoever walks the octets (coded, pushed or positional lists) hands over each value with the
//! code it has or stands for. Here the code decides what becomes of it: a number in base units,
//! a name of the meter, a time; and at the end what only the list as a whole tells.

use core::ops::RangeInclusive;

use super::scale::{self, Likely, Scales};
use super::{Context, Hint, identity, known};
use crate::cosem::axdr::{Data, Element, ScalerUnit};
use crate::datetime::DateTime;
use crate::fault::{Broken, Cause, Layer};
use crate::manufacturer::Manufacturer;
use crate::number::Number;
use crate::obis::Obis;
use crate::quantity::{Measure, Phase, Quantity};
use crate::reading::{Item, Oddity, Readout, Span, TextRef, Value};
use crate::unit::Unit;

/// A family of lists that carry codes: what is to know about them besides.
#[derive(Debug)]
pub(super) struct Coded {
    /// For people.
    pub(super) layout: &'static str,
    /// The maker, where only one sends such lists.
    pub(super) maker: Option<Manufacturer>,
    /// How the list's own name begins, where it has one.
    pub(super) list_id: Option<&'static [u8]>,
    /// What numbers without scaler and unit count in.
    pub(super) scales: Scales,
    /// Whether the scales are documented for every list of the family.
    pub(super) certain: bool,
    /// Whether a clock with deviation 0 states no offset.
    pub(super) zero_is_no_offset: bool,
    /// What else is to do at the end.
    pub(super) quirk: Option<fn(&mut List<'_>)>,
}

/// How wide a number was on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Width {
    /// Up to 32 bits.
    Narrow,
    /// 64 bits.
    Wide,
}

/// What is known about the power of ten of the voltages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Volts {
    /// No voltage was read.
    Open,
    /// Only low voltages and phases without voltage were.
    Doubtful,
    /// A voltage was plausible with it.
    Settled(i8),
    /// The same, after doubtful ones that have to follow.
    SettledLate(i8),
}

/// The powers of ten that a register of a meter can have; a list that states another is damaged.
const SCALERS: RangeInclusive<i8> = -12..=12;

/// The ranks of a name as a meter number: lower is better.
const RANK_BEST: u8 = 0;
const RANK_NONE: u8 = u8::MAX;

/// A list while it is read.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) apdu: &'a [u8],
    pub(super) out: &'a mut Readout,
    pub(super) hint: Option<Hint>,
    pub(super) family: &'static Coded,
    /// As the family has them, unless the list or the user knows better.
    pub(super) scales: Scales,
    /// Whether the energy scale is a guess.
    pub(super) energy_assumed: bool,
    /// Whether power factors of single phases were read.
    pub(super) phase_factors: bool,
    maker: Option<Manufacturer>,
    id_rank: u8,
    clock: Option<DateTime>,
    date: Option<[u8; 5]>,
    time_of_day: Option<[u8; 4]>,
    /// Whether an energy register was read.
    registers: bool,
    volts: Volts,
}

impl<'a> List<'a> {
    pub(super) fn new(
        apdu: &'a [u8],
        context: &Context,
        family: &'static Coded,
        out: &'a mut Readout,
    ) -> Self {
        let mut list = Self {
            apdu,
            out,
            hint: context.hint,
            family,
            scales: family.scales,
            energy_assumed: false,
            phase_factors: false,
            maker: None,
            id_rank: RANK_NONE,
            clock: None,
            date: None,
            time_of_day: None,
            registers: false,
            volts: Volts::Open,
        };
        list.belongs_to(family);
        if family.list_id.is_none() {
            let hinted = match context.hint {
                Some(Hint::Family(maker)) => Some(maker),
                _ => None,
            };
            let titled = || context.system_title.and_then(identity::from_system_title);
            list.scaled_by(hinted.or_else(titled));
        }
        list
    }

    /// Values without scale count as this maker's do, unless the family knows better.
    fn scaled_by(&mut self, maker: Option<Manufacturer>) {
        if self.family.list_id.is_some() {
            return;
        }
        if let Some(family) = maker.and_then(super::family_of_maker) {
            let of_list = self.family;
            self.belongs_to(family);
            self.family = of_list;
        }
    }

    /// The family is known, or known better.
    pub(super) fn belongs_to(&mut self, family: &'static Coded) {
        self.family = family;
        self.scales = family.scales;
        self.energy_assumed = !family.certain;
        match self.hint {
            Some(Hint::Current10Ma) => self.scales.current = -2,
            Some(Hint::CurrentMa) => self.scales.current = -3,
            Some(Hint::Energy10Wh) => self.energy_is(1),
            Some(Hint::EnergyWh) => self.energy_is(0),
            Some(Hint::Family(_)) | None => {}
        }
    }

    /// The scale of the energies is known for certain.
    pub(super) fn energy_is(&mut self, exponent: i8) {
        self.scales.energy = exponent;
        self.energy_assumed = false;
    }

    /// The maker is known from the list itself.
    pub(super) fn made_by(&mut self, maker: Option<Manufacturer>) {
        self.maker = self.maker.or(maker);
    }

    /// A value with its code, and the scaler and unit where the list has them.
    #[inline]
    pub(super) fn coded(
        &mut self,
        obis: Obis,
        element: Element<'_>,
        scaler: Option<ScalerUnit>,
    ) -> Result<(), Broken> {
        let span = Span::new(element.start, element.end);
        match element.data {
            Data::OctetString(octets) | Data::VisibleString(octets) | Data::Utf8String(octets) => {
                self.string(obis, octets, span)
            }
            Data::DateTime(octets) => self.string(obis, octets, span),
            Data::Date(octets) => self.string(obis, octets, span),
            Data::Time(octets) => self.string(obis, octets, span),
            Data::BitString(_, octets) => {
                let text = TextRef::Octets(Span::new(element.end - octets.len(), element.end));
                self.out.push_text(obis, text, span)
            }
            // What is not there is absent, and what is more than one value has no name.
            Data::Null
            | Data::DontCare
            | Data::Array(_)
            | Data::Structure(_)
            | Data::CompactArray(_) => Ok(()),
            Data::Int64(_) | Data::Unsigned64(_) => match element.data.number() {
                Some(raw) => self.number(obis, raw, Width::Wide, scaler, span),
                None => Ok(()),
            },
            Data::Boolean(_)
            | Data::Int32(_)
            | Data::Unsigned32(_)
            | Data::Bcd(_)
            | Data::Int8(_)
            | Data::Int16(_)
            | Data::Unsigned8(_)
            | Data::Unsigned16(_)
            | Data::Enum(_)
            | Data::Float32(_)
            | Data::Float64(_) => match element.data.number() {
                Some(raw) => self.number(obis, raw, Width::Narrow, scaler, span),
                None => Ok(()),
            },
        }
    }

    /// A number with its code, and the scaler and unit where the list has them.
    #[expect(clippy::inline_always, reason = "the step of every walk: a third of its cost saved")]
    #[inline(always)]
    pub(super) fn number(
        &mut self,
        obis: Obis,
        raw: Number,
        width: Width,
        scaler: Option<ScalerUnit>,
        span: Span,
    ) -> Result<(), Broken> {
        if scaler.is_some_and(|stated| !SCALERS.contains(&stated.scaler)) {
            return Err(Broken::new(Layer::Data, Cause::Malformed, usize::from(span.start)));
        }
        let known = known::look_up(obis);
        let (quantity, exponent, unit) = match (known, scaler) {
            (Some((quantity, unit)), None) => {
                (Some(quantity), self.exponent_of(quantity, unit, raw, width), unit)
            }
            (Some((quantity, unit)), Some(stated)) if unit as u8 == stated.unit => {
                (Some(quantity), stated.scaler, unit)
            }
            (known, Some(stated)) => {
                let (quantity, unit) = reconciled(known.map(|(quantity, _)| quantity), stated.unit);
                (quantity, stated.scaler, unit)
            }
            (None, None) => return self.unnamed(obis, raw, span),
        };
        self.registers |= is_energy(unit);
        self.push(obis, quantity, raw.shifted(exponent), unit, span)
    }

    /// Scaler and unit of a value that was read before; whether there was one.
    pub(super) fn rescale(&mut self, obis: Obis, stated: ScalerUnit) -> bool {
        match self.last_of(obis) {
            Some(Item { quantity, value: Value::Number(number, unit), .. }) => {
                number.exponent = stated.scaler;
                (*quantity, *unit) = reconciled(*quantity, stated.unit);
                true
            }
            _ => false,
        }
    }

    /// The value that was read last under a code.
    pub(super) fn last_of(&mut self, obis: Obis) -> Option<&mut Item> {
        self.out.items.iter_mut().rev().find(|item| item.obis == obis)
    }

    /// The power of ten of a number whose scale its family knows.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn exponent_of(&mut self, quantity: Quantity, unit: Unit, raw: Number, width: Width) -> i8 {
        match unit {
            Unit::Watt | Unit::Var => 0,
            Unit::Volt => self.voltage_exponent(raw.mantissa, self.scales.voltage),
            // Meters for transformers send primary amperes in 64 bits.
            Unit::Ampere if width == Width::Wide => 0,
            Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour if self.energy_assumed => {
                self.out.oddities.add(Oddity::ScaleAssumed);
                self.scales.energy
            }
            Unit::Hertz => {
                self.out.oddities.add(Oddity::ScaleAssumed);
                scale::of_frequency(raw.mantissa).unwrap_or(0)
            }
            Unit::Count if quantity.measure == Measure::PowerFactor => {
                self.phase_factors |= quantity.phase != Phase::All;
                self.scales.power_factor
            }
            unit => self.scales.of(unit),
        }
    }

    /// A number under a code that is no quantity: a meter number, a counter, a state.
    fn unnamed(&mut self, obis: Obis, raw: Number, span: Span) -> Result<(), Broken> {
        match (obis.medium(), obis.cde()) {
            (_, (0, 0, 0 | 1 | 5) | (96, 1, 0 | 1)) => {
                if let Ok(id) = u64::try_from(raw.mantissa) {
                    let text = TextRef::Number(id);
                    self.meter_id(obis, text, &[]);
                    return self.out.push_text(obis, text, span);
                }
            }
            // Volumes of the meters behind this one come without scale.
            (0, (24, 2, _)) => {
                self.out.oddities.add(Oddity::ScaleAssumed);
                return self.push(obis, None, raw.shifted(-3), Unit::CubicMetre, span);
            }
            _ => {}
        }
        self.push(obis, None, raw, Unit::Count, span)
    }

    #[inline]
    fn push(
        &mut self,
        obis: Obis,
        quantity: Option<Quantity>,
        number: Number,
        unit: Unit,
        span: Span,
    ) -> Result<(), Broken> {
        self.out.push(Item { obis, quantity, value: Value::Number(number, unit), at: None, span })
    }

    /// A number of a list without codes, with the scale of the list's description.
    pub(super) fn described(
        &mut self,
        obis: Obis,
        quantity: Option<Quantity>,
        raw: Number,
        exponent: i8,
        unit: Unit,
        span: Span,
    ) -> Result<(), Broken> {
        let exponent = match unit {
            Unit::Volt => self.voltage_exponent(raw.mantissa, exponent),
            _ => exponent,
        };
        self.registers |= is_energy(unit);
        self.push(obis, quantity, raw.shifted(exponent), unit, span)
    }

    #[inline]
    fn voltage_exponent(&mut self, raw: i64, documented: i8) -> i8 {
        match self.volts {
            Volts::Settled(exponent) | Volts::SettledLate(exponent) => exponent,
            Volts::Open | Volts::Doubtful => self.weigh_voltage(raw, documented),
        }
    }

    fn weigh_voltage(&mut self, raw: i64, documented: i8) -> i8 {
        let exponent = match scale::of_voltage(raw, documented) {
            Likely::Firm(exponent) => exponent,
            Likely::Low(exponent) => {
                self.volts = Volts::Doubtful;
                if exponent != documented {
                    self.out.oddities.add(Oddity::ScaleAssumed);
                }
                return exponent;
            }
            Likely::No => {
                self.volts = Volts::Doubtful;
                return documented;
            }
        };
        if exponent != documented {
            self.out.oddities.add(Oddity::ScaleAssumed);
        }
        self.volts = match self.volts {
            Volts::Doubtful => Volts::SettledLate(exponent),
            Volts::Open | Volts::Settled(_) | Volts::SettledLate(_) => Volts::Settled(exponent),
        };
        exponent
    }

    /// A string under a code: a name, a time, a text.
    pub(super) fn string(&mut self, obis: Obis, octets: &[u8], span: Span) -> Result<(), Broken> {
        let end = usize::from(span.start) + usize::from(span.len);
        let text = TextRef::Octets(Span::new(end.saturating_sub(octets.len()), end));
        match (obis.medium(), obis.channel(), obis.cde()) {
            (_, _, (0, 2, 129)) => self.list_id(text, octets),
            (_, _, (0, 0, 0 | 1 | 5)) | (0, 0, (96, 1, 0)) | (1, _, (96, 1, 0)) => {
                self.meter_id(obis, text, octets);
            }
            (0, 0, (96, 1, 1)) => self.meter_id(obis, text, octets),
            (1, _, (96, 1, 1)) | (_, 0, (96, 1, 7)) => self.model(text, octets),
            (0, _, (42, 0, 0)) => {
                let maker = identity::from_device_name(octets);
                self.made_by(maker);
                self.scaled_by(maker);
                self.meter_id(obis, text, octets);
            }
            (_, _, (0, 9, 1 | 2)) => match octets.first_chunk() {
                Some(date) if octets.len() == 5 => self.date = Some(*date),
                _ => self.time_of_day = octets.first_chunk().copied(),
            },
            _ => {}
        }
        if octets.len() == 12
            && let Some(time) = octets.first_chunk().and_then(DateTime::from_cosem)
        {
            return self.time(obis, time, span);
        }
        if is_blank(octets) {
            return Ok(());
        }
        self.out.push_text(obis, text, span)
    }

    fn time(&mut self, obis: Obis, mut time: DateTime, span: Span) -> Result<(), Broken> {
        if self.family.zero_is_no_offset && time.offset_minutes == Some(0) {
            time.offset_minutes = None;
        }
        if obis.medium() == 0 && obis.cde() == (1, 0, 0) {
            self.clock = Some(time);
        }
        self.out.push(Item { obis, quantity: None, value: Value::Time(time), at: None, span })
    }

    /// The list's own name.
    pub(super) fn list_id(&mut self, text: TextRef, octets: &[u8]) {
        self.out.list_id = Some(text);
        if let Some(family) = super::family_of_list(octets) {
            self.belongs_to(family);
            self.made_by(family.maker);
        }
    }

    /// A number of the meter; the best one of the list is kept.
    fn meter_id(&mut self, obis: Obis, text: TextRef, octets: &[u8]) {
        let rank = match obis.cde() {
            (96, 1, 0) | (0, 0, 1 | 5) => RANK_BEST,
            (96, 1, _) => 1,
            (0, 0, _) => 2,
            _ => 3,
        };
        let empty = matches!(text, TextRef::Octets(_)) && is_blank(octets);
        if rank < self.id_rank && !empty {
            self.id_rank = rank;
            self.out.meter_id = Some(text);
        }
    }

    /// The meter is named by its logical device name, whatever other numbers follow.
    pub(super) fn named_by_device_name(&mut self) {
        self.id_rank = RANK_BEST;
    }

    /// The maker's type designation.
    fn model(&mut self, text: TextRef, octets: &[u8]) {
        if !is_blank(octets) {
            self.out.meter_model = Some(text);
            if self.family.maker == Some(Manufacturer::Kamstrup) {
                super::kamstrup::know_by_type_number(self, octets);
            }
        }
    }

    /// The octets of the type designation.
    pub(super) fn model_octets(&self) -> &'a [u8] {
        match self.out.meter_model {
            Some(TextRef::Octets(span)) => span.of(self.apdu),
            _ => &[],
        }
    }

    /// What the list as a whole tells. `header` is the date-time in front of the list.
    pub(super) fn finish(&mut self, header: Option<DateTime>, context: &Context) {
        if let Volts::SettledLate(exponent) = self.volts {
            self.settle_voltages(exponent);
        }
        if let Some(quirk) = self.family.quirk {
            quirk(self);
        }
        if self.clock.is_none() {
            self.clock = self.joined_clock();
        }
        self.out.layout = self.family.layout;
        self.out.time = header.or(self.clock);
        self.out.energy_time = self.clock.filter(|_| self.registers);
        let invalid = |time: Option<DateTime>| {
            time.and_then(|time| time.status).is_some_and(|s| s & DateTime::INVALID != 0)
        };
        if invalid(header) || invalid(self.clock) {
            self.out.oddities.add(Oddity::ClockInvalid);
        }
        self.name_maker(context);
    }

    /// The maker, from the best evidence there is.
    fn name_maker(&mut self, context: &Context) {
        self.out.manufacturer = self
            .maker
            .or_else(|| context.system_title.and_then(identity::from_system_title))
            .or_else(|| match self.out.meter_id? {
                TextRef::Octets(span) => identity::from_meter_id(span.of(self.apdu)),
                TextRef::DeviceNumber(_)
                | TextRef::Hex(_)
                | TextRef::Number(_)
                | TextRef::Serial(_) => None,
            })
            .or(self.family.maker);
    }

    /// Voltages read before one was plausible follow the one that was.
    fn settle_voltages(&mut self, exponent: i8) {
        for item in &mut self.out.items {
            if let Value::Number(number, Unit::Volt) = &mut item.value {
                number.exponent = exponent;
            }
        }
    }

    /// The clock out of a date and a time of day that stand apart; `None` unless both do.
    fn joined_clock(&self) -> Option<DateTime> {
        let ([year_high, year_low, month, day, _], [hour, minute, second, _]) =
            (self.date?, self.time_of_day?);
        let year = u16::from_be_bytes([year_high, year_low]);
        DateTime::new(year, month, day, hour, minute, second)
    }
}

fn is_blank(octets: &[u8]) -> bool {
    octets.iter().all(|octet| matches!(octet, 0 | b' '))
}

const fn is_energy(unit: Unit) -> bool {
    matches!(unit, Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour)
}

/// What a value is when its code says `quantity` and its scaler-unit says `unit`. A quantity of
/// another dimension is given up: the value keeps its code and the stated unit.
fn reconciled(quantity: Option<Quantity>, unit: u8) -> (Option<Quantity>, Unit) {
    let unit = Unit::from_code(unit).unwrap_or(Unit::Count);
    match quantity {
        Some(named) if named.unit() == unit => (quantity, unit),
        Some(named) if alike(named.unit(), unit) => (quantity, named.unit()),
        _ => (None, unit),
    }
}

/// Whether two units measure the same, so that a sender may mix them up.
const fn alike(one: Unit, other: Unit) -> bool {
    matches!(
        (one, other),
        (Unit::Watt | Unit::Var | Unit::VoltAmpere, Unit::Watt | Unit::Var | Unit::VoltAmpere)
            | (
                Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour,
                Unit::WattHour | Unit::VarHour | Unit::VoltAmpereHour
            )
    )
}
