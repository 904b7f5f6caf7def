//! History in `SQLite`: one writer thread, readers that are never blocked, backup and retention.

//!
//! ```text
//!  service --- keep, note, remember ---> desk (bounded, in memory) ---> writer thread --+
//!                                          |                                            v
//!  readers <------- what waits ------------+                          history.db (WAL journal)
//!     ^---------------------------------------------- snapshot -----------------------+
//! ```
//!
//! - [`Store`] is the whole of it: an [`Archive`](hanport_engine::outside::Archive), a
//!   [`History`](hanport_engine::outside::History), and what only a file can do
//! - [`Options`] says how long what is kept, [`StoreState`] how it does
//! - [`Onlooker`] reads beside a running service
//! - [`verify`] and [`restore`] work on files of which no store is open
//!
//! A transaction holds everything up to some input: the quarters that it settled, and the memory
//! of the meter after it. So nothing is settled twice or lost, whenever the machine stops. Settled
//! quarters are written at once, everything else once a minute. `docs/storage.md` draws the file.
mod backup;
mod condition;
mod desk;
mod file;
mod imported;
mod key;
mod onlooker;
mod options;
mod read;
mod rescue;
mod schema;
mod store;
mod trouble;
mod waiting;
mod words;
mod write;
pub use backup::{Verified, restore, verify};
pub use condition::{Condition, Rescue, StoreState};
pub use imported::Imported;
pub use onlooker::Onlooker;
pub use options::Options;
pub use read::visit::{Visit, Visited};
pub use store::Store;
