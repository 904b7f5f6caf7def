//! A simulated household and meter, octets and all, up to what a publisher hears.

use std::sync::Arc;
use std::time::Duration;

use hanport_core::cipher::key::Key;
use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::energy::{Entry, Recent};
use hanport_engine::identity::Identity;
use hanport_engine::list_type::ListType;
use hanport_engine::money::{
    CheapWindow, CostView, Currency, Level, Missing, Money, MoneyView, PeakView, PeaksView,
    PriceNow, PricePerKwh, PriceSlot, StepView,
};
use hanport_engine::publish::Reader;
use hanport_engine::state::{Effect, Input, Memory, Message, Meter, Origin, Settings};
use hanport_engine::time::UtcMillis;
use hanport_engine::view::{Arrived, PortView, Update, View, What};
use hanport_sim::meter::Personality;
use hanport_sim::scenario::{Scenario, solar_house};
use hanport_sim::simulation::Simulation;
use jiff::tz::TimeZone;

/// Five minutes before ten in the morning.
pub(crate) const START: &str = "2026-06-15T09:55";
const DELAY_MS: i64 = 400;

/// What a publisher hears of a meter in so many minutes. Prices and peaks are made up.
pub(crate) fn updates(meter: &str, minutes: u64) -> Vec<Update> {
    let scenario = Scenario::new(meter, 5, START)
        .unwrap()
        .lasting(Duration::from_mins(minutes))
        .in_house(solar_house());
    let start = UtcMillis::from(scenario.start);
    let mut reading = Reading {
        meter: Meter::new(Settings::default(), scenario.zone.clone(), Memory::default(), start),
        identity: Arc::default(),
        recent: Recent::new(scenario.zone.clone()),
        port: PortView {
            status: hanport_engine::state::PortStatus::Waiting,
            source: "simulated".into(),
            period_ms: None,
            last_message: None,
            messages: 0,
            faults: 0,
            fault: None,
        },
        list: None,
        money: Arc::new(money(start)),
        out: Vec::new(),
    };
    let mut session = Box::new(Session::<4096>::new(options(scenario.personality)));
    let mut message = Message::new(start);
    for record in Simulation::new(&scenario) {
        let sent_ms = i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap();
        let at = start.plus(sent_ms + DELAY_MS);
        let mut input = &record.bytes[..];
        while let Some(event) = session.poll(&mut input) {
            reading.take(&event, at, &mut message, &record.bytes);
        }
        while let Some(event) = session.end() {
            reading.take(&event, at, &mut message, &record.bytes);
        }
    }
    reading.out
}

struct Reading {
    meter: Meter,
    identity: Arc<Identity>,
    recent: Recent,
    port: PortView,
    list: Option<ListType>,
    money: Arc<MoneyView>,
    out: Vec<Update>,
}

impl Reading {
    fn take(&mut self, event: &Event<'_>, at: UtcMillis, message: &mut Message, octets: &[u8]) {
        let Event::Reading(reading) = event else { return };
        message.read(reading, at);
        let mut identity = Identity::clone(&self.identity);
        identity.learn(reading);
        self.identity = Arc::new(identity);
        let mut effects = Vec::new();
        self.meter.apply(&Input::Message(message), &mut effects);
        let list = ListType::of(&message.values);
        self.list = self.list.max(list);
        self.port.messages += 1;
        self.port.last_message = Some(at);
        let mut carried = Vec::new();
        let mut news = Vec::new();
        for effect in effects {
            match effect {
                Effect::Ledger(Entry::Interval(interval)) => {
                    self.recent.take(&interval);
                    news.push(What::Interval(interval));
                }
                Effect::Port(..) => news.push(What::Port),
                Effect::Value(value) if value.origin == Origin::Measured => {
                    carried.push(value.quantity);
                }
                _ => {}
            }
        }
        news.insert(0, What::Message(Arrived { list, carried, octets: octets.into() }));
        self.port.status = self.meter.port().status(at);
        self.port.period_ms = self.meter.port().period_ms();
        let view = Arc::new(View {
            meter: "main".into(),
            name: "House".into(),
            identity: Arc::clone(&self.identity),
            now: at,
            values: self.meter.live().iter().copied().collect(),
            running: self.meter.running(),
            port: self.port.clone(),
            list: self.list,
            net: self.meter.net(),
            fuse_a: None,
            production_w: None,
            energy: self.recent.flows(at, &self.meter.memory().ledger),
            money: Some(Arc::clone(&self.money)),
        });
        self.out.extend(news.into_iter().map(|what| Update { view: Arc::clone(&view), what }));
    }
}

fn options(personality: &Personality) -> Options {
    let security = personality.security;
    Options {
        encryption_key: security.map(|s| Key::new(s.encryption_key)),
        authentication_key: security.and_then(|s| s.authentication_key).map(Key::new),
        hint: None,
    }
}

/// The reader of the tests.
pub(crate) fn reader(start: UtcMillis) -> Reader {
    Reader {
        word: "attic".to_owned(),
        id: "AA:BB:CC:DD:EE:FF".to_owned(),
        name: "ams-1234".to_owned(),
        version: "1.2.3".to_owned(),
        release: None,
        upgrading: None,
        upgrades: false,
        page: Some("http://attic.local:8080/".to_owned()),
        started: start,
        zone: TimeZone::get("Europe/Oslo").unwrap(),
    }
}

const HOUR: i64 = 3_600_000;

/// Hourly prices of 2026-06-15 in UTC up to the end of the day, costs and peaks.
fn money(start: UtcMillis) -> MoneyView {
    let midnight = UtcMillis(start.0.div_euclid(24 * HOUR) * 24 * HOUR);
    let curve: Vec<_> = (0..24i64)
        .map(|hour| {
            let import = PricePerKwh(1_000_000 + (hour - 12).abs() * 12_345);
            PriceSlot {
                range: midnight.plus(hour * HOUR)..midnight.plus((hour + 1) * HOUR),
                spot: Some(PricePerKwh(import.0 / 2)),
                import: Some(import),
                export: Some(PricePerKwh(import.0 / 2 - 600_000)),
            }
        })
        .collect();
    let period = |cost: i64, income: i64| CostView {
        range: midnight..midnight.plus(24 * HOUR),
        import_wh: Some(1000),
        export_wh: Some(500),
        cost: Some(Money(cost)),
        income: Some(Money(income)),
        fees: Money::ZERO,
        missing: Missing::default(),
    };
    let step = |from_w, to_w| StepView { from_w, to_w, fee: Money::ONE };
    let peak = |day, weighted_mw, counts| PeakView {
        start: midnight.plus(-24 * HOUR * day),
        date: midnight.timestamp().to_zoned(TimeZone::UTC).date(),
        hour: 0,
        minute: 0,
        wh: weighted_mw / 1000,
        power_mw: weighted_mw,
        weighted_mw,
        counts,
    };
    MoneyView {
        currency: Currency::NOK,
        area: "NO1".into(),
        source: None,
        resolution_min: 60,
        export_differs: true,
        price: PriceNow {
            spot: Some(PricePerKwh(524_690)),
            import: Some(PricePerKwh(1_049_380)),
            export: Some(PricePerKwh(-75_310)),
            rank: Some(9),
            of: 24,
            level: Some(Level::Normal),
        },
        cheapest: vec![CheapWindow {
            hours: 1,
            start: midnight.plus(12 * HOUR),
            mean: PricePerKwh::ONE,
        }],
        curve,
        hour: period(1_234_567_890, 10_000_000),
        day: period(23_456_000_000, 345_000_000),
        yesterday: period(1, 1),
        month: period(345_678_900_000, 12_345_000_000),
        last_month: period(1, 1),
        peaks: Some(PeaksView {
            tariff: "Capacity".into(),
            window_min: 60,
            wanted: 3,
            distinct_days: true,
            kept: vec![
                peak(3, 5_123_456, true),
                peak(2, 4_000_000, true),
                peak(1, 3_500_000, true),
                peak(5, 1_000_000, false),
            ],
            figure_mw: Some(4_207_818),
            provisional: false,
            steps: vec![step(0, Some(2000)), step(2000, Some(5000)), step(5000, Some(10_000))],
            step: Some(step(2000, Some(5000))),
            next: Some(step(5000, Some(10_000))),
            per_kw: None,
            fee: Some(Money::ONE),
            forecast: None,
            months: Vec::new(),
        }),
        trouble: None,
    }
}
