//! A real Home Assistant as a client: three simulated meters behind `hanport run`, a real broker,
//! and Home Assistant from `PyPI`, newest for the Python that is here. Apart from the other tests,
//! because it takes half a gigabyte, a network at the first run and some ten minutes: energy has
//! to be booked over two of Home Assistant's five minutes.
//!
//! Versions before 2024.12 do not know devices in one message; there the style is `components`.

use std::path::PathBuf;

use crate::machine::{self, Task};
use crate::steps::{Stop, cargo, output, program, root, run as run_command, target};

/// The first version that takes a device in one message.
const DEVICES: (u32, u32) = (2024, 12);

/// `cargo xtask home-assistant`.
pub(crate) fn run(arguments: &[String]) -> Result<(), Stop> {
    if !arguments.is_empty() {
        return Err(Stop::usage("usage: cargo xtask home-assistant".to_owned()));
    }
    machine::set_up(&[Task::Test])?;
    let folder = install()?;
    let hass = folder.join("bin/hass").display().to_string();
    let version = output(&mut program(&hass, &["--version"]))
        .map_err(|why| Stop::failed("home-assistant", why, "remove target/home-assistant"))?;
    let style = style(&version);
    println!("Home Assistant {}, style {style}", version.trim());
    run_command(&mut cargo(&["build", "--package", "hanport"]))
        .map_err(|why| Stop::failed("home-assistant", why, "see above"))?;
    let driver = root().join("xtask/src/home_assistant/driver.py").display().to_string();
    let hanport = target().join("debug/hanport").display().to_string();
    let python = folder.join("bin/python").display().to_string();
    run_command(&mut program(&python, &[&driver, &hanport, style, &hass])).map_err(|why| {
        let advice = "HANPORT_HA_LOGS=FOLDER keeps the logs of all programs";
        Stop::failed("home-assistant", why, advice)
    })
}

/// A virtual environment with Home Assistant in it; made once.
fn install() -> Result<PathBuf, Stop> {
    let folder = target().join("home-assistant");
    let failed = |why| {
        Stop::failed(
            "home-assistant",
            why,
            "it needs Python 3 with venv, and PyPI at the first run",
        )
    };
    if folder.join("bin/hass").is_file() {
        return Ok(folder);
    }
    let inside = |name: &str| folder.join("bin").join(name).display().to_string();
    run_command(&mut program("python3", &["-m", "venv", &folder.display().to_string()]))
        .map_err(failed)?;
    run_command(&mut program(&inside("pip"), &["install", "--quiet", "uv"])).map_err(failed)?;
    // the version for Python 3.11 does not start with a newer josepy
    let wanted = ["pip", "install", "--python", &inside("python"), "homeassistant", "josepy<2"];
    run_command(&mut program(&inside("uv"), &wanted)).map_err(failed)?;
    Ok(folder)
}

fn style(version: &str) -> &'static str {
    let mut numbers = version.trim().split('.').map_while(|part| part.parse::<u32>().ok());
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version >= DEVICES { "device" } else { "components" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_get_a_message_an_entity() {
        assert_eq!(style("2024.3.3\n"), "components");
        assert_eq!(style("2024.12.0"), "device");
        assert_eq!(style("2026.2.3"), "device");
        assert_eq!(style("what"), "components");
    }
}
