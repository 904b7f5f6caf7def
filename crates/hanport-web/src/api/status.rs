//! How the port of a meter does: part of every document, and the event `status`.

use hanport_engine::energy::Incident;
use hanport_engine::view::View;
use serde::Serialize;
use utoipa::ToSchema;

use crate::exactly::Instant;

/// How the port does.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Port<'a> {
    /// `good`, `late`, `bad`, `silent` or `waiting`.
    status: &'static str,
    /// What it is: a device, an address.
    source: &'a str,
    /// The period of the messages in milliseconds, once it is learned.
    period_ms: Option<i64>,
    /// When the last message arrived.
    last_message: Option<Instant>,
    /// Messages since the start.
    messages: u64,
    /// Faults since the start.
    faults: u64,
    /// The last fault since the last message.
    fault: Option<Fault<'a>>,
}

/// Octets that did not become a reading.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Fault<'a> {
    /// When.
    at: Instant,
    /// Its class, a stable word.
    kind: &'static str,
    /// What it was, for people.
    message: &'a str,
}

impl<'a> Port<'a> {
    pub(crate) fn new(view: &'a View) -> Self {
        let port = &view.port;
        let fault = port.fault.as_ref();
        Self {
            status: port.status.name(),
            source: &port.source,
            period_ms: port.period_ms,
            last_message: port.last_message.map(Instant),
            messages: port.messages,
            faults: port.faults,
            fault: fault.map(|(at, kind, message)| Fault { at: Instant(*at), kind, message }),
        }
    }
}

/// The event `status`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Status<'a> {
    /// The meter.
    meter: &'a str,
    /// The moment.
    now: Instant,
    /// How its port does.
    port: Port<'a>,
    /// Something unusual in the books, if that is why this is told.
    incident: Option<Unusual>,
}

/// Something unusual in the books.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Unusual {
    /// The instant it concerns.
    at: Instant,
    /// The register it concerns; null for the meter as a whole.
    register: Option<&'static str>,
    /// A stable word: `meter_exchanged`, `register_reset`.
    kind: &'static str,
}

impl<'a> Status<'a> {
    pub(crate) fn new(view: &'a View, incident: Option<&Incident>) -> Self {
        Self {
            meter: &view.meter,
            now: Instant(view.now),
            port: Port::new(view),
            incident: incident.map(|incident| Unusual {
                at: Instant(incident.at),
                register: incident.register.map(hanport_engine::energy::Register::name),
                kind: incident.kind.name(),
            }),
        }
    }
}
