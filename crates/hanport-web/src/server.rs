//! Listens, takes connections within limits, and ends within a second.

use core::fmt;
use core::time::Duration;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderValue;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::Service;

use crate::auth::Gate;
use crate::origin::{self, Surroundings};
use crate::outside::{Options, Outside};
use crate::site::{Shared, Site};
use crate::{frame, routes};

/// Connections at one time. More wait in the queue of the operating system.
const CONNECTIONS: usize = 512;
/// A client that does not send its next request head in this time is cut off.
const HEAD: Duration = Duration::from_secs(30);
/// What the open connections have to finish when the server ends.
const FAREWELL: Duration = Duration::from_millis(700);
/// After an error of the operating system, as when it has no descriptors left.
const BREATH: Duration = Duration::from_millis(100);

/// Why the server cannot listen.
#[derive(Debug)]
pub struct ServerError {
    what: String,
    cause: Option<io::Error>,
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl core::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.cause.as_ref().map(|cause| cause as _)
    }
}

/// The server. It listens from the moment it is made and answers from [`run`](Self::run) on.
#[derive(Debug)]
pub struct Server {
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    site: Shared,
}

impl Server {
    /// Begins to listen and to collect news from the board.
    pub async fn bind(options: Options, outside: Outside) -> Result<Self, ServerError> {
        let base = origin::base_path(&options.base_path).ok_or_else(|| ServerError {
            what: format!(
                "`{}` cannot be a base path; write it like /meter, of letters, digits, `-`, `_`",
                options.base_path
            ),
            cause: None,
        })?;
        let listeners = listen(&options.listen).await?;
        let addresses = listeners.iter().filter_map(|one| one.local_addr().ok()).collect();
        let gate = Gate::open(Arc::clone(&outside.vault), outside.logged_in.clone())
            .map_err(|what| ServerError { what, cause: None })?;
        let mut names = options.names.clone();
        names.push(outside.machine.hostname.clone());
        let surroundings = Surroundings { trusted: options.trusted_proxies.clone(), names, base };
        let site = Arc::new(Site::new(outside, options, surroundings, gate));
        Ok(Self { listeners, addresses, site })
    }

    /// Where it listens, with the ports that were taken for 0.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Answers until `stop`; then open streams are ended, running answers finished, and all is
    /// over within a second.
    pub async fn run(self, stop: CancellationToken) {
        let router = routes::router(&self.site);
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        let mut loops = JoinSet::new();
        for listener in self.listeners {
            let accept = Accept {
                router: router.clone(),
                site: Arc::clone(&self.site),
                permits: Arc::clone(&permits),
                stop: stop.clone(),
            };
            loops.spawn(accept.run(listener));
        }
        stop.cancelled().await;
        self.site.stop.cancel();
        // whoever is not done after the farewell is cut off with the set
        while loops.join_next().await.is_some() {}
    }
}

async fn listen(wanted: &[SocketAddr]) -> Result<Vec<TcpListener>, ServerError> {
    let mut listeners: Vec<TcpListener> = Vec::new();
    for &address in wanted {
        let covers_all =
            |port| wanted.iter().any(|a| a.is_ipv6() && origin::is_any(a.ip()) && a.port() == port);
        match TcpListener::bind(address).await {
            Ok(listener) => listeners.push(listener),
            // [::] takes IPv4 already
            Err(error)
                if error.kind() == io::ErrorKind::AddrInUse
                    && address.is_ipv4()
                    && covers_all(address.port())
                    && !listeners.is_empty() => {}
            // a machine without IPv6
            Err(error)
                if address.is_ipv6()
                    && origin::is_any(address.ip())
                    && error.kind() != io::ErrorKind::AddrInUse
                    && error.kind() != io::ErrorKind::PermissionDenied =>
            {
                let v4 = SocketAddr::from(([0, 0, 0, 0], address.port()));
                listeners.push(TcpListener::bind(v4).await.map_err(|e| refused(v4, e))?);
            }
            Err(error) => return Err(refused(address, error)),
        }
    }
    Ok(listeners)
}

fn refused(address: SocketAddr, cause: io::Error) -> ServerError {
    let remedy = match cause.kind() {
        io::ErrorKind::AddrInUse => "another program listens there; end it or choose another port",
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a permission; choose one from 1024 on"
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address",
        _ => "check the address",
    };
    ServerError { what: format!("cannot listen on {address}: {remedy}"), cause: Some(cause) }
}

/// Takes connections at one address.
struct Accept {
    router: Router,
    site: Shared,
    permits: Arc<Semaphore>,
    stop: CancellationToken,
}

impl Accept {
    async fn run(self, listener: TcpListener) {
        let mut connections = JoinSet::new();
        loop {
            // neither loses anything when the other is first: a connection that was not accepted
            // stays in the queue of the operating system
            let (stream, peer, permit) = tokio::select! {
                () = self.stop.cancelled() => break,
                Some(_) = connections.join_next() => continue,
                taken = self.next(&listener) => taken,
            };
            let router = self.router.clone();
            let site = Arc::clone(&self.site);
            connections.spawn(serve(stream, peer, permit, router, site, self.stop.clone()));
        }
        drop(listener);
        let all = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::debug!("connections were cut off at the end");
        }
    }

    async fn next(&self, listener: &TcpListener) -> (TcpStream, IpAddr, OwnedSemaphorePermit) {
        loop {
            let Ok(permit) = Arc::clone(&self.permits).acquire_owned().await else {
                std::future::pending::<()>().await;
                continue;
            };
            match listener.accept().await {
                Ok((stream, peer)) => return (stream, peer.ip().to_canonical(), permit),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            }
        }
    }
}

async fn serve(
    stream: TcpStream,
    peer: IpAddr,
    _permit: OwnedSemaphorePermit,
    router: Router,
    site: Shared,
    stop: CancellationToken,
) {
    // an event is one small packet: it must not wait for the answer to the one before
    let _ = stream.set_nodelay(true);
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let router = router.clone();
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(answer(&site, peer, request, router).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::trace!(%peer, %error, "a connection broke");
    }
}

async fn answer(
    site: &Site,
    peer: IpAddr,
    request: Request<Incoming>,
    mut router: Router,
) -> axum::response::Response {
    let mut request = request.map(Body::new);
    let number = site.next_request();
    let mut response = match frame::receive(site, peer, &mut request) {
        Some(response) => response,
        None => match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
    };
    if let Ok(id) = HeaderValue::from_str(&format!("{}-{number}", site.hub.run())) {
        response.headers_mut().insert(frame::REQUEST_ID, id);
    }
    response
}
