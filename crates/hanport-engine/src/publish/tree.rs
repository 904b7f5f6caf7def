//! hanport's own topics.
//!
//! ```text
//!  <prefix>/<reader>/status            online; will: offline                        retained
//!  <prefix>/<reader>/<meter>/status    online while messages come                   retained
//!  <prefix>/<reader>/<meter>/state     everything that is fresh, with every message
//!  <prefix>/<reader>/<meter>/interval  each quarter-hour that is booked             queued
//!  <prefix>/<reader>/<meter>/register  the registers, once a quarter-hour           queued
//!  <prefix>/<reader>/<meter>/account   energy, cost, once a quarter-hour            queued, retained
//!  <prefix>/<reader>/<meter>/price     when prices or the running slot change       retained
//!  <prefix>/<reader>/<meter>/peaks     when peaks change                            retained
//! ```
//!
//! Everything has `v`, the version of its form, and `t`, when it was so. Units are those of the
//! International System, in the names: `active_import_w`; kWh only for what grows. What is not
//! known is not there. `active_import_kwh` grows with every message, `active_import_official_kwh`
//! is what the meter stated last.
//!
//! What is queued arrives with its own time, later if need be, in order. An interval is known by
//! its meter, register, `start` and `standing`: whoever gets one twice has the same twice.

use std::sync::Arc;

use hanport_core::number::Number;

use super::books::{Books, Prices, Span, amount, price};
use super::figures::{kilo, meter_id};
use super::outgoing::{Keeping, Outgoing, Qos};
use super::text::{Object, Places, Unknown, array, fixed, iso};
use crate::energy::{Interval, QuarterHour, Register};
use crate::money::{MoneyView, PeaksView};
use crate::state::PortStatus;
use crate::time::UtcMillis;
use crate::view::View;

/// The version of the form of the messages.
pub const FORM: i64 = 1;

/// hanport's own topics of one meter.
#[derive(Clone, Debug)]
pub struct Tree {
    base: String,
    online: Option<bool>,
    /// The quarter for which registers were told.
    registers: Option<QuarterHour>,
    /// The newest view.
    account: Option<Arc<View>>,
    money: Option<Arc<MoneyView>>,
}

impl Tree {
    /// Below `<prefix>/<reader>/<meter>`.
    pub const fn new(base: String) -> Self {
        Self { base, online: None, registers: None, account: None, money: None }
    }

    /// The topic of something of this meter.
    pub fn topic(&self, below: &str) -> String {
        format!("{}/{below}", self.base)
    }

    /// The connection was made anew: what stands is told again by the sender; prices and peaks
    /// here, with the next view.
    pub fn connected(&mut self) {
        self.money = None;
    }

    /// The next status is told even where it is the same.
    pub const fn announce_status_again(&mut self) {
        self.online = None;
    }

    /// Whether the meter is there, when that changed.
    pub fn status(&mut self, view: &View) -> Option<Outgoing> {
        let online = matches!(view.port.status, PortStatus::Good | PortStatus::Late);
        if self.online.replace(online) == Some(online) {
            return None;
        }
        let word = if online { "online" } else { "offline" };
        Some(Outgoing::standing(self.topic("status"), "status", word, view.now).of(&view.meter))
    }

    /// Everything that is fresh.
    pub fn state(&self, view: &View) -> Outgoing {
        let mut state = begin(view.now);
        if let Some(id) = meter_id(view) {
            state.text("meter_id", &id);
        }
        for value in &view.values {
            state.exact(&value.quantity.to_string(), Some(value.number));
        }
        for register in Register::ALL {
            if let Some(running) = view.running.of(register) {
                let kwh = |mwh| Some(kilo(Number::new(mwh, -3)));
                state.fixed(&running_key(register), kwh(running.mwh()), 3);
                state.fixed(&official_key(register), kwh(running.official().value.mwh), 3);
            }
        }
        state.text("port", view.port.status.name());
        let problem = !matches!(view.port.status, PortStatus::Good | PortStatus::Waiting);
        state.raw("problem", if problem { "true" } else { "false" });
        state.raw("messages", &view.port.messages.to_string());
        state.raw("faults", &view.port.faults.to_string());
        Outgoing::live(self.topic("state"), "state", state.finish(), view.now).of(&view.meter)
    }

    /// A quarter-hour that was booked.
    pub fn interval(&self, view: &View, interval: &Interval) -> Outgoing {
        let mut message = begin(interval.quarter.end());
        message.text("register", interval.register.name());
        message.text("start", &iso(interval.quarter.start()));
        message.text("end", &iso(interval.quarter.end()));
        let unit = match interval.register {
            Register::ActiveImport | Register::ActiveExport => "wh",
            Register::ReactiveImport | Register::ReactiveExport => "varh",
        };
        message.int(unit, interval.wh).text("quality", interval.quality.name());
        message.text(
            "standing",
            match interval.standing {
                crate::energy::Standing::Provisional => "provisional",
                crate::energy::Standing::Settled => "settled",
            },
        );
        self.queued("interval", message.finish(), view)
    }

    /// The registers as the meter stated them, with the first reading of each quarter-hour.
    pub fn registers(&mut self, view: &View) -> Option<Outgoing> {
        let newest = Register::ALL
            .iter()
            .filter_map(|register| view.running.of(*register).as_ref())
            .map(crate::energy::Running::official)
            .max_by_key(|official| official.received)?;
        let quarter = QuarterHour::containing(newest.received);
        if newest.received != view.now || self.registers.is_some_and(|told| told >= quarter) {
            return None;
        }
        self.registers = Some(quarter);
        let mut message = begin(newest.at);
        for register in Register::ALL {
            if let Some(running) = view.running.of(register) {
                let official = running.official();
                if official.received == view.now {
                    let key = format!("{}_{}", register.name(), unit_of(register));
                    message.exact(&key, Some(whole_if(official.value.mwh)));
                }
            }
        }
        Some(self.queued("register", message.finish(), view))
    }

    /// Energy and cost of the running periods as they stood at the end of each quarter-hour: the
    /// last view before it.
    pub fn account(&mut self, view: &Arc<View>) -> Option<Outgoing> {
        let before = self.account.replace(Arc::clone(view));
        let standing = match &before {
            None => view,
            Some(before) if !Books(before).begun() => view,
            Some(before)
                if QuarterHour::containing(before.now) < QuarterHour::containing(view.now) =>
            {
                before
            }
            Some(_) => return None,
        };
        Books(standing).begun().then(|| self.account_of(standing))
    }

    fn account_of(&self, view: &View) -> Outgoing {
        let books = Books(view);
        let mut message = begin(view.now);
        if let Some(money) = view.money.as_deref() {
            message.text("currency", money.currency.code());
        }
        for (key, span, flow) in [
            ("hour", Span::Hour, view.energy.hour),
            ("day", Span::Day, view.energy.day),
            ("month", Span::Month, view.energy.month),
        ] {
            let Some(flow) = flow else { continue };
            let mut period = Object::new(Unknown::Left);
            period.text("since", &iso(flow.since));
            period.fixed("import_kwh", books.used(span), 3);
            period.fixed("export_kwh", books.produced(span), 3);
            period.fixed("cost", books.cost(span), 4).fixed("income", books.income(span), 4);
            period.text("quality", flow.quality.name());
            message.object(key, period);
        }
        self.queued("account", message.finish(), view).retained(true)
    }

    fn queued(&self, below: &'static str, payload: String, view: &View) -> Outgoing {
        Outgoing {
            qos: Qos::AtLeastOnce,
            ..Outgoing::live(self.topic(below), below, payload, view.now)
        }
        .of(&view.meter)
        .kept(Keeping::Queued)
    }

    /// Prices and peaks, where they changed.
    pub fn money(&mut self, view: &View, out: &mut Vec<Outgoing>) {
        let Some(money) = view.money.as_ref() else { return };
        let before = self.money.as_deref();
        if before.is_none_or(|before| before.price != money.price || before.curve != money.curve)
            && let Some(text) = prices(view)
        {
            let message = Outgoing::standing(self.topic("price"), "price", text, view.now);
            out.push(message.of(&view.meter));
        }
        if let Some(peaks) = &money.peaks
            && before.is_none_or(|before| !same_peaks(before.peaks.as_ref(), peaks))
        {
            let text = peaks_text(peaks, view.now);
            let message = Outgoing::standing(self.topic("peaks"), "peaks", text, view.now);
            out.push(message.of(&view.meter));
        }
        self.money = Some(Arc::clone(money));
    }
}

const fn kilo_unit(register: Register) -> &'static str {
    match register {
        Register::ActiveImport | Register::ActiveExport => "kwh",
        Register::ReactiveImport | Register::ReactiveExport => "kvarh",
    }
}

/// The word of a register as it would read now: `active_import_kwh`.
pub fn running_key(register: Register) -> String {
    format!("{}_{}", register.name(), kilo_unit(register))
}

/// The word of a register as the meter stated it last: `active_import_official_kwh`.
pub fn official_key(register: Register) -> String {
    format!("{}_official_{}", register.name(), kilo_unit(register))
}

const fn unit_of(register: Register) -> &'static str {
    match register {
        Register::ActiveImport | Register::ActiveExport => "wh",
        Register::ReactiveImport | Register::ReactiveExport => "varh",
    }
}

/// Whole watt-hours where there are no thousandths.
const fn whole_if(mwh: i64) -> Number {
    if mwh % 1000 == 0 { Number::new(mwh / 1000, 0) } else { Number::new(mwh, -3) }
}

fn begin(at: UtcMillis) -> Object {
    let mut object = Object::new(Unknown::Left);
    object.int("v", FORM).text("t", &iso(at));
    object
}

/// Peaks without what changes with every message.
fn same_peaks(before: Option<&PeaksView>, now: &PeaksView) -> bool {
    before.is_some_and(|before| {
        before.kept == now.kept && before.figure_mw == now.figure_mw && before.step == now.step
    })
}

fn prices(view: &View) -> Option<String> {
    let prices = Prices::of(view)?;
    let money = view.money.as_deref()?;
    let mut message = begin(view.now);
    message.text("currency", prices.currency()).text("area", &money.area);
    message.int("resolution_min", i64::from(prices.resolution_min()));
    let now = money.price;
    for (key, value) in [("spot", now.spot), ("import", now.import), ("export", now.export)] {
        message.fixed(key, value.map(price), 4);
    }
    if let Some(level) = now.level {
        message.text("level", level.name());
    }
    if let Some(rank) = now.rank {
        message.int("rank", i64::from(rank)).int("of", i64::from(now.of));
    }
    let mut cheapest = Object::new(Unknown::Left);
    for window in &money.cheapest {
        let mut found = Object::new(Unknown::Left);
        found.text("start", &iso(window.start)).fixed("mean", Some(price(window.mean)), 4);
        cheapest.object(&format!("{}h", window.hours), found);
    }
    message.object("cheapest", cheapest);
    let points = prices.points();
    if let Some(first) = points.first() {
        message.text("from", &iso(first.range.start));
    }
    let row = |way: fn(&crate::money::PriceSlot) -> Option<crate::money::PricePerKwh>| {
        let texts = points.iter().map(|slot| {
            way(slot).and_then(|known| fixed(price(known), 4)).unwrap_or_else(|| "null".to_owned())
        });
        array(texts)
    };
    message.raw("import_ahead", &row(|slot| slot.import));
    if prices.export_differs() {
        message.raw("export_ahead", &row(|slot| slot.export));
    }
    Some(message.finish())
}

fn kilowatts(mw: i64) -> Number {
    Number::new(mw, -6)
}

fn peaks_text(peaks: &PeaksView, now: UtcMillis) -> String {
    const PLACES: Places = 3;
    let mut message = begin(now);
    message.text("tariff", &peaks.tariff).int("window_min", i64::from(peaks.window_min));
    message.fixed("figure_kw", peaks.figure_mw.map(kilowatts), PLACES);
    message.raw("provisional", if peaks.provisional { "true" } else { "false" });
    if let Some(step) = peaks.step {
        message.int("step_from_w", step.from_w);
        message.exact("step_to_w", step.to_w.map(|w| Number::new(w, 0)));
    }
    message.fixed("fee", peaks.fee.map(amount), 2);
    let kept = peaks.kept.iter().map(|peak| {
        let mut kept = Object::new(Unknown::Left);
        kept.text("start", &iso(peak.start)).int("wh", peak.wh);
        kept.fixed("kw", Some(kilowatts(peak.weighted_mw)), PLACES);
        kept.raw("counts", if peak.counts { "true" } else { "false" });
        kept.finish()
    });
    message.raw("peaks", &array(kept));
    message.finish()
}
