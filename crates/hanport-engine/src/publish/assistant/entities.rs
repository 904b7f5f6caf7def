//! The entities of Home Assistant as existing readers announce them, group by group.

/// What kind of value an entity has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entity {
    /// Its name.
    pub name: &'static str,
    /// The topic below the base, with its slash.
    pub topic: &'static str,
    /// Where in the message its value stands.
    pub path: &'static str,
    /// The unit; `$` is the currency; empty for none.
    pub unit: &'static str,
    /// The device class; empty for none.
    pub class: &'static str,
    /// The state class; empty for none.
    pub state: &'static str,
    /// Seconds after which the value counts as unknown.
    pub expire_s: u32,
}

const fn entity(
    name: &'static str,
    topic: &'static str,
    path: &'static str,
    [unit, class, state]: [&'static str; 3],
    expire_s: u32,
) -> Entity {
    Entity { name, topic, path, unit, class, state, expire_s }
}

const POWER: [&str; 3] = ["W", "power", "measurement"];
const REACTIVE: [&str; 3] = ["var", "reactive_power", "measurement"];
const CURRENT: [&str; 3] = ["A", "current", "measurement"];
const VOLTAGE: [&str; 3] = ["V", "voltage", "measurement"];
const FACTOR: [&str; 3] = ["%", "power_factor", "measurement"];
const ENERGY: [&str; 3] = ["kWh", "energy", "total_increasing"];
const REACTIVE_ENERGY: [&str; 3] = ["kvarh", "", "total_increasing"];
const SOME_ENERGY: [&str; 3] = ["kWh", "energy", ""];
const COST: [&str; 3] = ["$", "monetary", ""];
const TIME: [&str; 3] = ["", "timestamp", ""];

/// From the first message on.
pub const LIST1: &[Entity] = &[
    entity("Active import", "/power", "P", POWER, 30),
    entity("Data timestamp", "/power", "t", TIME, 30),
];

/// From the first list 2 on.
pub const LIST2: &[Entity] = &[
    entity("Reactive import", "/power", "Q", REACTIVE, 30),
    entity("Reactive export", "/power", "QO", REACTIVE, 30),
    entity("L1 current", "/power", "I1", CURRENT, 30),
    entity("L2 current", "/power", "I2", CURRENT, 30),
    entity("L3 current", "/power", "I3", CURRENT, 30),
    entity("L1 voltage", "/power", "U1", VOLTAGE, 30),
    entity("L2 voltage", "/power", "U2", VOLTAGE, 30),
    entity("L3 voltage", "/power", "U3", VOLTAGE, 30),
];

/// The first time power is exported.
pub const LIST2_EXPORT: &[Entity] = &[entity("Active export", "/power", "PO", POWER, 30)];

/// From the first counters on.
pub const LIST3: &[Entity] = &[
    entity("Accumulated active import", "/energy", "tPI", ENERGY, 4000),
    entity("Accumulated reactive import", "/energy", "tQI", REACTIVE_ENERGY, 4000),
    entity("Accumulated reactive export", "/energy", "tQO", REACTIVE_ENERGY, 4000),
    entity("Meter timestamp", "/energy", "rtc", TIME, 4000),
];

/// The first time the counter of export is above zero.
pub const LIST3_EXPORT: &[Entity] =
    &[entity("Accumulated active export", "/energy", "tPO", ENERGY, 4000)];

/// From the first list 4 on.
pub const LIST4: &[Entity] = &[
    entity("Power factor", "/power", "PF", FACTOR, 30),
    entity("L1 power factor", "/power", "PF1", FACTOR, 30),
    entity("L2 power factor", "/power", "PF2", FACTOR, 30),
    entity("L3 power factor", "/power", "PF3", FACTOR, 30),
    entity("L1 active import", "/power", "P1", POWER, 30),
    entity("L2 active import", "/power", "P2", POWER, 30),
    entity("L3 active import", "/power", "P3", POWER, 30),
    entity("L1 accumulated active import", "/power", "tPI1", ENERGY, 30),
    entity("L2 accumulated active import", "/power", "tPI2", ENERGY, 30),
    entity("L3 accumulated active import", "/power", "tPI3", ENERGY, 30),
];

/// The first time a phase exports.
pub const LIST4_EXPORT: &[Entity] = &[
    entity("L1 active export", "/power", "PO1", POWER, 30),
    entity("L2 active export", "/power", "PO2", POWER, 30),
    entity("L3 active export", "/power", "PO3", POWER, 30),
    entity("L1 accumulated active export", "/power", "tPO1", ENERGY, 30),
    entity("L2 accumulated active export", "/power", "tPO2", ENERGY, 30),
    entity("L3 accumulated active export", "/power", "tPO3", ENERGY, 30),
];

/// From the first message about energy on.
pub const REALTIME: &[Entity] = &[
    entity("Month max", "/realtime", "max", SOME_ENERGY, 120),
    entity("Tariff threshold", "/realtime", "threshold", SOME_ENERGY, 120),
    entity("Current hour used", "/realtime", "hour.use", ENERGY, 120),
    entity("Current day used", "/realtime", "day.use", ENERGY, 120),
    entity("Current month used", "/realtime", "month.use", ENERGY, 120),
];

/// The same, where there are prices.
pub const COSTS: &[Entity] = &[
    entity("Current hour cost", "/realtime", "hour.cost", COST, 120),
    entity("Current day cost", "/realtime", "day.cost", COST, 120),
    entity("Current month cost", "/realtime", "month.cost", COST, 120),
];

/// The first time anything was exported in the hour, the day or the month.
pub const PRODUCED: &[Entity] = &[
    entity("Current hour produced", "/realtime", "hour.produced", ENERGY, 120),
    entity("Current day produced", "/realtime", "day.produced", ENERGY, 120),
    entity("Current month produced", "/realtime", "month.produced", ENERGY, 120),
];

/// The same, where there are prices.
pub const INCOMES: &[Entity] = &[
    entity("Current hour income", "/realtime", "hour.income", COST, 120),
    entity("Current day income", "/realtime", "day.income", COST, 120),
    entity("Current month income", "/realtime", "month.income", COST, 120),
];

/// From the first message about prices on.
pub const PRICES: &[Entity] = &[
    entity("Minimum price ahead", "/prices", "prices.min", ["$/kWh", "monetary", ""], 4000),
    entity("Maximum price ahead", "/prices", "prices.max", ["$/kWh", "monetary", ""], 4000),
    entity("Cheapest 1hr period ahead", "/prices", "prices.cheapest1hr", TIME, 4000),
    entity("Cheapest 3hr period ahead", "/prices", "prices.cheapest3hr", TIME, 4000),
    entity("Cheapest 6hr period ahead", "/prices", "prices.cheapest6hr", TIME, 4000),
];

/// Price points: unit, class, state class of the running one and of the others.
pub const POINT_NOW: [&str; 3] = ["$/kWh", "monetary", "total"];
/// See [`POINT_NOW`].
pub const POINT_LATER: [&str; 3] = ["$/kWh", "monetary", ""];

/// From the first message about the reader on.
pub const SYSTEM: &[Entity] =
    &[entity("Uptime", "/state", "up", ["s", "duration", "measurement"], 180)];
