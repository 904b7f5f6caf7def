//! Serial ports, played by pseudo-terminals.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use hanport_engine::line::{LineEvent, LineSettings};
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_io::source::serial::Which;
use hanport_io::source::serial::port::Lines;
use hanport_io::source::{Serial, Setup, Source};

use super::parts::{Running, quick};

fn port(path: &Path, settings: &str) -> Source {
    Source::Serial(Serial {
        which: Which::Path(path.to_owned()),
        setup: Setup::Fixed(settings.parse().unwrap()),
        lines: Lines::default(),
    })
}

fn open() -> Pty {
    Pty::open(Flow::Wire).unwrap()
}

#[tokio::test]
async fn every_octet_arrives_marks_and_all() {
    let mut pty = Pty::open(Flow::Wait).unwrap();
    let mut source = Running::start(port(pty.path(), "115200 8N1"));
    source.opened().await;
    let sent: Vec<u8> = (0..=255).cycle().take(40_000).collect();
    let meter = thread::spawn({
        let sent = sent.clone();
        move || {
            for piece in sent.chunks(700) {
                pty.send(piece).unwrap();
            }
            pty
        }
    });
    assert!(source.octets(sent.len()).await == sent);
    drop(meter.join().unwrap());
    source.closed("unplugged").await;
    source.stop().await;
}

#[tokio::test]
async fn what_waited_in_the_port_is_thrown_away_when_it_is_opened() {
    let mut pty = open();
    pty.send(b"old").unwrap();
    while pty.unread().unwrap() < 3 {
        thread::yield_now();
    }
    let mut source = Running::start(port(pty.path(), "2400 8N1"));
    source.opened().await;
    pty.send(b"new").unwrap();
    assert_eq!(source.octets(3).await, b"new");
    source.stop().await;
}

#[tokio::test]
async fn unplugged_and_plugged_in_again_is_told_and_read_on() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("meter");
    let mut pty = open();
    pty.link(&link).unwrap();
    let mut source = Running::start(port(&link, "2400 8N1"));
    for round in 0..3u8 {
        let what = source.opened().await;
        assert!(what.contains("meter") && what.contains("2400 8N1"), "{what}");
        pty.send(&[0x7E, round]).unwrap();
        assert_eq!(source.octets(2).await, [0x7E, round]);
        drop(pty);
        source.closed("unplugged").await;
        source.closed("waiting for it").await;
        pty = open();
        pty.link(&link).unwrap();
    }
    source.opened().await;
    source.stop().await;
}

#[tokio::test]
async fn a_port_that_appears_later_is_picked_up() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("meter");
    let mut source = Running::start(port(&link, "9600 8N1"));
    let why = source.closed("waiting for it").await;
    assert!(why.contains("there is no") && why.contains("port"), "{why}");
    let mut pty = open();
    pty.link(&link).unwrap();
    source.opened().await;
    pty.send(b"hello").unwrap();
    assert_eq!(source.octets(5).await, b"hello");
    let told = source.seen.len();
    assert!(told < 8, "the wait is told once: {:#?}", source.seen);
    source.stop().await;
}

#[tokio::test]
async fn two_readers_cannot_share_a_port() {
    let mut pty = open();
    let mut first = Running::start(port(pty.path(), "2400 8N1"));
    first.opened().await;
    let mut second = Running::start(port(pty.path(), "2400 8N1"));
    let why = second.closed("in use").await;
    assert!(why.contains("stop it"), "{why}");
    first.stop().await;
    second.opened().await;
    pty.send(b"x").unwrap();
    assert_eq!(second.octets(1).await, b"x");
    second.stop().await;
}

#[tokio::test]
async fn the_program_that_holds_a_port_is_named() {
    let pty = open();
    let mut other = Command::new("flock")
        .arg(pty.path())
        .args(["sh", "-c", "echo held; read line"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = [0; 5];
    std::io::Read::read_exact(other.stdout.as_mut().unwrap(), &mut said).unwrap();
    let mut source = Running::start(port(pty.path(), "2400 8N1"));
    let why = source.closed("in use").await;
    assert!(why.contains("process"), "{why}");
    drop(other.stdin.take());
    other.wait().unwrap();
    source.opened().await;
    source.stop().await;
}

#[tokio::test]
async fn a_port_without_parity_says_so_and_is_read() {
    let mut pty = open();
    let mut source = Running::start(port(pty.path(), "2400 8E1"));
    let what = source.opened().await;
    assert!(what.contains("knows no parity"), "{what}");
    pty.send(b"x").unwrap();
    assert_eq!(source.octets(1).await, b"x");
    source.stop().await;
}

#[tokio::test]
async fn any_speed_can_be_set() {
    for settings in ["300 8N1", "3700 8N1", "250000 8N1", "921600 8N2"] {
        let pty = open();
        let mut source = Running::start(port(pty.path(), settings));
        let what = source.opened().await;
        assert!(what.ends_with(settings), "{what}");
        let set: LineSettings = settings.parse().unwrap();
        source.until(|event| *event == LineEvent::Settings(set, true)).await;
        source.stop().await;
    }
}

#[tokio::test]
async fn what_is_no_serial_port_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("capture.hex");
    std::fs::write(&file, "7E").unwrap();
    for path in [file.as_path(), folder.path(), Path::new("/dev/null")] {
        let mut source = Running::start(port(path, "2400 8N1"));
        source.closed("is no serial port").await;
        source.stop().await;
    }
}

#[tokio::test]
async fn a_link_that_leads_nowhere_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("usb-FTDI");
    symlink("../../ttyUSB99", &link).unwrap();
    let mut source = Running::start(port(&link, "2400 8N1"));
    source.closed("waiting for it").await;
    source.stop().await;
}

#[tokio::test]
async fn octets_that_nobody_takes_wait_in_the_port() {
    let mut pty = open();
    let mut source = Running::start_with(port(pty.path(), "115200 8N1"), quick(), 1);
    source.opened().await;
    // Far more than one arrival: the source is held up by the channel, the port by the source.
    let mut sent = 0;
    while pty.lost() == 0 {
        pty.send(&[0x55; 500]).unwrap();
        sent += 500;
    }
    let kept = usize::try_from(sent - pty.lost()).unwrap();
    assert!(kept > 2000, "{kept}");
    assert_eq!(source.octets(kept).await, vec![0x55; kept]);
    source.stop().await;
}

#[tokio::test]
async fn a_source_ends_when_nobody_listens() {
    let mut pty = open();
    let mut source = Running::start(port(pty.path(), "2400 8N1"));
    source.opened().await;
    pty.send(b"x").unwrap();
    source.octets(1).await;
    drop(pty);
    source.forsake().await;
}
