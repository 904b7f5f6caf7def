//! What is wrong, and what to do about it, in plain words.
//!
//! ```text
//!  port      can it be opened, is it there               lit from the top; the first that is not
//!  line      do octets come, do they look right          lit is where the search begins
//!  frames    do frames pass their checks
//!  key       are they plain, or does a key open them
//!  list      is the list one that is known
//!  values    do power and registers come in time
//! ```

pub mod report;

pub use report::{Finding, Layer, LayerReport, LayerState, Report};
