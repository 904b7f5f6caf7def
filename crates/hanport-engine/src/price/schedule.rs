//! When to fetch which prices. Pure: it is told the time, what is known and how a request ended,
//! and says what to do next.
//!
//! ```text
//!  today missing         at once, then the next source, then again with pauses that grow
//!  tomorrow missing      from 12:55 plus a spread of 0 to 20 min, every 15 min until 16:00,
//!                        every hour until 23:00 (times of the market)
//!  preliminary           every hour
//!  complete              nothing; a day is never asked for again
//! ```
//!
//! Every source has a pause that nothing shortens. After "too often" it rests for as long as the
//! source says, ten minutes at least; after "key not accepted" until the settings change. A
//! source that has not published sends the turn to the next; when all have been asked, the round
//! begins again after the wait.

use jiff::ToSpan;
use jiff::civil::Date;

use super::book::PriceBook;
use super::source::{Refusal, Source, market_day, market_zone};
use crate::time::UtcMillis;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// When the prices of the next day can be there at the earliest: 12:55 of the market's zone.
const FIRST_TRY_MIN: i64 = 12 * 60 + 55;

/// The spread of first tries over households: 20 minutes.
pub const SPREAD_MS: i64 = 20 * MINUTE;

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask a source for a day of the market, and report how it ended.
    Fetch(Source, Date),
    /// Nothing before this time; earlier when prices, settings or the clock change.
    Wait(UtcMillis),
}

/// How one source does.
#[derive(Clone, Copy, Debug)]
struct Line {
    source: Source,
    /// It is not asked before.
    rests_until: UtcMillis,
    /// It waits for other settings.
    off: bool,
    /// Failures one after the other that were not "not published yet".
    failures: u32,
}

/// A day that is not complete yet.
#[derive(Clone, Copy, Debug)]
struct Want {
    day: Date,
    /// How many sources were asked in this round.
    asked: usize,
    /// It is not asked for before.
    not_before: UtcMillis,
}

/// The plan of one area.
#[derive(Clone, Debug)]
pub struct Schedule {
    lines: Vec<Line>,
    wants: Vec<Want>,
    spread_ms: i64,
}

impl Schedule {
    /// A plan over sources in the order in which they are preferred. `spread_ms` is this
    /// household's place in the spread, taken by chance; held to 0 to [`SPREAD_MS`].
    pub fn new(sources: &[Source], spread_ms: i64) -> Self {
        let line = |source: &Source| Line {
            source: *source,
            rests_until: UtcMillis(i64::MIN),
            off: false,
            failures: 0,
        };
        Self {
            lines: sources.iter().map(line).collect(),
            wants: Vec::new(),
            spread_ms: spread_ms.clamp(0, SPREAD_MS),
        }
    }

    /// What to do. `book` is what is known by now.
    pub fn next(&mut self, now: UtcMillis, book: &PriceBook) -> Next {
        let zone = market_zone();
        let today = now.timestamp().to_zoned(zone).date();
        let tomorrow = today.checked_add(1.day()).unwrap_or(today);
        let due = market_day(today).start.plus(FIRST_TRY_MIN * MINUTE).plus(self.spread_ms);
        self.wants.retain(|want| [today, tomorrow].contains(&want.day));
        let mut wake = if now < due { due } else { market_day(tomorrow).start };
        for day in [today, tomorrow] {
            let open = day == today || now >= due;
            if !open || book.settled(&market_day(day)) {
                self.wants.retain(|want| want.day != day);
                continue;
            }
            if self.wants.iter().all(|want| want.day != day) {
                self.wants.push(Want { day, asked: 0, not_before: now });
            }
            let Some(want) = self.wants.iter_mut().find(|want| want.day == day) else { continue };
            if now < want.not_before {
                wake = wake.min(want.not_before);
                continue;
            }
            match choose(&self.lines, want, now) {
                Choice::Ask(source) => return Next::Fetch(source, day),
                Choice::Rest(until) => wake = wake.min(until),
                Choice::Nobody => {}
            }
        }
        Next::Wait(wake.max(now.plus(1000)))
    }

    /// How a request ended. `Ok` says whether the day is settled by it.
    pub fn report(
        &mut self,
        now: UtcMillis,
        source: Source,
        day: Date,
        outcome: Result<bool, &Refusal>,
    ) {
        if let Some(line) = self.lines.iter_mut().find(|line| line.source == source) {
            line.heard(now, outcome);
        }
        let spread = self.spread_ms;
        let sources = self.lines.len();
        if outcome == Ok(true) {
            self.wants.retain(|want| want.day != day);
        } else if let Some(want) = self.wants.iter_mut().find(|want| want.day == day) {
            want.asked += 1;
            if want.asked >= sources {
                want.asked = 0;
                let failures = self.lines.iter().map(|line| line.failures).min().unwrap_or(0);
                want.not_before = now.plus(pause(now, day, failures, spread));
            }
        }
    }

    /// Keys or sources changed: sources that waited for it may be asked again.
    pub fn settings_changed(&mut self) {
        for line in &mut self.lines {
            line.off = false;
        }
        // rounds begin anew
        self.wants.clear();
    }
}

enum Choice {
    Ask(Source),
    Nobody,
    Rest(UtcMillis),
}

/// The first source whose turn has come; those before it in the order were asked in this round.
fn choose(lines: &[Line], want: &mut Want, now: UtcMillis) -> Choice {
    let mut rest: Option<UtcMillis> = None;
    for (place, line) in lines.iter().enumerate() {
        if line.off || place < want.asked {
            continue;
        }
        if line.rests_until <= now {
            want.asked = place;
            return Choice::Ask(line.source);
        }
        rest = Some(rest.map_or(line.rests_until, |until| until.min(line.rests_until)));
    }
    if rest.is_none() && want.asked > 0 {
        // the rest of the round is off: begin anew when its pause is over
        want.asked = 0;
        rest = lines.iter().filter(|line| !line.off).map(|line| line.rests_until).min();
    }
    rest.map_or(Choice::Nobody, |until| Choice::Rest(until.max(now.plus(MINUTE))))
}

impl Line {
    fn heard(&mut self, now: UtcMillis, outcome: Result<bool, &Refusal>) {
        let pause = match outcome {
            Ok(_) | Err(Refusal::NotPublished) => {
                self.failures = 0;
                0
            }
            Err(Refusal::Key) => {
                self.off = true;
                0
            }
            Err(Refusal::TooMany(seconds)) => {
                self.failures = self.failures.saturating_add(1);
                seconds.map_or(0, |s| i64::from(s) * 1000).clamp(10 * MINUTE, 24 * HOUR)
            }
            Err(Refusal::Refused(_) | Refusal::WrongArea(_)) => {
                self.failures = self.failures.saturating_add(1);
                6 * HOUR
            }
            Err(Refusal::Network(_) | Refusal::Odd(_) | Refusal::Unavailable(_)) => {
                self.failures = self.failures.saturating_add(1);
                // 1, 2, 4 ... 32 minutes, then an hour
                (MINUTE << self.failures.saturating_sub(1).min(6)).min(HOUR)
            }
        };
        self.rests_until = now.plus(pause.max(self.source.least_pause_ms()));
    }
}

/// The pause after a round in which every source was asked in vain.
fn pause(now: UtcMillis, day: Date, failures: u32, spread_ms: i64) -> i64 {
    let market = market_day(day);
    if failures > 0 {
        return (15 * MINUTE * i64::from(failures.min(4))).min(HOUR);
    }
    if now >= market.start {
        return HOUR;
    }
    // how far before the day: until 16:00 of the day before is eight hours, and 23:00 one hour
    let before = market.start.since(now);
    if before > 8 * HOUR {
        15 * MINUTE
    } else if before > HOUR {
        HOUR
    } else {
        before + 5 * MINUTE + spread_ms
    }
}

#[cfg(test)]
mod tests;
