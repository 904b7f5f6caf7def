//! When a cause is thought of, and how certain it is: one table.
//!
//! Certainty in per cent. From 90 on it is as good as proven, from 60 on likely, below it is one
//! of several. What breaks an earlier layer comes first: a key does not matter while most frames
//! come damaged. While the right settings are being searched, nothing that octets look like is
//! more certain than 50, and wrong settings no more than 30 once all usual ones were tried.
//!
//! | what was seen | cause | certainty |
//! |---|---|---|
//! | the port is closed, and the system says why | permission, ... | 95 |
//! | three or more losses within the hour | connection drops | 55 + 5 each, 90 at most |
//! | open, and no octet ever, half a minute / two minutes | nothing arrives | 70 / 90 |
//! | octets came before, none for three periods | meter stopped | 88 |
//! | octets thrown away | flood | 85 |
//! | hardly anything but FF or 00 | idle line | 80 |
//! | debris of a wrong parity, of turned levels | wrong parity, inverted | as the debris says |
//! | long runs of equal bits, in bursts; bursts of a few octets | wrong speed | 88; 75 |
//! | octets without order, settings proven | weak power | 85 |
//! | the same, settings not proven, rows of FF | weak power; wrong speed; inverted | 65; 35; 25 |
//! | the same without rows of FF | wrong speed; weak power; inverted | 55; 45; 30 |
//! | damage that a text-mode bridge makes, undone | text mode | 99 |
//! | damaged while characters were lost in the driver | overrun | 85 |
//! | one in five damaged, or more | weak power | 60, + 15 from half on, + 15 if long ones suffer and short ones do not, + 5 for rows of FF |
//! | ciphered messages without a checksum, rows of FF in them | weak power | 85 |
//! | parts missing, and little else damaged | parts missing; weak power | 80; 45 |
//! | one damaged and no other | weak power; noise | 55; 35 |
//! | fewer damaged | noise | 60 |
//! | key missing, wrong, tag wrong: twice / once | needs key, ... | 97, 92 / 85, 60 |
//! | both keys work the other way round | keys swapped | 99 |
//! | whole messages of an unknown kind | unknown list | 90 |
//! | clock off by more than five minutes in most messages | meter clock | 70 |
//! | one and a half periods without a message | late | 50 |

use super::causes::{self, Cause};
use super::report::Finding;
use super::seen::{Line, Look, Seen, late_ms};
use super::words::{counted, duration};
use crate::explain::diagnosis::Likeness;

/// What a rule says.
pub(super) struct Judged {
    certainty: u8,
    because: String,
    /// To be done before the rest.
    first: Option<&'static str>,
}

type Rule = fn(&Seen<'_>, &Look) -> Option<Judged>;

const RULES: &[(Cause, Rule)] = &[
    (causes::PERMISSION, |seen, _| closed(seen, &["may not be read", "ermission"])),
    (causes::PORT_IN_USE, |seen, _| closed(seen, &["in use", "busy"])),
    (causes::PORT_ABSENT, |seen, _| closed(seen, ABSENT)),
    (causes::NOBODY_CONNECTS, |seen, _| closed(seen, &["waiting for a sender"])),
    (causes::CANNOT_OPEN, cannot_open),
    (causes::CONNECTION_DROPS, connection_drops),
    (causes::FLOOD, flood),
    (causes::OVERRUN, overrun),
    (causes::NOTHING_ARRIVES, nothing_arrives),
    (causes::METER_STOPPED, meter_stopped),
    (causes::IDLE_LINE, |seen, look| alike(seen, look, Likeness::Idle, None)),
    (causes::INVERTED, inverted),
    (causes::WRONG_PARITY, wrong_parity),
    (causes::WRONG_SPEED, wrong_speed),
    (causes::NOT_A_METER, |seen, look| alike(seen, look, Likeness::Text, None)),
    (causes::TEXT_MODE, text_mode),
    (causes::WEAK_POWER, weak_power),
    (causes::PARTS_MISSING, parts_missing),
    (causes::NOISE, noise),
    (causes::NEEDS_KEY, |seen, _| {
        sealed(seen.counts.needs_key, seen, (85, 97), "encrypted, and no key is set")
    }),
    (causes::WRONG_KEY, |seen, _| {
        sealed(seen.counts.wrong_key, seen, (60, 92), "encrypted, and the key opens none of them")
    }),
    (causes::WRONG_AUTH_KEY, |seen, _| {
        sealed(seen.counts.auth_failed, seen, (60, 92), "opened by the key, but their tag is wrong")
    }),
    (causes::KEYS_SWAPPED, keys_swapped),
    (causes::UNKNOWN_LIST, unknown_list),
    (causes::METER_CLOCK, meter_clock),
    (causes::LATE, late),
];

const ABSENT: &[&str] =
    &["there is no ", "was unplugged", "no such", "No such", "does not answer: unplug"];

/// After so many settings the search has tried all usual ones.
const ALL_USUAL: u32 = 12;

const WAIT: &str = "Wait: the right settings are being searched, which takes a few messages.";

/// Everything that may be wrong, the likeliest first.
pub(super) fn findings(seen: &Seen<'_>, look: &Look) -> Vec<Finding> {
    let broken = frames_are_broken(seen);
    let judged = RULES.iter().filter_map(|(cause, rule)| Some((cause, rule(seen, look)?)));
    let mut findings: Vec<Finding> = judged
        .map(|(cause, judged)| {
            // what is behind broken frames does not matter yet
            let behind = broken && cause.layer > causes::WEAK_POWER.layer;
            let settings = matches!(cause.word, "wrong_parity" | "wrong_speed");
            let (at_it, most) = match seen.tries {
                0 => (false, 100),
                // the search is at it; octets of wrong settings look like anything
                1..ALL_USUAL => (settings, if seen.is_garbage() { 50 } else { 100 }),
                // it has been through all usual ones: it is something else
                _ => (settings, if settings { 30 } else { 100 }),
            };
            let most = if behind { 50.min(most) } else { most };
            let certainty = judged.certainty.min(most);
            let (first, rest) =
                if at_it { (Some(WAIT), &[][..]) } else { (judged.first, cause.remedies) };
            Finding {
                cause: cause.word,
                certainty,
                title: cause.title.to_owned(),
                because: judged.because,
                remedies: first.iter().chain(rest).map(|&text| text.to_owned()).collect(),
            }
        })
        .collect();
    findings.sort_by_key(|finding| core::cmp::Reverse(finding.certainty));
    findings
}

/// Half of the messages come damaged, or more.
fn frames_are_broken(seen: &Seen<'_>) -> bool {
    let damaged = seen.counts.damaged() >= 2 && seen.counts.damaged_share() >= 50;
    damaged || is_spiked(seen)
}

/// No ciphertext has rows of FF in it.
fn is_spiked(seen: &Seen<'_>) -> bool {
    seen.counts.spiked >= 2 && seen.counts.spiked * 2 >= seen.counts.passed()
}

/// A certainty of 0 is no judgement.
fn judged(certainty: u8, because: String) -> Option<Judged> {
    (certainty > 0).then_some(Judged { certainty, because, first: None })
}

fn closed(seen: &Seen<'_>, words: &[&str]) -> Option<Judged> {
    let Line::Closed(_, why) = seen.line else { return None };
    words.iter().any(|word| why.contains(word)).then(|| Judged {
        certainty: 95,
        because: why.clone(),
        first: None,
    })
}

fn cannot_open(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let Line::Closed(_, why) = seen.line else { return None };
    let known = RULES.iter().take(4).any(|(_, rule)| rule(seen, &Look::default()).is_some());
    if known { None } else { judged(95, why.clone()) }
}

fn connection_drops(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let losses = seen.hour.closed;
    if losses < 3 {
        return None;
    }
    let certainty = u8::try_from(55 + losses.min(7) * 5).unwrap_or(90);
    judged(certainty, format!("it was lost {losses} times within the hour"))
}

fn flood(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let dropped = seen.counts.dropped;
    (dropped > 0).then_some(())?;
    judged(85, format!("{} thrown away {}", counted(dropped, "octet"), seen.span))
}

fn overrun(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let lost = seen.counts.overrun;
    (lost > 0 && seen.counts.damaged() > 0).then_some(())?;
    judged(85, format!("the driver lost {} {}", counted(lost, "character"), seen.span))
}

fn nothing_arrives(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let Line::Open(since) = *seen.line else { return None };
    if seen.last_octets.is_some() {
        return None;
    }
    let silent = seen.now.since(since);
    let certainty = match silent {
        120_000.. => 90,
        30_000.. => 70,
        _ => return None,
    };
    judged(certainty, format!("not one octet came in {}", duration(silent)))
}

fn meter_stopped(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let (_, stopped) = late_ms(seen.period_ms);
    let silent = seen.silent_ms().filter(|silent| *silent >= stopped)?;
    if seen.last_octets.is_none() || seen.is_closed() {
        return None;
    }
    judged(88, format!("nothing has come for {}; before, octets came", duration(silent)))
}

/// Octets without frames that look like something.
fn alike(
    seen: &Seen<'_>,
    look: &Look,
    likeness: Likeness,
    first: Option<&'static str>,
) -> Option<Judged> {
    let certainty = look.certainty(likeness).filter(|_| seen.is_garbage())?;
    let certainty = if likeness == Likeness::Idle { certainty.min(80) } else { certainty };
    Some(Judged { certainty, because: look.seen(likeness).to_owned(), first })
}

/// Octets without any order, in bursts of more than a few: how certain, and why.
fn orderless(seen: &Seen<'_>, look: &Look, proven: u8, rows: u8, plain: u8) -> Option<Judged> {
    if !seen.is_garbage() || !look.is_noise() || mostly_scraps(seen) {
        return None;
    }
    let octets = counted(u32::try_from(look.octets).unwrap_or(u32::MAX), "octet");
    let rows_of_ff = look.spikes * 50 >= look.octets;
    let (certainty, why) = match (seen.proven, rows_of_ff) {
        (true, _) => (proven, "though these settings read frames before"),
        (false, true) => (rows, "with rows of FF, as spikes on a line at rest make them"),
        (false, false) => (plain, "and not one frame in them"),
    };
    judged(certainty, format!("{octets} without any order, {why}"))
}

fn inverted(seen: &Seen<'_>, look: &Look) -> Option<Judged> {
    alike(seen, look, Likeness::Inverted, None).or_else(|| {
        let breaks = seen.counts.breaks >= 2 && seen.counts.breaks >= seen.counts.bursts / 2;
        if breaks && seen.is_garbage() && look.is_noise() {
            return judged(70, "the line stays low behind each message".to_owned());
        }
        orderless(seen, look, 0, 25, 30)
    })
}

fn wrong_parity(seen: &Seen<'_>, look: &Look) -> Option<Judged> {
    let awaited = Some("Set it to 8N1: no parity.");
    let kept = Some("Set it to 7E1: seven bits, even parity.");
    alike(seen, look, Likeness::ParityAwaited, awaited)
        .or_else(|| {
            // a telegram of seven bits is not taken for one by a port of eight
            let found = look.certainty(Likeness::ParityKept)?;
            let because = look.seen(Likeness::ParityKept).to_owned();
            Some(Judged { certainty: found, because, first: kept })
        })
        .or_else(|| {
            let damaged = seen.counts.parity >= 8
                && u64::from(seen.counts.parity) * 100 >= u64::from(seen.counts.octets) * 15;
            (damaged && seen.counts.passed() == 0).then_some(())?;
            let parity = counted(seen.counts.parity, "character");
            judged(70, format!("{parity} with a wrong parity bit {}", seen.span))
        })
}

/// Most bursts are shorter than any message.
fn mostly_scraps(seen: &Seen<'_>) -> bool {
    seen.counts.scraps >= 2 && seen.counts.scraps * 3 >= seen.counts.bursts * 2
}

fn wrong_speed(seen: &Seen<'_>, look: &Look) -> Option<Judged> {
    let slower = Some("The meter is slower than the port: try 2400 or 9600.");
    let mut fast = alike(seen, look, Likeness::TooFast, slower);
    let bursts = seen.counts.bursts;
    if bursts >= 3
        && seen.counts.octets / bursts >= 12
        && let Some(fast) = &mut fast
    {
        // a line at rest does not send in bursts
        fast.certainty = fast.certainty.max(88);
    }
    fast.or_else(|| {
        (seen.is_garbage() && mostly_scraps(seen)).then_some(())?;
        let because =
            "octets come in bursts too short for a message, as a faster meter leaves them";
        let first = Some("The meter is faster than the port: try 115200.");
        Some(Judged { certainty: 75, because: because.to_owned(), first })
    })
    .or_else(|| orderless(seen, look, 0, 35, 55))
}

fn text_mode(_: &Seen<'_>, look: &Look) -> Option<Judged> {
    [Likeness::TextMode, Likeness::Utf8]
        .into_iter()
        .find_map(|likeness| judged(look.certainty(likeness)?, look.seen(likeness).to_owned()))
}

/// Damage by its share and by what it hits.
fn weak_power(seen: &Seen<'_>, look: &Look) -> Option<Judged> {
    let counts = &seen.counts;
    let (damaged, share) = (counts.damaged(), counts.damaged_share());
    if is_spiked(seen) {
        let spiked = counted(counts.spiked, "ciphered message");
        return judged(85, format!("{spiked} with rows of FF in them, which ciphers never make"));
    }
    if damaged == 0 {
        return orderless(seen, look, 85, 65, 45);
    }
    if mostly_parts(seen) {
        return judged(
            45,
            format!("{} of which parts are missing", counted(counts.parts, "message")),
        );
    }
    if share < 20 {
        return None;
    }
    let all = damaged.saturating_add(counts.passed());
    let mut because =
        format!("{damaged} of {} came damaged {}", counted(all, "message"), seen.span);
    let mut certainty = 60;
    if share >= 50 {
        certainty += 15;
    }
    let long = counts.bad_long.saturating_add(counts.good_long);
    let short = counts.bad_short.saturating_add(counts.good_short);
    let of_long = u64::from(counts.bad_long) * u64::from(short);
    let of_short = u64::from(counts.bad_short) * u64::from(long);
    if counts.good_short >= 3 && counts.bad_long >= 2 && of_long >= of_short * 3 {
        certainty += 15;
        let (bad_long, bad_short) = (counts.bad_long, counts.bad_short);
        let what = [format!("; {bad_long} of {long} long ones, {bad_short} of {short} short ones")];
        because.extend(what);
    }
    if look.spikes > 0 {
        certainty += 5;
        because += "; rows of FF between them, as spikes on a line at rest make them";
    }
    // one alone may be chance
    judged(if damaged == 1 { 55 } else { certainty }, because)
}

fn mostly_parts(seen: &Seen<'_>) -> bool {
    let counts = &seen.counts;
    counts.parts >= 1 && counts.parts * 2 > counts.damaged() && counts.check <= counts.parts / 4
}

fn parts_missing(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    mostly_parts(seen).then_some(())?;
    let parts = counted(seen.counts.parts, "message");
    judged(80, format!("of {parts} a part is missing {}, and the others are whole", seen.span))
}

fn noise(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let (damaged, share) = (seen.counts.damaged(), seen.counts.damaged_share());
    if damaged == 0 || mostly_parts(seen) {
        return None;
    }
    let all = damaged.saturating_add(seen.counts.passed());
    let because = format!("{damaged} of {} came damaged {}", counted(all, "message"), seen.span);
    judged(if share < 20 { 60 } else { 35 }, because)
}

/// Messages that are whole and stay closed.
fn sealed(count: u32, seen: &Seen<'_>, (once, often): (u8, u8), what: &str) -> Option<Judged> {
    (count > 0).then_some(())?;
    let because = format!("{} {}: {what}", counted(count, "message"), seen.span);
    let certainty = if count > 1 { often } else { once };
    // others are opened by the same key
    judged(if seen.counts.messages > count { 30 } else { certainty }, because)
}

fn keys_swapped(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    seen.keys_swapped.then_some(())?;
    judged(99, "messages open with the two keys exchanged".to_owned())
}

fn unknown_list(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let what = seen.unknown.as_deref().filter(|_| seen.counts.unknown > 0)?;
    let others = seen.counts.messages > seen.counts.unknown;
    let messages = counted(seen.counts.unknown, "whole message");
    judged(if others { 40 } else { 90 }, format!("{messages} {}: {what}", seen.span))
}

fn meter_clock(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let wrong = seen.counts.clock_wrong;
    (wrong >= 3 && wrong * 2 > seen.counts.timed).then_some(())?;
    let off = duration(seen.clock_off_s.saturating_abs().saturating_mul(1000));
    let way = if seen.clock_off_s > 0 { "ahead" } else { "behind" };
    judged(70, format!("its clock is {off} {way}, time zone aside"))
}

fn late(seen: &Seen<'_>, _: &Look) -> Option<Judged> {
    let (late, stopped) = late_ms(seen.period_ms);
    let age = seen.message_age_ms().filter(|age| (late..stopped).contains(age))?;
    if seen.is_closed() || seen.counts.damaged() > 0 {
        return None;
    }
    let usual = seen
        .period_ms
        .map_or_else(String::new, |ms| format!("; they usually come every {}", duration(ms)));
    judged(50, format!("the last message came {} ago{usual}", duration(age)))
}
