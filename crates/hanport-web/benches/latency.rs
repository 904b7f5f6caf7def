//! How long a message takes from the board to a client of the stream, beside a bare hop over
//! loopback TCP; and requests per second beside a bare loop of the same library. All in one run,
//! on one machine: only the ratios mean anything elsewhere.
#![allow(
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints its figures or fails"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use axum::Router;
use axum::routing::get;
use hanport_engine::state::Settings;
use hanport_engine::view::{Arrived, Update, What};
use support::meter::Simulated;
use support::{NOON, Running, options};
use tokio::runtime::Runtime;

const EVENTS: usize = 2000;
const APART: Duration = Duration::from_millis(2);
const CLIENTS: usize = 8;
const REQUESTS: usize = 4000;

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let running = runtime.block_on(support::start(options()));
    let mut meter = Simulated::new("main", "aidon-no", "2026-01-10T11:30:00", Settings::default());
    meter.run_until(NOON, &running);
    latency(&running, &meter);
    throughput(&runtime, &running);
}

/// Median and 99th percentile in microseconds.
fn percentiles(mut times: Vec<Duration>) -> (u128, u128) {
    times.sort_unstable();
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_micros();
    (at(50), at(99))
}

/// Sends `EVENTS` things, one after the other, and measures each until `arrived` tells that all
/// of it is there.
fn measure(mut send: impl FnMut(), arrived: &Receiver<Instant>) -> (u128, u128) {
    let mut times = Vec::with_capacity(EVENTS);
    for n in 0..EVENTS + 200 {
        let begun = Instant::now();
        send();
        let there = arrived.recv().unwrap();
        if n >= 200 {
            times.push(there - begun);
        }
        let next = begun + APART;
        while Instant::now() < next {
            std::thread::yield_now();
        }
    }
    percentiles(times)
}

/// Reads messages that end with an empty line, and tells when each was there.
fn watch(mut stream: TcpStream) -> (Receiver<Instant>, usize) {
    let (sender, receiver) = channel();
    let (sizes, size) = channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        let mut buffer = vec![0; 65_536];
        loop {
            let read = stream.read(&mut buffer).unwrap_or(0);
            if read == 0 {
                break;
            }
            held.extend_from_slice(&buffer[..read]);
            while let Some(end) = held.windows(2).position(|pair| pair == b"\n\n") {
                let now = Instant::now();
                let is_event = held[..end].windows(6).any(|part| part == b"event:");
                if is_event {
                    // only the first size is asked for
                    let _ = sizes.send(end);
                    if sender.send(now).is_err() {
                        return;
                    }
                }
                held.drain(..end + 2);
            }
        }
    });
    // the first event is what is known when the client comes
    receiver.recv().unwrap();
    (receiver, size.recv().unwrap())
}

fn latency(running: &Running, meter: &Simulated) {
    let mut client = TcpStream::connect(running.address).unwrap();
    client.set_nodelay(true).unwrap();
    write!(client, "GET /api/v1/stream?events=live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let (arrived, size) = watch(client);
    let view = Arc::new(meter.view());
    let what = What::Message(Arrived { list: None, carried: Vec::new(), octets: Arc::default() });
    let update = Update { view, what };
    let (p50, p99) = measure(|| running.board.publish(&update), &arrived);

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let reader = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (mut writer, _) = listener.accept().unwrap();
    writer.set_nodelay(true).unwrap();
    let mut message = b"event: hop\ndata: ".to_vec();
    message.resize(size, b'x');
    message.extend_from_slice(b"\n\n");
    writer.write_all(&message).unwrap();
    let (arrived, _) = watch(reader);
    let (hop50, hop99) = measure(|| writer.write_all(&message).unwrap(), &arrived);

    let bar = 2 * hop50 + 200;
    println!("one event of {size} octets, {EVENTS} times      p50      p99   (us)");
    println!("  bare hop over loopback TCP               {hop50:>6}   {hop99:>6}");
    println!("  board to client of the stream            {p50:>6}   {p99:>6}");
    println!("  bar                                      {bar:>6}     5000");
}

/// Requests per second over connections that stay open.
fn requests_per_second(to: SocketAddr, path: &'static str) -> usize {
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS).map(|_| std::thread::spawn(move || ask(to, path))).collect();
    for client in clients {
        client.join().unwrap();
    }
    let millis = usize::try_from(begun.elapsed().as_millis()).unwrap().max(1);
    CLIENTS * REQUESTS * 1000 / millis
}

fn ask(to: SocketAddr, path: &str) {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_nodelay(true).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let mut buffer = vec![0; 65_536];
    for _ in 0..REQUESTS {
        stream.write_all(request.as_bytes()).unwrap();
        let mut held = 0;
        loop {
            held += stream.read(&mut buffer[held..]).unwrap();
            if is_whole(&buffer[..held]) {
                break;
            }
        }
    }
}

fn is_whole(answer: &[u8]) -> bool {
    let Some(head) = answer.windows(4).position(|part| part == b"\r\n\r\n") else { return false };
    let text = std::str::from_utf8(&answer[..head]).unwrap();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    answer.len() >= head + 4 + length.parse::<usize>().unwrap()
}

fn throughput(runtime: &Runtime, running: &Running) {
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let bare = listener.local_addr().unwrap();
    let router = Router::new().route("/healthz", get(|| async { "ok\n" }));
    let serving = runtime.spawn(async move { axum::serve(listener, router).await });
    let rounds: Vec<[usize; 4]> = (0..3)
        .map(|_| {
            [
                requests_per_second(bare, "/healthz"),
                requests_per_second(running.address, "/healthz"),
                requests_per_second(running.address, "/data.json"),
                requests_per_second(running.address, "/api/v1/meters/main/live"),
            ]
        })
        .collect();
    serving.abort();
    let best = |column: usize| rounds.iter().map(|round| round[column]).max().unwrap_or(0);
    let share = |column: usize| best(column) * 100 / best(0).max(1);
    println!("requests per second, {CLIENTS} connections, best of {}", rounds.len());
    println!("  bare loop                    {:>8}", best(0));
    for (column, name) in [(1, "/healthz"), (2, "/data.json"), (3, "/api/v1/meters/main/live")] {
        println!("  {name:<28} {:>8}   {} % of bare", best(column), share(column));
    }
}
