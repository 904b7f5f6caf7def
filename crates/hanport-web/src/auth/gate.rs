//! Knows a visitor, and holds everything that is secret.

use std::collections::HashSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::attempts::Attempts;
use super::header::{Claim, claim, sessions};
use super::password::{Busy, Comparer};
use super::sessions::{Hash, LoggedIn, Sessions, hash, hexadecimal, random};
use super::vault::{Credentials, Token, Vault};
use crate::problem::Problem;

/// Headers with the right password that are known without comparing again.
const KNOWN_HEADERS: usize = 16;

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Visitor {
    /// Somebody who did not log in.
    Nobody,
    /// Somebody with the password.
    Owner,
    /// A program with a token of this name, which may change things or only read.
    Program { name: String, admin: bool },
}

impl Visitor {
    /// The name under which changes are recorded.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Nobody => "nobody".into(),
            Self::Owner => "owner".into(),
            Self::Program { name, .. } => format!("token {name}"),
        }
    }

    /// Whether they may change things.
    pub(crate) const fn is_admin(&self) -> bool {
        match self {
            Self::Nobody => false,
            Self::Owner => true,
            Self::Program { admin, .. } => *admin,
        }
    }
}

/// Knows who may come in.
#[derive(Debug)]
pub(crate) struct Gate {
    vault: Arc<dyn Vault>,
    credentials: RwLock<Credentials>,
    sessions: Arc<Mutex<Sessions>>,
    attempts: Mutex<Attempts>,
    comparer: Comparer,
    /// Hashes of headers with the right password, under a key of this run: comparing a password
    /// takes tens of milliseconds, and old clients send it with every request.
    known_headers: Mutex<HashSet<Hash>>,
    key: String,
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Gate {
    /// With the credentials that were kept, and those who are logged in already.
    pub(crate) fn open(vault: Arc<dyn Vault>, logged_in: LoggedIn) -> Result<Self, String> {
        let credentials = RwLock::new(vault.load()?);
        let key = random().ok_or("the operating system gives no random numbers")?;
        Ok(Self {
            vault,
            credentials,
            sessions: logged_in.0,
            attempts: Mutex::default(),
            comparer: Comparer::default(),
            known_headers: Mutex::default(),
            key,
        })
    }

    /// Whether a password is set.
    pub(crate) fn has_password(&self) -> bool {
        self.with(|credentials| credentials.password.is_some())
    }

    /// The tokens there are.
    pub(crate) fn tokens(&self) -> Vec<Token> {
        self.with(|credentials| credentials.tokens.clone())
    }

    fn with<T>(&self, look: impl FnOnce(&Credentials) -> T) -> T {
        look(&self.credentials.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes the credentials where they are kept, and then here.
    pub(crate) fn change(
        &self,
        change: impl FnOnce(&mut Credentials) -> Result<(), Problem>,
    ) -> Result<(), Problem> {
        let mut credentials = self.credentials.write().unwrap_or_else(PoisonError::into_inner);
        let mut changed = credentials.clone();
        change(&mut changed)?;
        self.vault.keep(&changed).map_err(|error| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "not-kept", "Not kept").detail(error)
        })?;
        *credentials = changed;
        Ok(())
    }

    /// Who sends a request with these headers; a session without a word about sessions that are
    /// over, but a wrong password or token is told.
    pub(crate) async fn visitor(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Visitor, Problem> {
        if self.session(headers) {
            return Ok(Visitor::Owner);
        }
        match claim(headers) {
            None => Ok(Visitor::Nobody),
            Some(Claim::Password { header, password }) => {
                self.by_header(&header, password, address).await
            }
            Some(Claim::Token(token)) => self.program(&token).ok_or_else(|| {
                refused().detail("there is no such token").remedy("make a new one on the page")
            }),
            Some(Claim::Unreadable) => Err(refused()
                .detail("the header Authorization is neither a token nor a name and password")
                .remedy("send `Bearer TOKEN`, or `Basic` as RFC 7617 says")),
        }
    }

    /// Whether a cookie names an open session.
    pub(crate) fn session(&self, headers: &HeaderMap) -> bool {
        let now = Instant::now();
        let mut table = held(&self.sessions);
        sessions(headers).any(|secret| table.is_open(secret, now))
    }

    fn program(&self, token: &str) -> Option<Visitor> {
        let hash = hexadecimal(&hash(token));
        self.with(|credentials| {
            let known = credentials.tokens.iter().find(|known| known.hash == hash)?;
            Some(Visitor::Program { name: known.name.clone(), admin: known.admin })
        })
    }

    async fn by_header(
        &self,
        header: &str,
        password: String,
        address: IpAddr,
    ) -> Result<Visitor, Problem> {
        let keyed: Hash =
            Sha256::new().chain_update(&self.key).chain_update(header).finalize().into();
        if held(&self.known_headers).contains(&keyed) {
            return Ok(Visitor::Owner);
        }
        self.check(password, address).await?;
        let mut known = held(&self.known_headers);
        if known.len() >= KNOWN_HEADERS {
            known.clear();
        }
        known.insert(keyed);
        Ok(Visitor::Owner)
    }

    /// Whether a password is the right one, told with its problem when it is not.
    pub(crate) async fn check(&self, password: String, address: IpAddr) -> Result<(), Problem> {
        let Some(hash) = self.with(|credentials| credentials.password.clone()) else {
            return Err(no_password());
        };
        if let Some(wait) = held(&self.attempts).wait(address, Instant::now()) {
            return Err(too_many(wait.as_secs() + 1));
        }
        // a failure before it is known to be one: whoever sends many at once is slowed down too
        held(&self.attempts).failed(address, Instant::now());
        if !self.comparer.matches(password, hash).await.map_err(busy)? {
            held(&self.attempts).told(address, Instant::now());
            return Err(refused().detail("the password is wrong"));
        }
        held(&self.attempts).succeeded(address);
        Ok(())
    }

    /// The hash of a new password.
    pub(crate) async fn hashed(&self, password: String) -> Result<String, Problem> {
        self.comparer.hash(password).await.map_err(busy)?.ok_or_else(|| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", "A fault of the program")
                .detail("the password could not be hashed")
        })
    }

    /// Begins a session.
    pub(crate) fn log_in(&self) -> Option<String> {
        held(&self.sessions).begin(Instant::now())
    }

    /// Ends the sessions that cookies name.
    pub(crate) fn log_out(&self, headers: &HeaderMap) {
        let mut table = held(&self.sessions);
        sessions(headers).for_each(|secret| table.end(secret));
    }

    /// Ends everybody's session, as after a new password.
    pub(crate) fn log_out_all(&self) {
        held(&self.sessions).end_all();
        held(&self.known_headers).clear();
    }
}

/// Nobody gets in with that.
pub(crate) fn refused() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "login-needed", "Login needed")
}

fn no_password() -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "no-password", "No password is set")
        .detail("there is nothing to log in with yet")
        .remedy("open the page from the private network and set a password")
}

fn too_many(seconds: u64) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", "Too many attempts")
        .detail(format!("wrong passwords came from this address; wait {seconds} s"))
        .header(header::RETRY_AFTER, HeaderValue::from(seconds))
}

fn busy(_: Busy) -> Problem {
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Too many logins at once")
        .header(header::RETRY_AFTER, HeaderValue::from(1_u16))
}
