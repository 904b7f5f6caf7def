//! One request: bounded in time and size, and without asking again for what did not change.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use hanport_engine::price::Refusal;
use reqwest::header::{ACCEPT, ETAG, IF_NONE_MATCH, RETRY_AFTER};

/// The longest body that is read, in octets. A day of prices is some kilobytes.
pub const LARGEST: usize = 8 << 20;

/// The time for one request, all in all.
const TIME: Duration = Duration::from_secs(30);

/// The time for a connection.
const TIME_TO_CONNECT: Duration = Duration::from_secs(10);

/// Addresses whose marks are remembered; beyond that all are forgotten.
const MARKS: usize = 64;

/// What came of a request.
#[derive(Debug)]
pub enum Fetched {
    /// An answer, whatever its status.
    New {
        /// The status.
        status: u16,
        /// The body.
        body: Vec<u8>,
        /// Seconds of the header `Retry-After`.
        retry_after_s: Option<u32>,
    },
    /// The same as the last time.
    Same,
}

/// Makes requests.
#[derive(Debug)]
pub struct Fetcher {
    client: reqwest::Client,
    /// What servers called their last answer, by address.
    marks: Mutex<HashMap<String, String>>,
}

impl Fetcher {
    /// One for the program.
    ///
    /// # Errors
    /// In words, when the machine's certificates cannot be used.
    pub fn new() -> Result<Self, String> {
        // another part may have installed it already
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("hanport/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(TIME_TO_CONNECT)
            .timeout(TIME)
            .redirect(reqwest::redirect::Policy::limited(3))
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { client, marks: Mutex::default() })
    }

    /// Fetches an address.
    ///
    /// # Errors
    /// When nothing came, or too much. The address, which may hold a key, is in no error.
    pub async fn fetch(&self, url: &str, accept: &str) -> Result<Fetched, Refusal> {
        let mut request = self.client.get(url).header(ACCEPT, accept);
        if let Some(mark) = self.mark(url) {
            request = request.header(IF_NONE_MATCH, mark);
        }
        let mut response = request.send().await.map_err(network)?;
        let status = response.status().as_u16();
        if status == 304 {
            return Ok(Fetched::Same);
        }
        let header = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let retry_after_s = header(RETRY_AFTER).and_then(|text| text.trim().parse().ok());
        let mark = header(ETAG).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(network)? {
            if body.len() + chunk.len() > LARGEST {
                return Err(Refusal::Odd(format!("more than {} MiB", LARGEST >> 20)));
            }
            body.extend_from_slice(&chunk);
        }
        if status == 200 {
            self.remember(url, mark);
        }
        Ok(Fetched::New { status, body, retry_after_s })
    }

    fn mark(&self, url: &str) -> Option<String> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).get(url).cloned()
    }

    fn remember(&self, url: &str, mark: Option<String>) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.len() >= MARKS {
            marks.clear();
        }
        match mark {
            Some(mark) => drop(marks.insert(url.to_owned(), mark)),
            None => drop(marks.remove(url)),
        }
    }
}

/// What the network says, without the address.
fn network(error: reqwest::Error) -> Refusal {
    let error = error.without_url();
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(deeper) = cause {
        words = format!("{words}: {deeper}");
        cause = deeper.source();
    }
    Refusal::Network(words)
}
