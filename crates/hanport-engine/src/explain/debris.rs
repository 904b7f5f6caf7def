//! What wrong serial settings make of the octets that every meter sends.
//!
//! Codes stand in nearly every list, and lines begin alike in every telegram. Each is sent and
//! received again under wrong settings, from every bit on, and the runs of octets that come out
//! are looked for in the input.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::uart::{Setting, receive, send};

/// Which settings are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The levels of the line.
    Inverted,
    /// The receiver awaits an even parity bit that nobody sends.
    ParityAwaited,
}

/// Octets of a run. Shorter ones occur by chance.
const RUN: usize = 5;

type Runs = HashSet<[u8; RUN]>;

static INVERTED: LazyLock<Runs> = LazyLock::new(|| {
    const N: Setting = Setting { parity: false, width: 1 };
    const E: Setting = Setting { parity: true, width: 1 };
    let mut runs = runs(N, N, true);
    runs.extend(self::runs(E, E, true));
    runs.extend(self::runs(E, N, true));
    runs
});

static PARITY_AWAITED: LazyLock<Runs> = LazyLock::new(|| {
    let sent = Setting { parity: false, width: 1 };
    runs(sent, Setting { parity: true, width: 1 }, false)
});

/// How many octets of `octets` belong to such runs, and how certain that makes it, in per cent.
pub(crate) fn search(octets: &[u8], mode: Mode) -> Option<(usize, u8)> {
    let runs = match mode {
        Mode::Inverted => &*INVERTED,
        Mode::ParityAwaited => &*PARITY_AWAITED,
    };
    let hits = octets
        .windows(RUN)
        .filter(|window| <[u8; RUN]>::try_from(*window).is_ok_and(|run| runs.contains(&run)))
        .count();
    match hits {
        0 => None,
        1 => Some((1, 55)),
        2 => Some((2, 75)),
        hits => Some((hits, 90)),
    }
}

fn runs(sent: Setting, received: Setting, inverted: bool) -> Runs {
    /// Idle bits that the sender puts in front.
    const IDLE: usize = 12;
    let mut runs = Runs::new();
    for pattern in patterns() {
        let mut line = send(&pattern, sent);
        line.truncate(line.len() - IDLE);
        if inverted {
            for level in &mut line {
                *level = !*level;
            }
        }
        for from in 0..2 * 11 {
            let octets = receive(line.get(IDLE + from..).unwrap_or(&[]), received);
            let windows = octets.windows(RUN).filter_map(|run| run.try_into().ok());
            runs.extend(windows.filter(|run| has_pattern(*run)));
        }
    }
    runs
}

/// Runs of 00 and FF alone tell nothing.
fn has_pattern(run: [u8; RUN]) -> bool {
    run.iter().filter(|octet| !matches!(octet, 0x00 | 0xFF)).count() >= 3
}

/// Octets that stand in what meters send: coded elements of lists, and beginnings of lines.
fn patterns() -> Vec<Vec<u8>> {
    let mut patterns = Vec::new();
    let groups = [1u8, 2, 3, 4, 21, 22, 31, 32, 41, 42, 51, 52, 61, 62, 71, 72];
    for (c, d, channel) in groups
        .iter()
        .flat_map(|c| [(7u8, 0u8), (7, 1), (8, 0), (8, 1)].map(|(d, channel)| (*c, d, channel)))
    {
        // what stands before a code and what begins behind it
        for (before, behind) in [
            ([0x02, 0x02], [0x12, 0x00]),
            ([0x02, 0x03], [0x06, 0x00]),
            ([0x00, 0x00], [0x06, 0x00]),
        ] {
            let mut pattern = before.to_vec();
            pattern.extend([0x09, 0x06, 0x01, channel, c, d, 0x00, 0xFF]);
            pattern.extend(behind);
            pattern.extend([0x00, 0x00]);
            patterns.push(pattern);
        }
        for unit in ["kWh", "kW", "V", "A", "kvarh", "kvar"] {
            patterns.push(format!("*{unit})\r\n1-{channel}:{c}.{d}.0(00").into_bytes());
        }
    }
    patterns
}
