//! What a meter has said so far, and a page of it that is drawn over itself.
//!
//! Short messages carry few values; those of longer ones stay on the page with their age.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::{Duration, Instant};

use hanport_core::fault::Cause;

use crate::message::{Content, Entry, Message, Outcome};
use crate::wrap::wrapped;
use crate::{advice, table};

/// What a meter has said so far.
#[derive(Debug, Default)]
pub(crate) struct Live {
    head: Option<Message>,
    entries: Vec<Entry>,
    heard: Vec<Instant>,
    last: Option<Instant>,
    readings: u64,
    faults: u64,
    passed_over: usize,
    last_fault: Option<String>,
}

impl Live {
    /// Takes in one message.
    pub(crate) fn handle(&mut self, now: Instant, message: Message) {
        match message.outcome {
            Outcome::Fault(fault) => {
                if let Cause::NoFrame { octets } = fault.cause {
                    self.passed_over += octets;
                } else {
                    self.faults += 1;
                    self.last_fault = Some(advice::on_fault(&fault).what);
                }
            }
            Outcome::Reading(_) => self.handle_reading(now, message),
        }
    }

    fn handle_reading(&mut self, now: Instant, mut message: Message) {
        self.readings += 1;
        self.last = Some(now);
        if let Outcome::Reading(entries) = &mut message.outcome {
            for entry in entries.drain(..) {
                self.keep(now, entry);
            }
        }
        // The short messages do not say who sends them.
        if let Some(before) = self.head.take() {
            let (meter, known) = (&mut message.meter, before.meter);
            meter.manufacturer = meter.manufacturer.or(known.manufacturer);
            meter.model = meter.model.take().or(known.model);
            meter.model_name = meter.model_name.take().or(known.model_name);
            meter.id = meter.id.take().or(known.id);
            meter.list_id = meter.list_id.take().or(known.list_id);
        }
        self.head = Some(message);
    }

    fn keep(&mut self, now: Instant, entry: Entry) {
        let known = self.entries.iter().position(|known| known.obis == entry.obis);
        let places = known.and_then(|at| self.entries.get_mut(at).zip(self.heard.get_mut(at)));
        if let Some((known, heard)) = places {
            *known = entry;
            *heard = now;
        } else {
            self.entries.push(entry);
            self.heard.push(now);
        }
    }

    /// The page, in rows of at most `width` characters.
    pub(crate) fn page(&self, title: &str, now: Instant, width: usize) -> String {
        let mut page = wrapped(title, 2, width) + "\n";
        match &self.head {
            Some(head) => {
                page.push_str(&table::header(head, width));
                let notes: Vec<String> =
                    self.heard
                        .iter()
                        .map(|heard| {
                            if Some(*heard) == self.last {
                                String::new()
                            } else {
                                ago(now - *heard)
                            }
                        })
                        .collect();
                page.push_str(&table::values(&self.entries, &notes, &table::said(head), width));
            }
            None => page.push_str("Waiting for the first message.\n"),
        }
        let mut heard = counted(self.readings, "message");
        let _ = write!(heard, ", {}", counted(self.faults, "fault"));
        if self.passed_over > 0 {
            let _ = write!(heard, ", {} octets passed over", self.passed_over);
        }
        if let Some(last) = self.last {
            let _ = write!(heard, ", last message {}", ago(now - last));
        }
        page.push('\n');
        page.push_str(&wrapped(&heard, 2, width));
        if let Some(fault) = &self.last_fault {
            page.push_str(&wrapped(&format!("last fault: {fault}"), 2, width));
        }
        page
    }
}

/// One message as one line: its time and the everyday values.
pub(crate) fn line(message: &Message) -> String {
    let time = message.time.map_or_else(|| "-".to_owned(), |time| time.to_string());
    match &message.outcome {
        Outcome::Fault(fault) => format!("{time}  no reading: {}", advice::on_fault(fault).what),
        Outcome::Reading(entries) => {
            let mut line = format!("{time:<25}");
            for entry in entries {
                if let (Some(quantity), Content::Number(number, _)) =
                    (entry.quantity, &entry.content)
                    && quantity.is_principal()
                {
                    let _ = write!(line, " {quantity}={number}");
                }
            }
            line
        }
    }
}

/// `1 fault`, `2 faults`.
fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// `3 s ago`.
fn ago(age: Duration) -> String {
    match age.as_secs() {
        0 => "now".to_owned(),
        seconds @ 1..=119 => format!("{seconds} s ago"),
        seconds @ 120..=7199 => format!("{} min ago", seconds / 60),
        seconds => format!("{} h ago", seconds / 3600),
    }
}

/// A part of the terminal that is drawn over itself.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    lines: usize,
    drawn: String,
    size: Option<(usize, usize)>,
}

impl Screen {
    /// Draws what `page` makes of the width of the terminal where the page before stands. The
    /// lines that do not fit are counted.
    pub(crate) fn draw(
        &mut self,
        out: &mut impl Write,
        size: Option<(usize, usize)>,
        page: impl FnOnce(usize) -> String,
    ) -> io::Result<()> {
        let (rows, columns) = size.unwrap_or((usize::MAX, usize::MAX));
        let page = page(columns);
        if page == self.drawn && size == self.size {
            return Ok(());
        }
        if size != self.size && self.lines > 0 {
            // The lines on the screen were broken anew: where they begin is not known.
            write!(out, "\x1B[2J\x1B[H")?;
            self.lines = 0;
        }
        self.size = size;
        if self.lines > 0 {
            write!(out, "\x1B[{}A\r", self.lines)?;
        }
        let lines = page.lines().count();
        let fit = rows.saturating_sub(1);
        let shown = if lines > fit { fit.saturating_sub(1) } else { lines };
        for line in page.lines().take(shown) {
            writeln!(out, "{line}\x1B[K")?;
        }
        if shown < lines {
            writeln!(out, "({} more lines: the window is too low)\x1B[K", lines - shown)?;
        }
        self.lines = lines.min(fit);
        self.drawn = page;
        write!(out, "\x1B[J")?;
        out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wrap::ENDLESS;
    use hanport_core::session::push::Options;
    use hanport_engine::capture::Capture;
    use hanport_sim::scenario::Scenario;
    use hanport_sim::simulation::Simulation;

    fn heard(live: &mut Live, now: Instant, octets: &[u8]) {
        let capture = Capture::recognise(octets);
        let take = |message| {
            live.handle(now, message);
            Ok::<(), io::Error>(())
        };
        crate::message::visit(&capture, &Options::default(), take).unwrap();
    }

    #[test]
    fn values_of_long_messages_stay_with_their_age() {
        let scenario = Scenario::new("aidon-no", 1, "2024-01-15T12:00").unwrap();
        let mut messages = Simulation::new(&scenario).map(|record| record.bytes);
        let (long, short) = (messages.next().unwrap(), messages.next().unwrap());
        let mut live = Live::default();
        let start = Instant::now();
        assert!(live.page("demo", start, ENDLESS).contains("Waiting"));
        heard(&mut live, start, &long);
        heard(&mut live, start + Duration::from_secs(150), &short);
        let page = live.page("demo", start + Duration::from_secs(153), ENDLESS);
        assert!(page.contains("Aidon 6525"), "{page}");
        assert!(page.contains("2 messages, 0 faults, last message 3 s ago"), "{page}");
        let row = |name: &str| page.lines().find(|line| line.contains(name)).unwrap().to_owned();
        assert!(row("voltage  ").ends_with("2 min ago"), "{page}");
        assert!(row("active import").ends_with(" W"), "{page}");
    }

    #[test]
    fn faults_are_counted_and_the_last_is_told() {
        let mut live = Live::default();
        heard(&mut live, Instant::now(), b"/TST5\\1\r\n\r\n1-0:1.7.0(00.016*kW)\r\n!FFFF\r\n");
        heard(&mut live, Instant::now(), &[0; 20]);
        let page = live.page("demo", Instant::now(), ENDLESS);
        assert!(page.contains("0 messages, 1 fault, 20 octets passed over"), "{page}");
        assert!(page.contains("last fault: the checksum is wrong"), "{page}");
    }

    #[test]
    fn a_page_that_is_too_long_says_so() {
        let mut out = Vec::new();
        let page = |_| "1\n2\n3\n4\n5\n".to_owned();
        Screen::default().draw(&mut out, Some((4, 80)), page).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "1\x1B[K\n2\x1B[K\n(3 more lines: the window is too low)\x1B[K\n\x1B[J"
        );
    }

    #[test]
    fn a_page_is_drawn_over_the_one_before() {
        let mut screen = Screen::default();
        let mut out = Vec::new();
        for page in ["one\ntwo\n", "one\ntwo\n", "three\n"] {
            screen.draw(&mut out, None, |_| page.to_owned()).unwrap();
        }
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "one\x1B[K\ntwo\x1B[K\n\x1B[J\x1B[2A\rthree\x1B[K\n\x1B[J"
        );
    }
}
