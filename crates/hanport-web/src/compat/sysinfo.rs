//! `/sysinfo.json`: the device, as far as a program on a machine has what the original tells.

use hanport_engine::money::CostView;
use hanport_engine::time::UtcMillis;
use hanport_engine::view::View;
use jiff::tz::TimeZone;

use super::codes;
use super::data::period;
use super::writer::Document;
use crate::outside::Machine;
use crate::services::Service;

/// What the document is made of.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    pub view: Option<&'a View>,
    pub machine: &'a Machine,
    pub services: &'a [Service],
    pub zone: &'a TimeZone,
    pub now: UtcMillis,
    /// 0 no login, 1 for changes, 2 for everything.
    pub security: i64,
    /// The path of the settings, without its slash.
    pub context: &'a str,
    pub unknown_as_null: bool,
}

/// The document.
pub(crate) fn document(sources: &Sources<'_>) -> String {
    let Sources { view, machine, .. } = *sources;
    let mut out = Document::new(sources.unknown_as_null);
    out.text("version", &machine.version);
    out.text("chip", "linux");
    out.text("chipId", &chip_id(&machine.mac));
    out.count("cpu", 0);
    out.text("mac", &machine.mac);
    out.text("apmac", "");
    out.count("board", 0);
    out.flag("vndcfg", true);
    out.flag("usrcfg", true);
    out.count("fwconsent", 2);
    out.text("hostname", &machine.hostname);
    out.flag("booting", false);
    out.flag("upgrading", false);
    out.object("net", |out| {
        for key in ["ip", "mask", "gw", "dns1", "dns2", "ipv6", "dns1v6", "dns2v6"] {
            out.text(key, "");
        }
    });
    out.object("if", |out| out.flag("eth", true));
    out.object("meter", |out| {
        let identity = view.map(|view| &view.identity);
        let text = |text: Option<&Option<String>>| {
            text.and_then(|text| text.as_deref()).unwrap_or("").to_owned()
        };
        out.count("mfg", codes::maker(view));
        out.text("model", &text(identity.map(|identity| &identity.model)));
        out.text("id", &text(identity.map(|identity| &identity.number)));
    });
    out.object("ui", elements);
    out.count("security", sources.security);
    out.text("context", sources.context);
    out.count("boot_reason", 0);
    out.count("ex_cause", 0);
    out.object("upgrade", |out| {
        out.count("c", 0);
        out.count("e", 0);
        for key in ["f", "t", "n"] {
            out.text(key, "");
        }
        out.decimal("p", Some(hanport_core::number::Number::new(-1, 0)), 1);
    });
    last_month(&mut out, view);
    out.count("clock_offset", clock_offset(sources.now, sources.zone));
    out.array("features", |_| {});
    out.array("services", |out| {
        for service in sources.services {
            out.object_item(|out| of_service(out, service));
        }
    });
    out.finish()
}

/// The last three octets of the hardware address, as hexadecimal digits.
fn chip_id(mac: &str) -> String {
    let digits: String = mac.chars().filter(char::is_ascii_hexdigit).collect();
    let from = digits.len().saturating_sub(6);
    let last = digits.get(from..).unwrap_or("").to_ascii_lowercase();
    format!("{last:0>6}")
}

/// Which elements of the original's page are shown: where there is a choice, when there is data.
fn elements(out: &mut Document) {
    const WHEN_THERE_IS_DATA: i64 = 2;
    for key in ["i", "e", "v", "a", "r", "c", "t", "p", "d", "m", "s", "l", "h", "f"] {
        out.count(key, WHEN_THERE_IS_DATA);
    }
    out.count("k", 2);
    out.text("lang", "en");
}

fn last_month(out: &mut Document, view: Option<&View>) {
    let flow = view.and_then(|view| view.energy.last_month);
    let cost: Option<&CostView> =
        view.and_then(|view| view.money.as_deref()).map(|money| &money.last_month);
    period(out, "last_month", flow, cost);
}

/// Whole hours that local time is ahead of UTC, as 16 bits without a sign.
fn clock_offset(now: UtcMillis, zone: &TimeZone) -> i64 {
    let hours = i64::from(zone.to_offset(now.timestamp()).seconds()).div_euclid(3600);
    hours.rem_euclid(65_536)
}

fn of_service(out: &mut Document, service: &Service) {
    out.text("k", &service.id);
    out.count("s", service.state.code());
    out.count("e", service.code);
    out.text("d", &service.detail);
    if !service.name.is_empty() {
        out.text("n", &service.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_behind_utc_wraps_as_it_does_in_the_original() {
        let at = UtcMillis(1_768_042_800_000);
        let zone = |name: &str| TimeZone::get(name).unwrap();
        assert_eq!(clock_offset(at, &zone("Europe/Oslo")), 1);
        assert_eq!(clock_offset(at, &zone("Atlantic/Azores")), 65_535);
    }

    #[test]
    fn the_chip_has_at_least_six_digits() {
        assert_eq!(chip_id("DC:A6:32:0B:1C:2D"), "0b1c2d");
        assert_eq!(chip_id(""), "000000");
    }
}
