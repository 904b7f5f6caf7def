//! A line that is read as it speaks.

use std::fs::File;
use std::io::{self, Read as _};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread;
use std::time::{Duration, Instant};

use hanport_core::session::push::{Options, Session};
use hanport_io::stop;

use crate::message::{LONGEST, Message};

/// Silence after which an unfinished message stays unfinished.
const SILENCE: Duration = Duration::from_secs(2);

/// How often whoever follows is called at least.
pub(crate) const TICK: Duration = Duration::from_millis(100);

/// Reads `port` until it ends or the program is asked to, and calls `heard` with each message, and with `None` when there
/// may be something to do because time has passed.
pub(crate) fn follow(
    port: File,
    options: Options,
    mut heard: impl FnMut(Option<Message>) -> io::Result<()>,
) -> io::Result<()> {
    // Bounded: when the messages are not taken the reader waits, and the line loses what nobody
    // takes.
    let (sender, receiver) = mpsc::sync_channel(64);
    thread::spawn(move || listen(port, &sender));
    let mut session = Session::<LONGEST>::new(options);
    let mut last = Instant::now();
    loop {
        let received = receiver.recv_timeout(TICK);
        if let Ok(octets) = &received {
            last = Instant::now();
            let mut rest: &[u8] = octets;
            while let Some(event) = session.poll(&mut rest) {
                heard(Some(Message::of(&event)))?;
            }
        }
        let ended = received == Err(RecvTimeoutError::Disconnected);
        if ended || last.elapsed() > SILENCE {
            last = Instant::now();
            while let Some(event) = session.end() {
                heard(Some(Message::of(&event)))?;
            }
        }
        if ended || stop::asked() {
            return Ok(());
        }
        heard(None)?;
    }
}

/// Ends when the line does (a terminal that is hung up may say that it cannot be read), or when
/// nobody wants the octets any more.
fn listen(mut port: File, sender: &SyncSender<Vec<u8>>) {
    let mut buffer = [0; 1024];
    while let Ok(count @ 1..) = port.read(&mut buffer) {
        let octets = buffer.get(..count).unwrap_or(&[]).to_vec();
        if sender.send(octets).is_err() {
            return;
        }
    }
}
