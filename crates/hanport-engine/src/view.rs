//! What outputs see of a meter: a picture of it as it was at one moment.

use std::sync::Arc;

use crate::energy::{Incident, Interval, PerRegister, Quality, Running};
use crate::identity::Identity;
use crate::list_type::ListType;
use crate::money::MoneyView;
use crate::state::{LiveValue, Net, PortStatus};
use crate::time::UtcMillis;
use hanport_core::quantity::{Measure, Quantity};

/// A meter at one moment. It never changes; the next message makes a new one.
#[derive(Clone, Debug)]
pub struct View {
    /// Its name in addresses and topics: lower-case letters, digits, `-` and `_`.
    pub meter: Arc<str>,
    /// Its name for people.
    pub name: Arc<str>,
    /// What it said about itself.
    pub identity: Arc<Identity>,
    /// The moment.
    pub now: UtcMillis,
    /// The values that are fresh.
    pub values: Vec<LiveValue>,
    /// The registers: the last official reading and what was measured since.
    pub running: PerRegister<Option<Running>>,
    /// The port.
    pub port: PortView,
    /// The richest message so far.
    pub list: Option<ListType>,
    /// The distribution system, from the settings or found out.
    pub net: Option<Net>,
    /// The main fuse in amperes.
    pub fuse_a: Option<u16>,
    /// The largest power of the site's own production, in watts.
    pub production_w: Option<u32>,
    /// The energy of the running periods.
    pub energy: Flows,
    /// Prices, costs and peaks; `None` where neither a price nor a tariff is set up.
    pub money: Option<Arc<MoneyView>>,
}

/// How the port of a meter does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortView {
    /// In one word.
    pub status: PortStatus,
    /// What it is: a device, an address.
    pub source: Arc<str>,
    /// The period of the messages in milliseconds, once it is learned.
    pub period_ms: Option<i64>,
    /// When the last message arrived.
    pub last_message: Option<UtcMillis>,
    /// Messages since the start.
    pub messages: u64,
    /// Faults since the start.
    pub faults: u64,
    /// The last fault since the last message: when, its class, and in words.
    pub fault: Option<(UtcMillis, &'static str, Arc<str>)>,
}

/// The energy of one period so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flow {
    /// When the period began.
    pub since: UtcMillis,
    /// From the grid, in watt-hours.
    pub import_wh: i64,
    /// To the grid, in watt-hours.
    pub export_wh: i64,
    /// The worst quality in it.
    pub quality: Quality,
}

/// The energy of the running hour, day and month and of the last month, in the site's zone.
/// `None` where nothing is known of a period.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flows {
    /// The running hour.
    pub hour: Option<Flow>,
    /// Today.
    pub day: Option<Flow>,
    /// This month.
    pub month: Option<Flow>,
    /// The month before.
    pub last_month: Option<Flow>,
}

impl View {
    /// The value of a quantity, if it is fresh.
    pub fn value(&self, quantity: Quantity) -> Option<&LiveValue> {
        self.values.iter().find(|value| value.quantity == quantity)
    }

    /// The value of a quantity over all phases.
    pub fn total(&self, measure: Measure) -> Option<&LiveValue> {
        self.value(Quantity::total(measure))
    }
}

/// Why a view was made.
#[derive(Clone, Debug)]
pub enum What {
    /// Octets came that did not become a reading.
    Fault,
    /// Values became stale.
    Gone,
    /// The books told something unusual.
    Incident(Incident),
    /// The books wrote down a quarter-hour.
    Interval(Interval),
    /// A message was taken.
    Message(Arrived),
    /// Prices, costs or peaks changed.
    Money,
    /// The port is better or worse than before.
    Port,
    /// The settings of the meter changed.
    Settings,
}

/// A message that was taken.
#[derive(Clone, Debug)]
pub struct Arrived {
    /// How much it says.
    pub list: Option<ListType>,
    /// What it carries, in its order; the values are in the view.
    pub carried: Vec<Quantity>,
    /// Its octets as they came, framing included; empty where they are not kept.
    pub octets: Arc<[u8]>,
}

/// News of one meter.
#[derive(Clone, Debug)]
pub struct Update {
    /// The meter after it.
    pub view: Arc<View>,
    /// What happened.
    pub what: What,
}
