//! The numbers by which existing clients know makers, nets, statuses and errors.

use hanport_core::manufacturer::Manufacturer;
use hanport_engine::state::{Net, PortStatus};
use hanport_engine::view::View;

/// The maker: 255 when it is not known, 136 for one that has no number of its own.
pub(crate) fn maker(view: Option<&View>) -> i64 {
    match view.and_then(|view| view.identity.manufacturer) {
        None => 255,
        Some(Manufacturer::Aidon) => 1,
        Some(Manufacturer::Kaifa) => 2,
        Some(Manufacturer::Kamstrup) => 3,
        Some(Manufacturer::Iskraemeco) => 8,
        Some(Manufacturer::LandisGyr) => 9,
        Some(Manufacturer::Sagemcom) => 10,
        Some(_) => 136,
    }
}

/// The distribution system; 0 when it is not known.
pub(crate) const fn net(net: Option<Net>) -> i64 {
    match net {
        None => 0,
        Some(Net::Delta230) => 1,
        Some(Net::Star400) => 2,
    }
}

/// The light of the port: grey, green, yellow, red.
pub(crate) fn port(view: Option<&View>) -> i64 {
    match view.map(|view| view.port.status) {
        None | Some(PortStatus::Waiting) => 0,
        Some(PortStatus::Good) => 1,
        Some(PortStatus::Late) => 2,
        Some(PortStatus::Bad | PortStatus::Silent) => 3,
    }
}

/// What is wrong with the port; 0 for nothing.
pub(crate) fn fault(view: Option<&View>) -> i64 {
    let Some(view) = view else { return 0 };
    match view.port.status {
        PortStatus::Good | PortStatus::Late | PortStatus::Waiting => 0,
        PortStatus::Silent => 90,
        PortStatus::Bad => match view.port.fault.as_ref().map(|(_, class, _)| *class) {
            Some("auth-failed") => -51,
            Some("needs-key") => -53,
            Some("not-data") => -9,
            Some("truncated") => -2,
            Some("wrong-crc") => -5,
            Some("wrong-key") => -52,
            Some(_) | None => -1,
        },
    }
}
