//! Captures that are played, and recordings that are made.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use hanport_core::session::push::{Event, Options, Session};
use hanport_engine::capture::Capture;
use hanport_engine::line::{Arrival, LineErrors, LineEvent};
use hanport_engine::time::UtcMillis;
use hanport_io::record::{Recorder, tee};
use hanport_io::source::replay::{Input, Speed, Stamp};
use hanport_io::source::{Replay, Source};
use hanport_sim::scenario::Scenario;
use hanport_sim::simulation::Simulation;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::parts::Running;

fn play(path: &Path) -> Replay {
    let input = Input::File(path.to_owned());
    Replay { input, repeat: false, speed: Speed::AtOnce, stamp: Stamp::Recorded }
}

/// What a simulated meter sends within some seconds, as it would arrive in pieces.
fn heard(meter: &str) -> Vec<Arrival> {
    let scenario = Scenario::new(meter, 7, "2026-01-15T12:00").unwrap();
    let start = UtcMillis::from(scenario.start);
    let mut arrivals = vec![
        Arrival::Event(start, LineEvent::Opened("/dev/ttyUSB0 at 2400 8E1".to_owned())),
        Arrival::Event(start, LineEvent::Settings("2400 8E1".parse().unwrap(), true)),
    ];
    for record in Simulation::new(&scenario).take(6) {
        let at = start.plus(i64::try_from(record.t_first_byte_ns / 1_000_000).unwrap());
        for (place, piece) in (0..).zip(record.bytes.chunks(33)) {
            arrivals.push(Arrival::Octets(at.plus(place), piece.to_vec()));
        }
    }
    let errors = LineErrors { parity: 3, ..LineErrors::default() };
    arrivals.push(Arrival::Event(start.plus(60_000), LineEvent::Errors(errors)));
    arrivals
}

fn octets(arrivals: &[Arrival]) -> Vec<u8> {
    let octets = |arrival: &Arrival| match arrival {
        Arrival::Octets(_, octets) => octets.clone(),
        Arrival::Event(..) => Vec::new(),
    };
    arrivals.iter().flat_map(octets).collect()
}

fn readings(octets: &[u8]) -> usize {
    let mut session = Session::<4096>::new(Options::default());
    let (mut input, mut count) = (octets, 0);
    while let Some(event) = session.poll(&mut input) {
        count += usize::from(matches!(event, Event::Reading(_)));
    }
    while let Some(event) = session.end() {
        count += usize::from(matches!(event, Event::Reading(_)));
    }
    count
}

fn record(path: &Path, arrivals: &[Arrival]) {
    let mut recorder = Recorder::append(path).unwrap();
    for arrival in arrivals {
        recorder.write(arrival).unwrap();
    }
    recorder.flush().unwrap();
}

#[tokio::test]
async fn a_recording_is_decoded_and_played_as_it_was_heard() {
    for meter in ["kaifa-no", "aidon-no", "dsmr5-nl"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recording");
        let heard = heard(meter);
        let (first, rest) = heard.split_at(heard.len() / 2);
        record(&path, first);
        record(&path, rest);
        let text = fs::read(&path).unwrap();
        let found = Capture::recognise(&text).octets();
        assert!(found == octets(&heard), "{meter}");
        assert_eq!(readings(&found), 6, "{meter}");

        let mut source = Running::start(Source::Replay(play(&path)));
        source.opened().await;
        while source.next().await.is_some() {}
        let is_octets = |arrival: &&Arrival| matches!(arrival, Arrival::Octets(..));
        let played: Vec<&Arrival> = source.seen.iter().filter(is_octets).collect();
        let wanted: Vec<&Arrival> = heard.iter().filter(is_octets).collect();
        assert!(played == wanted, "times and pieces are those of then: {meter}");
        for event in &heard[1..] {
            assert!(source.seen.contains(event), "{event:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_recording_is_played_at_its_own_times_and_faster() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let at = |ms: i64| Arrival::Octets(UtcMillis(1_768_478_400_000 + ms), vec![0x7E]);
    record(&path, &[at(0), at(10_000), at(9_000), at(30_000), at(100_000_000)]);
    for (speed, wanted) in [(1.0, 10 + 21 + 3600), (10.0, 3 + 360)] {
        let replay = Replay { speed: Speed::Times(speed), stamp: Stamp::Now, ..play(&path) };
        let started = Instant::now();
        let (ended, octets) = Running::start(Source::Replay(replay)).end_whenever().await;
        assert_eq!((ended, octets.len()), (Ok(()), 5));
        assert_eq!(started.elapsed().as_secs(), wanted, "speed {speed}");
    }
}

#[tokio::test]
async fn a_recording_is_played_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    record(&path, &[Arrival::Octets(UtcMillis(0), b"abc".to_vec())]);
    let replay = Replay { repeat: true, ..play(&path) };
    let mut source = Running::start(Source::Replay(replay));
    assert_eq!(source.octets(3000).await, b"abc".repeat(1000));
    source.stop().await;
}

#[tokio::test]
async fn any_capture_is_played() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("capture");
    let telegram = b"/ISK5\\2M550T-1012\r\n\r\n1-0:1.8.1(000001.000*kWh)\r\n!ABCD\r\n";
    let cases: [(&[u8], &str, &[u8]); 4] = [
        (b"7E A0 27 01\n", "hexadecimal text", b"\x7E\xA0\x27\x01"),
        (b"\x7E\xA0\x27\x01", "octets as they are", b"\x7E\xA0\x27\x01"),
        (telegram, "octets as they are", telegram),
        (b"12:34:56 RX: 7E A0 27 01\n", "a log", b"\x7E\xA0\x27\x01"),
    ];
    for (text, what, octets) in cases {
        fs::write(&path, text).unwrap();
        let mut source = Running::start(Source::Replay(play(&path)));
        let opened = source.opened().await;
        assert!(opened.contains(what), "{opened}");
        assert_eq!(source.end().await, (Ok(()), octets.to_vec()));
    }
}

#[tokio::test]
async fn what_cannot_be_played_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let prose = folder.path().join("prose");
    fs::write(&prose, "no octets here").unwrap();
    let cases = [
        (folder.path().join("missing"), "check its name"),
        (folder.path().to_owned(), "is a folder"),
        (prose, "holds no octets"),
    ];
    for (path, word) in cases {
        let (ended, _) = Running::start(Source::Replay(play(&path))).end().await;
        let why = ended.unwrap_err().to_string();
        assert!(why.contains(word), "{why}");
    }
    let endless = Replay { input: Input::Standard, repeat: true, ..play(Path::new("-")) };
    assert!(Running::start(Source::Replay(endless)).end().await.0.is_err());
}

#[tokio::test]
async fn a_pipe_is_read_as_it_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, 0o600.into(), 0).unwrap();
    let mut source = Running::start(Source::Replay(play(&path)));
    let open = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(path));
    let mut pipe = open.await.unwrap().unwrap();
    for piece in [&b"\x7E\xA0\x27\x01"[..], b"\x02", b"\x01\x10"] {
        pipe.write_all(piece).unwrap();
        assert_eq!(source.octets(piece.len()).await, piece);
    }
    drop(pipe);
    assert_eq!(source.end().await.0, Ok(()));
}

#[tokio::test]
async fn the_log_of_a_program_that_goes_on_is_read_when_it_pauses() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pipe");
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, &path, kind, 0o600.into(), 0).unwrap();
    let mut source = Running::start(Source::Replay(play(&path)));
    let open = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(path));
    let mut pipe = open.await.unwrap().unwrap();
    for _ in 0..2 {
        pipe.write_all(b"started\n12:00:01 RX: 7E A0 27 01\n12:00:01 RX: 02 01 10 5A\n").unwrap();
        assert_eq!(source.octets(8).await, b"\x7E\xA0\x27\x01\x02\x01\x10\x5A");
    }
    drop(pipe);
    assert_eq!(source.end().await.0, Ok(()));
}

#[test]
fn a_recording_is_never_written_over_something_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("precious");
    fs::write(&path, "7E A0").unwrap();
    let why = Recorder::append(&path).unwrap_err().to_string();
    assert!(why.contains("is no recording"), "{why}");
    assert_eq!(fs::read(&path).unwrap(), b"7E A0");
}

#[tokio::test]
async fn a_recording_that_was_cut_short_is_continued() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    record(&path, &[Arrival::Octets(UtcMillis(0), b"\x7E\xA0\x27\x01".to_vec())]);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 2]).unwrap();
    record(&path, &[Arrival::Octets(UtcMillis(5), b"\x02\x03".to_vec())]);
    let (ended, octets) = Running::start(Source::Replay(play(&path))).end().await;
    assert_eq!((ended, octets), (Ok(()), b"\x7E\xA0\x27\x02\x03".to_vec()));
}

#[tokio::test(start_paused = true)]
async fn what_is_recorded_on_the_way_reaches_the_disk_within_a_minute() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("recording");
    let (source, from) = mpsc::channel(8);
    let (to, mut meter) = mpsc::channel(8);
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(tee(Recorder::append(&path).unwrap(), from, to));
    let heard = heard("kaifa-no");
    for arrival in &heard {
        source.send(arrival.clone()).await.unwrap();
        assert_eq!(meter.recv().await.as_ref(), Some(arrival));
    }
    tokio::time::advance(Duration::from_secs(61)).await;
    while Capture::recognise(&fs::read(&path).unwrap()).octets() != octets(&heard) {
        tokio::task::yield_now().await;
    }
    drop(source);
    tasks.join_all().await;
    assert!(fs::read_to_string(&path).unwrap().contains("opened /dev/ttyUSB0"));
}
