//! Hosts, addresses and ranges of addresses.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::{Trouble, trouble};
use crate::config::meant::Network;

/// An address and port to listen on; a port alone means all addresses.
pub(crate) fn listen(listen: &str) -> Result<SocketAddr, Trouble> {
    if let Ok(address) = listen.parse::<SocketAddr>() {
        return Ok(address);
    }
    if let Ok(port) = listen.trim_start_matches(':').parse::<u16>() {
        return Ok(SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), port));
    }
    let (host, port) = listen.rsplit_once(':').unwrap_or((listen, "8080"));
    let remedy = match (host, port.parse::<u16>()) {
        (_, Err(_)) => "a port is a number from 1 to 65535: `[::]:8080`".to_owned(),
        ("localhost", Ok(port)) => format!("write `127.0.0.1:{port}`"),
        ("*", Ok(port)) => format!("write `[::]:{port}`"),
        _ if listen.parse::<Ipv6Addr>().is_ok() => format!("write `[{listen}]:8080`"),
        _ if listen.parse::<IpAddr>().is_ok() => format!("write `{listen}:8080`"),
        _ => "an address of this machine and a port, such as `[::]:8080` or `127.0.0.1:8080`"
            .to_owned(),
    };
    trouble(format!("`{listen}` is no address to listen on"), remedy)
}

/// A range of addresses: `192.168.1.5`, `172.16.0.0/12`.
pub(crate) fn network(network: &str) -> Result<Network, Trouble> {
    let (address, bits) = match network.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (network, None),
    };
    let Ok(address) = address.parse::<IpAddr>() else {
        return trouble(
            format!("`{network}` is no address"),
            "an address such as `192.168.1.5`, or a range such as `172.16.0.0/12`",
        );
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits.map_or(Ok(most), str::parse::<u8>) {
        Ok(bits) if bits <= most => Ok(Network { address, bits }),
        _ => trouble(
            format!("`{network}` is no range of addresses"),
            format!("after the slash stands a number from 0 to {most}"),
        ),
    }
}

/// The name or address of a machine.
pub(crate) fn host(host: &str) -> Result<(), Trouble> {
    if host.is_empty() {
        return trouble("it is empty", "a name such as `homeassistant.local`, or an address");
    }
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if bare.parse::<IpAddr>().is_ok() {
        return Ok(());
    }
    if let Some((_, rest)) = host.split_once("://") {
        let name = rest.split(['/', ':']).next().unwrap_or(rest);
        return trouble("this is a whole address, only a host is meant", format!("write `{name}`"));
    }
    if let Some((name, port)) = host.rsplit_once(':')
        && port.parse::<u16>().is_ok()
    {
        return trouble(
            "the port does not belong to the host",
            format!("write `{name}`, and {port} as the port"),
        );
    }
    let odd = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    if let Some(odd) = host.chars().find(|c| odd(*c)) {
        return trouble(
            format!("`{odd}` may not stand in the name of a host"),
            "a name such as `homeassistant.local`, or an address",
        );
    }
    if host.len() > 253 || host.split('.').any(|part| part.is_empty() || part.len() > 63) {
        return trouble("this is no name of a host", "a name such as `homeassistant.local`");
    }
    Ok(())
}

/// A host and a port: `192.168.1.20:2000`, `[fe80::1]:2000`, `reader.local:2000`.
pub(crate) fn host_and_port(text: &str) -> Result<(), Trouble> {
    let example = "host and port, such as `192.168.1.20:2000`";
    if let Some((_, rest)) = text.split_once("://") {
        return trouble("only host and port are meant", format!("write `{rest}`"));
    }
    let Some((name, port)) = text.rsplit_once(':') else {
        return trouble("the port is missing", example);
    };
    if name.contains(':') && !name.starts_with('[') {
        return trouble("an address of IPv6 needs brackets", format!("write `[{text}]:2000`"));
    }
    match port.parse::<u16>() {
        Ok(1..) => host(name),
        _ => trouble(format!("`{port}` is no port"), "a port is a number from 1 to 65535"),
    }
}

/// An address of a page, or nothing.
pub(crate) fn page_address_or_empty(text: &str) -> Result<(), Trouble> {
    if text.is_empty() { Ok(()) } else { page_address(text) }
}

/// An address of a page.
pub(crate) fn page_address(address: &str) -> Result<(), Trouble> {
    let Some(rest) = address.strip_prefix("http://").or_else(|| address.strip_prefix("https://"))
    else {
        return trouble(
            "the address does not begin with `http://` or `https://`",
            format!("write `http://{}`", address.trim_start_matches('/')),
        );
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return trouble("there is a blank in the address", "take it away, or write `%20`");
    }
    if authority.contains('@') {
        return trouble("user and password do not belong into an address", "take them away");
    }
    match authority.rsplit_once(':') {
        Some((name, port)) if !name.is_empty() && port.parse::<u16>().is_ok() => host(name),
        _ => host(authority),
    }
}
