//! A line between client and broker that can be held, cut without a word, or be slow.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;

#[derive(Default)]
struct Valve {
    held: AtomicBool,
    opened: Notify,
    /// Octets that may still pass from client to broker before it holds; `usize::MAX` for all.
    room: AtomicUsize,
}

pub(crate) struct Proxy {
    pub(crate) port: u16,
    valve: Arc<Valve>,
    _task: JoinSet<()>,
}

impl Proxy {
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let own = listener.local_addr().unwrap().port();
        let valve = Arc::new(Valve { room: AtomicUsize::new(usize::MAX), ..Valve::default() });
        let mut task = JoinSet::new();
        let shared = Arc::clone(&valve);
        task.spawn(async move {
            let mut lines = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let Ok(broker) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
                    continue;
                };
                let (from_client, to_client) = client.into_split();
                let (from_broker, to_broker) = broker.into_split();
                lines.spawn(pass(from_client, to_broker, Arc::clone(&shared), true));
                lines.spawn(pass(from_broker, to_client, Arc::clone(&shared), false));
            }
        });
        Self { port: own, valve, _task: task }
    }

    /// Nothing passes any more, either way; the sockets stay open, so that nobody is told.
    pub(crate) fn hold(&self) {
        self.valve.held.store(true, Ordering::SeqCst);
    }

    /// Holds after so many octets more from the client.
    pub(crate) fn hold_after(&self, octets: usize) {
        self.valve.room.store(octets, Ordering::SeqCst);
    }

    /// New connections pass again. What was held is not passed on: it is lost, as with a router
    /// that was switched off.
    pub(crate) fn open(&self) {
        self.valve.room.store(usize::MAX, Ordering::SeqCst);
        self.valve.held.store(false, Ordering::SeqCst);
        self.valve.opened.notify_waiters();
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    valve: Arc<Valve>,
    is_upwards: bool,
) {
    let mut octets = vec![0; 4096];
    loop {
        if valve.held.load(Ordering::SeqCst) {
            // neither read nor closed, until the line is new
            valve.opened.notified().await;
            return;
        }
        let read = tokio::select! {
            read = from.read(&mut octets) => read,
            () = async { loop {
                tokio::task::yield_now().await;
                tokio::time::sleep(std::time::Duration::from_millis(5)).await;
                if valve.held.load(Ordering::SeqCst) { break; }
            } } => continue,
        };
        let Ok(length) = read else { return };
        if length == 0 {
            return;
        }
        let mut passed = length;
        if is_upwards {
            let room = valve.room.load(Ordering::SeqCst);
            if room != usize::MAX {
                passed = length.min(room);
                valve.room.store(room - passed, Ordering::SeqCst);
                if passed < length {
                    valve.held.store(true, Ordering::SeqCst);
                }
            }
        }
        if to.write_all(&octets[..passed]).await.is_err() {
            return;
        }
    }
}
