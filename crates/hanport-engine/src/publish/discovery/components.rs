//! What an entity of Home Assistant is: its class, unit, name and where its value stands.
//!
//! Home Assistant refuses a whole entity for a unit that does not belong to its class, and a
//! price with the class `monetary`; the table keeps to its rules.

use hanport_core::quantity::{Measure, Phase, Quantity};

use super::super::text::{Object, Unknown};
use super::super::tree::{official_key, running_key};
use crate::energy::Register;

/// Which topic an entity reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `account`.
    Account,
    /// `peaks`.
    Peaks,
    /// `price`.
    Price,
    /// `state`; its values become unknown when no message comes.
    State,
}

/// One entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Component {
    /// Its key: with the number of the meter it makes the unique id, for ever.
    pub key: String,
    /// Its name without the name of the device.
    pub name: String,
    /// Which topic it reads.
    pub source: Source,
    /// The template of its value.
    pub template: String,
    /// `binary_sensor` instead of `sensor`.
    pub is_binary: bool,
    /// The device class; empty for none.
    pub class: &'static str,
    /// The state class; empty for none.
    pub state: &'static str,
    /// The unit; empty for none.
    pub unit: String,
    /// Decimals to show, where that is not plain.
    pub places: Option<u8>,
    /// Whether it is about the reader's work rather than the household.
    pub is_diagnostic: bool,
    /// Whether it is shown without being asked for.
    pub is_enabled: bool,
    /// The words it may have, for the class `enum`.
    pub options: &'static [&'static str],
    /// The template of the instant from which it counts.
    pub since: Option<String>,
}

impl Component {
    fn new(key: &str, name: &str, source: Source) -> Self {
        Self {
            key: key.to_owned(),
            name: name.to_owned(),
            source,
            template: plain(key),
            is_binary: false,
            class: "",
            state: "",
            unit: String::new(),
            places: None,
            is_diagnostic: false,
            is_enabled: true,
            options: &[],
            since: None,
        }
    }

    fn of(mut self, class: &'static str, state: &'static str, unit: &str) -> Self {
        self.class = class;
        self.state = state;
        unit.clone_into(&mut self.unit);
        self
    }

    fn places(mut self, places: u8) -> Self {
        self.places = Some(places);
        self
    }

    fn at(mut self, template: String) -> Self {
        self.template = template;
        self
    }

    const fn diagnostic(mut self) -> Self {
        self.is_diagnostic = true;
        self
    }

    const fn asleep(mut self) -> Self {
        self.is_enabled = false;
        self
    }

    /// The component as it stands in the message of a device. `topic` is that of its source.
    pub fn write(&self, unique: &str, topic: &str, expire_s: Option<i64>) -> Object {
        let mut text = Object::new(Unknown::Left);
        text.text("p", self.platform()).text("name", &self.name).text("uniq_id", unique);
        if self.source != Source::State {
            text.text("stat_t", topic);
        }
        text.text("val_tpl", &self.template);
        for (key, word) in [
            ("dev_cla", self.class),
            ("stat_cla", self.state),
            ("unit_of_meas", self.unit.as_str()),
        ] {
            if !word.is_empty() {
                text.text(key, word);
            }
        }
        if let Some(places) = self.places {
            text.int("sug_dsp_prc", i64::from(places));
        }
        if let Some(since) = &self.since {
            text.text("lrst_val_tpl", since);
        }
        if !self.options.is_empty() {
            let words = self.options.iter().map(|word| format!("\"{word}\""));
            text.raw("ops", &super::super::text::array(words));
        }
        if self.is_diagnostic {
            text.text("ent_cat", "diagnostic");
        }
        if !self.is_enabled {
            text.raw("en", "false");
        }
        if let Some(seconds) = expire_s.filter(|_| self.source == Source::State) {
            text.int("exp_aft", seconds);
        }
        text
    }

    /// The platform.
    pub const fn platform(&self) -> &'static str {
        if self.is_binary { "binary_sensor" } else { "sensor" }
    }
}

/// A value by its key; unknown when it is not there.
fn plain(key: &str) -> String {
    format!("{{{{value_json.{key}|default(none)}}}}")
}

/// A value in an object that may not be there either.
fn inside(outer: &str, key: &str) -> String {
    format!("{{{{(value_json.{outer}|default({{}})).{key}|default(none)}}}}")
}

/// The entity of a live value; `None` for what has another entity, or none. `assumed` tells that
/// the value rests on an assumption.
pub fn of_value(quantity: Quantity, assumed: bool) -> Option<Component> {
    use Measure as M;
    let key = quantity.to_string();
    let (name, class, unit, places) = match quantity.measure {
        M::ActiveImport => ("Power from grid", "power", "W", 0),
        M::ActiveExport => ("Power to grid", "power", "W", 0),
        M::ActiveNet => ("Grid power", "power", "W", 0),
        M::ReactiveImport => ("Reactive power import", "reactive_power", "var", 0),
        M::ReactiveExport => ("Reactive power export", "reactive_power", "var", 0),
        M::Voltage => ("Voltage", "voltage", "V", 1),
        M::Current => ("Current", "current", "A", 2),
        M::Frequency => ("Frequency", "frequency", "Hz", 2),
        M::PowerFactor => ("Power factor", "power_factor", "%", 0),
        M::ActiveImportEnergy | M::ActiveExportEnergy => return part_register(quantity, &key),
        _ => return None,
    };
    let mut name = name.to_owned();
    if let Some(phase) = phase_name(quantity.phase) {
        name = format!("{name} {phase}");
    }
    let mut component = Component::new(&key, &name, Source::State);
    component = component.of(class, "measurement", unit).places(places);
    if quantity.measure == M::PowerFactor {
        component.template =
            format!("{{{{value_json.{key}*100 if value_json.{key} is defined else none}}}}");
    }
    Some(if assumed { component.asleep() } else { component })
}

const fn phase_name(phase: Phase) -> Option<&'static str> {
    match phase {
        Phase::All => None,
        Phase::L1 => Some("L1"),
        Phase::L2 => Some("L2"),
        Phase::L3 => Some("L3"),
    }
}

/// A register of a tariff or a phase; the whole ones are elsewhere.
fn part_register(quantity: Quantity, key: &str) -> Option<Component> {
    let name = match quantity.measure {
        Measure::ActiveImportEnergy => "Energy from grid",
        _ => "Energy to grid",
    };
    let part = match (phase_name(quantity.phase), quantity.tariff) {
        (None, 0) => return None,
        (None, tariff) => format!("tariff {tariff}"),
        (Some(phase), _) => phase.to_owned(),
    };
    let component = Component::new(key, &format!("{name} {part}"), Source::State);
    Some(component.of("energy", "total_increasing", "Wh").diagnostic())
}

/// The two entities of a register: as it would read now, and as the meter stated it.
pub fn of_register(register: Register) -> [Component; 2] {
    let (name, class, unit) = match register {
        Register::ActiveImport => ("Energy from grid", "energy", "kWh"),
        Register::ActiveExport => ("Energy to grid", "energy", "kWh"),
        Register::ReactiveImport => ("Reactive energy import", "", "kvarh"),
        Register::ReactiveExport => ("Reactive energy export", "", "kvarh"),
    };
    let state = "total_increasing";
    let running = Component::new(&running_key(register), name, Source::State);
    let official = format!("{name} (official)");
    let official = Component::new(&official_key(register), &official, Source::State);
    [
        running.of(class, state, unit).places(2),
        official.of(class, state, unit).places(2).diagnostic(),
    ]
}

/// The entities of the books: energy of periods, and money where there are prices.
pub fn of_account(currency: Option<&str>, exports: bool) -> Vec<Component> {
    let mut all = Vec::new();
    for (span, word) in [("hour", "this hour"), ("day", "today"), ("month", "this month")] {
        let mut add = |field: &str, name: &str, class: &'static str, unit: &str, places| {
            let key = format!("{span}_{field}");
            let mut component = Component::new(&key, &format!("{name} {word}"), Source::Account);
            component = component.of(class, "total", unit).places(places).at(inside(span, field));
            component.since = Some(inside(span, "since"));
            all.push(component);
        };
        add("import_kwh", "Energy from grid", "energy", "kWh", 2);
        if exports {
            add("export_kwh", "Energy to grid", "energy", "kWh", 2);
        }
        if let Some(currency) = currency {
            add("cost", "Cost", "monetary", currency, 2);
            if exports {
                add("income", "Income", "monetary", currency, 2);
            }
        }
    }
    all
}

/// The levels of a price.
const LEVELS: &[&str] = &["very_cheap", "cheap", "normal", "expensive", "very_expensive"];

/// The entities of prices.
pub fn of_prices(currency: &str, export_differs: bool) -> Vec<Component> {
    let unit = format!("{currency}/kWh");
    let price = |key: &str, name: &str, field: &str| {
        let component = Component::new(key, name, Source::Price).of("", "measurement", &unit);
        component.places(4).at(plain(field))
    };
    let mut all = vec![price("price", "Price now", "import"), price("spot", "Spot price", "spot")];
    if export_differs {
        all.push(price("export_price", "Export price now", "export"));
    }
    let mut level = Component::new("price_level", "Price level", Source::Price).of("enum", "", "");
    level.options = LEVELS;
    all.push(level.at(plain("level")));
    for hours in [1, 3, 6] {
        let key = format!("cheapest_{hours}h");
        let name = format!("Cheapest {hours} h");
        let template = format!(
            "{{{{((value_json.cheapest|default({{}}))['{hours}h']|default({{}})).start|default(none)}}}}"
        );
        all.push(Component::new(&key, &name, Source::Price).of("timestamp", "", "").at(template));
    }
    all
}

/// The entity of peaks.
pub fn of_peaks() -> Component {
    let component = Component::new("month_peak", "Month peak", Source::Peaks);
    component.of("power", "measurement", "kW").places(2).at(plain("figure_kw"))
}

/// The words of the port.
const PORT: &[&str] = &["bad", "good", "late", "silent", "waiting"];

/// How the port does.
pub fn of_port() -> Vec<Component> {
    let mut problem = Component::new("problem", "Meter problem", Source::State);
    problem = problem.of("problem", "", "").diagnostic();
    problem.is_binary = true;
    "{{'ON' if value_json.problem else 'OFF'}}".clone_into(&mut problem.template);
    let mut port = Component::new("port", "Port", Source::State).of("enum", "", "").diagnostic();
    port.options = PORT;
    let time = Component::new("last_message", "Last message", Source::State);
    let faults = Component::new("faults", "Faults", Source::State);
    vec![
        problem,
        port,
        time.of("timestamp", "", "").at(plain("t")).diagnostic().asleep(),
        faults.of("", "total_increasing", "").diagnostic().asleep(),
    ]
}
