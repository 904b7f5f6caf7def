//! Servers whose serial line is set from here.

use std::fs;
use std::net::TcpListener as Probe;
use std::process::{Command, Stdio};

use hanport_engine::line::{LineErrors, LineEvent};
use hanport_io::outlet::{Flow, Outlet as _};
use hanport_io::pty::Pty;
use hanport_io::source::serial::port::Lines;
use hanport_io::source::tcp::connect::Remote;
use hanport_io::source::{Setup, Source, TcpConnect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::parts::Running;

const WILL_COM_PORT: &[u8] = &[0xFF, 0xFB, 44];
const DO_COM_PORT: &[u8] = &[0xFF, 0xFD, 44];
const DONT_COM_PORT: &[u8] = &[0xFF, 0xFE, 44];

fn remote(port: u16, settings: &str) -> Source {
    let setup = Setup::Fixed(settings.parse().unwrap());
    let remote = Some(Remote { setup, lines: Lines::default() });
    Source::TcpConnect(TcpConnect { remote, ..TcpConnect::plain("127.0.0.1", port) })
}

async fn server() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Reads until `wanted` was said.
async fn hear(peer: &mut TcpStream, heard: &mut Vec<u8>, wanted: &[u8]) {
    while !heard.windows(wanted.len()).any(|said| said == wanted) {
        assert!(peer.read_buf(heard).await.unwrap() > 0, "{wanted:02X?} is not in {heard:02X?}");
    }
}

#[tokio::test]
async fn the_line_is_set_and_its_octets_and_faults_arrive() {
    let (listener, port) = server().await;
    let mut source = Running::start(remote(port, "2400 8E1"));
    let (mut peer, _) = listener.accept().await.unwrap();
    let mut heard = Vec::new();
    hear(&mut peer, &mut heard, WILL_COM_PORT).await;
    peer.write_all(DO_COM_PORT).await.unwrap();
    for wanted in [
        &[0xFF, 0xFA, 44, 1, 0, 0, 0x09, 0x60, 0xFF, 0xF0][..],
        &[0xFF, 0xFA, 44, 2, 8, 0xFF, 0xF0],
        &[0xFF, 0xFA, 44, 3, 3, 0xFF, 0xF0],
        &[0xFF, 0xFA, 44, 4, 1, 0xFF, 0xF0],
        // Request to send is high, and damaged characters are to be told.
        &[0xFF, 0xFA, 44, 5, 11, 0xFF, 0xF0],
        &[0xFF, 0xFA, 44, 10, 0x1E, 0xFF, 0xF0],
    ] {
        hear(&mut peer, &mut heard, wanted).await;
    }
    let what = source.opened().await;
    assert!(what.contains("RFC 2217") && what.contains("2400 8E1"), "{what}");
    peer.write_all(&[0x7E, 0xFF, 0xFF, 0x00, 0xFF, 0xFA, 44, 106, 0x04, 0xFF, 0xF0, 0x01])
        .await
        .unwrap();
    assert_eq!(source.octets(4).await, [0x7E, 0xFF, 0x00, 0x01]);
    let parity = LineErrors { parity: 1, ..LineErrors::default() };
    let told = |event: &LineEvent| *event == LineEvent::Errors(parity);
    let seen = source.seen.iter().any(
        |arrival| matches!(arrival, hanport_engine::line::Arrival::Event(_, event) if told(event)),
    );
    if !seen {
        source.until(told).await;
    }
    source.stop().await;
}

#[tokio::test]
async fn a_server_that_does_not_know_the_option_is_read_as_it_is() {
    let (listener, port) = server().await;
    let mut source = Running::start(remote(port, "2400 8E1"));
    let (mut peer, _) = listener.accept().await.unwrap();
    peer.write_all(DONT_COM_PORT).await.unwrap();
    let what = source.opened().await;
    assert!(what.contains("does not know RFC 2217"), "{what}");
    peer.write_all(&[0x7E, 0xFF, 0x00]).await.unwrap();
    assert_eq!(source.octets(3).await, [0x7E, 0xFF, 0x00]);
    source.stop().await;
}

#[tokio::test]
async fn ser2net_sets_its_port_as_it_is_told() {
    let program = "/usr/sbin/ser2net";
    if !std::path::Path::new(program).exists() {
        let required = std::env::var_os("HANPORT_REQUIRE_PARTS").is_some();
        assert!(!required, "ser2net is not installed: apt-get install ser2net");
        eprintln!("SKIP: ser2net is not installed, a test with a serial server is left out");
        return;
    }
    let mut pty = Pty::open(Flow::Wire).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let configuration = folder.path().join("ser2net.yaml");
    // Another program may take the port before the server does; then the source waits in vain
    // and the test says so.
    let port = Probe::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let text = format!(
        "%YAML 1.1\n---\nconnection: &meter\n  accepter: telnet(rfc2217),tcp,127.0.0.1,{port}\n  \
         connector: serialdev,{},9600n81,local\n",
        pty.path().display()
    );
    fs::write(&configuration, text).unwrap();
    let mut server = Command::new(program)
        .args(["-n", "-c"])
        .arg(&configuration)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut source = Running::start(remote(port, "3700 8N1"));
    let what = source.opened().await;
    assert!(what.contains("by RFC 2217"), "{what}");
    let sent: Vec<u8> = (0..=255).collect();
    // The settings are on their way: the port has them before it is heard.
    let line = fs::File::open(pty.path()).unwrap();
    while rustix::termios::tcgetattr(&line).unwrap().input_speed() != 3700 {
        tokio::task::yield_now().await;
    }
    pty.send(&sent).unwrap();
    assert_eq!(source.octets(sent.len()).await, sent);
    source.stop().await;
    server.kill().unwrap();
    server.wait().unwrap();
}
