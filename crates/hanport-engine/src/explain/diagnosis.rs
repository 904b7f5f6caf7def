//! What input without any frame looks like, and what to do about it.
//!
//! Three kinds of evidence, the strongest first: a repair after which a frame passes its checks;
//! debris that wrong serial settings make of what every meter sends, known from a receiver
//! simulated bit by bit; and what the octets are like as a whole.

use std::borrow::Cow;

use hanport_core::fault::Layer;
use hanport_core::session::push::{Event, Options, Session};

use super::debris::{self, Mode};

/// What the input looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Octets of a message whose beginning is missing.
    CutOffStart,
    /// There are no octets.
    Empty,
    /// A line on which nothing is sent.
    Idle,
    /// A line whose levels are the wrong way round.
    Inverted,
    /// Octets as they come by chance.
    Noise,
    /// A parity bit awaited that nobody sends (8N1 read as 8E1).
    ParityAwaited,
    /// A parity bit that stands in the highest bit of each character (7E1 read as 8N1).
    ParityKept,
    /// Text without octets in it.
    Text,
    /// A bridge in text mode: a carriage return before every line feed.
    TextMode,
    /// A receiver several times as fast as the meter.
    TooFast,
    /// Fewer octets than any message has.
    TooShort,
    /// Octets that went through a text encoding.
    Utf8,
}

impl Likeness {
    /// The stable word for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::CutOffStart => "cut-off-start",
            Self::Empty => "empty",
            Self::Idle => "idle",
            Self::Inverted => "inverted",
            Self::Noise => "noise",
            Self::ParityAwaited => "parity-awaited",
            Self::ParityKept => "parity-kept",
            Self::Text => "text",
            Self::TextMode => "text-mode",
            Self::TooFast => "too-fast",
            Self::TooShort => "too-short",
            Self::Utf8 => "utf-8",
        }
    }

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CutOffStart => "the end of a message whose beginning is missing",
            Self::Empty => "nothing at all",
            Self::Idle => "an idle line, on which nothing is sent",
            Self::Inverted => "an inverted line: its two levels are the wrong way round",
            Self::Noise => "noise, or a meter read with settings that leave nothing of it",
            Self::ParityAwaited => {
                "a meter that sends 8N1, read by a port that is set to 8E1 (a parity bit too many)"
            }
            Self::ParityKept => {
                "a meter that sends 7E1, read by a port that is set to 8N1 (its parity bit is kept)"
            }
            Self::Text => "ordinary text, a log or a program's output, without a meter's telegram",
            Self::TextMode => {
                "a message that went through a bridge in text mode, which changed its line ends"
            }
            Self::TooFast => "a port that is set to a higher speed than the meter's",
            Self::TooShort => "too little to tell",
            Self::Utf8 => "a message whose octets were treated as text on their way",
        }
    }

    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::CutOffStart => {
                "Record longer: the first message of a recording is usually cut off, the next \
                 one is whole."
            }
            Self::Empty => {
                "Is the port opened by the network operator, the cable plugged in, the right \
                 device chosen? P1 ports send only while their request line is powered."
            }
            Self::Idle => {
                "Nothing is sent. Check the cable and that the port is opened; if there are only \
                 00, the adapter holds the line low: it is without power or inverts it."
            }
            Self::Inverted => {
                "Invert the line once: P1 ports need it (most P1 cables do it, or the adapter \
                 has a setting), HAN and M-Bus adapters must not."
            }
            Self::Noise => {
                "Try the other speeds (2400, 9600, 115200) and parities (8N1, 8E1), check the \
                 two wires, ground and the supply of the adapter."
            }
            Self::ParityAwaited => "Set the port to 8N1: no parity.",
            Self::ParityKept => "Set the port to 7E1: seven bits, even parity.",
            Self::Text => {
                "This is no recording of a meter's port. Give the octets themselves, or a log \
                 that has them in hexadecimal."
            }
            Self::TextMode => {
                "Switch the network bridge or terminal from text mode to raw binary: it adds \
                 octets. What is damaged so cannot be repaired with certainty."
            }
            Self::TooFast => "The meter is slower than the port is set to: try 2400 or 9600.",
            Self::TooShort => "Record longer: ten seconds hold at least one message.",
            Self::Utf8 => {
                "Take the octets as they come: something on the way treated them as text \
                 (MQTT or log as a string, a console)."
            }
        }
    }
}

/// One thing that the input looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub likeness: Likeness,
    /// How likely, in per cent; a rough measure to put several in order.
    pub certainty: u8,
    /// What was seen.
    pub seen: String,
}

/// What input without any frame looks like, likeliest first; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnosis {
    /// The findings.
    pub findings: Vec<Finding>,
}

/// Fewer octets than the shortest message with a value.
const SHORTEST: usize = 12;

impl Diagnosis {
    /// Looks at octets in which there are only damaged frames: `None` where nothing but the
    /// damage is to be seen.
    pub fn of_damaged(octets: &[u8]) -> Option<Self> {
        let findings = repaired(octets);
        (!findings.is_empty()).then_some(Self { findings })
    }

    /// Looks at octets in which no frame was found, or hardly any that could be one.
    pub fn of(octets: &[u8]) -> Self {
        let mut findings = repaired(octets);
        let mut add = |likeness, certainty, seen: String| {
            findings.push(Finding { likeness, certainty, seen });
        };
        if octets.is_empty() {
            add(Likeness::Empty, 100, "there are no octets in the input".to_owned());
            return Self { findings };
        }
        let counts = Counts::of(octets);
        if let Some(seen) = counts.idle() {
            add(Likeness::Idle, 85, seen);
            if let Some(seen) = counts.too_fast() {
                add(Likeness::TooFast, counts.too_fast_beside_idle(), seen);
            }
        } else {
            for (mode, likeness) in [
                (Mode::ParityAwaited, Likeness::ParityAwaited),
                (Mode::Inverted, Likeness::Inverted),
            ] {
                if let Some((hits, certainty)) = debris::search(octets, mode) {
                    let runs = counted(hits, "run");
                    let seen = format!(
                        "{runs} of octets that this makes of codes which every meter sends"
                    );
                    add(likeness, certainty, seen);
                }
            }
            if let Some(seen) = counts.too_fast() {
                add(Likeness::TooFast, 85, seen);
            }
            if let Some((what, certainty)) = cut_off_start(octets) {
                add(Likeness::CutOffStart, certainty, what);
            } else if let Some(seen) = counts.text() {
                add(Likeness::Text, 80, seen);
            }
        }
        if octets.len() < SHORTEST {
            add(
                Likeness::TooShort,
                60,
                counted(octets.len(), "octet") + ", fewer than any message has",
            );
        }
        if findings.iter().all(|finding| finding.certainty < 50) {
            let seen = format!(
                "{}, {} of them different, without any order",
                counted(octets.len(), "octet"),
                counts.different()
            );
            findings.push(Finding { likeness: Likeness::Noise, certainty: 40, seen });
        }
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.certainty));
        Self { findings }
    }
}

/// The damages after whose repair a whole message appears.
fn repaired(octets: &[u8]) -> Vec<Finding> {
    let whole = repairs(octets).into_iter().filter(|(_, repaired)| holds_frame(repaired));
    let seen = "when this is undone, a whole message appears that passes its checks";
    whole.map(|(likeness, _)| Finding { likeness, certainty: 99, seen: seen.to_owned() }).collect()
}

/// Whether a message that passes the checks of its frame is in `octets`.
fn holds_frame(octets: &[u8]) -> bool {
    let mut session = Session::<4096>::new(Options::default());
    let mut input = octets;
    while let Some(event) = session.poll(&mut input) {
        if is_whole(&event) {
            return true;
        }
    }
    while let Some(event) = session.end() {
        if is_whole(&event) {
            return true;
        }
    }
    false
}

fn is_whole(event: &Event<'_>) -> bool {
    match event {
        Event::Reading(_) => true,
        Event::Fault(fault) => {
            let framed = !matches!(fault.layer, Layer::Line | Layer::Frame | Layer::Transfer);
            framed && fault.framing.is_some()
        }
    }
}

/// Known damages undone, each only where there is something to undo.
fn repairs(octets: &[u8]) -> Vec<(Likeness, Vec<u8>)> {
    let mut repairs = Vec::new();
    let feeds = octets.split(|octet| *octet == b'\n').count() - 1;
    let pairs = octets.windows(2).filter(|pair| *pair == b"\r\n").count();
    if feeds > 0 && pairs * 10 >= feeds * 9 {
        repairs.push((Likeness::TextMode, without_inserted_returns(octets)));
    }
    if let Some(latin) = from_utf8(octets) {
        repairs.push((Likeness::Utf8, latin));
    }
    let even = octets.iter().filter(|octet| octet.count_ones() % 2 == 0).count();
    if even * 10 >= octets.len() * 9 && octets.iter().any(|octet| *octet > 0x7F) {
        repairs.push((Likeness::ParityKept, octets.iter().map(|octet| octet & 0x7F).collect()));
    }
    repairs
}

fn without_inserted_returns(octets: &[u8]) -> Vec<u8> {
    let followers = octets.iter().skip(1).copied().map(Some).chain([None]);
    let pairs = octets.iter().zip(followers);
    pairs.filter(|pair| *pair != (&b'\r', Some(b'\n'))).map(|(octet, _)| *octet).collect()
}

/// The octets behind characters up to FF, if all are, and some are beyond 7F.
fn from_utf8(octets: &[u8]) -> Option<Vec<u8>> {
    let text = str::from_utf8(octets).ok().filter(|text| !text.is_ascii())?;
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

/// The end of a message without its beginning.
fn cut_off_start(octets: &[u8]) -> Option<(String, u8)> {
    let codes =
        octets.windows(8).filter(|w| matches!(w, [0x09, 0x06, 0..=1, _, _, _, _, 0xFF])).count();
    if codes > 0 {
        let codes = counted(codes, "code");
        return Some((format!("{codes} as they stand in the lists of meters"), 70));
    }
    let lines = text_of(octets).lines().filter(|line| is_data_line(line)).count();
    if lines > 0 {
        return Some((counted(lines, "line") + " of a telegram", 90));
    }
    let llc =
        octets.windows(4).any(|window| matches!(window, [0xE6, 0xE7, 0x00, 0x0F | 0xDB | 0xE0]));
    llc.then(|| ("the head of a message inside a frame".to_owned(), 60))
}

fn text_of(octets: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(octets)
}

/// `1-0:1.8.0(` and the like.
fn is_data_line(line: &str) -> bool {
    let Some((code, value)) = line.split_once('(') else { return false };
    let points = code.matches('.').count();
    value.contains(')')
        && points == 2
        && code.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'-' | b':' | b'.' | b'*'))
}

/// `1 octet`, `2 octets`.
fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// How often each octet occurs.
struct Counts {
    of: [usize; 256],
    total: usize,
}

impl Counts {
    fn of(octets: &[u8]) -> Self {
        let mut of = [0; 256];
        for octet in octets {
            if let Some(count) = of.get_mut(usize::from(*octet)) {
                *count += 1;
            }
        }
        Self { of, total: octets.len() }
    }

    fn different(&self) -> usize {
        self.of.iter().filter(|count| **count > 0).count()
    }

    fn idle(&self) -> Option<String> {
        let (low, high) = (self.of[0x00], self.of[0xFF]);
        ((low + high) * 20 >= self.total * 19).then(|| match (low, high) {
            (0, high) => format!("{} FF and hardly anything else", counted(high, "octet")),
            (low, 0) => format!("{} 00 and hardly anything else", counted(low, "octet")),
            (low, high) => format!(
                "{} FF, {} 00 and hardly anything else",
                counted(high, "octet"),
                counted(low, "octet")
            ),
        })
    }

    fn text(&self) -> Option<String> {
        let printable: usize = self
            .of
            .iter()
            .zip(0u8..=255)
            .filter(|(_, octet)| matches!(octet, b'\t' | b'\r' | b'\n' | b' '..=b'~'))
            .map(|(count, _)| count)
            .sum();
        (printable * 20 >= self.total * 19)
            .then(|| format!("{printable} of {} octets are characters of a text", self.total))
    }

    /// A receiver three or more times as fast sees every bit at least three times: the octets
    /// have long runs of equal bits only.
    fn too_fast(&self) -> Option<String> {
        let long_runs = self
            .of
            .iter()
            .zip(0u8..=255)
            .filter(|(_, octet)| has_long_runs_only(*octet))
            .map(|(count, _)| count)
            .sum::<usize>();
        let most = long_runs * 100 >= self.total * 97 && self.of[0xFF] < self.total;
        most.then(|| {
            let different = counted(self.different(), "different octet");
            format!("only {different}, made of long runs of equal bits")
        })
    }

    /// The faster the receiver, the more 00, up to nothing else.
    fn too_fast_beside_idle(&self) -> u8 {
        let others = self.total - self.of[0x00] - self.of[0xFF];
        if others * 100 >= self.total { 90 } else { 60 }
    }
}

/// Whether every run of equal bits is at least three long, the start bit counted with them. The
/// last one may go on behind the octet.
fn has_long_runs_only(octet: u8) -> bool {
    let bits = u16::from(octet) << 1;
    let mut run = 1;
    (1..9).all(|at| {
        let same = (bits >> at & 1) == (bits >> (at - 1) & 1);
        let fits = same || run >= 3;
        run = if same { run + 1 } else { 1 };
        fits
    })
}

#[cfg(test)]
mod tests {
    use super::super::uart::{Setting, receive, send};
    use super::*;

    fn likeliest(octets: &[u8]) -> Likeness {
        Diagnosis::of(octets).findings[0].likeness
    }

    /// The beginning of a list as many meters send it.
    fn list() -> Vec<u8> {
        let mut octets = vec![0x7E, 0xA0, 0xE2, 0x2B, 0x21, 0x13, 0x23, 0x9A];
        octets.extend([0xE6, 0xE7, 0x00, 0x0F, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x19]);
        for (code, value) in [(1u8, 600u16), (2, 0), (3, 7), (4, 128), (31, 231), (51, 99)] {
            octets.extend([0x09, 0x06, 0x01, 0x01, code, 0x07, 0x00, 0xFF, 0x06, 0x00, 0x00]);
            octets.extend(value.to_be_bytes());
        }
        octets
    }

    const TELEGRAM: &[u8] = b"/KFM5KAIFA-METER\r\n\r\n0-0:1.0.0(240115120000W)\r\n\
        1-0:1.8.0(00006678.394*kWh)\r\n1-0:2.8.0(00000000.000*kWh)\r\n\
        1-0:1.7.0(0001.727*kW)\r\n1-0:32.7.0(236.9*V)\r\n1-0:31.7.0(003.4*A)\r\n";

    const N: Setting = Setting { parity: false, width: 1 };
    const E: Setting = Setting { parity: true, width: 1 };

    fn inverted(octets: &[u8], setting: Setting) -> Vec<u8> {
        let line: Vec<bool> = send(octets, setting).into_iter().map(|bit| !bit).collect();
        receive(&line, setting)
    }

    #[test]
    fn wrong_serial_settings_are_told_from_their_debris() {
        for octets in [&list()[..], TELEGRAM] {
            assert_eq!(likeliest(&receive(&send(octets, N), E)), Likeness::ParityAwaited);
            assert_eq!(likeliest(&inverted(octets, N)), Likeness::Inverted);
        }
        assert_eq!(likeliest(&inverted(&list(), E)), Likeness::Inverted);
        for width in [4, 7] {
            let line = send(&list(), Setting { parity: true, width });
            assert_eq!(likeliest(&receive(&line, N)), Likeness::TooFast, "{width} times");
        }
        // nothing but 00 comes out, which may also be a line held low
        let line = send(&list(), Setting { parity: true, width: 12 });
        let diagnosis = Diagnosis::of(&receive(&line, N));
        let likenesses = diagnosis.findings.iter().map(|finding| finding.likeness);
        assert!(likenesses.eq([Likeness::Idle, Likeness::TooFast]));
    }

    #[test]
    fn a_silent_line_is_idle() {
        assert_eq!(likeliest(&[]), Likeness::Empty);
        assert_eq!(likeliest(&[0xFF; 300]), Likeness::Idle);
        assert_eq!(likeliest(&[0x00; 300]), Likeness::Idle);
        assert_eq!(likeliest(&[0x00; 3]), Likeness::Idle);
    }

    #[test]
    fn text_is_no_recording() {
        let log = b"2024-01-15 12:00:00 connecting to broker\n2024-01-15 12:00:01 connected\n";
        assert_eq!(likeliest(log), Likeness::Text);
    }

    #[test]
    fn the_end_of_a_message_is_recognised() {
        assert_eq!(likeliest(&list()[30..]), Likeness::CutOffStart);
        assert_eq!(likeliest(&TELEGRAM[30..]), Likeness::CutOffStart);
    }

    #[test]
    fn anything_else_is_noise() {
        let mut state = 0x2545_F491_4F6C_DD1Du64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        })
        .take(3000)
        .collect();
        assert_eq!(likeliest(&noise), Likeness::Noise);
        assert_eq!(likeliest(&noise[..7]), Likeness::TooShort);
    }

    #[test]
    fn inserted_carriage_returns_are_taken_out() {
        assert_eq!(without_inserted_returns(b"\r\n\x01\r\r\n\x02\r"), b"\n\x01\r\n\x02\r");
    }

    #[test]
    fn text_encodings_are_undone() {
        assert_eq!(from_utf8("\u{7E}\u{A0}\u{FF}".as_bytes()), Some(vec![0x7E, 0xA0, 0xFF]));
        assert_eq!(from_utf8("plain".as_bytes()), None);
        assert_eq!(from_utf8("\u{20AC}".as_bytes()), None);
        assert_eq!(from_utf8(&[0x7E, 0xA0]), None);
    }
}
