//! A meter's clock: found out against the receiver's, trusted while it agrees, replaced when not.
//!
//! ```text
//!  local time of a message
//!    the rule found so far        within 5 minutes of receiving -> it is used
//!    a rule that always fitted too, and still does              -> that one, at once
//!    another rule fits            10 times, or 3 when they are rare -> that one
//!    none fits                    receive time; "meter clock wrong" after as many
//! ```
//!
//! In winter UTC+1 and civil time are the same, so several rules fit and the family's order
//! decides which counts. All that always fitted are remembered: when the clocks change, the one
//! that goes on fitting takes over with the first message.

use hanport_core::datetime::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::cadence::Cadence;
use super::instant::UtcMillis;
use super::rule::{Row, Rule};

/// A clock may be off by less than this: five minutes.
pub const TOLERANCE_MS: i64 = 300_000;
/// A change of the error by this much is a jump: half a minute.
const JUMP_MS: i64 = 30_000;
/// Messages that must agree on a new rule, and how many when they are this far apart.
const VOTES: u8 = 10;
const SLOW_VOTES: u8 = 3;
const SLOW_MS: i64 = 600_000;
/// A register may be this much older than its message: a list that is repeated, 25 hours.
const OLDEST_MS: i64 = 25 * 3_600_000;
/// Frozen registers are stamped at most so long after the hour.
const FROZEN_MS: i64 = 60_000;
const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 3_600_000;

/// Where an instant comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeSource {
    /// The meter's clock, by a rule.
    Meter(Rule),
    /// The receiver's clock, because the meter's is wrong or there is none.
    Receiver,
}

/// Something about a clock that people may want to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockNotice {
    /// The clock jumped against the receiver's; milliseconds, positive forward.
    Jumped(i64),
    /// It is wrong no longer.
    Right(Rule),
    /// How its times are to be read was found out, or has changed.
    Rule(Rule),
    /// No rule makes sense of it; receive times are used instead. How far off it is by the rule
    /// found before or the likeliest one, in milliseconds.
    Wrong(i64),
}

/// A set of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
struct Rules(u8);

impl Rules {
    const fn with(self, rule: Rule) -> Self {
        Self(self.0 | 1 << rule as u8)
    }

    const fn has(self, rule: Rule) -> bool {
        self.0 & (1 << rule as u8) != 0
    }

    const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Votes {
    /// `None` for "no rule fits".
    rule: Option<Rule>,
    count: u8,
    first: UtcMillis,
}

/// Whether a clock states whole minutes only, as M-Bus meters do: the same full minute comes
/// again within the minute.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Stamps {
    /// The local time stated last, in seconds since 1970.
    last: i64,
    received: UtcMillis,
    whole_minutes: bool,
}

impl Stamps {
    fn observe(&mut self, time: DateTime, received: UtcMillis) {
        let local = time.local_seconds();
        if time.second != 0 {
            self.whole_minutes = false;
        } else if self.last == local && (1000..MINUTE_MS).contains(&received.since(self.received)) {
            self.whole_minutes = true;
        }
        self.last = local;
        self.received = received;
    }

    /// The instant in the stated minute that is closest to receiving; the stated one itself
    /// where seconds are stated.
    fn within(self, at: UtcMillis, received: UtcMillis) -> UtcMillis {
        if self.whole_minutes { received.max(at).min(at.plus(MINUTE_MS - 1)) } else { at }
    }
}

/// What is known of one meter's clock. Plain data: store it with the meter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeterClock {
    rule: Option<Rule>,
    /// Rules that fitted every time since the rule was found.
    fitting: Rules,
    votes: Option<Votes>,
    wrong: bool,
    /// Meter minus receiver by the rule, of the last message that fitted.
    error_ms: Option<i64>,
    /// The hour in which the fitting rules were last compared.
    compared: i64,
    stamps: Stamps,
    registers: Cadence,
    registers_received: Option<UtcMillis>,
}

impl MeterClock {
    /// The rule found, if one was.
    pub const fn rule(&self) -> Option<Rule> {
        self.rule
    }

    /// How far the clock is ahead of the receiver's, in milliseconds.
    pub const fn error_ms(&self) -> Option<i64> {
        self.error_ms
    }

    /// Whether receive times are used because no rule makes sense of the clock.
    pub const fn is_wrong(&self) -> bool {
        self.wrong
    }

    /// The instant of a message that says when it was sent. `received` must be sane.
    pub fn message(
        &mut self,
        row: &Row,
        time: DateTime,
        received: UtcMillis,
        zone: &TimeZone,
        notices: &mut Vec<ClockNotice>,
    ) -> (UtcMillis, TimeSource) {
        self.stamps.observe(time, received);
        let stamps = self.stamps;
        let error = |rule: Rule| {
            let at = rule.instant(time, zone, received)?;
            Some(stamps.within(at, received).since(received))
        };
        let fits = |rule: Rule| error(rule).is_some_and(|ms| ms.saturating_abs() < TOLERANCE_MS);
        let fitting = || row.rules().filter(|&rule| fits(rule)).fold(Rules::default(), Rules::with);
        if let Some(rule) = self.rule
            && fits(rule)
        {
            let hour = received.0.div_euclid(HOUR_MS);
            if self.compared != hour {
                self.compared = hour;
                self.fitting = self.fitting.and(fitting());
            }
            self.votes = None;
            self.agree(rule, error(rule).unwrap_or(0), notices);
        } else {
            let fitting = fitting();
            let still = self.fitting.and(fitting);
            let best = row
                .rules()
                .find(|&rule| still.has(rule))
                .or_else(|| row.rules().find(|&rule| fitting.has(rule)));
            match best {
                Some(rule) if self.rule.is_none() || still.has(rule) => {
                    self.adopt(rule, fitting, notices);
                    self.agree(rule, error(rule).unwrap_or(0), notices);
                }
                best => {
                    let likeliest = self.rule.or_else(|| row.rules().find(|&r| error(r).is_some()));
                    let off = likeliest.and_then(error).unwrap_or(0);
                    self.vote(best, fitting, off, received, notices);
                }
            }
        }
        match self.rule {
            Some(rule) if fits(rule) => {
                (received.plus(error(rule).unwrap_or(0)), TimeSource::Meter(rule))
            }
            _ => (received, TimeSource::Receiver),
        }
    }

    /// The instant for which the registers of a message stand. `time` is the clock element that
    /// belongs to them, or else the time of the message.
    pub fn registers(
        &mut self,
        row: &Row,
        time: Option<DateTime>,
        received: UtcMillis,
        zone: &TimeZone,
    ) -> UtcMillis {
        if let Some(before) = self.registers_received.replace(received) {
            self.registers.observe(received.since(before));
        }
        let hourly = self.registers.period_ms().is_none_or(|ms| ms > HOUR_MS / 2);
        let frozen = |at: UtcMillis| {
            let into = at.0.rem_euclid(HOUR_MS);
            if row.frozen && hourly && into < FROZEN_MS { at.plus(-into) } else { at }
        };
        let stated =
            self.rule.zip(time).and_then(|(rule, time)| rule.instant(time, zone, received));
        match stated {
            Some(at) if (-TOLERANCE_MS..OLDEST_MS).contains(&received.since(at)) => {
                frozen(self.stamps.within(at, received))
            }
            _ => frozen(received),
        }
    }

    fn agree(&mut self, rule: Rule, error_ms: i64, notices: &mut Vec<ClockNotice>) {
        if self.wrong {
            self.wrong = false;
            notices.push(ClockNotice::Right(rule));
        } else if let Some(before) = self.error_ms
            && (error_ms - before).abs() >= JUMP_MS
        {
            notices.push(ClockNotice::Jumped(error_ms - before));
        }
        self.error_ms = Some(error_ms);
    }

    fn adopt(&mut self, rule: Rule, fitting: Rules, notices: &mut Vec<ClockNotice>) {
        let known = if self.rule.is_some() { self.fitting.and(fitting) } else { fitting };
        self.fitting = if known.has(rule) { known } else { fitting };
        self.rule = Some(rule);
        self.votes = None;
        self.error_ms = None;
        notices.push(ClockNotice::Rule(rule));
    }

    /// Counts a message that the rule does not explain.
    fn vote(
        &mut self,
        rule: Option<Rule>,
        fitting: Rules,
        off_ms: i64,
        received: UtcMillis,
        notices: &mut Vec<ClockNotice>,
    ) {
        let fresh = Votes { rule, count: 0, first: received };
        let mut votes = self.votes.filter(|votes| votes.rule == rule).unwrap_or(fresh);
        votes.count = votes.count.saturating_add(1);
        self.votes = Some(votes);
        let slow = received.since(votes.first) >= SLOW_MS * i64::from(SLOW_VOTES - 1);
        if votes.count < VOTES && !(slow && votes.count >= SLOW_VOTES) {
            return;
        }
        match rule {
            Some(rule) => {
                self.wrong = false;
                self.adopt(rule, fitting, notices);
                self.error_ms = None;
            }
            None if !self.wrong => {
                self.wrong = true;
                notices.push(ClockNotice::Wrong(off_ms));
            }
            None => {}
        }
    }
}

#[cfg(test)]
mod tests;
