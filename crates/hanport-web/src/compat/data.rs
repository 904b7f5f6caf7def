//! `/data.json`: everything of now in one flat object.

use hanport_core::number::Number;
use hanport_core::quantity::{Measure, Phase, Quantity};
use hanport_engine::energy::Register;
use hanport_engine::list_type::ListType;
use hanport_engine::money::{CostView, Money, MoneyView, PricePerKwh};
use hanport_engine::state::{LiveValue, Net, Origin};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Flow, View};

use super::codes;
use super::writer::Document;
use crate::services::{Service, ServiceState};

/// What the document is made of.
#[derive(Debug)]
pub(crate) struct Sources<'a> {
    pub view: Option<&'a View>,
    pub services: &'a [Service],
    pub now: UtcMillis,
    pub started: UtcMillis,
    /// Whether who asks may change things.
    pub admin: bool,
    pub unknown_as_null: bool,
}

/// The document.
pub(crate) fn document(sources: &Sources<'_>) -> String {
    let Sources { view, now, .. } = *sources;
    let mut out = Document::new(sources.unknown_as_null);
    let live = Values { view, now };
    out.count("im", gauge(live));
    out.count("om", i64::from(view.and_then(|view| view.production_w).unwrap_or(0)) / 1000);
    out.count("mf", view.and_then(|view| view.fuse_a).filter(|a| *a > 0).unwrap_or(40).into());
    powers(&mut out, live);
    registers(&mut out, live);
    out.decimal("f", live.total(Measure::PowerFactor), 2);
    for phase in [Phase::L1, Phase::L2, Phase::L3] {
        out.object(phase_key(phase), |out| of_phase(out, live, phase));
    }
    device(&mut out, sources);
    let money = view.and_then(|view| view.money.as_deref());
    let price = money.map(|money| money.price);
    price_of(&mut out, "p", price.and_then(|price| price.import));
    price_of(&mut out, "px", price.and_then(|price| price.export));
    out.count("mt", codes::maker(view));
    out.count("ds", codes::net(view.and_then(|view| view.net)));
    out.object("ea", |out| accounting(out, view, money));
    out.flag("pe", price.is_some_and(|price| price.import.is_some()));
    out.text("pr", money.map_or("", |money| &money.area));
    out.text("pc", money.map_or("", |money| money.currency.code()));
    out.count("he", codes::fault(view));
    let trouble = money.and_then(|money| money.trouble.as_ref());
    out.count("ee", trouble.map_or(0, |(code, _)| (*code).into()));
    out.count("c", now.seconds());
    out.flag("a", sources.admin);
    out.finish()
}

/// The fresh values of a view.
#[derive(Clone, Copy, Debug)]
struct Values<'a> {
    view: Option<&'a View>,
    now: UtcMillis,
}

impl Values<'_> {
    fn live(&self, quantity: Quantity) -> Option<&LiveValue> {
        self.view?.value(quantity).filter(|value| value.is_fresh(self.now))
    }

    fn number(&self, quantity: Quantity) -> Option<Number> {
        self.live(quantity).map(|value| value.number)
    }

    fn total(&self, measure: Measure) -> Option<Number> {
        self.number(Quantity::total(measure))
    }

    fn watts(&self, measure: Measure) -> Option<i64> {
        self.total(measure)?.in_units_of(0)
    }

    fn phase(&self, measure: Measure, phase: Phase) -> Option<Number> {
        self.number(Quantity::of_phase(measure, phase))
    }
}

const fn phase_key(phase: Phase) -> &'static str {
    match phase {
        Phase::All | Phase::L1 => "l1",
        Phase::L2 => "l2",
        Phase::L3 => "l3",
    }
}

/// Import, export and net in watts, whichever the meter states.
fn active(live: Values<'_>) -> (Option<i64>, Option<i64>, Option<i64>) {
    let net = live.watts(Measure::ActiveNet);
    let import = live.watts(Measure::ActiveImport).or_else(|| net.map(|net| net.max(0)));
    let export =
        live.watts(Measure::ActiveExport).or_else(|| net.map(|net| net.saturating_neg().max(0)));
    let net = match (import, export) {
        (Some(import), export) => Some(import.saturating_sub(export.unwrap_or(0))),
        (None, Some(export)) => Some(export.saturating_neg()),
        (None, None) => net,
    };
    (import, export, net)
}

fn powers(out: &mut Document, live: Values<'_>) {
    let (import, export, net) = active(live);
    out.whole("i", import);
    out.whole("e", export);
    out.whole("w", net);
    out.whole("ri", live.watts(Measure::ReactiveImport));
    out.whole("re", live.watts(Measure::ReactiveExport));
}

/// Registers in kilowatt-hours: as they would read now, or as they were last stated.
fn registers(out: &mut Document, live: Values<'_>) {
    let running = |register: Register| {
        let running = live.view.and_then(|view| view.running.of(register).as_ref());
        let stated = || live.total(register.energy()).map(|number| number.shifted(-3));
        running.map(|running| Number::new(running.mwh(), -6)).or_else(stated)
    };
    let tariff = |measure, tariff| {
        live.number(Quantity { measure, phase: Phase::All, tariff }).map(|n| n.shifted(-3))
    };
    for (key, register) in [("ic", Register::ActiveImport), ("ec", Register::ActiveExport)] {
        out.decimal(key, running(register), 3);
        for number in [1, 2] {
            out.decimal(&format!("{key}t{number}"), tariff(register.energy(), number), 3);
        }
    }
    out.decimal("ric", running(Register::ReactiveImport), 3);
    out.decimal("rec", running(Register::ReactiveExport), 3);
}

fn of_phase(out: &mut Document, live: Values<'_>, phase: Phase) {
    out.decimal("u", live.phase(Measure::Voltage, phase), 2);
    out.decimal("i", live.phase(Measure::Current, phase), 2);
    out.decimal("p", live.phase(Measure::ActiveImport, phase), 0);
    out.decimal("q", live.phase(Measure::ActiveExport, phase), 0);
    out.decimal("f", live.phase(Measure::PowerFactor, phase), 2);
    if phase == Phase::L2 {
        out.flag("e", misses_l2(live));
    }
}

/// Whether the meter states the currents beside L2 but not that one.
fn misses_l2(live: Values<'_>) -> bool {
    let stated = |phase| {
        let value = live.live(Quantity::of_phase(Measure::Current, phase));
        value.is_some_and(|value| value.origin == Origin::Measured)
    };
    stated(Phase::L1) && stated(Phase::L3) && !stated(Phase::L2)
}

/// What the original tells of its own hardware, and the lights.
fn device(out: &mut Document, sources: &Sources<'_>) {
    out.decimal("v", Some(Number::new(0, 0)), 3);
    out.count("r", 0);
    out.decimal("t", Some(Number::new(-127, 0)), 2);
    out.count("u", sources.now.since(sources.started).max(0) / 1000);
    out.count("m", 0);
    out.count("em", 1);
    out.count("hm", codes::port(sources.view));
    out.count("wm", 1);
    let mqtt = sources.services.iter().filter(|service| service.id == "mqtt");
    let worst = mqtt.max_by_key(|service| service.state);
    out.count("mm", worst.map_or(ServiceState::Disabled, |service| service.state).code());
    out.count("me", worst.map_or(0, |service| service.code));
    let all = sources.services.iter().map(|service| service.state).max();
    out.count("sa", all.unwrap_or_default().code());
}

/// Two decimals above one unit, four below.
fn price_of(out: &mut Document, key: &str, price: Option<PricePerKwh>) {
    let large = price.is_some_and(|price| price.0.unsigned_abs() > 1_000_000);
    out.decimal_or_null(key, price.map(per_kwh), if large { 2 } else { 4 });
}

/// A price as a number of the currency unit.
pub(crate) const fn per_kwh(price: PricePerKwh) -> Number {
    Number::new(price.0, -6)
}

fn accounting(out: &mut Document, view: Option<&View>, money: Option<&MoneyView>) {
    let peaks = money.and_then(|money| money.peaks.as_ref());
    let figure = peaks.and_then(|peaks| peaks.figure_mw);
    // a mean power of a clock hour in kW is its energy in kWh
    out.decimal("x", figure.map(|mw| Number::new(mw, -6)), 1);
    out.array("p", |out| {
        let wanted = peaks.map_or(1, |peaks| usize::from(peaks.wanted).clamp(1, 5));
        for place in 0..wanted {
            let peak = peaks.and_then(|peaks| peaks.kept.get(place));
            out.item(peak.map(|peak| Number::new(peak.power_mw, -6)), 2);
        }
    });
    let step = peaks.and_then(|peaks| peaks.step).and_then(|step| step.to_w);
    out.count("t", (step.unwrap_or(0) / 1000).clamp(0, 255));
    let flows = view.map(|view| view.energy).unwrap_or_default();
    period(out, "h", flows.hour, money.map(|money| &money.hour));
    period(out, "d", flows.day, money.map(|money| &money.day));
    period(out, "m", flows.month, money.map(|money| &money.month));
}

/// Energy and money of a period: `u`, `c`, `p` and `i`.
pub(crate) fn period(out: &mut Document, key: &str, flow: Option<Flow>, cost: Option<&CostView>) {
    let kwh = |wh: i64| Number::new(wh, -3);
    let amount = |money: Money| Number::new(money.0, -9);
    let used = flow.map(|flow| flow.import_wh).or_else(|| cost?.import_wh);
    let produced = flow.map(|flow| flow.export_wh).or_else(|| cost?.export_wh);
    out.object(key, |out| {
        out.decimal("u", used.map(kwh), 2);
        out.decimal("c", cost.and_then(|cost| cost.cost).map(amount), 2);
        out.decimal("p", produced.map(kwh), 2);
        out.decimal("i", cost.and_then(|cost| cost.income).map(amount), 2);
    });
}

/// Full scale of the gauge in watts: what the fuse lets through.
fn gauge(live: Values<'_>) -> i64 {
    const SQRT_3_BILLIONTHS: i64 = 1_732_050_808;
    let has = |phase| live.phase(Measure::Voltage, phase).is_some_and(|volts| volts.mantissa > 0);
    let voltages = [Phase::L1, Phase::L2, Phase::L3].into_iter().filter(|phase| has(*phase));
    let voltages = voltages.count();
    let known = live.view.filter(|view| view.list.is_some_and(|list| list >= ListType::Two));
    let fuse = known.and_then(|view| view.fuse_a).filter(|amperes| *amperes > 0);
    let net = known.and_then(|view| view.net);
    match fuse.zip(net) {
        Some((fuse, net)) => {
            let volts = match net {
                Net::Delta230 => 230,
                Net::Star400 => 400,
            };
            let fuse = i64::from(fuse);
            match voltages {
                3 => fuse * volts * SQRT_3_BILLIONTHS / 1_000_000_000,
                2 => fuse * volts,
                _ => fuse * 230,
            }
        }
        None if voltages > 1 => 20_000,
        None => 10_000,
    }
}
