//! Sagemcom XT211 and others of the Czech grid operators.
//!
//! ```text
//!  struct { enum, array { struct { class, code, attribute without tags, value } ... } }
//! ```
//!
//! The heads of the inner structures stand without type tags, which the cursor knows
//! ([`Cursor::descriptor`](crate::cosem::axdr::Cursor::descriptor)). Scales are not stated:
//! 1 W, 1 Wh. Sagemcom T210-D in Austria sends the list of Netz NOE.

use super::list::Coded;
use super::scale::Scales;

pub(super) static DESCRIBED: Coded = Coded {
    layout: "Czech list of described values",
    maker: None,
    list_id: None,
    scales: Scales { voltage: -1, current: -2, energy: 0, power_factor: -3 },
    certain: true,
    zero_is_no_offset: false,
    quirk: None,
};
