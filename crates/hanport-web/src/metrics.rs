//! Figures for Prometheus, written as text when they are asked for: what is stale is not there.
//!
//! ```text
//! # HELP hanport_power_watts Active power, positive from the grid, negative to it.
//! # TYPE hanport_power_watts gauge
//! hanport_power_watts{meter="main"} 1234
//! ```
//!
//! The form is that of Prometheus, or `OpenMetrics` for who asks for it: there a counter is
//! announced without its ending, and a last line says that all is there.

use core::fmt::{Display, Write as _};
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_engine::energy::Register;
use hanport_engine::time::UtcMillis;
use hanport_engine::view::View;

use crate::exactly;
use crate::services::ServiceState;
use crate::site::{Shared, Site};

const PHASES: [(Phase, &str); 3] = [(Phase::L1, "l1"), (Phase::L2, "l2"), (Phase::L3, "l3")];

/// Figures for Prometheus
///
/// `OpenMetrics` where `Accept` names it.
#[utoipa::path(get, path = "/metrics", tag = "health",
    responses((status = 200, content_type = "text/plain", body = String)))]
pub(crate) async fn metrics(State(site): State<Shared>, headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    let open = accept.is_some_and(|accept| accept.contains("application/openmetrics-text"));
    let kind = if open {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; version=0.0.4; charset=utf-8"
    };
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
    (headers, written(&site, open)).into_response()
}

fn written(site: &Site, open: bool) -> String {
    let mut page = Page { text: String::new(), open };
    let views = site.outside.board.views();
    let now = site.now();
    program(&mut page, site);
    powers(&mut page, &views, now);
    energies(&mut page, &views);
    frames(&mut page, &views);
    money(&mut page, &views);
    if open {
        page.text.push_str("# EOF\n");
    }
    page.text
}

/// The text as it grows.
struct Page {
    text: String,
    open: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
}

impl Page {
    /// One family. Nothing is written of one without samples.
    fn family<V: Display>(
        &mut self,
        name: &str,
        kind: Kind,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<(&'static str, String)>, V)>,
    ) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let announced = match kind {
            Kind::Counter if self.open => name.trim_end_matches("_total"),
            Kind::Counter | Kind::Gauge => name,
        };
        let word = if kind == Kind::Counter { "counter" } else { "gauge" };
        let _ = writeln!(self.text, "# HELP {announced} {help}\n# TYPE {announced} {word}");
        for (labels, value) in samples {
            self.text.push_str(name);
            let mut open = '{';
            for (label, text) in &labels {
                let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
                let _ = write!(self.text, "{open}{label}=\"{text}\"");
                open = ',';
            }
            self.text.push_str(if labels.is_empty() { " " } else { "} " });
            let _ = writeln!(self.text, "{value}");
        }
    }
}

fn of(view: &View) -> Vec<(&'static str, String)> {
    vec![("meter", view.meter.to_string())]
}

fn fresh(view: &View, quantity: Quantity, now: UtcMillis) -> Option<Number> {
    view.value(quantity).filter(|value| value.is_fresh(now)).map(|value| value.number)
}

fn program(page: &mut Page, site: &Site) {
    let machine = &site.outside.machine;
    let build = vec![("version", machine.version.clone()), ("revision", machine.revision.clone())];
    let help = "Build information of the running program.";
    page.family("hanport_build_info", Kind::Gauge, help, [(build, 1)]);
    let help = "Unix time when the server started.";
    let started = Number::new(site.started.0, -3);
    page.family("process_start_time_seconds", Kind::Gauge, help, [(Vec::new(), started)]);
    let help = "Memory that the process holds.";
    let memory = resident_octets().map(|octets| (Vec::new(), octets));
    page.family("process_resident_memory_bytes", Kind::Gauge, help, memory);
    let streams = [(Vec::new(), site.hub.listeners())];
    page.family("hanport_streams", Kind::Gauge, "Open streams of events.", streams);
    let services = site.outside.services.list();
    let mqtt = services.iter().filter(|service| service.id == "mqtt").map(|service| {
        let broker = vec![("broker", service.detail.clone())];
        (broker, u8::from(service.state == ServiceState::Ok))
    });
    let help = "Whether the broker is connected.";
    page.family("hanport_mqtt_connected", Kind::Gauge, help, mqtt);
}

/// From the kernel's page of the process, in pages of memory.
fn resident_octets() -> Option<u64> {
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = pages.split(' ').nth(1)?.parse().ok()?;
    let octets = std::fs::read_to_string("/proc/self/smaps_rollup").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("Rss:"))?;
        line.split_ascii_whitespace().nth(1)?.parse::<u64>().ok()?.checked_mul(1024)
    });
    // without that page of the kernel, its pages of memory are taken for the usual ones
    octets.or_else(|| pages.checked_mul(4096))
}

fn powers(page: &mut Page, views: &[Arc<View>], now: UtcMillis) {
    let net = views.iter().filter_map(|view| {
        let total = |measure| fresh(view, Quantity::total(measure), now);
        let milli = |number: Number| number.in_units_of(-3);
        let net = total(Measure::ActiveNet).and_then(milli).or_else(|| {
            let import = milli(total(Measure::ActiveImport)?)?;
            Some(import - total(Measure::ActiveExport).and_then(milli).unwrap_or(0))
        })?;
        Some((of(view), exactly::watt_hours(net).0))
    });
    let help = "Active power, positive from the grid, negative to it.";
    page.family("hanport_power_watts", Kind::Gauge, help, net);
    let reactive = views.iter().filter_map(|view| {
        let total = |measure| fresh(view, Quantity::total(measure), now)?.in_units_of(-3);
        let import = total(Measure::ReactiveImport);
        let export = total(Measure::ReactiveExport);
        let net = import.or_else(|| export.map(|_| 0))? - export.unwrap_or(0);
        Some((of(view), exactly::watt_hours(net).0))
    });
    let help = "Reactive power, positive import, negative export.";
    page.family("hanport_reactive_power_vars", Kind::Gauge, help, reactive);
    for (name, measure, help) in [
        ("hanport_phase_voltage_volts", Measure::Voltage, "Phase voltage."),
        ("hanport_phase_current_amperes", Measure::Current, "Phase current."),
        (
            "hanport_phase_power_watts",
            Measure::ActiveImport,
            "Active power of a phase from the grid.",
        ),
    ] {
        let samples = views.iter().flat_map(|view| {
            PHASES.into_iter().filter_map(move |(phase, label)| {
                let number = fresh(view, Quantity::of_phase(measure, phase), now)?;
                let mut labels = of(view);
                labels.push(("phase", label.to_owned()));
                Some((labels, number))
            })
        });
        page.family(name, Kind::Gauge, help, samples);
    }
    let frequency = views.iter().filter_map(|view| {
        Some((of(view), fresh(view, Quantity::total(Measure::Frequency), now)?))
    });
    page.family("hanport_frequency_hertz", Kind::Gauge, "Frequency of the net.", frequency);
}

/// The running registers, which never fall, twice: joules make rates watts, watt-hours are read
/// by people.
fn energies(page: &mut Page, views: &[Arc<View>]) {
    for (register, word, help) in [
        (Register::ActiveImport, "energy_import", "Imported active energy register"),
        (Register::ActiveExport, "energy_export", "Exported active energy register"),
    ] {
        let registers = || {
            views
                .iter()
                .filter_map(move |view| Some((of(view), view.running.of(register).as_ref()?.mwh())))
        };
        let joules =
            registers().map(|(labels, mwh)| (labels, Number::new(mwh.saturating_mul(36), -1)));
        let name = format!("hanport_{word}_joules_total");
        page.family(&name, Kind::Counter, &format!("{help}."), joules);
        let watt_hours = registers().map(|(labels, mwh)| (labels, exactly::watt_hours(mwh).0));
        let name = format!("hanport_{word}_watthours_total");
        page.family(&name, Kind::Counter, &format!("{help} in watt-hours."), watt_hours);
    }
}

fn frames(page: &mut Page, views: &[Arc<View>]) {
    let samples = views.iter().flat_map(|view| {
        [("ok", view.port.messages), ("fault", view.port.faults)].map(|(result, count)| {
            let mut labels = of(view);
            labels.push(("result", result.to_owned()));
            (labels, count)
        })
    });
    let help = "Frames by result of decoding.";
    page.family("hanport_frames_total", Kind::Counter, help, samples);
    let last = views
        .iter()
        .filter_map(|view| Some((of(view), Number::new(view.port.last_message?.0, -3))));
    let help = "Unix time of the newest accepted frame.";
    page.family("hanport_last_frame_timestamp_seconds", Kind::Gauge, help, last);
    let status = views.iter().map(|view| {
        let mut labels = of(view);
        labels.push(("status", view.port.status.name().to_owned()));
        (labels, 1)
    });
    let help = "The status of the port: the one whose value is 1.";
    page.family("hanport_port_status", Kind::Gauge, help, status);
}

fn money(page: &mut Page, views: &[Arc<View>]) {
    let with = || views.iter().filter_map(|view| Some((view, view.money.as_deref()?)));
    for (name, help, export) in [
        ("hanport_price_per_kwh", "What a kilowatt-hour from the grid costs.", false),
        ("hanport_export_price_per_kwh", "What a kilowatt-hour to the grid brings.", true),
    ] {
        let samples = with().filter_map(|(view, money)| {
            let price = if export { money.price.export } else { money.price.import }?;
            let mut labels = of(view);
            labels.push(("currency", money.currency.code().to_owned()));
            Some((labels, Number::new(price.0, -6)))
        });
        page.family(name, Kind::Gauge, help, samples);
    }
    let peaks = with().flat_map(|(view, money)| {
        let kept = money.peaks.as_ref().map(|peaks| peaks.kept.as_slice()).unwrap_or_default();
        (1..).zip(kept.iter().filter(|peak| peak.counts)).map(|(rank, peak): (u8, _)| {
            let mut labels = of(view);
            labels.push(("rank", rank.to_string()));
            (labels, exactly::watt_hours(peak.power_mw).0)
        })
    });
    let help = "Mean power of a peak of this month that counts.";
    page.family("hanport_peak_watts", Kind::Gauge, help, peaks);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_announced_and_its_labels_are_quoted() {
        let mut page = Page { text: String::new(), open: false };
        let labels = vec![("meter", "a\"b\\c\nd".to_owned()), ("phase", "l1".to_owned())];
        page.family("hanport_x_total", Kind::Counter, "Help.", [(labels, 7)]);
        page.family("hanport_none", Kind::Gauge, "Nothing.", [(Vec::new(), 1)].into_iter().skip(1));
        assert_eq!(
            page.text,
            "# HELP hanport_x_total Help.\n# TYPE hanport_x_total counter\n\
             hanport_x_total{meter=\"a\\\"b\\\\c\\nd\",phase=\"l1\"} 7\n"
        );
        let mut page = Page { text: String::new(), open: true };
        page.family("hanport_x_total", Kind::Counter, "Help.", [(Vec::new(), 7)]);
        assert_eq!(
            page.text,
            "# HELP hanport_x Help.\n# TYPE hanport_x counter\nhanport_x_total 7\n"
        );
    }

    #[test]
    fn the_process_holds_memory() {
        assert!(resident_octets().unwrap() > 100_000);
    }
}
