//! The serial ports of this machine, as `/sys` and `/dev` know them.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// A serial port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// The device, such as `/dev/ttyUSB0`. The number changes with the order of plugging in.
    pub path: PathBuf,
    /// The link that stays the same: in `/dev/serial/by-id`.
    pub by_id: Option<PathBuf>,
    /// The link that names the socket it is plugged into: in `/dev/serial/by-path`. For adapters
    /// without a serial number of their own.
    pub by_path: Option<PathBuf>,
    /// The driver of the kernel, such as `ftdi_sio`.
    pub driver: Option<String>,
    /// What the adapter says it is.
    pub description: Option<String>,
    /// Whether it is plugged in by USB.
    pub usb: bool,
}

impl Port {
    /// The name to write into the configuration.
    pub fn name(&self) -> &Path {
        self.by_id.as_deref().or(self.by_path.as_deref()).unwrap_or(&self.path)
    }
}

impl fmt::Display for Port {
    /// `/dev/serial/by-id/usb-.. (ttyUSB0, FTDI FT232R USB UART, ftdi_sio)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name().display())?;
        let device = self.path.file_name().map(|name| name.to_string_lossy().into_owned());
        let device = device.filter(|_| self.name() != self.path);
        let said = [device, self.description.clone(), self.driver.clone()];
        let said: Vec<String> = said.into_iter().flatten().collect();
        if said.is_empty() { Ok(()) } else { write!(f, " ({})", said.join(", ")) }
    }
}

/// The serial ports of this machine: USB adapters first, then by name.
pub fn ports() -> Vec<Port> {
    beneath(Path::new("/"))
}

/// The same for a machine whose root is at `root`.
pub fn beneath(root: &Path) -> Vec<Port> {
    let by_id = links(&root.join("dev/serial/by-id"));
    let by_path = links(&root.join("dev/serial/by-path"));
    let link = |links: &[(PathBuf, PathBuf)], path: &Path| {
        links.iter().find(|(_, to)| to == path).map(|(link, _)| link.clone())
    };
    let mut ports: Vec<Port> = entries(&root.join("sys/class/tty"))
        .filter_map(|class| {
            let device = fs::canonicalize(class.join("device")).ok()?;
            let path = root.join("dev").join(class.file_name()?);
            // A socket of the board that nothing is soldered to has type 0.
            let unused = text(&class.join("type")).is_some_and(|kind| kind == "0");
            if unused || !path.exists() {
                return None;
            }
            let usb = device.ancestors().find(|folder| folder.join("idVendor").exists());
            Some(Port {
                by_id: link(&by_id, &path),
                by_path: link(&by_path, &path),
                driver: device.ancestors().find_map(driver),
                description: usb.and_then(describe),
                usb: usb.is_some(),
                path,
            })
        })
        .collect();
    ports.sort_by_key(|port| (!port.usb, port.path.clone()));
    ports
}

/// The only USB adapter among `ports`, or why none can be chosen.
pub(super) fn only(ports: &[Port]) -> Result<PathBuf, String> {
    let adapters: Vec<&Port> = ports.iter().filter(|port| port.usb).collect();
    match adapters[..] {
        [port] => Ok(port.name().to_owned()),
        [] => Err(format!("no USB adapter is plugged in; waiting for one. {}", there(ports))),
        _ => Err(format!(
            "there is more than one USB adapter: name the one the meter is on. {}",
            there(ports)
        )),
    }
}

/// Says which ports there are.
pub(super) fn there(ports: &[Port]) -> String {
    if ports.is_empty() {
        return "this machine has no serial port now: is the adapter plugged in?".to_owned();
    }
    let list: Vec<String> = ports.iter().map(ToString::to_string).collect();
    format!("ports here: {}", list.join("; "))
}

/// The name under which something is kept for a port: its link by identity where it has one.
pub(super) fn name(path: &Path) -> String {
    let device = fs::canonicalize(path).ok();
    let link = links(Path::new("/dev/serial/by-id"))
        .into_iter()
        .find(|(_, to)| Some(to) == device.as_ref())
        .map(|(link, _)| link);
    link.as_deref().unwrap_or(path).display().to_string()
}

fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// The links in a folder and the devices they lead to.
fn links(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    entries(folder).filter_map(|link| Some((link.clone(), fs::canonicalize(link).ok()?))).collect()
}

/// The driver of a device; not those of the kernel's own layer between ports and their devices.
fn driver(device: &Path) -> Option<String> {
    let driver = fs::canonicalize(device.join("driver")).ok()?;
    let name = driver.file_name()?.to_string_lossy().into_owned();
    (!["ctrl", "port"].contains(&name.as_str())).then_some(name)
}

/// What a USB device calls itself.
fn describe(usb: &Path) -> Option<String> {
    let said = [text(&usb.join("manufacturer")), text(&usb.join("product"))];
    let said: Vec<String> = said.into_iter().flatten().collect();
    (!said.is_empty()).then(|| said.join(" "))
}

fn text(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    /// A machine with a port on the board, a socket without one, and USB adapters.
    fn machine(adapters: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let at = |path: &str| root.path().join(path);
        let add = |name: &str, device: &str, driver: &str| {
            fs::create_dir_all(at(device)).unwrap();
            fs::create_dir_all(at(&format!("sys/drivers/{driver}"))).unwrap();
            let _ = symlink(at(&format!("sys/drivers/{driver}")), at(device).join("driver"));
            fs::create_dir_all(at(&format!("sys/class/tty/{name}"))).unwrap();
            symlink(at(device), at(&format!("sys/class/tty/{name}/device"))).unwrap();
            fs::create_dir_all(at("dev/serial/by-id")).unwrap();
            fs::write(at(&format!("dev/{name}")), "").unwrap();
        };
        add("ttyAMA0", "sys/devices/soc/uart", "uart-pl011");
        add("ttyS3", "sys/devices/platform/serial8250", "serial8250");
        fs::write(at("sys/class/tty/ttyS3/type"), "0\n").unwrap();
        fs::create_dir_all(at("sys/class/tty/tty1")).unwrap();
        for name in adapters {
            let usb = format!("sys/devices/usb1/{name}");
            add(name, &format!("{usb}/1:1.0/{name}"), "ftdi_sio");
            fs::write(at(&usb).join("idVendor"), "0403\n").unwrap();
            fs::write(at(&usb).join("manufacturer"), "FTDI\n").unwrap();
            fs::write(at(&usb).join("product"), "FT232R USB UART\n").unwrap();
            let link = at(&format!("dev/serial/by-id/usb-FTDI-{name}"));
            symlink(format!("../../{name}"), link).unwrap();
        }
        root
    }

    #[test]
    fn adapters_are_listed_first_with_what_they_are() {
        let root = machine(&["ttyUSB0"]);
        let root = fs::canonicalize(root.path()).unwrap();
        let ports = beneath(&root);
        let shown: Vec<String> = ports
            .iter()
            .map(|port| port.to_string().replace(&root.display().to_string(), ""))
            .collect();
        assert_eq!(
            shown,
            [
                "/dev/serial/by-id/usb-FTDI-ttyUSB0 (ttyUSB0, FTDI FT232R USB UART, ftdi_sio)",
                "/dev/ttyAMA0 (uart-pl011)",
            ]
        );
    }

    #[test]
    fn the_only_adapter_is_chosen_and_no_other_port() {
        let one = fs::canonicalize(machine(&["ttyUSB0"]).keep()).unwrap();
        let chosen = only(&beneath(&one)).unwrap();
        assert!(chosen.ends_with("dev/serial/by-id/usb-FTDI-ttyUSB0"), "{chosen:?}");
        let none = machine(&[]);
        let why = only(&beneath(none.path())).unwrap_err();
        assert!(why.contains("no USB adapter") && why.contains("ttyAMA0"), "{why}");
        let two = machine(&["ttyUSB0", "ttyUSB1"]);
        let two = fs::canonicalize(two.path()).unwrap();
        let why = only(&beneath(&two)).unwrap_err();
        assert!(why.contains("more than one") && why.contains("ttyUSB1"), "{why}");
        fs::remove_dir_all(one).unwrap();
    }

    #[test]
    fn a_machine_without_ports_says_so() {
        let root = tempfile::tempdir().unwrap();
        assert!(beneath(root.path()).is_empty());
        assert!(there(&[]).contains("no serial port"));
    }
}
