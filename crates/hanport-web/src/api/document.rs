//! A meter as it is now: the document of `/live` and of the event `live`.

use hanport_core::manufacturer::Manufacturer;
use hanport_engine::energy::{Register, Running};
use hanport_engine::list_type::ListType;
use hanport_engine::state::{LiveValue, Net};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Flow, View};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use utoipa::openapi::schema::{AdditionalProperties, ObjectBuilder};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::status::Port;
use crate::exactly::{self, Exact, Instant};

/// A meter as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Live<'a> {
    /// Its name in addresses and topics.
    meter: &'a str,
    /// Its name for people.
    name: &'a str,
    /// The moment.
    now: Instant,
    /// How the port does.
    port: Port<'a>,
    /// What the meter said about itself.
    identity: Identity<'a>,
    /// The richest list so far: 1 power, 2 voltages too, 3 registers too, 4 single phases too.
    list: Option<u8>,
    /// The distribution system: `it_tt_230`, `tn_400`, or null while it is not known.
    net: Option<&'static str>,
    /// The main fuse in amperes.
    fuse_a: Option<u16>,
    /// The largest power of the site's own production, in watts.
    production_w: Option<u32>,
    /// What the meter measures now, by the stable name of the quantity. A value that is too old
    /// is not there.
    values: Values<'a>,
    /// The registers, by name: the last official reading, and as they would read now.
    registers: Registers<'a>,
    /// The energy of the running periods.
    energy: Energy,
}

impl<'a> Live<'a> {
    /// Of a view, at a moment that may be later than the view.
    pub(crate) fn new(view: &'a View, now: UtcMillis) -> Self {
        Self {
            meter: &view.meter,
            name: &view.name,
            now: Instant(now),
            port: Port::new(view),
            identity: Identity::new(view),
            list: view.list.map(ListType::into),
            net: view.net.map(Net::name),
            fuse_a: view.fuse_a,
            production_w: view.production_w,
            values: Values { view, now },
            registers: Registers { view, now },
            energy: Energy::new(view),
        }
    }
}

/// What the meter said about itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Identity<'a> {
    /// The maker.
    manufacturer: Option<&'static str>,
    /// The maker's type designation.
    model: Option<&'a str>,
    /// The type designation in words.
    model_name: Option<&'a str>,
    /// The meter's number.
    number: Option<&'a str>,
    /// The name of its list.
    list_id: Option<&'a str>,
    /// The name under which it ciphers, 16 hexadecimal digits.
    system_title: Option<String>,
}

impl<'a> Identity<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        let identity = &view.identity;
        let title = |title: [u8; 8]| format!("{:016X}", u64::from_be_bytes(title));
        Self {
            manufacturer: identity.manufacturer.map(Manufacturer::name),
            model: identity.model.as_deref(),
            model_name: identity.model_name.as_deref(),
            number: identity.number.as_deref(),
            list_id: identity.list_id.as_deref(),
            system_title: identity.system_title.map(title),
        }
    }
}

/// One value.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LiveNumber {
    /// The number, exactly.
    value: Exact,
    /// Its unit, without prefix.
    unit: &'static str,
    /// When it was measured.
    at: Instant,
    /// When it arrived.
    received: Instant,
    /// How long ago that was, in milliseconds.
    age_ms: i64,
    /// When it will not be shown any more.
    stale_at: Instant,
    /// `measured`, `derived` or `estimated`.
    origin: &'static str,
    /// `plain`, `verified` or `unverified`.
    authenticity: &'static str,
}

impl LiveNumber {
    fn new(value: &LiveValue, now: UtcMillis) -> Self {
        Self {
            value: Exact(value.number),
            unit: value.unit().symbol(),
            at: Instant(value.at),
            received: Instant(value.received),
            age_ms: now.since(value.received).max(0),
            stale_at: Instant(value.stale_at),
            origin: value.origin.name(),
            authenticity: value.authenticity.name(),
        }
    }
}

/// The fresh values by name, in the order in which they first came.
#[derive(Debug)]
pub(crate) struct Values<'a> {
    view: &'a View,
    now: UtcMillis,
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for value in self.view.values.iter().filter(|value| value.is_fresh(self.now)) {
            map.serialize_key(&Name(value))?;
            map.serialize_value(&LiveNumber::new(value, self.now))?;
        }
        map.end()
    }
}

struct Name<'a>(&'a LiveValue);

impl Serialize for Name<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.quantity)
    }
}

/// A register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterNow {
    /// `Wh` or `varh`.
    unit: &'static str,
    /// As it would read now.
    running: RunningNow,
    /// As the meter last stated it.
    official: OfficialThen,
}

/// A register as it would read now: the last official reading and what was measured since.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RunningNow {
    /// The number, exactly. It never falls.
    value: Exact,
    /// Whether anything was added to the official reading.
    estimated: bool,
    /// Whether the last official reading was lower than what had been shown: the value stands
    /// still until the meter has caught up.
    holding: bool,
}

/// An official reading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OfficialThen {
    /// The number with the digits that the meter states.
    value: Exact,
    /// When the register stood so.
    at: Instant,
    /// When the message arrived.
    received: Instant,
    /// How long ago the register stood so, in milliseconds.
    age_ms: i64,
}

impl RegisterNow {
    fn new(register: Register, running: &Running, now: UtcMillis) -> Self {
        let official = running.official();
        Self {
            unit: register_unit(register),
            running: RunningNow {
                value: exactly::watt_hours(running.mwh()),
                estimated: running.mwh() != official.value.mwh,
                holding: running.is_holding(),
            },
            official: OfficialThen {
                value: exactly::register(official.value),
                at: Instant(official.at),
                received: Instant(official.received),
                age_ms: running.age_ms(now).max(0),
            },
        }
    }
}

/// The unit in which a register counts.
pub(crate) const fn register_unit(register: Register) -> &'static str {
    match register {
        Register::ActiveImport | Register::ActiveExport => "Wh",
        Register::ReactiveImport | Register::ReactiveExport => "varh",
    }
}

/// The registers that are known, by name.
#[derive(Debug)]
pub(crate) struct Registers<'a> {
    view: &'a View,
    now: UtcMillis,
}

impl Serialize for Registers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for register in Register::ALL {
            if let Some(running) = self.view.running.of(register) {
                map.serialize_entry(
                    register.name(),
                    &RegisterNow::new(register, running, self.now),
                )?;
            }
        }
        map.end()
    }
}

/// An object whose members are all of one kind.
fn map_of<T: ToSchema>() -> RefOr<Schema> {
    let member = utoipa::openapi::Ref::from_schema_name(T::name());
    ObjectBuilder::new()
        .additional_properties(Some(AdditionalProperties::RefOr(member.into())))
        .into()
}

impl PartialSchema for Values<'_> {
    fn schema() -> RefOr<Schema> {
        map_of::<LiveNumber>()
    }
}

impl ToSchema for Values<'_> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((LiveNumber::name().into_owned(), LiveNumber::schema()));
        LiveNumber::schemas(schemas);
    }
}

impl PartialSchema for Registers<'_> {
    fn schema() -> RefOr<Schema> {
        map_of::<RegisterNow>()
    }
}

impl ToSchema for Registers<'_> {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((RegisterNow::name().into_owned(), RegisterNow::schema()));
        RegisterNow::schemas(schemas);
    }
}

/// The energy of the running periods, in the site's zone; null where nothing is known.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Energy {
    /// The running hour.
    hour: Option<Period>,
    /// Today.
    day: Option<Period>,
    /// This month.
    month: Option<Period>,
    /// The month before.
    last_month: Option<Period>,
}

impl Energy {
    fn new(view: &View) -> Self {
        let period = |flow: Option<Flow>| {
            flow.map(|flow| Period {
                since: Instant(flow.since),
                import_wh: flow.import_wh,
                export_wh: flow.export_wh,
                quality: flow.quality.name(),
            })
        };
        let flows = &view.energy;
        Self {
            hour: period(flows.hour),
            day: period(flows.day),
            month: period(flows.month),
            last_month: period(flows.last_month),
        }
    }
}

/// The energy of one period so far.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Period {
    /// When it began.
    since: Instant,
    /// From the grid, in watt-hours.
    import_wh: i64,
    /// To the grid, in watt-hours.
    export_wh: i64,
    /// The worst quality in it: `measured`, `interpolated`, `estimated` or `missing`.
    quality: &'static str,
}
