//! An office with one setting and a backup of some size.

use std::io::{Read, Write};
use std::sync::Mutex;

use hanport_engine::outside::administration::{
    Administration, Applied, Failure, Parts, Problem, Severity,
};
use serde_json::{Value, json};

/// The first octets of a backup here.
pub const MARK: &[u8] = b"backup of this test\n";
/// How large it is.
pub const SIZE: usize = 3_000_000;

/// An office.
#[derive(Debug)]
pub struct Office(Mutex<Value>);

impl Default for Office {
    fn default() -> Self {
        Self(Mutex::new(json!("Europe/Oslo")))
    }
}

impl Administration for Office {
    fn describe(&self) -> Value {
        json!([{"path": "site.zone", "type": "zone"}])
    }

    fn values(&self) -> Result<Value, Failure> {
        Ok(json!({"site": {"zone": *self.0.lock().unwrap()}}))
    }

    fn check(&self, patch: &Value) -> Vec<Problem> {
        let wrong = |path: &str, message: &str| Problem {
            severity: Severity::Error,
            path: path.into(),
            message: message.into(),
            remedy: "names look like Europe/Oslo".into(),
        };
        match &patch["site.zone"] {
            Value::String(zone) if zone.contains('/') => Vec::new(),
            _ => vec![wrong("site.zone", "is no zone")],
        }
    }

    fn change(&self, patch: &Value) -> Result<Applied, Vec<Problem>> {
        let problems = self.check(patch);
        if !problems.is_empty() {
            return Err(problems);
        }
        *self.0.lock().unwrap() = patch["site.zone"].clone();
        let changed = vec!["site.zone".to_owned()];
        Ok(Applied { restart_needed: changed.clone(), changed, warnings: Vec::new() })
    }

    fn backup(&self, parts: &Parts, into: &mut dyn Write) -> Result<(), Failure> {
        if !parts.history && !parts.configuration {
            return Err(Failure("nothing to back up".into()));
        }
        let filler = vec![7; SIZE - MARK.len()];
        into.write_all(MARK)
            .and_then(|()| into.write_all(&filler))
            .map_err(|e| Failure(e.to_string()))
    }

    fn restore(&self, _: &Parts, from: &mut dyn Read) -> Result<(), Failure> {
        let mut all = Vec::new();
        from.read_to_end(&mut all).map_err(|error| Failure(error.to_string()))?;
        if all.len() == SIZE && all.starts_with(MARK) {
            Ok(())
        } else {
            Err(Failure(format!("{} octets that are no backup", all.len())))
        }
    }

    fn reset(&self) -> Result<(), Failure> {
        Ok(())
    }

    fn restart(&self) -> Result<(), Failure> {
        Err(Failure("not under a supervisor; start it again by hand".into()))
    }
}
