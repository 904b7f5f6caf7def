//! Scenarios: what is simulated, from when, for how long, and what goes wrong.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::clock::{Ailment, ClockConfig, Habit};
use crate::fault::{Fault, FaultId};
use crate::house::Household;
use crate::house::load::{Kind, Leg};
use crate::house::register::Registers;
use crate::meter::{Personality, personality};
use crate::milli::Milli;

/// A new meter takes the place of the old one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// How long after the start, taken at the next five minutes.
    pub after: Duration,
    /// Number of the new meter.
    pub meter_id: String,
    /// Its registers.
    pub registers: Registers,
}

/// Everything a simulation depends on.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// Which meter.
    pub personality: &'static Personality,
    /// Seed of all randomness.
    pub seed: u64,
    /// When it begins.
    pub start: Timestamp,
    /// How long it lasts.
    pub duration: Duration,
    /// Time zone of the meter.
    pub zone: TimeZone,
    /// The house.
    pub household: Household,
    /// What the clock keeps, if not what this meter usually does.
    pub habit: Option<Habit>,
    /// What is wrong with the clock.
    pub ailment: Ailment,
    /// Drift of the clock in parts per million.
    pub drift_ppm: i32,
    /// Messages leave up to this much after their time.
    pub jitter_ms: u32,
    /// Short and long power failures counted before.
    pub failures: (u32, u32),
    /// Invoke id before the first message.
    pub first_invoke: u32,
    /// Invocation counter before the first message.
    pub first_counter: u32,
    /// A change of the meter.
    pub exchange: Option<Exchange>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
}

/// Why there is no such scenario.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// No meter of this name.
    #[error("there is no simulated meter named {0}")]
    Meter(String),
    /// Not a local time.
    #[error("{0} is no date and time")]
    Time(String),
}

impl Scenario {
    /// A day of a meter of this name in an everyday house, beginning at a local date and time
    /// of the meter's zone such as `2024-01-15T00:00`.
    pub fn new(meter: &str, seed: u64, start: &str) -> Result<Self, ScenarioError> {
        let personality =
            personality(meter).ok_or_else(|| ScenarioError::Meter(meter.to_owned()))?;
        let zone = TimeZone::get(personality.zone).unwrap_or(TimeZone::UTC);
        let local = start
            .parse::<jiff::civil::DateTime>()
            .map_err(|_| ScenarioError::Time(start.to_owned()))?;
        let start = zone
            .to_ambiguous_timestamp(local)
            .compatible()
            .map_err(|_| ScenarioError::Time(start.to_owned()))?;
        Ok(Self {
            personality,
            seed,
            start,
            duration: Duration::from_hours(24),
            zone,
            household: Household::default(),
            habit: None,
            ailment: Ailment::None,
            drift_ppm: 0,
            jitter_ms: 400,
            failures: (4, 2),
            first_invoke: 0x1000,
            first_counter: 0x2000,
            exchange: None,
            faults: Vec::new(),
        })
    }

    /// The same for another time.
    #[must_use]
    pub const fn lasting(mut self, duration: Duration) -> Self {
        self.duration = duration;
        self
    }

    /// The same with another house.
    #[must_use]
    pub fn in_house(mut self, household: Household) -> Self {
        self.household = household;
        self
    }

    /// The same with a fault more.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// The same with another habit of the clock.
    #[must_use]
    pub const fn keeping(mut self, habit: Habit) -> Self {
        self.habit = Some(habit);
        self
    }

    pub(crate) fn clock_config(&self) -> ClockConfig {
        let habit = self.habit.unwrap_or(self.personality.habit);
        ClockConfig { habit, ailment: self.ailment, drift_ppm: self.drift_ppm }
    }
}

const HOUR_NS: u64 = 3_600_000_000_000;

/// A house with panels on one phase and on all, and a car.
pub fn solar_house() -> Household {
    Household::default()
        .with(Kind::Solar { peak: 2200 }, Leg::First)
        .with(Kind::Solar { peak: 600 }, Leg::All)
        .with(Kind::Car { watts: 3680 }, Leg::All)
}

/// A house in winter: heat pump on three phases, car on one.
pub fn winter_house() -> Household {
    Household::default()
        .with(Kind::HeatPump { watts: 900 }, Leg::All)
        .with(Kind::Car { watts: 7360 }, Leg::Third)
}

/// A ready-made scenario by its name, under a seed.
///
/// `norway_winter_day`, `norway_it_kaifa`, `norway_it_kaifa_t3`, `kamstrup_55`, `dk_encrypted`,
/// `at_noe`, `at_noe_overflow`, `ch_gbt`, `si_quarter`, `hr_segmented`, `nl_dsmr5`, `be_fluvius`,
/// `lu_smarty`, `pl_stoen`, `se_text_summer`, `se_text_winter`, `dst_spring`, `dst_autumn`,
/// `new_year`, `leap_day`, `noise_soak`, `register_wrap`, `meter_exchange`, `hour_repeated`,
/// `power_cut`.
pub fn ready_made(name: &str, seed: u64) -> Result<Scenario, ScenarioError> {
    let day = |meter, start| Scenario::new(meter, seed, start);
    let winter = "2024-01-15T00:00";
    Ok(match name {
        "norway_winter_day" => day("aidon-no", winter)?.in_house(winter_house()),
        "norway_it_kaifa" => day("kaifa-no-3wire", winter)?,
        "norway_it_kaifa_t3" => day("kaifa-no-t3", winter)?,
        "kamstrup_55" => day("kamstrup-no", winter)?.lasting(Duration::from_hours(3)),
        "dk_encrypted" => {
            // The firmware is updated at noon, and the voltages come in hundredths from then on.
            let update = Fault::within(FaultId::VoltTimes100, 12 * HOUR_NS, u64::MAX);
            day("kamstrup-dk", winter)?.with_fault(update)
        }
        "at_noe" => day("kaifa-at-noe", winter)?.in_house(solar_house()),
        "at_noe_overflow" => day("sagemcom-at-noe", winter)?.in_house(solar_house()),
        "ch_gbt" => {
            let again = Fault::with_probability(FaultId::ReorderBlocks, 0.01);
            day("lg-ch", winter)?.with_fault(again)
        }
        "si_quarter" => day("iskra-si", winter)?.lasting(Duration::from_hours(2)),
        "hr_segmented" => day("iskra-hr", winter)?,
        "nl_dsmr5" => {
            let cut = Fault::within(FaultId::PowerCut, HOUR_NS + 300_000_000, HOUR_NS * 5 / 4);
            let text = Fault::within(FaultId::HugeText, HOUR_NS * 3 / 2, HOUR_NS * 2);
            day("dsmr5-nl", "2024-06-10T10:00")?
                .lasting(Duration::from_hours(3))
                .in_house(solar_house())
                .with_fault(cut)
                .with_fault(text)
        }
        "be_fluvius" => day("fluvius-be", "2024-01-31T20:00")?.lasting(Duration::from_hours(6)),
        "lu_smarty" => day("smarty-lu", winter)?.lasting(Duration::from_hours(6)),
        "pl_stoen" => day("stoen-pl", winter)?
            .lasting(Duration::from_hours(6))
            .with_fault(Fault::always(FaultId::EmbeddedBang)),
        "se_text_summer" => day("lg-se-text", "2024-07-01T10:00")?.in_house(solar_house()),
        "se_text_winter" => day("lg-se-text", winter)?.in_house(solar_house()),
        "dst_spring" => day("kaifa-no", "2024-03-31T00:00")?.lasting(Duration::from_hours(23)),
        "dst_autumn" => day("kaifa-no", "2024-10-27T00:00")?.lasting(Duration::from_hours(25)),
        "new_year" => day("aidon-no", "2024-12-31T22:00")?.lasting(Duration::from_hours(4)),
        "leap_day" => day("aidon-no", "2024-02-28T22:00")?.lasting(Duration::from_hours(28)),
        "noise_soak" => day("aidon-no", winter)?
            .lasting(Duration::from_hours(24 * 29))
            .with_fault(Fault::with_probability(FaultId::BitFlip, 1e-5)),
        "register_wrap" => {
            let full = Registers::starting_at(Milli::whole(999_999_000 - 1), Milli::whole(0));
            let household = Household { registers: full, ..winter_house() };
            day("dsmr5-nl", winter)?.lasting(Duration::from_hours(4)).in_house(household)
        }
        "meter_exchange" => {
            let registers = Registers::starting_at(Milli::whole(3), Milli::whole(0));
            let exchange = Exchange {
                after: Duration::from_hours(2),
                meter_id: "7359992890009999".to_owned(),
                registers,
            };
            Scenario {
                exchange: Some(exchange),
                ..day("aidon-no", winter)?.lasting(Duration::from_hours(4))
            }
        }
        "hour_repeated" => {
            let hour = Fault::within(FaultId::HourRepeated, 3 * HOUR_NS, 3 * HOUR_NS + 1);
            day("aidon-no", winter)?.lasting(Duration::from_hours(6)).with_fault(hour)
        }
        "power_cut" => {
            let cut = Fault::within(FaultId::PowerCut, HOUR_NS + 500_000_000, HOUR_NS * 2);
            day("kamstrup-no", winter)?.lasting(Duration::from_hours(4)).with_fault(cut)
        }
        other => return Err(ScenarioError::Meter(other.to_owned())),
    })
}
