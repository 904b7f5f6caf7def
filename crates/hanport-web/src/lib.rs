//! The page and the HTTP interface: what the meters say, to browsers and programs.
//!
//! ```text
//!            connection            request                          handler
//!  listen --> accept --> frame --> compress --> foreign? --> time --> guard --> api, stream,
//!   IPv4/6    limits     who asks,  gzip        pages of     and       level    metrics, compat,
//!                        path,                  other sites  size      and      auth, page
//!                        headers,               change       limits    login
//!                        problems               nothing
//! ```
//!
//! - [`server`](Server): listens, and ends within a second, open streams included
//! - `routes`: every address with its level; `frame`: what holds for every answer
//! - `origin`: who asks; `auth`: who may do what
//! - `api`: `/api/v1`; `stream`: live updates; `metrics`: Prometheus
//! - `compat`: the addresses that programs for existing readers know
//! - `page`: what is built in
//! - `problem`, `query`, `exactly`: errors, parameters and numbers

// tests beside the code and in the folder of tests share what they stand on
#[cfg(test)]
extern crate self as hanport_web;

mod api;
mod auth;
mod compat;
mod exactly;
mod frame;
mod metrics;
mod origin;
mod outside;
mod page;
mod problem;
mod query;
mod routes;
mod server;
mod services;
mod site;
mod stream;

pub use auth::{Credentials, Forgetful, LoggedIn, Protection, Token, Vault, VaultFile};
pub use origin::{Network, NoNetwork};
pub use outside::{Machine, Options, Outside};
pub use server::{Server, ServerError};
pub use services::{Service, ServiceState, Services};

#[cfg(test)]
#[path = "../tests/support/mod.rs"]
mod support;
